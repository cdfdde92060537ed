"""A small builder of extract files, written by hand for the tests, and one good file per system."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Rows = Sequence[Mapping[str, str]]


@dataclass
class Written:
    """An extract as text; what a test changes, it changes here.

    Attributes:
        system: Code in the header.
        tables: Rows by table; the first row's keys are the columns.
    """

    system: str
    tables: list[tuple[str, Rows]]
    utility: str = "SIMUTIL"
    kind: str = "daily"
    first: str = "2026-08-25"
    last: str = "2026-08-25"
    sent: str = "2026-08-26T05:00:00Z"
    count: int | None = None
    sha256: str | None = None
    before_trailer: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def header(self) -> str:
        """The first line."""
        return f"HEADER,{self.system},{self.utility},{self.kind},{self.first},{self.last},{self.sent}\n"

    @property
    def body(self) -> str:
        """Everything between header and trailer."""
        text = ""
        for name, rows in self.tables:
            text += f"TABLE,{name}\n"
            if rows:
                text += ",".join(rows[0]) + "\n"
            for row in rows:
                text += ",".join(quoted(value) for value in row.values()) + "\n"
        return text + self.before_trailer

    def text(self) -> str:
        """The whole file."""
        count = sum(len(rows) for _, rows in self.tables) if self.count is None else self.count
        sha256 = self.sha256 or hashlib.sha256(self.body.encode()).hexdigest()
        return f"{self.header}{self.body}TRAILER,{count},{sha256}\n"

    def write(self, folder: Path, name: str = "") -> Path:
        """Write the file into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (name or f"{self.system.lower()}_{self.last}.csv")
        path.write_text(self.text(), encoding="utf-8", newline="")
        return path


def sealed(header: str, body: str, count: int) -> str:
    """A file whose trailer agrees with any body."""
    return f"{header}{body}TRAILER,{count},{hashlib.sha256(body.encode()).hexdigest()}\n"


def quoted(value: str) -> str:
    """A field as RFC 4180 has it."""
    return '"' + value.replace('"', '""') + '"' if any(mark in value for mark in ',"\n') else value


STAMP = "2026-08-25T18:00:00Z"
PREMISE = {
    "changed_at_utc": STAMP,
    "effective_date": "2026-08-25",
    "premise_id": "P000001",
    "street_address": "1412 Quillfeather Court, Unit 7",
    "city": "Zanzaville",
    "zip_code": "92335",
    "climate_zone": "inland",
    "baseline_region": "10",
    "premise_type": "single_family",
    "floor_area_sqft": "1650",
    "built_year": "1987",
}
ACCOUNT = {
    "changed_at_utc": STAMP,
    "effective_date": "2026-08-25",
    "account_id": "A000001",
    "premise_id": "P000001",
    "account_status": "active",
    "account_name": "Ottoline Grimshaw-Vance",
    "mailing_address": "PO Box 98117",
    "customer_type": "residential",
    "business_type": "",
    "tenure_type": "owner",
    "landlord_person_id": "",
    "rate_code": "D",
    "billing_option": "paper",
    "payment_option": "mail",
    "billing_cycle": "12",
    "is_all_electric": "false",
    "is_care": "false",
    "is_fera": "false",
    "is_medical_baseline": "false",
    "has_net_metering": "true",
}
BILL = {
    "changed_at_utc": STAMP,
    "bill_id": "B1",
    "account_id": "A000001",
    "bill_start_date": "2026-07-12",
    "bill_end_date": "2026-08-12",
    "issued_date": "2026-08-14",
    "rate_code": "D",
    "delivered_kwh": "612.345",
    "received_kwh": "0",
    "is_estimated": "false",
    "billed_usd": "204.17",
}
PERSON = {
    "changed_at_utc": STAMP,
    "effective_date": "2026-08-25",
    "person_id": "N000001",
    "given_name": "Ottoline",
    "family_name": "Grimshaw-Vance",
    "phone_number": "+1 909 555 0143",
    "email_address": "ottoline.gv@example.net",
    "postal_address": "1412 Quillfeather Court\nUnit 7",
    "language_code": "es",
    "preferred_channel": "email",
    "is_marketing_opt_out": "false",
    "uses_my_account": "true",
    "age_band": "35-44",
    "education_band": "",
}
CONSENT = {
    "changed_at_utc": STAMP,
    "effective_date": "2026-08-25",
    "person_id": "N000001",
    "purpose": "marketing",
    "recipient": "utility",
    "consent_status": "granted",
    "evidence_code": "web",
    "valid_to_utc": "",
}
DEVICE = {
    "changed_at_utc": STAMP,
    "effective_date": "2026-08-25",
    "device_id": "D000001",
    "reported_by": "DMS",
    "premise_id": "P000001",
    "device_type": "pct",
    "device_model": "",
    "can_display_text": "true",
    "is_controllable": "",
    "registered_at_utc": STAMP,
    "removed_at_utc": "",
}
OBSERVATION = {
    "changed_at_utc": STAMP,
    "station_id": "W10",
    "climate_zone": "inland",
    "observed_hour_start_utc": "2026-08-25T17:00:00Z",
    "temperature_degc": "33.4",
    "dew_point_degc": "-0.5",
    "irradiance_w_per_m2": "870",
}
PERSONAL_VALUES = tuple(
    text
    for row, names in (
        (PREMISE, ("street_address", "city")),
        (ACCOUNT, ("account_name", "mailing_address")),
        (PERSON, ("given_name", "family_name", "phone_number", "email_address", "postal_address")),
    )
    for name in names
    for text in row[name].split("\n")
)
"""Every personal value of the good files."""


def good(system: str) -> Written:
    """A file of a system that keeps its contract."""
    tables: dict[str, list[tuple[str, Rows]]] = {
        "CSS": [("premises", [PREMISE]), ("accounts", [ACCOUNT]), ("bills", [BILL])],
        "CRM": [("persons", [PERSON]), ("consents", [CONSENT])],
        "DMS": [("devices", [DEVICE])],
        "WEATHER": [("observations", [OBSERVATION])],
    }
    return Written(system, tables[system])

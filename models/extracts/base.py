"""What the declaration of an extract is: the contract between an outside system and the warehouse."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import dataframely as dy

from models.columns import local_date, utc
from models.extracts.rules import RowRule


class RowKind(StrEnum):
    """What a row of an extract says."""

    STATE = "state"
    """How a thing is from `effective_date` on, until the next row of the same key."""
    RECORD = "record"
    """Something that happened; a later row of the same key corrects it."""


class StateRow(dy.Schema):
    """Columns of every row of state."""

    changed_at_utc = utc("When the system recorded the row; of two rows for one key and date, the later one holds.")
    effective_date = local_date("Local date from which on the row holds.")


class RecordRow(dy.Schema):
    """Columns of every record."""

    changed_at_utc = utc("When the system recorded the row; of two rows for one key, the later one holds.")


@dataclass(frozen=True)
class Extract:
    """One table that a system sends.

    Attributes:
        system_code: System that sends it.
        name: Name of the table in the file.
        kind: State or record.
        grain: What one row stands for, in words.
        key: Columns that name the thing or the record.
        schema: Column declarations as sent, personal columns included; no primary key, since a file may hold several
            rows of one key.
        rules: What must hold between the columns of a row.
        usual_delay: Time by which rows usually reach the extract after they happened; later ones are late.
    """

    system_code: str
    name: str
    kind: RowKind
    grain: str
    key: tuple[str, ...]
    schema: type[dy.Schema]
    rules: tuple[RowRule, ...] = ()
    usual_delay: timedelta = timedelta(days=1)

    @property
    def columns(self) -> dict[str, dy.Column]:
        """Declared columns by name, in the order in which they are sent."""
        return self.schema.columns()

    @property
    def personal_columns(self) -> tuple[str, ...]:
        """Columns with names, addresses, telephone numbers or e-mail: they go to the vault and nowhere else."""
        return tuple(name for name, column in self.columns.items() if is_personal(column))

    @property
    def raw_name(self) -> str:
        """Name of its table in the raw layer."""
        return f"{self.system_code.lower()}_{self.name}"


@dataclass(frozen=True)
class System:
    """An outside system that sends extracts.

    Attributes:
        code: Code in the files' headers and in `source_system` columns.
        title: Name for people.
        limit_days: Business days without a file after which the data count as stale.
        extracts: The tables that it sends.
    """

    code: str
    title: str
    limit_days: int
    extracts: tuple[Extract, ...]

    def extract(self, name: str) -> Extract | None:
        """The extract of a name, or None."""
        return next((extract for extract in self.extracts if extract.name == name), None)


def personal(description: str, *, nullable: bool = True) -> dy.String:
    """Text about a person that is kept in the vault only."""
    return dy.String(nullable=nullable, description=description, metadata={"personal": True})


def is_personal(column: dy.Column) -> bool:
    """True for a column declared by `personal`."""
    return bool((column.metadata or {}).get("personal"))


def identifier(description: str, *, nullable: bool = False) -> dy.String:
    """A key: 1 to 40 letters, digits, hyphens, underscores and dots."""
    return dy.String(nullable=nullable, regex=r"^[A-Za-z0-9_.-]{1,40}$", description=description)


def usd(description: str, *, nullable: bool = False) -> dy.Decimal:
    """An amount in US dollars and cents."""
    return dy.Decimal(12, 2, nullable=nullable, description=description, metadata={"unit": "USD"})


def price(description: str, *, nullable: bool = False) -> dy.Decimal:
    """A price in US dollars per unit, to five digits."""
    return dy.Decimal(12, 5, nullable=nullable, description=description, metadata={"unit": "USD per unit"})


def kwh(description: str, *, nullable: bool = False) -> dy.Decimal:
    """Energy in kilowatt-hours, to the watt-hour."""
    return dy.Decimal(14, 3, nullable=nullable, description=description, metadata={"unit": "kWh"})

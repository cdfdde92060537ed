"""Makes data/reference/class_profiles.csv out of a home's validated reads.

    METERHOUSE_HOME=... python -m pipelines.class_profiles

The shipped file comes of the simulated utility at scale `demo`. A utility makes its own once a year of its reads is
validated; the new profiles make every month stale.
"""

import csv

from models.tables.entities import DAILY_WEATHER, DATES, METERS
from models.tables.vee import EDITED_INTERVAL_READS, METER_DAY_PROFILES
from models.vee.class_profiles import CLASS_PROFILES, HEADER
from pipelines import lake
from pipelines.home import REFERENCE, Home
from pipelines.reference import CLASS_PROFILES_FILE


def write_class_profiles(home: Home) -> int:
    """Write the profiles of a home's classes as reference data; says how many there are."""
    with lake.connect(home) as con:
        for table in (METERS, DATES, DAILY_WEATHER, METER_DAY_PROFILES, EDITED_INTERVAL_READS):
            lake.create_view(con, home, table, table.name)
        rows = con.execute(CLASS_PROFILES).fetchall()
    path = REFERENCE / CLASS_PROFILES_FILE
    temporary = path.with_suffix(".staged")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows([*keys, *hours] for *keys, hours in rows)
    temporary.replace(path)
    return len(rows)


if __name__ == "__main__":
    print(f"{write_class_profiles(Home.from_environment())} class profiles written")  # noqa: T201

"""What the weather stations send."""

from datetime import timedelta

import dataframely as dy

from models.columns import utc
from models.extracts.base import Extract, RecordRow, RowKind, System, identifier
from models.extracts.rules import in_order, whole_hour


class Observations(RecordRow):
    """Hourly observations of the station that stands for a climate zone."""

    station_id = identifier("Weather station.")
    climate_zone = dy.String(
        min_length=1, description="Climate zone that it stands for, named as in the premises of the CSS; not checked."
    )
    observed_hour_start_utc = utc("Start of the hour.")
    temperature_degc = dy.Decimal(
        5, 1, nullable=True, description="Mean air temperature; blank where it failed.", metadata={"unit": "°C"}
    )
    dew_point_degc = dy.Decimal(5, 1, nullable=True, description="Mean dew point.", metadata={"unit": "°C"})
    irradiance_w_per_m2 = dy.Int16(
        nullable=True, min=0, max=1500, description="Mean global horizontal irradiance.", metadata={"unit": "W/m²"}
    )


WEATHER = System(
    "WEATHER",
    "weather stations",
    limit_days=2,
    extracts=(
        Extract(
            "WEATHER", "observations", RowKind.RECORD, "one row per station and hour",
            ("station_id", "observed_hour_start_utc"), Observations,
            (whole_hour("observed_hour_start_utc"), in_order("observed_hour_start_utc", "changed_at_utc")),
            usual_delay=timedelta(hours=6),
        ),
    ),
)  # fmt: skip

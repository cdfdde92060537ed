"""The same monthly bills by our engine and by NREL's System Advisor Model (PySAM), in one process."""

import copy
import time
from typing import Any

import numpy as np
import PySAM.Utilityrate5
from PySAM import UtilityRateTools

from models.rates.urdb import Intervals, price, read_record

_LOADS, _QUARTERS = 12, 35_040
_NIGHT, _DAY, _EVENING = [0] * 8, [1] * 8, [2] * 5 + [0] * 3
RECORD: dict[str, Any] = {
    "label": "bench",
    "name": "Periods, two tiers and demand",
    "energyratestructure": [
        [{"rate": 0.21, "max": 400, "unit": "kWh"}, {"rate": 0.28, "unit": "kWh"}],
        [{"rate": 0.25, "max": 400, "unit": "kWh"}, {"rate": 0.32, "unit": "kWh"}],
        [{"rate": 0.41, "max": 400, "unit": "kWh"}, {"rate": 0.48, "unit": "kWh"}],
    ],
    "energyweekdayschedule": [_NIGHT + _DAY + _EVENING for _ in range(12)],
    "energyweekendschedule": [_NIGHT + _DAY + [1] * 5 + [0] * 3 for _ in range(12)],
    "flatdemandstructure": [[{"rate": 4.5}]],
    "flatdemandmonths": [0] * 12,
    "fixedchargefirstmeter": 12.0,
    "fixedchargeunits": "$/month",
}


def ratio_to_sam() -> dict[str, Any]:
    """Seconds of a year of bills by either, the largest difference of a bill, and the ratio."""
    random = np.random.default_rng(1)
    loads = [random.gamma(2.0, 0.6, _QUARTERS) for _ in range(_LOADS)]
    tariff = read_record(copy.deepcopy(RECORD)).tariff
    if tariff is None:
        raise RuntimeError("the record of the benchmark is refused")
    starts = np.datetime64("2018-01-01", "m") + np.arange(_QUARTERS) * np.timedelta64(15, "m")
    began = time.perf_counter()
    ours = [price(tariff, Intervals.of_one_meter(starts, load / 4, 15)).total for load in loads]
    our_seconds = (time.perf_counter() - began) / _LOADS
    model = _model()
    began = time.perf_counter()
    theirs = [_sam(model, load) for load in loads]
    sam_seconds = (time.perf_counter() - began) / _LOADS
    difference = max(float(np.abs(np.asarray(a) - b).max()) for a, b in zip(ours, theirs, strict=True))
    return {
        "urdb_bill_years_per_second": round(1 / our_seconds, 1),
        "sam_bill_years_per_second": round(1 / sam_seconds, 1),
        "urdb_over_sam": round(sam_seconds / our_seconds, 1),
        "largest_difference_usd": difference,
    }


def _model() -> Any:
    model = PySAM.Utilityrate5.new()
    model.Lifetime.analysis_period = 1
    model.Lifetime.system_use_lifetime_output = 0
    model.Lifetime.inflation_rate = 0
    model.SystemOutput.degradation = [0]
    model.SystemOutput.gen = [0.0] * _QUARTERS
    model.ElectricityRates.rate_escalation = [0]
    model.ElectricityRates.ur_en_ts_buy_rate = 0
    model.ElectricityRates.ur_en_ts_sell_rate = 0
    for name, value in UtilityRateTools.URDBv8_to_ElectricityRates(copy.deepcopy(RECORD)).items():
        setattr(model.ElectricityRates, name, value)
    model.ElectricityRates.ur_metering_option = 0
    return model


def _sam(model: Any, load: Any) -> Any:
    """Monthly bills of a load, the model being used again."""
    model.Load.load = load.tolist()
    model.execute(0)
    return np.array(model.Outputs.year1_monthly_utility_bill_w_sys)

"""Bills of NREL's System Advisor Model (PySAM, Utilityrate5), which prices URDB records by code of its own."""

import copy

import numpy as np
import pytest

from tests.rates.urdb.loads import Floats
from tests.rates.urdb.records import Record

_OUTPUTS = {
    "energy": "year1_monthly_ec_charge_with_system",
    "fixed": "year1_monthly_fixed_with_system",
    "demand_flat": "year1_monthly_dc_fixed_with_system",
    "demand_tou": "year1_monthly_dc_tou_with_system",
    "minimum": "year1_monthly_minimum_with_system",
    "total": "year1_monthly_utility_bill_w_sys",
}


def sam_bills(record: Record, load_kw: Floats, generation_kw: Floats, metering: int) -> dict[str, Floats]:
    """Twelve bills of a year of 365 days that begins on a Monday; charges per day do not come out exactly here."""
    rate_tools = pytest.importorskip("PySAM.UtilityRateTools", reason="NREL-PySAM is not installed")
    module = pytest.importorskip("PySAM.Utilityrate5", reason="NREL-PySAM is not installed")
    model = module.new()
    model.Lifetime.analysis_period = 1
    model.Lifetime.system_use_lifetime_output = 0
    model.Lifetime.inflation_rate = 0
    model.SystemOutput.degradation = [0]
    model.ElectricityRates.rate_escalation = [0]
    model.ElectricityRates.ur_en_ts_buy_rate = 0
    model.ElectricityRates.ur_en_ts_sell_rate = 0
    # The converter changes the schedules of the record in place.
    for name, value in rate_tools.URDBv8_to_ElectricityRates(copy.deepcopy(record)).items():
        setattr(model.ElectricityRates, name, value)
    model.ElectricityRates.ur_metering_option = metering
    model.Load.load = load_kw.tolist()
    model.SystemOutput.gen = generation_kw.tolist()
    model.execute(0)
    return {name: np.array(getattr(model.Outputs, output)) for name, output in _OUTPUTS.items()}

"""The change-point regression against known slopes, and against a slow one of another make."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.usage.regression import NO_BALANCE, Fit, fit
from models.usage.settings import WeatherModelSettings
from tests.usage.worlds import SETTINGS, temperatures, usage

TENTHS = temperatures(365)


def fit_one(wh: np.ndarray, tenths: np.ndarray = TENTHS, valid: np.ndarray | None = None) -> Fit:
    days = np.ones(len(wh), dtype=bool) if valid is None else valid
    return fit(wh[None, :], days[None, :], tenths, SETTINGS)


@pytest.mark.parametrize(
    ("heating", "cooling"),
    [((0, 0), (0, 0)), ((900, 120), (0, 0)), ((0, 0), (2200, 210)), ((650, 145), (1800, 225))],
)
def test_slopes_and_balance_points_of_a_noiseless_account_are_found(
    heating: tuple[float, int], cooling: tuple[float, int]
) -> None:
    found = fit_one(usage(TENTHS, 12_000, heating, cooling))
    assert found.base_wh[0] == pytest.approx(12_000, abs=1)
    assert found.heating_wh[0] == pytest.approx(heating[0], abs=1)
    assert found.cooling_wh[0] == pytest.approx(cooling[0], abs=1)
    assert found.heating_tenths[0] == (heating[1] or NO_BALANCE)
    assert found.cooling_tenths[0] == (cooling[1] or NO_BALANCE)


def test_slopes_are_recovered_under_the_noise_of_a_household() -> None:
    """Days stray by a third of the base; slopes come back within a tenth, balance points within a degree."""
    rng = np.random.default_rng(11)
    true = usage(TENTHS, 10_000, (700, 140), (2000, 220))
    found = fit(np.rint(true + rng.normal(0, 3000, (200, 365))).astype(np.int64), np.ones((200, 365), dtype=bool),
                TENTHS, SETTINGS)  # fmt: skip
    assert (found.heating_tenths != NO_BALANCE).all()
    assert (found.cooling_tenths != NO_BALANCE).all()
    assert np.median(found.heating_wh) == pytest.approx(700, rel=0.1)
    assert np.median(found.cooling_wh) == pytest.approx(2000, rel=0.1)
    assert np.median(np.abs(found.heating_tenths - 140)) <= 10
    assert np.median(np.abs(found.cooling_tenths - 220)) <= 10


def test_use_that_falls_with_the_heat_follows_nothing() -> None:
    """As on panels' account: a slope that is negative is no cooling."""
    falling = 30_000 - 40 * np.maximum(TENTHS - 200, 0) - 40 * np.maximum(150 - TENTHS, 0)
    found = fit_one(falling)
    assert (found.heating_wh[0], found.cooling_wh[0], found.adjusted_r2[0]) == (0, 0, 0)
    assert found.base_wh[0] == pytest.approx(falling.mean())


def test_a_constant_account_has_no_weather_and_no_error() -> None:
    found = fit_one(np.full(365, 5000))
    assert (found.base_wh[0], found.error_wh[0], found.adjusted_r2[0]) == (5000, 0, 0)
    assert fit_one(np.zeros(365, dtype=np.int64)).mean_wh[0] == 0


def test_too_few_hot_days_make_no_slope() -> None:
    """Nine days beyond every balance point of cooling that would explain them."""
    tenths = np.full(365, 110)
    tenths[:9] = 300
    found = fit_one(usage(tenths, 10_000, cooling=(2000, 200)), tenths)
    assert found.cooling_tenths[0] == NO_BALANCE
    tenths[9] = 300
    assert fit_one(usage(tenths, 10_000, cooling=(2000, 200)), tenths).cooling_tenths[0] != NO_BALANCE


SMALL = WeatherModelSettings(
    window_day_count=365,
    minimum_day_count=4,
    heating_tenths=(60, 110, 160),
    cooling_tenths=(120, 160, 210),
    minimum_active_day_count=2,
    minimum_degree_tenths=30,
)


def slow_scores(wh: np.ndarray, tenths: np.ndarray, chosen: WeatherModelSettings) -> dict[tuple[int, int], float]:
    """Adjusted R² of every model that counts, by least squares on the days themselves."""
    scores = {(NO_BALANCE, NO_BALANCE): 0.0}
    total = ((wh - wh.mean()) ** 2).sum()
    for h, c in product((NO_BALANCE, *chosen.heating_tenths), (NO_BALANCE, *chosen.cooling_tenths)):
        sides = [np.maximum(h - tenths, 0)] if h != NO_BALANCE else []
        sides += [np.maximum(tenths - c, 0)] if c != NO_BALANCE else []
        if not sides or (h != NO_BALANCE and c != NO_BALANCE and h > c):
            continue
        if any(
            (s > 0).sum() < chosen.minimum_active_day_count or s.sum() < chosen.minimum_degree_tenths for s in sides
        ):
            continue
        design = np.column_stack([np.ones(len(wh)), *sides])
        if np.linalg.matrix_rank(design) < design.shape[1]:
            continue
        solution = np.linalg.lstsq(design, wh, rcond=None)[0]
        if solution[0] < 0 or (solution[1:] <= 0).any():
            continue
        left = ((wh - design @ solution) ** 2).sum()
        scores[h, c] = 1 - left / total * (len(wh) - 1) / (len(wh) - design.shape[1])
    return scores


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90_000), st.booleans()), min_size=8, max_size=40).filter(
        lambda days: sum(valid for *_, valid in days) >= 6
    )
)
def test_the_chosen_model_is_the_best_of_a_slow_search(days: list[tuple[int, int, bool]]) -> None:
    tenths, wh, valid = (np.array(column) for column in zip(*days, strict=True))
    found = fit(wh[None, :], valid.astype(bool)[None, :], tenths, SMALL)
    used = valid.astype(bool)
    if len(set(wh[used])) == 1:
        return
    scores = slow_scores(wh[used].astype(float), tenths[used], SMALL)
    chosen = (int(found.heating_tenths[0]), int(found.cooling_tenths[0]))
    assert chosen in scores
    assert scores[chosen] == pytest.approx(max(scores.values()), abs=1e-9)
    assert found.adjusted_r2[0] == pytest.approx(scores[chosen], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_neither_order_nor_company_changes_a_bit(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    wh = np.array(
        [usage(TENTHS, 9000, (rng.integers(0, 900), 140), (rng.integers(0, 2500), 220)) for _ in range(count)]
    )
    wh += rng.integers(0, 4000, wh.shape)
    valid = rng.random(wh.shape) < 0.95
    all_at_once = fit(wh, valid, TENTHS, SETTINGS)
    order = rng.permutation(365)
    for row in range(count):
        alone = fit(wh[[row]][:, order], valid[[row]][:, order], TENTHS[order], SETTINGS)
        for name in Fit.__dataclass_fields__:
            assert getattr(alone, name)[0] == getattr(all_at_once, name)[row], name


def test_days_that_are_not_valid_are_not_looked_at() -> None:
    wh = usage(TENTHS, 12_000, cooling=(1500, 210))
    valid = np.ones(365, dtype=bool)
    valid[100:130] = False
    spoilt = wh.copy()
    spoilt[100:130] = 9_999_999
    for name in Fit.__dataclass_fields__:
        assert getattr(fit_one(spoilt, valid=valid), name)[0] == getattr(fit_one(wh, valid=valid), name)[0]

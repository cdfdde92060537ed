"""Small draws for the few: one dice per person, premise or month, and exact shares over many."""

from collections.abc import Mapping, Sequence
from math import exp
from statistics import NormalDist
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sims.world.streams import stream

T = TypeVar("T")
_BLOCK = 48
_NORMAL = NormalDist()
_EDGE = 1e-12


class Dice:
    """Single draws from the random stream of a purpose and place; cheap enough for tens of thousands of people."""

    def __init__(self, seed: int, purpose: str, *key: int) -> None:
        self._generator = stream(seed, purpose, *key)
        self._uniforms: list[float] = []

    def share(self) -> float:
        """A number from 0 to 1, 1 excluded."""
        if not self._uniforms:
            self._uniforms = self._generator.random(_BLOCK).tolist()
        return self._uniforms.pop()

    def chance(self, probability: float) -> bool:
        """True with a probability."""
        return self.share() < probability

    def uniform(self, low: float, high: float) -> float:
        """A number between two bounds."""
        return low + (high - low) * self.share()

    def integer(self, low: int, high: int) -> int:
        """A whole number between two bounds, both included."""
        return low + int(self.share() * (high - low + 1))

    def normal(self, mean: float, deviation: float) -> float:
        """A number of the normal distribution."""
        return mean + deviation * _NORMAL.inv_cdf(min(max(self.share(), _EDGE), 1 - _EDGE))

    def lognormal(self, median: float, sigma: float) -> float:
        """A number of the lognormal distribution."""
        return median * exp(self.normal(0, sigma))

    def one_of(self, values: Sequence[T]) -> T:
        """One of several values, all alike."""
        return values[int(self.share() * len(values))]

    def pick(self, shares: Mapping[T, float]) -> T:
        """One of several values by their shares."""
        left = self.share() * sum(shares.values())
        for value, share in shares.items():
            left -= share
            if left < 0:
                return value
        return next(reversed(list(shares)))


def apportion(generator: np.random.Generator, count: int, shares: Sequence[float]) -> npt.NDArray[np.int64]:
    """Number of a category for each of `count` things, in random order, as near to the shares as whole numbers allow.

    Largest remainders; a category with a share gets at least one thing where there are enough of them.
    """
    exact = np.asarray(shares, dtype=np.float64) / sum(shares) * count
    sizes = np.floor(exact).astype(np.int64)
    for place in np.argsort(sizes - exact, kind="stable")[: count - int(sizes.sum())]:
        sizes[place] += 1
    for place in np.flatnonzero((sizes == 0) & (exact > 0)):
        if sizes.max() > 1:
            sizes[np.argmax(sizes)] -= 1
            sizes[place] += 1
    return generator.permutation(np.repeat(np.arange(len(sizes)), sizes))


def chosen(generator: np.random.Generator, weights: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.bool_]:
    """True for `count` things drawn without replacement in proportion to their weights (Efraimidis and Spirakis 2006).

    Things of weight zero are never drawn, so that fewer than `count` may be.
    """
    keys = np.full(len(weights), -np.inf)
    able = weights > 0
    keys[able] = np.log(generator.random(len(weights))[able]) / weights[able]
    is_chosen = np.zeros(len(weights), dtype=np.bool_)
    is_chosen[np.argsort(-keys, kind="stable")[: min(count, int(able.sum()))]] = True
    return is_chosen

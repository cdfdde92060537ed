"""Random streams: one for each purpose and place, so that no draw depends on what else was drawn."""

import zlib

import numpy as np


def stream(seed: int, purpose: str, *key: int) -> np.random.Generator:
    """The random stream of a purpose and place.

    Args:
        seed: Seed of the world.
        purpose: What is drawn, in words; streams of different purposes are independent.
        key: Place of the draw: number of a chunk, a day, a customer.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(purpose.encode()), *key)))

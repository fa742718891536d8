"""Resampled tables and draws from an empirical distribution."""

import numpy as np


def resample_people(counts: np.ndarray, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the n people again with replacement, `replicates` times: shape (replicates, 2**k)."""
    people = np.array(counts, dtype=np.int64)
    people[0] = 0
    total = int(people.sum())
    return rng.multinomial(total, people / total, size=replicates)


def quantiles(draws: np.ndarray, levels: np.ndarray | float) -> np.ndarray:
    """Quantiles of draws some of which may be infinite (then without interpolation)."""
    if np.isfinite(draws).all():
        return np.quantile(draws, levels)
    return np.quantile(draws, levels, method="inverted_cdf")

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


def systematic(share: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Indices drawn with probability proportional to `share`, at even steps: in order, (size,)."""
    cumulative = np.cumsum(share)
    at = (np.arange(size) + rng.random()) / size * cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, at, side="right"), len(share) - 1)


def effective_size(log_weight: np.ndarray) -> float:
    """How many independent draws weighted ones are worth: (Σw)² / Σw²; 0 if none has weight."""
    top = log_weight.max()
    if top == -np.inf:
        return 0.0
    weight = np.exp(log_weight - top)
    return float(weight.sum() ** 2 / (weight**2).sum())

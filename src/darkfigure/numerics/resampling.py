"""Resampled tables and draws from an empirical distribution."""

import numpy as np


def resample_people(counts: np.ndarray, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the n people again with replacement, `replicates` times: shape (replicates, 2**k)."""
    people = np.array(counts, dtype=np.int64)
    people[0] = 0
    total = int(people.sum())
    return rng.multinomial(total, people / total, size=replicates)


def stratified_draws(sample: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draws from the empirical distribution of `sample`, one per slice of probability.

    Their quantiles are those of the sample to within one slice, in random order.
    """
    levels = (np.arange(size) + rng.random(size)) / size
    return rng.permutation(np.quantile(sample, levels))

"""The counts that errors of linkage have left, as they would be without them: in expectation.

The model is that of `darkfigure.numerics.linkage`.
"""

from collections.abc import Mapping

import numpy as np

from darkfigure.numerics.linkage import (
    bits_of,
    merge_rates,
    number_of_lists,
    ways_to_merge,
    which_larger,
)
from darkfigure.numerics.linkage_paths import Chances, Paths, left_alone, paths_of

_SOLVED = 1e-7  # people


def repaired_in_expectation(
    counts: np.ndarray,
    *,
    possible: np.ndarray,
    missed: float,
    false: float = 0.0,
    steps: int = 2_000,
) -> np.ndarray:
    """True people per history if links went wrong just as expected: y* = M μ solved for μ ≥ 0.

    By the EM algorithm on the people of two and more lists; those alone are what is left of each
    list, which can be fewer than nobody where too few people are alone for so many missed links.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
    possible : ndarray of bool, shape (2**k,)
    missed, false : float

    Returns
    -------
    ndarray of float, shape (2**k,)
    """
    k = number_of_lists(counts)
    bits, singles = bits_of(k), 1 << np.arange(k)
    larger = which_larger(counts @ bits)
    paths = paths_of(counts, possible)
    chances = Chances.of(np.array([missed]), paths)
    sizes = np.bitwise_count(paths.histories).astype(float)
    means = (counts[paths.histories] + paths.prior) / (1.0 - missed) ** (sizes / 2.0)
    supposed, people = counts.astype(float), counts.astype(float)
    for _ in range(steps):
        rates: Mapping[tuple[int, int], np.ndarray] = {}
        if false:
            there = np.maximum(people, 0.0)
            rates = merge_rates(supposed[None], there[None], np.array([false]), larger)
        supposed, new = _expected_origins(counts, supposed, paths, chances, means, rates)
        people = np.zeros(len(counts))
        people[paths.histories] = new
        people[singles] = counts @ bits - people @ bits
        done = np.abs(new - means).max(initial=0.0) < _SOLVED
        means = new
        if done:
            break
    return people


def _expected_origins(
    counts: np.ndarray,
    before: np.ndarray,
    paths: Paths,
    chances: Chances,
    means: np.ndarray,
    rates: Mapping[tuple[int, int], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Supposed people per history, and true ones per overlap, as one sweep has them on average."""
    supposed = np.where(np.bitwise_count(np.arange(len(counts))) == 1, counts, 0).astype(float)
    people = means * chances.scattered[0]
    for core, origins in paths.origins.items():
        weights = means[origins] * chances.kept[core][0]
        merges = [pair for pair in ways_to_merge(core) if pair in rates]
        wrong = np.array([rates[pair][0] for pair in merges])
        kept = weights.sum() * left_alone(core, rates, before[None])[0]
        total = kept + wrong.sum()
        if not total:
            continue
        for (single, other), number in zip(merges, counts[core] * wrong / total, strict=True):
            supposed[[single, other]] += number
        supposed[core] += counts[core] * kept / total
        if weights.any():
            people[origins] += supposed[core] * weights / weights.sum()
    return supposed, people

"""Draws of the counts that errors of linkage have left, as they would be without them.

The model is that of `darkfigure.numerics.linkage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.linkage import (
    bits_of,
    merge_rates,
    number_of_lists,
    ways_to_merge,
    which_larger,
)
from darkfigure.numerics.linkage_paths import Chances, Paths, left_alone, paths_of

_SWEEPS = 200


@dataclass(frozen=True)
class RepairedCounts:
    """Draws of the people per history as they would be without errors of linkage.

    Attributes
    ----------
    counts : ndarray of int64, shape (draws, strata, 2**k)
    moved : ndarray of bool, shape (draws, strata)
        False where no step of the sampler was possible: the counts hold too few people on one
        list alone for so many missed links.
    """

    counts: np.ndarray
    moved: np.ndarray


def draw_repaired_counts(
    counts: np.ndarray,
    *,
    possible: np.ndarray,
    missed: np.ndarray,
    false: np.ndarray,
    rng: np.random.Generator,
    sweeps: int = _SWEEPS,
) -> RepairedCounts:
    """Draw true counts given those that linkage left, one per pair of error rates.

    Gibbs sampling of where each supposed person comes from and of the expected true counts μ,
    which have independent gamma priors: of shape 1 for people on one list alone, whose μ are
    integrated out, of shape 1/2 for overlaps that were seen, and of shapes that add up to 1 over
    those that were not.

    Parameters
    ----------
    counts : ndarray of int, shape (strata, 2**k)
        People per history as linked.
    possible : ndarray of bool, shape (2**k,)
        Histories that can occur.
    missed, false : ndarray of float, shape (draws,)
        The rates of each draw, which hold in all its strata.

    Returns
    -------
    RepairedCounts
    """
    strata, cells = counts.shape
    draws = len(missed)
    if not missed.any() and not false.any():
        return RepairedCounts(
            np.broadcast_to(counts, (draws, strata, cells)).copy(), np.ones((draws, strata), bool)
        )
    observed = np.tile(counts, (draws, 1))
    paths = paths_of(counts.sum(axis=0), possible)
    chain = _Chain.started(observed, paths)
    chances = Chances.of(np.repeat(missed, strata), paths)
    larger = which_larger(counts.sum(axis=0) @ bits_of(number_of_lists(counts)))
    for _ in range(sweeps):
        chain = chain.swept(observed, paths, chances, np.repeat(false, strata), larger, rng)
    return RepairedCounts(
        chain.people.reshape(draws, strata, cells), chain.moved.reshape(draws, strata)
    )


@dataclass(frozen=True)
class _Chain:
    """The state of the sampler, a row per draw and stratum.

    Attributes
    ----------
    people : ndarray of int64, shape (rows, 2**k)
        True people per history.
    supposed : ndarray of int64, shape (rows, 2**k)
        People per history after links were missed, before false ones were made.
    means : ndarray of float, shape (rows, overlaps)
    moved : ndarray of bool, shape (rows,)
    """

    people: np.ndarray
    supposed: np.ndarray
    means: np.ndarray
    moved: np.ndarray

    @classmethod
    def started(cls, observed: np.ndarray, paths: Paths) -> "_Chain":
        """From the counts as they are."""
        means = observed[:, paths.histories] + paths.prior
        return cls(observed.copy(), observed.copy(), means, np.zeros(len(observed), bool))

    def swept(
        self,
        observed: np.ndarray,
        paths: Paths,
        chances: Chances,
        false: np.ndarray,
        larger: np.ndarray,
        rng: np.random.Generator,
    ) -> "_Chain":
        """One sweep: false links, missed links, and the expected true counts given both.

        A row that would leave a list with fewer than no one alone stays as it was: the target is
        the same distribution, cut off there.
        """
        rates: Mapping[tuple[int, int], np.ndarray] = {}
        if false.any():
            rates = merge_rates(self.supposed, self.people, false, larger)
        people, supposed = np.zeros_like(self.people), np.zeros_like(self.people)
        singles = 1 << np.arange(number_of_lists(observed))
        supposed[:, singles] = observed[:, singles]
        astray = rng.poisson(self.means * chances.scattered)
        people[:, paths.histories] += astray
        strays = astray @ bits_of(number_of_lists(observed))[paths.histories]
        for core, origins in paths.origins.items():
            weights = self.means[:, origins] * chances.kept[core]
            merges = [pair for pair in ways_to_merge(core) if pair in rates]
            kept = weights * left_alone(core, rates, self.supposed)[:, None]
            linked = _allotted(
                observed[:, core],
                np.column_stack([kept, *(rates[pair] for pair in merges)]),
                rng,
            )
            own = linked[:, : len(origins)]
            supposed[:, core] += own.sum(axis=1)
            for (single, other), pairs in zip(merges, linked[:, len(origins) :].T, strict=True):
                supposed[:, single] += pairs
                supposed[:, other] += pairs
            apart = supposed[:, core] - own.sum(axis=1)  # taken out of larger false unions
            if apart.any():
                own = own + _allotted(apart, weights, rng)
            people[:, paths.histories[origins]] += own
            strays += own @ paths.strays[core]
        people[:, singles] = supposed[:, singles] - strays
        fits = (people[:, singles] >= 0).all(axis=1)
        people = np.where(fits[:, None], people, self.people)
        supposed = np.where(fits[:, None], supposed, self.supposed)
        means = rng.gamma(people[:, paths.histories] + paths.prior)
        return _Chain(people, supposed, means, self.moved | fits)


def _allotted(numbers: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Share out so many people in each row by their weights: shape of `weights`."""
    total = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1.0 / weights.shape[1])
    shares = np.divide(weights, total, out=even, where=total > 0)
    return np.asarray(rng.multinomial(numbers, shares), dtype=np.int64)

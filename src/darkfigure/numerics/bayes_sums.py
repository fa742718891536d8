"""Bayesian log-linear models of cells seen in sums and of counts between limits.

As `bayes_log_linear`, but that the likelihood is of independent Poisson rows, each the sum of some
cells, of whose counts limits are known; the constant has a flat prior and is drawn as well.
"""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from darkfigure.numerics.bayes_log_linear import DEGREES, EffectsPrior, LaplaceFits, Pool
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.kernels import laplace_sums_kernels
from darkfigure.numerics.log_linear import in_parts
from darkfigure.numerics.resampling import systematic

_PART = 64
_FURTHEST_GUESS = 5.0  # above its lower limit, of a count whose upper limit is far


@dataclass(frozen=True, eq=False)
class ObservedSums:
    """Rows that count sums of cells of the lattice of lists and strata.

    Attributes
    ----------
    factors : Factors
    start : ndarray of int64, shape (rows + 1,)
    cell : ndarray of int64, shape (start[-1],)
        Row r counts the cells ``cell[start[r]:start[r + 1]]``.
    weight : ndarray of float, shape (rows,)
    low, high : ndarray of int64, shape (rows,)
    unseen : ndarray of int64
        Cells that no row counts.
    """

    factors: Factors
    start: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unseen: np.ndarray

    @cached_property
    def rows(self) -> tuple[np.ndarray, ...]:
        """The rows as kernels read them."""
        limits = self.low.astype(float), self.high.astype(float)
        return (self.start, self.cell, self.weight, *limits)

    @cached_property
    def guess(self) -> np.ndarray:
        """A guess at the expected count of each cell that is counted, shape (2**bits,)."""
        likely = 0.5 * (self.low + np.minimum(self.high, self.low + _FURTHEST_GUESS)) + 0.5
        share = likely / np.diff(self.start)
        by_entry = np.repeat(share, np.diff(self.start))
        return np.bincount(self.cell, weights=by_entry, minlength=1 << self.factors.bits)


def fit_sums(
    observed: ObservedSums, models: np.ndarray, prior: EffectsPrior, *, workers: int | None = None
) -> LaplaceFits:
    """Find the mode and the Laplace evidence of every model; its modes hold the constant first."""
    kernels = laplace_sums_kernels()
    shape = (len(models), len(prior.scales))
    evidence, log_odds, spread = np.empty(shape), np.empty(shape), np.empty(shape)
    modes = np.zeros(models.shape)
    in_parts(
        lambda a, b: kernels.fit_models(
            observed.rows, observed.unseen, observed.guess, models, prior.precision, prior.scales,
            a, b, evidence, log_odds, spread, modes,
        ),
        len(models),
        workers,
        part=_PART,
    )  # fmt: skip
    evidence = np.where(np.isfinite(evidence), evidence, -np.inf)
    return LaplaceFits(models, evidence, log_odds, spread, modes)


def draw_pool_of_sums(
    observed: ObservedSums,
    fits: LaplaceFits,
    prior: EffectsPrior,
    log_share: np.ndarray,
    size: int,
    rng: np.random.Generator,
    *,
    workers: int | None = None,
) -> Pool:
    """Draw models, scales and effects, and weigh them against the posterior.

    Parameters
    ----------
    log_share : ndarray of float, shape (models, scales)
        Log of how often each model and scale is drawn, up to a constant.
    size : int
        Number of draws.
    """
    share = np.exp(log_share - log_share.max()).ravel()
    chosen = systematic(share, size, rng)
    groups, first = np.unique(chosen, return_index=True)
    model, scale = np.divmod(groups, len(prior.scales))
    most = 1 + int(fits.models[model].sum(axis=1).max())
    normals = rng.standard_normal((size, most))
    sides = rng.random((size, most))
    stretch = np.sqrt(DEGREES / rng.chisquare(DEGREES, size))
    effects = np.zeros((size, 1 << observed.factors.bits))
    weight = np.empty(size)
    kernels = laplace_sums_kernels()
    ends = np.append(first, size).astype(np.int64)
    in_parts(
        lambda a, b: kernels.propose(
            observed.rows, observed.guess, fits.models[model], prior.precision,
            prior.scales[scale], fits.modes[model], ends, normals, sides, stretch, DEGREES, a, b,
            effects, weight,
        ),
        len(groups),
        workers,
        part=max(1, min(64, len(groups) // (2 * (os.cpu_count() or 1)))),
    )  # fmt: skip
    of_draw = np.repeat(np.arange(len(groups)), np.diff(ends))
    model, scale = model[of_draw], scale[of_draw]
    # the share a model was drawn by, against what its evidence gives it
    fair = fits.evidence[model, scale] + prior.log_share[scale]
    log_weight = weight + fair - log_share[model, scale]
    # a draw whose density is past all numbers has no weight that could be known
    log_weight = np.where(np.isfinite(log_weight), log_weight, -np.inf)
    return Pool(model, scale, effects, log_weight)

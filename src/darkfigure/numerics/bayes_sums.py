"""Bayesian log-linear models of cells seen in sums and of counts between limits.

As `bayes_log_linear`, but that the likelihood is of independent Poisson rows, each the sum of some
cells, of whose counts limits are known; the constant has a flat prior and is drawn as well.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from darkfigure.numerics.bayes_log_linear import EffectsPrior, LaplaceFits
from darkfigure.numerics.bayes_pool import DEGREES, propose
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.kernels import laplace_sums_draw_kernels, laplace_sums_kernels
from darkfigure.numerics.log_linear import in_parts

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


@dataclass(frozen=True)
class SumsPool:
    """Weighted draws from the posterior over models and effects.

    Attributes
    ----------
    model : ndarray of int, shape (draws,)
    effects : ndarray of float, shape (draws, 2**bits)
        The constant first; 0 for terms not in the model.
    log_weight : ndarray of float, shape (draws,)
        Log of posterior over proposal, up to a constant.
    """

    model: np.ndarray
    effects: np.ndarray
    log_weight: np.ndarray


def draw_pool_of_sums(
    observed: ObservedSums,
    fits: LaplaceFits,
    prior: EffectsPrior,
    log_share: np.ndarray,
    size: int,
    rng: np.random.Generator,
    *,
    workers: int | None = None,
) -> SumsPool:
    """Draw models, scales and effects, and weigh them against the posterior.

    Parameters
    ----------
    log_share : ndarray of float, shape (models, scales)
        Log of how often each model and scale is drawn, up to a constant.
    size : int
        Number of draws.
    """
    made = propose(fits, prior, log_share, size, rng)
    sides = rng.random(made.normals.shape)
    effects = np.zeros((size, 1 << observed.factors.bits))
    weight = np.empty(size)
    kernels = laplace_sums_draw_kernels()
    in_parts(
        lambda a, b: kernels.propose(
            observed.rows, observed.guess, fits.models[made.model], prior.precision,
            prior.scales[made.scale], fits.modes[made.model], made.ends, made.normals, sides,
            made.stretch, DEGREES, a, b, effects, weight,
        ),
        len(made.model),
        workers,
        part=made.part,
    )  # fmt: skip
    return SumsPool(made.of_draw(made.model), effects, made.weigh(weight, fits, prior, log_share))

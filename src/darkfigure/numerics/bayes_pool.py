"""Weighted draws from the posterior over Bayesian log-linear models and their effects.

Models and the scale of their prior are drawn by their Laplace evidence, effects from a Student-t
around the mode; every draw is weighed against the exact posterior, so that what is left of the
approximation is only noise, measured by the effective sample size (Geweke 1989, Econometrica
57:1317).
"""

import os
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.bayes_log_linear import EffectsPrior, LaplaceFits, Observed
from darkfigure.numerics.kernels import laplace_draw_kernels
from darkfigure.numerics.log_linear import in_parts
from darkfigure.numerics.resampling import systematic

DEGREES = 8.0
"""Of the Student-t: heavier tails cost draws, lighter ones risk the weights."""


@dataclass(frozen=True)
class Pool:
    """Weighted draws from the posterior over models and effects.

    Attributes
    ----------
    model : ndarray of int, shape (draws,)
        Which model each came from.
    scale : ndarray of int, shape (draws,)
    terms : ndarray of int, shape (terms,)
        Terms of any model, the empty one included.
    effects : ndarray of float, shape (draws, terms)
        0 for terms not in the model.
    log_odds : ndarray of float, shape (draws, strata)
        Log of the expected number missed in a stratum over that of all seen; 0 where a mode was
        lost.
    log_weight : ndarray of float, shape (draws,)
        Log of posterior over proposal, up to a constant.
    """

    model: np.ndarray
    scale: np.ndarray
    terms: np.ndarray
    effects: np.ndarray
    log_odds: np.ndarray
    log_weight: np.ndarray


def draw_pool(
    observed: Observed,
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
    made = propose(fits, prior, log_share, size, rng)
    terms = np.flatnonzero(fits.models.any(axis=0))
    column = np.full(observed.counts.shape[0], -1, dtype=np.int64)
    column[terms] = np.arange(len(terms))
    effects = np.zeros((size, len(terms)))
    log_odds = np.zeros((size, len(observed.missed)))
    weight = np.empty(size)
    kernels = laplace_draw_kernels()
    in_parts(
        lambda a, b: kernels.propose(
            observed.counts,
            observed.cells,
            observed.missed,
            fits.models[made.model],
            column,
            prior.precision,
            prior.scales[made.scale],
            fits.modes[made.model],
            made.ends,
            made.normals,
            made.stretch,
            DEGREES,
            a,
            b,
            effects,
            log_odds,
            weight,
        ),
        len(made.model),
        workers,
        part=made.part,
    )
    log_weight = made.weigh(weight, fits, prior, log_share)
    return Pool(
        made.of_draw(made.model), made.of_draw(made.scale), terms, effects, log_odds, log_weight
    )


@dataclass(frozen=True)
class Proposal:
    """Models and scales drawn by their share, in groups, and random numbers for each draw.

    Attributes
    ----------
    model, scale : ndarray of int, shape (groups,)
    ends : ndarray of int64, shape (groups + 1,)
        Draws ends[g] to ends[g + 1] belong to group g.
    normals : ndarray of float, shape (draws, most terms and a constant)
    stretch : ndarray of float, shape (draws,)
        By which they become a Student-t.
    """

    model: np.ndarray
    scale: np.ndarray
    ends: np.ndarray
    normals: np.ndarray
    stretch: np.ndarray

    @property
    def part(self) -> int:
        """Groups handed to a thread at a time."""
        return max(1, min(64, len(self.model) // (2 * (os.cpu_count() or 1))))

    def of_draw(self, values: np.ndarray) -> np.ndarray:
        """What each group has, draw by draw."""
        return np.repeat(values, np.diff(self.ends))

    def weigh(
        self, weight: np.ndarray, fits: LaplaceFits, prior: EffectsPrior, log_share: np.ndarray
    ) -> np.ndarray:
        """Log weights over all models, of those within a model; shape (draws,).

        The share a model was drawn by stands against what its evidence gives it.
        """
        chosen = self.of_draw(self.model), self.of_draw(self.scale)
        fair = fits.evidence[chosen] + prior.log_share[chosen[1]]
        log_weight = weight + fair - log_share[chosen]
        # a draw whose density is past all numbers has no weight that could be known
        return np.where(np.isfinite(log_weight), log_weight, -np.inf)


def propose(
    fits: LaplaceFits,
    prior: EffectsPrior,
    log_share: np.ndarray,
    size: int,
    rng: np.random.Generator,
) -> Proposal:
    """Draw models and scales by their share, and the random numbers for so many draws."""
    share = np.exp(log_share - log_share.max()).ravel()
    chosen = systematic(share, size, rng)
    groups, first = np.unique(chosen, return_index=True)
    model, scale = np.divmod(groups, len(prior.scales))
    most = 1 + int(fits.models[model][:, 1:].sum(axis=1).max())
    normals = rng.standard_normal((size, most))
    stretch = np.sqrt(DEGREES / rng.chisquare(DEGREES, size))
    ends = np.append(first, size).astype(np.int64)
    return Proposal(model, scale, ends, normals, stretch)

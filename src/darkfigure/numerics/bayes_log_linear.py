"""Bayesian averaging of hierarchical log-linear models: Laplace evidence, then importance sampling.

Models and the scale of their prior are drawn by their Laplace evidence, effects from a Student-t
around the mode; every draw is weighed against the exact posterior, so that what is left of the
approximation is only noise, measured by the effective sample size (Raftery 1996, Biometrika
83:251, for the evidence; Geweke 1989, Econometrica 57:1317, for the weights).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.factors import Factors
from darkfigure.numerics.kernels import (
    laplace_draw_kernels,
    laplace_kernels,
    laplace_prospects_kernels,
)
from darkfigure.numerics.log_linear import in_parts
from darkfigure.numerics.resampling import systematic

DEGREES = 8.0
"""Of the Student-t: heavier tails cost draws, lighter ones risk the weights."""

_PART, _SMALL_PART = 256, 16  # models handed to a thread at a time, of small and large tables
_SMALL = 128  # cells


@dataclass(frozen=True)
class Observed:
    """What was seen, on the lattice of lists and strata.

    Attributes
    ----------
    factors : Factors
    counts : ndarray of float, shape (2**bits,)
        People per cell.
    cells : ndarray of bool, shape (2**bits,)
        Cells in which people can be seen.
    """

    factors: Factors
    counts: np.ndarray
    cells: np.ndarray

    @property
    def missed(self) -> np.ndarray:
        """Cells of the people on no list, shape (strata,)."""
        return self.factors.strata


@dataclass(frozen=True)
class EffectsPrior:
    """A normal prior on the effects, with one or several scales.

    Attributes
    ----------
    precision : ndarray of float, shape (2**bits, 2**bits)
        At scale 1, the same between two terms in every model.
    scales : ndarray of float, shape (scales,)
        By which prior variances are multiplied.
    log_share : ndarray of float, shape (scales,)
        Log prior weight of each scale.
    """

    precision: np.ndarray
    scales: np.ndarray
    log_share: np.ndarray


@dataclass(frozen=True)
class LaplaceFits:
    """Evidence of several models by Laplace's method, at each scale of the prior.

    Attributes
    ----------
    models : ndarray of bool, shape (models, 2**bits)
    evidence : ndarray of float, shape (models, scales)
        Log evidence, up to a constant of the table; -inf where no mode was found.
    log_odds, spread : ndarray of float, shape (models, scales)
        log(π0 / (1 − π0)) at the mode, and its standard deviation.
    modes : ndarray of float, shape (models, 2**bits)
    """

    models: np.ndarray
    evidence: np.ndarray
    log_odds: np.ndarray
    spread: np.ndarray
    modes: np.ndarray

    def log_evidence(self, prior: EffectsPrior) -> np.ndarray:
        """Log evidence of each model, its scale integrated out, shape (models,)."""
        return np.logaddexp.reduce(self.evidence + prior.log_share, axis=1)


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


def fit_laplace(
    observed: Observed, models: np.ndarray, prior: EffectsPrior, *, workers: int | None = None
) -> LaplaceFits:
    """Find the mode and the Laplace evidence of every model."""
    kernels = laplace_kernels()
    shape = (len(models), len(prior.scales))
    evidence, log_odds, spread = np.empty(shape), np.empty(shape), np.empty(shape)
    modes = np.zeros(models.shape)
    in_parts(
        lambda a, b: kernels.fit_models(
            observed.counts,
            observed.cells,
            observed.missed,
            models,
            prior.precision,
            prior.scales,
            a,
            b,
            evidence,
            log_odds,
            spread,
            modes,
        ),
        len(models),
        workers,
        part=_PART if len(observed.counts) <= _SMALL else _SMALL_PART,
    )
    evidence = np.where(np.isfinite(evidence), evidence, -np.inf)
    return LaplaceFits(models, evidence, log_odds, spread, modes)


def evidence_changes(
    observed: Observed,
    models: np.ndarray,
    fits: LaplaceFits,
    prior: EffectsPrior,
    allowed: np.ndarray,
    *,
    workers: int | None = None,
) -> np.ndarray:
    """What each interaction more or less would add to the log evidence, about, without a fit.

    Parameters
    ----------
    models : ndarray of bool, shape (models, 2**variables)
    fits : LaplaceFits
        Theirs. The change is foretold at the best scale of each.
    allowed : ndarray of int64, shape (interactions,)
        Sets of lists and variables, dropped where a model holds them, added where it does not.

    Returns
    -------
    ndarray of float, shape (models, interactions)
        nan where the change leaves no hierarchical model, -inf where none can be foretold.
    """
    kernels = laplace_prospects_kernels()
    members = [observed.factors.terms_of(int(each)) for each in allowed]
    starts = np.cumsum([0, *map(len, members)]).astype(np.int64)
    inside = np.array([term for terms in members for term in terms], dtype=np.int64)
    scales = prior.scales[np.argmax(fits.evidence + prior.log_share, axis=1)]
    changes = np.empty((len(models), len(allowed)))
    in_parts(
        lambda a, b: kernels.evidence_changes(
            observed.counts,
            observed.cells,
            observed.missed,
            models,
            fits.models,
            fits.modes,
            prior.precision,
            scales,
            allowed,
            starts,
            inside,
            a,
            b,
            changes,
        ),
        len(models),
        workers,
        part=8,
    )
    return changes


def take_models(fits: LaplaceFits, index: Sequence[int] | np.ndarray) -> LaplaceFits:
    """The fits of chosen models, in the order given."""
    return LaplaceFits(**{name: getattr(fits, name)[index] for name in _FIELDS})


def together(parts: Sequence[LaplaceFits]) -> LaplaceFits:
    """Fits of several sets of models as one."""
    return LaplaceFits(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS}
    )


_FIELDS = tuple(LaplaceFits.__dataclass_fields__)


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


def linear_predictor(effects: np.ndarray) -> np.ndarray:
    """Log expected counts of all cells from effects, along the last axis of length 2**bits."""
    out = np.array(effects)
    size, step = out.shape[-1], 1
    while step < size:
        pairs = out.reshape(*out.shape[:-1], size // (2 * step), 2, step)
        pairs[..., 1, :] += pairs[..., 0, :]
        step *= 2
    return out


def log_seen(predictor: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """log S: of the sum of exp(η) over the observable cells."""
    return np.logaddexp.reduce(predictor[..., cells], axis=-1)

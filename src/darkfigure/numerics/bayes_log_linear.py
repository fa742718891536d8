"""Bayesian hierarchical log-linear models: posterior modes, and evidence by Laplace's method.

Raftery (1996), Biometrika 83:251.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.factors import Factors
from darkfigure.numerics.kernels import (
    laplace_kernels,
    laplace_prospects_kernels,
    laplace_scales_kernels,
)
from darkfigure.numerics.log_linear import in_parts

_PART, _SMALL_PART = 256, 16  # models handed to a thread at a time, of small and large tables
_SMALL = 128  # cells
_FEW = 1_000  # models: so many are fitted at every scale in no time
_TRIED = 64  # models that tell at which scales of the prior to look
_STRIDE = 4


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
    reach : float
        Log units below the best model and scale at which others are passed by. All of a million
        that are 35 lower have 1e-9 of the probability.
    """

    precision: np.ndarray
    scales: np.ndarray
    log_share: np.ndarray
    reach: float = 35.0


@dataclass(frozen=True)
class LaplaceFits:
    """Evidence of several models by Laplace's method, at each scale of the prior.

    Attributes
    ----------
    models : ndarray of bool, shape (models, 2**bits)
    evidence : ndarray of float, shape (models, scales)
        Log evidence, up to a constant of the table; -inf where no mode was found, and where it
        would be next to nothing.
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


def fit_laplace(
    observed: Observed, models: np.ndarray, prior: EffectsPrior, *, workers: int | None = None
) -> LaplaceFits:
    """Find the mode and the Laplace evidence of every model.

    Of many models over many scales of the prior, only where it is not next to nothing.
    """
    if len(prior.scales) > 1 and len(models) > _FEW:
        return _fit_over_scales(observed, models, prior, workers)
    return _fit_at_scales(observed, models, prior.precision, prior.scales, workers)


def _fit_at_scales(
    observed: Observed,
    models: np.ndarray,
    precision: np.ndarray,
    scales: np.ndarray,
    workers: int | None,
) -> LaplaceFits:
    """At each of these scales."""
    kernels = laplace_kernels()
    shape = (len(models), len(scales))
    evidence, log_odds, spread = np.empty(shape), np.empty(shape), np.empty(shape)
    modes = np.zeros(models.shape)
    in_parts(
        lambda a, b: kernels.fit_models(
            observed.counts,
            observed.cells,
            observed.missed,
            models,
            precision,
            scales,
            a,
            b,
            evidence,
            log_odds,
            spread,
            modes,
        ),
        len(models),
        workers,
        part=_part_of(observed),
    )
    evidence = np.where(np.isfinite(evidence), evidence, -np.inf)
    return LaplaceFits(models, evidence, log_odds, spread, modes)


def _fit_over_scales(
    observed: Observed, models: np.ndarray, prior: EffectsPrior, workers: int | None
) -> LaplaceFits:
    """Where evidence and prior weight of a scale come within `prior.reach` of the best found.

    A few models tell at which scale to begin; there the best of all are found, and they tell what
    is next to nothing.
    """
    some = models[np.linspace(0, len(models) - 1, _TRIED).astype(np.int64)]
    tried = _fit_at_scales(observed, some, prior.precision, prior.scales, workers)
    middle = int(np.argmax((tried.evidence + prior.log_share).max(axis=0)))
    scale = prior.scales[middle : middle + 1]
    begun = _fit_at_scales(observed, models, prior.precision, scale, workers)
    best = np.argsort(-begun.evidence[:, 0], kind="stable")[:_TRIED]
    found = _fit_at_scales(observed, models[best], prior.precision, prior.scales, workers)
    threshold = float((found.evidence + prior.log_share).max()) - prior.reach
    shape = (len(models), len(prior.scales))
    evidence, log_odds, spread = np.full(shape, -np.inf), np.zeros(shape), np.zeros(shape)
    kernels = laplace_scales_kernels()
    in_parts(
        lambda a, b: kernels.fit_over_scales(
            observed.counts,
            observed.cells,
            observed.missed,
            models,
            prior.precision,
            prior.scales,
            prior.log_share,
            threshold,
            middle,
            _STRIDE,
            a,
            b,
            evidence,
            log_odds,
            spread,
            begun.modes,
        ),
        len(models),
        workers,
        part=_part_of(observed),
    )
    evidence = np.where(np.isfinite(evidence), evidence, -np.inf)
    return LaplaceFits(models, evidence, log_odds, spread, begun.modes)


def _part_of(observed: Observed) -> int:
    return _PART if len(observed.counts) <= _SMALL else _SMALL_PART


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

"""Priors on interactions as numbers: a precision between terms, and the scales it may have."""

import math
from dataclasses import replace

import numpy as np

from darkfigure.identification import Identification
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.numerics.bayes_log_linear import EffectsPrior
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.unbounded import least_cost
from darkfigure.prior.interactions import (
    R2D2,
    HyperG,
    InteractionPrior,
    Normal,
    UnitInformation,
    by_order,
)
from darkfigure.prior.population import OneOverN, Prior

FAR = 60.0
"""Log units of evidence that no prior on the population is asked to make good."""

_LOG_SCALES = np.arange(-6.0, 12.01, 0.3)  # of the hyper-g prior's variance; finer than its peaks


def effects_prior(
    settings: InteractionPrior, factors: Factors, population: Prior | None = None
) -> EffectsPrior:
    """The normal prior that a quadratic setting stands for, mixed over scales for hyper-g.

    A prior on the population other than 1/N may make good what the lists say against a model: it
    has them all looked at within `FAR`.
    """
    if population is not None and not isinstance(population, OneOverN):
        return replace(effects_prior(settings, factors), reach=FAR)
    if isinstance(settings, HyperG):
        scales = np.exp(_LOG_SCALES)
        log_share = -settings.shape * _LOG_SCALES - settings.rate / scales
        # log of the inverse gamma density of log s², times the step
        log_share += settings.shape * math.log(settings.rate) - math.lgamma(settings.shape)
        return EffectsPrior(factors.cell_variance(), scales, log_share + math.log(0.3))
    if isinstance(settings, UnitInformation):
        scales = np.array([settings.scale**2])
        return EffectsPrior(factors.cell_variance(), scales, np.zeros(1))
    assert isinstance(settings, Normal)
    return EffectsPrior(
        np.diag(normal_deviations(settings, factors) ** -2.0), np.ones(1), np.zeros(1)
    )


def normal_deviations(settings: Normal, factors: Factors) -> np.ndarray:
    """Standard deviation of the effect of each term, shape (2**bits,)."""
    orders = factors.order()
    return np.array(
        [settings.main if order <= 1 else by_order(settings.scale, order) for order in orders]
    )


def tail_exponent(
    settings: InteractionPrior, layout: Layout, model: np.ndarray, identify: Identification | None
) -> float:
    """The power with which the posterior of the population falls, under 1/N.

    Normal effects give the log of the unseen tails lighter than any exponential, so that all
    moments exist; so does the slab of the horseshoe. Where the spread of the effects is learned,
    their own tail is a power, which costs nothing beside the powers of N: what bounds the
    posterior is then the people in the cells that must empty as the unseen grow (`least_cost`).
    Under R2D2 only the interactions have such a tail.

    Parameters
    ----------
    model : ndarray of bool, shape (2**variables,)
        The largest of the models that are averaged.
    """
    if not isinstance(settings, HyperG | R2D2):
        return math.inf
    observed, factors = layout.observed, layout.factors
    terms = np.flatnonzero(factors.expand(model[None, :])[0])
    terms = terms[factors.order()[terms] > (0 if isinstance(settings, HyperG) else 1)]
    cells = np.flatnonzero(observed.cells)
    missed = observed.missed
    forms = _holds(missed, terms)
    if identify is not None:
        histories = missed[:, None] + np.arange(1 << factors.lists)
        forms = identify.coefficients(layout.table.lists) @ _holds(histories, terms)
    return 1.0 + least_cost(observed.counts[cells], _holds(cells, terms), forms)


def _holds(cells: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Whether a cell holds all of a term, shape (..., terms)."""
    return ((cells[..., None] & terms) == terms).astype(float)


def share_beyond(evidence: np.ndarray, prior: EffectsPrior) -> tuple[float, float]:
    """Of the posterior, how much lies at scales smaller, and larger, than those averaged over.

    What the outermost scales hold, carried on as they fall.

    Parameters
    ----------
    evidence : ndarray of float, shape (models, scales)
        Log evidence.
    """
    if len(prior.scales) < 3:
        return 0.0, 0.0
    log_mass = np.logaddexp.reduce(evidence + prior.log_share, axis=0)
    mass = np.exp(log_mass - log_mass.max())
    return _carried_on(mass[::-1]), _carried_on(mass)


def _carried_on(mass: np.ndarray) -> float:
    """The share of a geometric continuation beyond the last of evenly spaced masses."""
    if mass[-1] >= mass[-2]:
        return float(mass[-1] > 0)
    ratio = mass[-1] / mass[-2]
    beyond = mass[-1] * ratio / (1.0 - ratio)
    return float(beyond / (mass.sum() + beyond))

"""Priors on interactions as numbers: a precision between terms, and the scales it may have."""

import math

import numpy as np

from darkfigure.numerics.bayes_log_linear import EffectsPrior
from darkfigure.numerics.factors import Factors
from darkfigure.prior.interactions import (
    R2D2,
    HyperG,
    InteractionPrior,
    Normal,
    UnitInformation,
    by_order,
)

_LOG_SCALES = np.arange(-6.0, 12.01, 0.3)  # of the hyper-g prior's variance; finer than its peaks


def effects_prior(settings: InteractionPrior, factors: Factors) -> EffectsPrior:
    """The normal prior that a quadratic setting stands for, mixed over scales for hyper-g."""
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


def tail_exponent(settings: InteractionPrior, counts: np.ndarray, cells: np.ndarray) -> float:
    """The power with which the posterior of the population falls, under 1/N.

    Normal effects give the log of the unseen tails lighter than any exponential, so that all
    moments exist; so does the slab of the horseshoe. Where the spread of the effects is learned
    and has a polynomial tail itself (hyper-g, R2D2), an empty cell costs nothing as it goes to
    zero, and the tail is not lighter than 1/N; otherwise the rarest history bounds it.
    """
    if not isinstance(settings, HyperG | R2D2):
        return math.inf
    return 1.0 + float(counts[cells].min())

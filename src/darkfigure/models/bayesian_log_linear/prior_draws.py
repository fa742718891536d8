"""What a Bayesian log-linear model says of the people on no list before it looks at any counts."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.models.bayesian_log_linear.averaging import MOST_MODELS
from darkfigure.models.bayesian_log_linear.effects import effects_prior
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.shrinkage import Terms, draw_horseshoe, draw_r2d2
from darkfigure.numerics.bayes_log_linear import EffectsPrior, linear_predictor, log_seen
from darkfigure.numerics.hierarchy import allowed_terms, hierarchical_models, main_effects
from darkfigure.prior.interactions import R2D2, RegularizedHorseshoe

if TYPE_CHECKING:
    from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear

_SWEEPS = 100  # of the walk over models too many to list; a sweep looks at every interaction
_MOST_NUMBERS = 1 << 23  # held at a time


def draw_prior_odds(
    settings: "BayesianLogLinear", layout: Layout, size: int, rng: np.random.Generator
) -> np.ndarray:
    """log(π0 / (1 − π0)) of models and effects drawn from their prior.

    Of the table only the lists, the strata and (by the scale of the horseshoe) the number of
    people seen are used.

    Parameters
    ----------
    settings : BayesianLogLinear
    layout : Layout
    size : int
    rng : Generator

    Returns
    -------
    ndarray of float, shape (size,)
    """
    models = _draw_models(settings, layout, size, rng)
    step = max(1, _MOST_NUMBERS >> layout.factors.bits)
    parts = [
        _log_odds(settings, layout, models[at : at + step], rng) for at in range(0, size, step)
    ]
    return np.concatenate(parts)


def _log_odds(
    settings: "BayesianLogLinear", layout: Layout, models: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    effects = _draw_effects(settings, layout, models, rng)
    predictor = linear_predictor(effects)
    total = log_seen(predictor, layout.observed.cells)
    missed = layout.observed.missed
    if settings.identify is None:
        log_missed = predictor[:, missed]
    else:
        cells = missed[:, None] + np.arange(1 << layout.factors.lists)
        log_missed = settings.identify.log_odds(predictor[:, cells], layout.table.lists, rng)
    return np.logaddexp.reduce(log_missed, axis=1) - total


def _draw_models(
    settings: "BayesianLogLinear", layout: Layout, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Models over lists and variables, each as likely as another; (1, ...) where there is one."""
    order = layout.highest_order(settings.order)
    if settings.terms is not None:
        only = layout.given(settings.terms)
    elif settings.inference == "nuts" or settings.selection == "threshold":
        only = layout.largest(order)
    else:
        k = layout.factors.variables
        models = hierarchical_models(k, order, layout.possible, most=MOST_MODELS)
        if models is not None:
            return models[rng.integers(len(models), size=size)]
        return walk_to_models(k, order, layout.possible, size, rng)
    return np.broadcast_to(only, (size, len(only)))


def walk_to_models(
    k: int, order: int, possible: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Hierarchical models, each as likely as another, by Gibbs sampling of their interactions.

    An interaction is put in or left out by the toss of a coin, unless the rest of the model
    leaves no choice: one of its faces is missing, or a larger interaction holds it.

    Returns
    -------
    ndarray of bool, shape (size, 2**k)
    """
    terms = allowed_terms(k, order, possible)
    faces = {term: [term ^ (1 << j) for j in range(k) if term >> j & 1] for term in terms}
    above = {term: [u for u in terms if u & term == term and u != term] for term in terms}
    models = np.tile(main_effects(k), (size, 1))
    for _ in range(_SWEEPS):
        for term in terms:
            free = models[:, faces[term]].all(axis=1) & ~models[:, above[term]].any(axis=1)
            models[free, term] = rng.random(int(free.sum())) < 0.5
    return models


def _draw_effects(
    settings: "BayesianLogLinear", layout: Layout, models: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Effects from their prior, shape (draws, 2**bits); 0 for terms not in a draw's model."""
    prior = settings.effects
    effects = np.zeros((len(models), 1 << layout.factors.bits))
    if isinstance(prior, RegularizedHorseshoe | R2D2):
        terms = Terms.of(layout, models[0])
        if isinstance(prior, R2D2):
            effects[:, terms.terms] = draw_r2d2(prior, terms, len(models), rng)
        else:
            seen = max(float(layout.observed.counts.sum()), 1.0)
            effects[:, terms.terms] = draw_horseshoe(prior, terms, seen, len(models), rng)
        return effects
    wide = layout.factors.expand(models)
    used = np.flatnonzero(wide.any(axis=0))
    used = used[used > 0]
    quadratic = effects_prior(prior, layout.factors)
    step = max(1, _MOST_NUMBERS // len(used) ** 2)
    for at in range(0, len(models), step):
        part = wide[at : at + step, used]
        effects[at : at + step, used] = _draw_normal(quadratic, used, part, rng)
    return effects


def _draw_normal(
    prior: EffectsPrior, used: np.ndarray, present: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Normal effects given each model's own part of the precision.

    Parameters
    ----------
    used : ndarray of int, shape (terms,)
    present : ndarray of bool, shape (draws, terms)
    """
    share = np.exp(prior.log_share - prior.log_share.max())
    scale = rng.choice(prior.scales, size=len(present), p=share / share.sum())
    together = present[:, :, None] & present[:, None, :]
    # terms left out stand apart with precision 1, and are set to 0 afterwards
    precision = np.where(together, prior.precision[np.ix_(used, used)], np.eye(len(used)))
    root = np.linalg.cholesky(precision)
    normals = rng.standard_normal((*present.shape, 1))
    effects = np.linalg.solve(np.swapaxes(root, 1, 2), normals)[..., 0]
    return np.where(present, effects * np.sqrt(scale)[:, None], 0.0)

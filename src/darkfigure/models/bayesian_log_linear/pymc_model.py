"""One log-linear model with a prior on its effects, as a PyMC model sampled by NUTS."""

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.contract import Fit
from darkfigure.models.bayesian_log_linear.averaging import Answer, draw_missed, log_odds_of
from darkfigure.models.bayesian_log_linear.draws import as_fit
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.pymc_priors import effects_variable
from darkfigure.models.bayesian_log_linear.shrinkage import Terms
from darkfigure.numerics.bayes_log_linear import Observed
from darkfigure.nuts import check_draws, run_nuts
from darkfigure.prior.interactions import R2D2, InteractionPrior, RegularizedHorseshoe
from darkfigure.prior.population import unseen_under
from darkfigure.sampling import alone, weigh

if TYPE_CHECKING:
    import pymc as pm

    from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear

_TARGET, _TARGET_SHRINKING = 0.95, 0.99
"""Acceptance aimed at: without divergences on Kosovo and the UK's five lists."""


def build(layout: Layout, model: np.ndarray, settings: InteractionPrior) -> "pm.Model":
    """The PyMC model of a set of terms.

    Cells are Poisson with mean Λ π̃, π̃ ∝ exp(X β) over the observable cells; with a flat prior on
    log Λ the posterior of β is that of the multinomial likelihood given the number seen.

    Parameters
    ----------
    layout : Layout
    model : ndarray of bool, shape (2**variables,)
        Terms over lists and stratum variables.
    settings : InteractionPrior

    Returns
    -------
    pymc.Model
        Variables `effects` (dim term), `log_rate` (log Λ), `counts` (observed, dim history) and
        `log_odds_unseen`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    terms = Terms.of(layout, model)
    observed, cells = layout.observed, np.flatnonzero(layout.observed.cells)
    with pm.Model(coords=_names(layout, terms, cells)) as built:
        people = pm.Data("people", observed.counts[cells].astype(np.int64), dims="history")
        effects = effects_variable(settings, layout, terms, people)
        predictor = pt.dot(_design(cells, terms), effects)
        log_seen = pm.math.logsumexp(predictor)
        log_missed = pm.math.logsumexp(pt.dot(_design(observed.missed, terms), effects))
        log_rate = pm.Flat("log_rate")
        pm.Deterministic("log_odds_unseen", log_missed - log_seen)
        pm.Poisson(
            "counts", pt.exp(log_rate + predictor - log_seen), observed=people, dims="history"
        )
    return built


def sample(
    settings: "BayesianLogLinear",
    layout: Layout,
    model: np.ndarray,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Fit:
    """Sample one model by NUTS, and draw the unseen as after importance sampling."""
    check_draws(draws, settings.chains)
    terms = Terms.of(layout, model)
    shrinking = isinstance(settings.effects, RegularizedHorseshoe | R2D2)
    trace = run_nuts(
        build(layout, model, settings.effects),
        draws=draws,
        chains=settings.chains,
        tune=settings.tune,
        rng=rng,
        target_accept=_TARGET_SHRINKING if shrinking else _TARGET,
        start=_start(layout.observed, terms, shrinking=shrinking),
        key=_key(settings.effects, layout.observed, terms),
    )
    posterior = trace["posterior"].to_dataset()
    effects = np.zeros((draws, len(layout.observed.counts)))
    effects[:, terms.terms] = posterior["effects"].to_numpy().reshape(draws, -1)
    log_odds = log_odds_of(layout, effects, settings.identify, rng)
    seen = float(layout.observed.counts.sum())
    under = unseen_under(settings.prior, seen)
    together = np.logaddexp.reduce(log_odds, axis=1).reshape(settings.chains, -1)
    weighed = weigh(settings.prior, seen, together, rng)
    first = np.arange(settings.chains)[:, None] * (draws // settings.chains)
    kept = (first + weighed.index).ravel()
    missed = draw_missed(seen, log_odds[kept], under, rng)
    answer = Answer(effects[kept], log_odds[kept], missed)
    fit = as_fit(layout, answer, chains=settings.chains, rng=rng)
    ours = fit.groups["posterior"]
    assert isinstance(ours, xr.Dataset)
    given = ["effects", "main_effects", "log_odds_unseen"]
    scales = weighed.take(posterior.drop_vars(given, errors="ignore"))
    return replace(
        fit,
        cautions=weighed.cautions,
        groups={
            **fit.groups,
            **alone(settings.prior, seen, together, rng),
            "posterior": ours.merge(scales),
            "sample_stats": weighed.take(trace["sample_stats"].to_dataset()),
        },
    )


def _names(layout: Layout, terms: Terms, cells: np.ndarray) -> dict[str, list[str]]:
    """Names of terms, of the main effects and interactions among them, and of the cells."""
    parts = {"main_effect": terms.main, "interaction": terms.interactions}
    parts |= {f"interaction_{order}": terms.of_order(order) for order in terms.orders}
    return {
        "term": layout.term_names(terms.terms),
        **{dim: layout.term_names(terms.terms[chosen]) for dim, chosen in parts.items()},
        "history": layout.cell_names(cells),
    }


def _design(cells: np.ndarray, terms: Terms) -> np.ndarray:
    """Whether a cell holds all of a term, shape (cells, terms)."""
    return ((cells[:, None] & terms.terms) == terms.terms).astype(float)


def _start(observed: Observed, terms: Terms, *, shrinking: bool) -> dict[str, np.ndarray]:
    """Main effects at the log odds of their margins, interactions at 0, all people expected."""
    seen = observed.counts.sum()
    cells = np.arange(len(observed.counts))
    effects = np.zeros(len(terms.terms))
    for at in terms.main:
        on = observed.counts[(cells & terms.terms[at]) > 0].sum()
        effects[at] = np.log((on + 0.5) / (seen - on + 0.5))
    named = {"main_effects": effects[terms.main]} if shrinking else {"effects": effects}
    return {"log_rate": np.log(seen), **named}


def _key(settings: InteractionPrior, observed: Observed, terms: Terms) -> Hashable:
    """What a compiled model is made of, all but the counts."""
    cells = np.flatnonzero(observed.cells)
    return settings, observed.factors, cells.tobytes(), terms.terms.tobytes()

"""One log-linear model with a prior on its effects, as a PyMC model sampled by NUTS."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from darkfigure.contract import Fit
from darkfigure.models.bayesian_log_linear.averaging import Answer, draw_missed, log_odds_of
from darkfigure.models.bayesian_log_linear.draws import as_fit
from darkfigure.models.bayesian_log_linear.layout import Layout
from darkfigure.models.bayesian_log_linear.pymc_priors import effects_variable
from darkfigure.models.bayesian_log_linear.shrinkage import Terms
from darkfigure.models.bayesian_log_linear.sums import fit_of_sums, log_expected, people_given
from darkfigure.nuts import check_draws, run_nuts
from darkfigure.prior.interactions import R2D2, InteractionPrior, RegularizedHorseshoe
from darkfigure.prior.population import unseen_under
from darkfigure.pymc_rows import observe_rows, sums_of_cells
from darkfigure.sampling import Reweighted, alone, reweight, weigh

if TYPE_CHECKING:
    import pymc as pm

    from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear

_TARGET, _TARGET_SHRINKING = 0.95, 0.995
"""Acceptance aimed at: hardly a divergence on Kosovo, the UK's five lists and independent lists."""


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
        `log_odds_unseen`. Where counts are between limits, or sums of cells: `counts` (dim row)
        of those known, and the potential `counts_in_limits`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    if layout.in_sums:
        return _build_sums(layout, model, settings)
    terms = Terms.of(layout, model)
    observed, cells = layout.observed, np.flatnonzero(layout.observed.cells)
    coords = _names(layout, terms) | {"history": layout.cell_names(cells)}
    with pm.Model(coords=coords) as built:
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


def _build_sums(layout: Layout, model: np.ndarray, settings: InteractionPrior) -> "pm.Model":
    """Rows are Poisson sums of cells, or known to lie within limits; Λ is expected in all rows."""
    import pymc as pm
    import pytensor.tensor as pt

    terms, seen = Terms.of(layout, model), layout.observation
    names = seen.row_names()
    coords = _names(layout, terms) | {"row": [names[row] for row in layout.limits.exact]}
    with pm.Model(coords=coords) as built:
        guess = pt.as_tensor(np.rint(layout.sums.guess).astype(np.int64))
        effects = effects_variable(settings, layout, terms, guess)
        means = pt.exp(pt.dot(_design(layout.cells, terms), effects))
        rows = sums_of_cells(means, seen.start, seen.cell, seen.weight)
        unseen = means[np.flatnonzero(seen.unseen)].sum()
        log_rate = pm.Flat("log_rate")
        pm.Deterministic("log_odds_unseen", pt.log(unseen) - pt.log(rows.sum()))
        observe_rows(rows * pt.exp(log_rate) / rows.sum(), layout.limits)
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
        start=_start(layout, terms, shrinking=shrinking),
        key=_key(settings.effects, layout, terms),
    )
    posterior = trace["posterior"].to_dataset()
    effects = np.zeros((draws, len(layout.observed.counts)))
    effects[:, terms.terms] = posterior["effects"].to_numpy().reshape(draws, -1)
    if layout.in_sums:
        log_rate = posterior["log_rate"].to_numpy().ravel()
        found = _of_sums(settings, layout, effects, log_rate, rng)
    else:
        found = _of_counts(settings, layout, effects, rng)
    fit, weighed = found.fit, found.weighed
    ours = fit.groups["posterior"]
    assert isinstance(ours, xr.Dataset)
    given = ["effects", "main_effects", "log_odds_unseen"]
    scales = weighed.take(posterior.drop_vars(given, errors="ignore"))
    return replace(
        fit,
        cautions=weighed.cautions,
        groups={
            **fit.groups,
            "posterior": ours.merge(scales),
            "sample_stats": weighed.take(trace["sample_stats"].to_dataset()),
        },
    )


@dataclass(frozen=True)
class _Weighed:
    """A fit whose draws were chosen by their weight under the prior on the population."""

    fit: Fit
    weighed: Reweighted


def _of_sums(
    settings: "BayesianLogLinear",
    layout: Layout,
    effects: np.ndarray,
    log_rate: np.ndarray,
    rng: np.random.Generator,
) -> _Weighed:
    """The people drawn given the effects, then weighed; the constant follows from the rate."""
    effects[:, 0] = log_rate - log_expected(layout, effects)
    answer = people_given(layout, effects, settings.identify, rng)
    weighed = reweight(settings.prior, answer.people.reshape(settings.chains, -1), rng)
    kept = _flat(weighed)
    fit = fit_of_sums(layout, answer.take(kept), chains=settings.chains, rng=rng)
    return _Weighed(fit, weighed)


def _of_counts(
    settings: "BayesianLogLinear", layout: Layout, effects: np.ndarray, rng: np.random.Generator
) -> _Weighed:
    log_odds = log_odds_of(layout, effects, settings.identify, rng)
    seen = float(layout.observed.counts.sum())
    under = unseen_under(settings.prior, seen)
    together = np.logaddexp.reduce(log_odds, axis=1).reshape(settings.chains, -1)
    weighed = weigh(settings.prior, seen, together, rng)
    kept = _flat(weighed)
    missed = draw_missed(seen, log_odds[kept], under, rng)
    answer = Answer(effects[kept], log_odds[kept], missed, layout.seen)
    fit = as_fit(layout, answer, chains=settings.chains, rng=rng)
    lists_alone = alone(settings.prior, seen, together, rng)
    return _Weighed(replace(fit, groups={**fit.groups, **lists_alone}), weighed)


def _flat(weighed: Reweighted) -> np.ndarray:
    """The draws kept of each chain, in one row of all chains."""
    chains, draws = weighed.index.shape
    return (np.arange(chains)[:, None] * draws + weighed.index).ravel()


def _names(layout: Layout, terms: Terms) -> dict[str, list[str]]:
    """Names of terms, and of the main effects and interactions among them."""
    parts = {"main_effect": terms.main, "interaction": terms.interactions}
    parts |= {f"interaction_{order}": terms.of_order(order) for order in terms.orders}
    return {
        "term": layout.term_names(terms.terms),
        **{dim: layout.term_names(terms.terms[chosen]) for dim, chosen in parts.items()},
    }


def _design(cells: np.ndarray, terms: Terms) -> np.ndarray:
    """Whether a cell holds all of a term, shape (cells, terms)."""
    return ((cells[:, None] & terms.terms) == terms.terms).astype(float)


def _start(layout: Layout, terms: Terms, *, shrinking: bool) -> dict[str, np.ndarray]:
    """Main effects at the log odds of their margins, interactions at 0, all people expected."""
    counts = layout.sums.guess if layout.in_sums else layout.observed.counts
    seen, cells = counts.sum(), np.arange(len(counts))
    effects = np.zeros(len(terms.terms))
    for at in terms.main:
        on = counts[(cells & terms.terms[at]) > 0].sum()
        effects[at] = np.log((on + 0.5) / (seen - on + 0.5))
    named = {"main_effects": effects[terms.main]} if shrinking else {"effects": effects}
    return {"log_rate": np.log(seen), **named}


def _key(settings: InteractionPrior, layout: Layout, terms: Terms) -> Hashable:
    """What a compiled model is made of, all but the exact counts."""
    if not layout.in_sums:
        cells = np.flatnonzero(layout.observed.cells)
        return settings, layout.factors, cells.tobytes(), terms.terms.tobytes()
    rows, limits = layout.sums, layout.limits
    limited = np.concatenate([limits.narrow, limits.wide])
    parts = rows.start, rows.cell, rows.weight, limited, limits.low[limited], limits.high[limited]
    return settings, layout.factors, terms.terms.tobytes(), *(part.tobytes() for part in parts)

"""What can be seen of any estimate, whatever its model: cautions added after every fit."""

from dataclasses import replace

import numpy as np
import pandas as pd

from darkfigure.cautions import Caution, caution
from darkfigure.contract import replace_setting
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError
from darkfigure.models.log_linear import LogLinear, near_models
from darkfigure.prior.population import OneOverN, Prior
from darkfigure.results.draw_cautions import SAMPLER, cautions_of_draws
from darkfigure.results.estimate import Estimate
from darkfigure.results.reweighted import RANGE, tension
from darkfigure.results.wording import rounded

_SPARSE = 0.9
_FEW = 20
_CLEARLY = 1.1  # a model counts as outside an interval by more than a tenth


def scrutinised(est: Estimate) -> Estimate:
    """Add what can be seen from any estimate, whatever its model."""
    found = [
        *cautions_of_draws(est),
        *_of_the_prior(est),
        *_of_the_overlaps(est.table),
        *_of_other_models(est),
    ]
    return replace(est, cautions=(*est.cautions, *found))


def _of_the_prior(est: Estimate) -> list[Caution]:
    """Whether a proper prior on the population and the lists pull apart."""
    prior = getattr(est.model, "prior", None)
    if not isinstance(prior, Prior) or prior.range(RANGE) is None:
        return []
    if SAMPLER in est.draws.children:  # a second run would take as long again
        with np.errstate(divide="ignore"):
            log_weight = -prior.log_tilt(est.totals)
        return tension(prior, est.totals, np.exp(log_weight - log_weight.max()))
    alone = replace_setting(est.model, prior=OneOverN())
    table = est.table
    if table.strata and "stratum" not in est.unseen.dims:
        table = table.collapse(*table.strata)
    elif table.strata and "strata" not in est.model.handles:
        return []  # each stratum has the prior for itself
    try:
        fit = alone.fit(table, draws=1000, rng=np.random.default_rng(est.seed))
    except DarkfigureError:
        return []
    unseen = fit.unseen.sum(axis=-1) if fit.unseen.ndim == 3 else fit.unseen
    totals = table.n_observed + unseen.ravel()
    return tension(prior, totals, np.ones(len(totals)))


def _of_the_overlaps(table: CaptureTable) -> list[Caution]:
    found = []
    overlap = table.overlap().to_numpy(dtype=float)
    sizes = table.histories.clip(0).sum(axis=1)
    once = float(table.low[sizes == 1].sum()) / max(table.n_observed, 1)
    if table.n_observed < _FEW:
        found.append(caution("few_people", people=table.n_observed))
    found += _of_contained_lists(table.lists, overlap)
    if once >= 1.0 and table.n_lists > 2:
        found.append(caution("no_overlap"))
    elif once > _SPARSE:
        found.append(caution("sparse", share=min(once, 0.99) if once < 1 else once))
    if table.n_lists > 2 and once < 1.0:
        shared = overlap.sum(axis=1) - np.diag(overlap)
        found += [
            caution("isolated_list", list_name=name)
            for name, alone in zip(table.lists, shared == 0, strict=True)
            if alone
        ]
    return found


def _of_contained_lists(lists: tuple[str, ...], overlap: np.ndarray) -> list[Caution]:
    """A list all of whose people are on one other list."""
    for i, inner in enumerate(lists):
        for j, outer in enumerate(lists):
            if i != j and overlap[i, i] > 0 and overlap[i, j] == overlap[i, i]:
                return [caution("list_inside", inner=inner, outer=outer)]
    return []


def _of_other_models(est: Estimate) -> list[Caution]:
    """Log-linear models that fit nearly as well as the best, but lie outside the interval."""
    table = est.table.collapse(*est.table.strata) if est.table.strata else est.table
    if isinstance(est.model, LogLinear) or table.n_lists == 2 or "stratum" in est.unseen.dims:
        return []
    try:
        near = near_models(LogLinear().candidates(table), table)
    except DarkfigureError:
        return []
    low, high = est.interval()
    outside = {
        "below": near[near["population"] < low / _CLEARLY],
        "above": near[near["population"] > high * _CLEARLY],
    }
    described = [
        _best_outside(side, models, table) for side, models in outside.items() if len(models)
    ]
    return [caution("models_disagree", models="; ".join(described))] if described else []


def _best_outside(side: str, models: pd.DataFrame, table: CaptureTable) -> str:
    """The best-fitting model on one side of the interval, and how far that side reaches."""
    about = table.about
    years = about.period.years if about.period is not None and about.concept == "flow" else 0.0
    best = models.iloc[0]
    yearly = f" ({rounded(best['population'] / years)} a year)" if years > 1 else ""
    behind = f"{best['behind']:.1f} BIC units behind the best" if best["behind"] else "the best"
    more = ""
    if len(models) > 1:
        ends = models["population"].min(), models["population"].max()
        more = f" ({len(models)} such models {side} it, {ends[0]:,.0f} to {ends[1]:,.0f})"
    return f"{best['label']} gives {best['population']:,.0f}{yearly}, {behind}{more}"

"""What can be seen of any estimate, whatever its model: cautions added after every fit."""

from dataclasses import replace

import numpy as np
import xarray as xr

from darkfigure.cautions import Caution, caution
from darkfigure.contract import replace_setting
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError
from darkfigure.linkages import LINKAGE_DRAWS
from darkfigure.models.log_linear import LogLinear, near_models
from darkfigure.prior.population import Flat, OneOverN, Prior, smallest_population
from darkfigure.refit import gathered, name_of
from darkfigure.results.assembly import estimated_apart
from darkfigure.results.draw_cautions import SAMPLER, cautions_of_draws
from darkfigure.results.estimate import Estimate
from darkfigure.results.other_models import NEAR, as_group, models_outside
from darkfigure.results.prior_tension import piled_up, tension
from darkfigure.results.reweighted import lists_alone
from darkfigure.sampling import ALONE

_SPARSE = 0.9
_FEW = 20


def scrutinised(est: Estimate) -> Estimate:
    """Add what can be seen from any estimate, whatever its model."""
    est = _with_near_models(est)
    found = [
        *cautions_of_draws(est),
        *_of_the_prior(est),
        *_of_all_overlaps(est),
        *models_outside(est),
    ]
    return replace(est, cautions=(*est.cautions, *found))


def _of_the_prior(est: Estimate) -> list[Caution]:
    """Whether a prior on the population and the lists pull apart."""
    prior = getattr(est.model, "prior", None)
    if not isinstance(prior, Prior) or isinstance(prior, OneOverN | Flat) or estimated_apart(est):
        return []
    if SAMPLER in est.draws.children:  # a second run would take as long again
        if ALONE not in est.draws.children and smallest_population(prior) > 0:
            return piled_up(prior, est.totals)
        return tension(prior, *lists_alone(est))
    alone = replace_setting(est.model, prior=OneOverN())
    table = est.table
    if table.strata and "stratum" not in est.unseen.dims:
        table = table.collapse(*table.strata)
    try:
        fit = alone.fit(table, draws=1000, rng=np.random.default_rng(est.seed))
    except DarkfigureError:
        return []
    unseen = fit.unseen.sum(axis=-1) if fit.unseen.ndim == 3 else fit.unseen
    totals = table.n_observed + unseen.ravel()
    return tension(prior, totals, np.ones(len(totals)))


def _of_all_overlaps(est: Estimate) -> list[Caution]:
    """Of the table, and of every stratum that was estimated for itself."""
    found = _of_the_overlaps(est.table)
    if not estimated_apart(est):
        return found
    said = {each.kind for each in found}
    parts = [
        (name_of(levels), [each for each in _of_the_overlaps(part) if each.kind not in said])
        for levels, part in est.table.split().items()
    ]
    return [*found, *gathered(parts)]


def _of_the_overlaps(table: CaptureTable) -> list[Caution]:
    found = []
    overlap = table.overlap().to_numpy(dtype=float)
    sizes = table.histories.clip(0).sum(axis=1)
    alone, together = int(table.low[sizes == 1].sum()), int(table.high[sizes > 1].sum())
    if table.n_observed < _FEW:
        found.append(caution("few_people", people=table.n_observed))
    found += _of_contained_lists(table.lists, overlap)
    if alone and not together:
        found.append(caution("no_overlap"))
    elif alone > _SPARSE * table.n_observed:
        # with counts between limits, the least share that they allow
        said = "" if table.is_exact else "at least "
        share = min(alone / (alone + together), 0.99)
        found.append(caution("sparse", share=f"{said}{share:.0%}"))
    if alone and together and not table.low[sizes > 1].any():
        found.append(caution("overlap_not_certain"))
    if table.n_lists > 2 and together:
        most = table.overlap("high").to_numpy(dtype=float)
        shared = most.sum(axis=1) - np.diag(most)
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


def _with_near_models(est: Estimate) -> Estimate:
    """Keep the log-linear models that fit nearly as well as the best beside the draws."""
    table = est.table.collapse(*est.table.strata) if est.table.strata else est.table
    corrected = LINKAGE_DRAWS in est.draws.children  # the table as linked has other best models
    if (
        isinstance(est.model, LogLinear)
        or corrected
        or table.n_lists == 2
        or "stratum" in est.unseen.dims
    ):
        return est
    try:
        near = near_models(LogLinear().candidates(table), table)
    except DarkfigureError:
        return est
    groups = {name: group.to_dataset() for name, group in est.draws.children.items()}
    return replace(est, draws=xr.DataTree.from_dict({**groups, NEAR: as_group(near)}))

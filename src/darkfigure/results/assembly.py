"""Put an estimate together from what a model returned, for one table or stratum by stratum."""

from dataclasses import replace

import numpy as np
import pandas as pd

from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, Model
from darkfigure.data.linkage_draws import LinkageDraws
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.linkages import fit_each_linkage
from darkfigure.refit import (
    StratumFit,
    fit_each_stratum,
    gathered,
    name_of,
    seen_in_each,
)
from darkfigure.results.draw_cautions import SAMPLER, of_the_sampler
from darkfigure.results.draws import CONSTANT, DENSITY, draws_tree
from darkfigure.results.estimate import Estimate
from darkfigure.results.wording import rounded
from darkfigure.version import __version__

_DISAGREEMENT = 1.1
_HANDLING = "strata"  # of the constant data: the attribute that says how strata were used


def from_fit(fit: Fit, table: CaptureTable, model: Model, seed: int, call: str) -> Estimate:
    """The estimate of one table from one fit."""
    groups = dict(fit.groups)
    if fit.density is not None:
        groups[DENSITY] = {"unseen": fit.density.unseen, "mass": fit.density.mass}
    return Estimate(
        draws=draws_tree(
            fit.kind, np.asarray(fit.seen), fit.unseen, strata=fit.strata, groups=groups
        ),
        kind=fit.kind,
        model=model,
        label=fit.label,
        table=table,
        seed=seed,
        cautions=(*table.cautions, *fit.cautions),
        models=fit.models,
        call=call,
        version=__version__,
        tail_exponent=fit.tail_exponent,
        likelihood_point=fit.point,
    )


def from_strata(
    table: CaptureTable, model: Model, draws: int, rng: np.random.Generator, seed: int, call: str
) -> Estimate:
    """Each stratum apart, with independent draws that add up.

    Raises
    ------
    NotEstimable
        If a stratum has no estimate, or the model's prior is on the size of the whole.
    """
    parts = fit_each_stratum(model, table, draws=draws, rng=rng)
    names = list(table.strata)
    points = [part.fit.point for part in parts]
    strata = pd.DataFrame([part.levels for part in parts], columns=names)
    tree = draws_tree(
        parts[0].fit.kind,
        seen_in_each(parts),
        np.stack([part.fit.unseen for part in parts], axis=-1),
        strata=strata,
    )
    tree[CONSTANT].attrs[_HANDLING] = "separate"
    est = Estimate(
        draws=tree,
        kind=parts[0].fit.kind,
        model=model,
        label=f"{type(model).__name__} in each of {len(parts)} strata ({', '.join(names)})",
        table=table,
        seed=seed,
        cautions=(
            *table.cautions,
            *gathered(
                [
                    (name_of(part.levels), (*part.fit.cautions, *_of_its_chains(part, model, seed)))
                    for part in parts
                ]
            ),
        ),
        models=_stacked_models(parts),
        call=call,
        version=__version__,
        tail_exponent=min(part.fit.tail_exponent for part in parts),
        likelihood_point=None if None in points else float(sum(p for p in points if p is not None)),
    )
    return _against_pooled(est, rng)


def from_linkages(
    linkages: LinkageDraws,
    model: Model,
    draws: int,
    rng: np.random.Generator,
    seed: int,
    call: str,
) -> Estimate:
    """The mixture over draws of the linkage.

    Its table is the draw whose number seen is the median.
    """
    mixed = fit_each_linkage(model, linkages.tables, draws=draws, rng=rng)
    label = f"{mixed.label}, averaged over {len(linkages):,} linkages"
    return from_fit(replace(mixed, label=label), linkages.typical, model, seed, call)


def estimated_apart(est: Estimate) -> bool:
    """Whether each stratum was estimated for itself."""
    return est.draws[CONSTANT].attrs.get(_HANDLING) == "separate"


def _of_its_chains(part: StratumFit, model: Model, seed: int) -> list[Caution]:
    """Whether the chains of one stratum disagree, which those of a sum may not show."""
    if SAMPLER not in part.fit.groups:
        return []
    return of_the_sampler(from_fit(part.fit, part.table, model, seed, ""))


def _stacked_models(parts: list[StratumFit]) -> pd.DataFrame | None:
    frames = {
        name_of(part.levels): part.fit.models.head(10)
        for part in parts
        if part.fit.models is not None
    }
    if not frames:
        return None
    return pd.concat(frames, names=["stratum"]).reset_index("stratum").reset_index(drop=True)


def _against_pooled(est: Estimate, rng: np.random.Generator) -> Estimate:
    """Say so when the strata pooled give another total than added up."""
    if not est.settled:
        return est
    flat = est.table.collapse(*est.table.strata)
    try:
        fit = est.model.fit(flat, draws=400, rng=rng)
    except NotEstimable:
        return est
    pooled = from_fit(fit, flat, est.model, est.seed, est.call)
    ratio = pooled.estimate / est.estimate
    if 1 / _DISAGREEMENT < ratio < _DISAGREEMENT:
        return est
    low, high = est.interval()
    found = caution(
        "strata_disagree",
        separate=rounded(est.estimate, high - low),
        pooled=rounded(pooled.estimate, high - low),
    )
    return replace(est, cautions=(*est.cautions, found))

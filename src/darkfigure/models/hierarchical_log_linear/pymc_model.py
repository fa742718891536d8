"""The pooled model in PyMC, and its draws by NUTS."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from darkfigure.models.hierarchical_log_linear.draws import Effects
from darkfigure.models.hierarchical_log_linear.layout import Layout
from darkfigure.numerics.pooled_laplace import conditional_mode, starting_effects
from darkfigure.nuts import check_draws, run_nuts
from darkfigure.pymc_rows import observe_rows, sums_of_cells

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor.variable import TensorVariable

TARGET_ACCEPT = 0.98


def build(layout: Layout) -> "pm.Model":
    """The PyMC model of a table.

    Effects are written as standard normals times their scales (not centred). The expected counts
    of all cells are strata × histories: the values of the terms in each stratum, times which
    terms a history holds. Rows are sums of cells; those with an exact count are Poisson, those
    within limits have the probability of their limits as a potential.

    Parameters
    ----------
    layout : Layout

    Returns
    -------
    pymc.Model
        Variables `scale` (dim scale_of), `size`, `list_mean`, `lists`, `pair_mean` and `pairs`
        (standard normals),
        `log_rate` (log of the expected number seen, flat), `log_odds_unseen`, `counts` (observed,
        dim row) and the potential `counts_in_limits` where there are limits.
    """
    import pymc as pm
    import pytensor.tensor as pt

    model, counts = layout.model, layout.counts
    exact = counts.counts.exact
    names = layout.observation.row_names()
    coords = {"scale_of": list(layout.scales), "row": [names[row] for row in exact]}
    with pm.Model(coords=coords) as built:
        scale = pm.HalfNormal("scale", model.width, dims="scale_of")
        values = _values(layout, scale)
        means = pt.exp(pt.dot(values, model.holds.T)).ravel()
        rows = sums_of_cells(means, counts.start, counts.cell, counts.weight)
        seen = rows.sum()
        unseen = means[np.flatnonzero(counts.unseen)].sum()
        pm.Deterministic("log_odds_unseen", pt.log(unseen) - pt.log(seen))
        log_rate = pm.Flat("log_rate")
        observe_rows(rows * pt.exp(log_rate) / seen, counts.counts)
    return built


def sample(
    layout: Layout, *, draws: int, chains: int, tune: int, rng: np.random.Generator
) -> tuple[Effects, xr.DataTree]:
    """Sample by NUTS, from about the mode of the effects given middling scales.

    Returns
    -------
    drawn : Effects
    trace : DataTree
    """
    check_draws(draws, chains)
    model = layout.model
    log_scale = np.log(0.5 * model.width)
    mode = conditional_mode(layout.counts, log_scale, starting_effects(layout.counts))
    standard = _standardised(layout, mode.effects, log_scale)
    start: dict[str, Any] = {name: standard[part] for name, part in _free_parts(layout).items()}
    start |= {"scale": 0.5 * model.width, "log_rate": np.log(max(layout.counts.people, 1.0))}
    trace = run_nuts(
        build(layout),
        draws=draws,
        chains=chains,
        tune=tune,
        rng=rng,
        target_accept=TARGET_ACCEPT,
        start=start,
        key=_key(layout),
    )
    return _effects(layout, trace), trace


def _free_parts(layout: Layout) -> dict[str, slice]:
    """Where the effects of each block stand, the flat constant left out: `log_rate` is that."""
    parts = {name: block.effects for name, block in layout.model.blocks.items()}
    parts["size"] = slice(1, parts["size"].stop)
    return {name: part for name, part in parts.items() if part.stop > part.start}


def _values(layout: Layout, scale: "TensorVariable") -> "TensorVariable":
    """Value of each term in each stratum: shape (strata, terms)."""
    import pymc as pm
    import pytensor.tensor as pt

    model = layout.model
    effects = [pt.zeros(1)]  # the constant
    for name, part in _free_parts(layout).items():
        group, given = model.group[part], model.deviation[part]
        deviation = given if (group < 0).all() else pt.where(group >= 0, scale[group], given)
        standard = pm.Normal(name, 0.0, 1.0, shape=part.stop - part.start)
        effects.append(model.mean[part] + deviation * standard)
    together = pt.concatenate(effects)
    parts = [
        pt.dot(block.columns, together[block.effects].reshape(block.shape).T)
        for block in model.blocks.values()
        if block.shape[0]
    ]
    return pt.concatenate(parts, axis=1)


def _standardised(layout: Layout, effects: np.ndarray, log_scale: np.ndarray) -> np.ndarray:
    """Effects less their prior means, in their prior standard deviations."""
    model = layout.model
    return (effects - model.mean) / model.deviations(log_scale)


def _effects(layout: Layout, trace: xr.DataTree) -> Effects:
    """Effects and scales from the variables sampled; the constant follows from the log rate."""
    posterior, model = trace["posterior"].to_dataset(), layout.model
    log_scale = np.log(posterior["scale"].to_numpy())
    effects = np.zeros((*log_scale.shape[:2], model.effects))
    deviation = model.deviations(log_scale)
    for name, part in _free_parts(layout).items():
        standard = posterior[name].to_numpy()
        effects[..., part] = model.mean[part] + deviation[..., part] * standard
    flat = effects.reshape(-1, model.effects)
    seen = np.empty(len(flat))
    for first in range(0, len(flat), layout.counts.at_once):
        part = slice(first, first + layout.counts.at_once)
        seen[part] = layout.counts.expected(model.means(flat[part])).sum(axis=-1)
    log_rate = posterior["log_rate"].to_numpy()
    effects[..., 0] = log_rate - np.log(seen).reshape(log_rate.shape)
    return Effects(effects, log_scale)


def _key(layout: Layout) -> Hashable:
    """What a compiled model is made of, all but the exact counts."""
    model, counts = layout.model, layout.counts
    arrays = (
        *(model.histories, model.size, model.by_list, model.by_pair),
        *(model.group, model.deviation, model.mean, model.width),
        *(counts.start, counts.cell, counts.weight, counts.unseen, counts.counts.exact),
    )
    limited = np.concatenate([counts.counts.narrow, counts.counts.wide])
    limits = counts.counts.low[limited], counts.counts.high[limited]
    return tuple(each.tobytes() for each in (*arrays, *limits))

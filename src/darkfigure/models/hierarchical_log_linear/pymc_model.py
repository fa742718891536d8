"""The pooled model in PyMC, and its draws by NUTS."""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy.special import gammaln

from darkfigure.models.hierarchical_log_linear.draws import Effects
from darkfigure.models.hierarchical_log_linear.layout import Layout
from darkfigure.numerics.limited_counts import SMALLEST
from darkfigure.numerics.pooled_laplace import conditional_mode, starting_effects
from darkfigure.nuts import check_draws, run_nuts

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
    names = layout.row_names()
    coords = {"scale_of": list(layout.scales), "row": [names[row] for row in exact]}
    with pm.Model(coords=coords) as built:
        scale = pm.HalfNormal("scale", model.width, dims="scale_of")
        values = _values(layout, scale)
        means = pt.exp(pt.dot(values, model.holds.T)).ravel()
        rows = _rows(layout, means)
        seen = rows.sum()
        unseen = means[np.flatnonzero(counts.unseen)].sum()
        pm.Deterministic("log_odds_unseen", pt.log(unseen) - pt.log(seen))
        log_rate = pm.Flat("log_rate")
        expected = rows * pt.exp(log_rate) / seen
        if len(exact):
            people = pm.Data("people", counts.counts.low[exact], dims="row")
            mine = expected if len(exact) == len(names) else expected[exact]
            pm.Poisson("counts", mine, observed=people, dims="row")
        limited = _log_mass_in_limits(layout, expected)
        if limited:
            pm.Potential("counts_in_limits", sum(limited[1:], limited[0]))
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


def _rows(layout: Layout, means: "TensorVariable") -> "TensorVariable":
    """Sums of cells, rows of one length at a time."""
    import pytensor.tensor as pt

    counts = layout.counts
    length = np.diff(counts.start)
    if (length == 1).all():
        return means[counts.cell] * counts.weight
    parts, order = [], []
    for cells in np.unique(length):
        which = np.flatnonzero(length == cells)
        at = counts.cell[counts.start[which][:, None] + np.arange(cells)]
        parts.append(means[at[:, 0]] if cells == 1 else means[at].sum(axis=1))
        order.append(which)
    return pt.concatenate(parts)[np.argsort(np.concatenate(order))] * counts.weight


def _log_mass_in_limits(layout: Layout, expected: "TensorVariable") -> list["TensorVariable"]:
    """Log probabilities that counts are in their limits, as sums over few or many rows.

    Up to 64 possible counts are added up one by one; with more, the probability is the difference
    of two tails, on the side where neither is near 1.
    """
    import pymc as pm
    import pytensor.tensor as pt

    limits = layout.counts.counts
    found = []
    if len(limits.narrow):
        possible, log_base = limits.possible
        mean = expected[limits.narrow][:, None]
        terms = possible * pt.log(mean) + log_base
        found.append((pm.math.logsumexp(terms, axis=1) - mean[:, 0]).sum())
    if len(limits.wide):
        low, high = limits.low[limits.wide], limits.high[limits.wide]
        found.append(_log_between(low, high, expected[limits.wide]).sum())
    return found


def _log_between(low: np.ndarray, high: np.ndarray, mean: "TensorVariable") -> "TensorVariable":
    """log P(low ≤ Y ≤ high) of Poisson counts; as `numerics.limited_counts`, with its gradient."""
    import pytensor.tensor as pt

    positive = np.maximum(low, 1).astype(float)
    above = pt.where(low > 0, pt.gammainc(positive, mean), 1.0)
    below = pt.where(low > 0, pt.gammaincc(positive, mean), 0.0)
    small = 2.0 * mean < low + high
    beyond = high + 1.0
    mass = pt.where(small, above - pt.gammainc(beyond, mean), pt.gammaincc(beyond, mean) - below)
    edge = pt.where(small, low, high)
    log_factorial = pt.where(small, gammaln(low + 1.0), gammaln(high + 1.0))
    ratio = pt.where(small, mean / (low + 1.0), high / mean)
    at_edge = edge * pt.log(mean) - mean - log_factorial - pt.log1p(-pt.minimum(ratio, 0.999))
    return pt.where(mass > SMALLEST, pt.log(pt.maximum(mass, SMALLEST)), at_edge)


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

"""Draws of the effects as draws of the people seen and unseen, and what ArviZ reads."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from darkfigure.data.people_seen import known_seen, shared_out
from darkfigure.models.hierarchical_log_linear.layout import Layout
from darkfigure.numerics.conjugate import poisson_of
from darkfigure.predictive import groups_of_rows

_FLOOR = 1e-300


@dataclass(frozen=True, eq=False)
class Effects:
    """Draws of effects and scales.

    Attributes
    ----------
    effects : ndarray of float, shape (chains, draws, effects)
    log_scale : ndarray of float, shape (chains, draws, scales)
    """

    effects: np.ndarray
    log_scale: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws."""
        return self.effects.shape[0], self.effects.shape[1]

    def take(self, index: np.ndarray) -> "Effects":
        """Chosen draws of each chain: index of shape (chains, draws)."""
        at = index[..., None]
        return Effects(
            np.take_along_axis(self.effects, at, axis=1),
            np.take_along_axis(self.log_scale, at, axis=1),
        )


@dataclass(frozen=True, eq=False)
class People:
    """Draws of people.

    Attributes
    ----------
    seen : ndarray of float, shape (chains, draws, strata), or of int, shape (strata,)
        The second where known: every count is exact, and no row holds people of several strata.
    unseen : ndarray of float, shape (chains, draws, strata)
    expected_unseen : ndarray of float, shape (chains, draws)
        Of all strata.
    log_odds : ndarray of float, shape (chains, draws)
        Log of the expected number unseen over that seen.
    """

    seen: np.ndarray
    unseen: np.ndarray
    expected_unseen: np.ndarray
    log_odds: np.ndarray

    @property
    def population(self) -> np.ndarray:
        """Draws of the total, shape (chains, draws)."""
        return self.unseen.sum(axis=-1) + self.seen.sum(axis=-1)

    def take(self, index: np.ndarray) -> "People":
        """Chosen draws of each chain: index of shape (chains, draws)."""
        at = index[..., None]
        known = self.seen.ndim == 1
        return People(
            self.seen if known else np.take_along_axis(self.seen, at, axis=1),
            np.take_along_axis(self.unseen, at, axis=1),
            np.take_along_axis(self.expected_unseen, index, axis=1),
            np.take_along_axis(self.log_odds, index, axis=1),
        )


def people_of(layout: Layout, drawn: Effects, rng: np.random.Generator) -> People:
    """The unseen of each stratum, Poisson given the effects, and the seen where not known."""
    strata, (chains, draws) = layout.model.strata, drawn.shape
    known = known_seen(layout.observation)
    seen = np.empty((chains * draws, strata)) if known is None else known
    unseen = np.empty((chains * draws, strata))
    missed, log_odds = np.empty(chains * draws), np.empty(chains * draws)
    for part, means in _in_parts(layout, drawn):
        expected = layout.observation.unseen_in(means)
        unseen[part] = poisson_of(np.log(np.maximum(expected, _FLOOR)), rng)
        rows = layout.counts.expected(means)
        missed[part] = expected.sum(axis=-1)
        log_odds[part] = np.log(missed[part]) - np.log(rows.sum(axis=-1))
        if known is None:
            counts = layout.counts.counts.draw(rows, rng)
            seen[part] = shared_out(layout.observation, counts, means, rng)
    return People(
        seen if known is not None else seen.reshape(chains, draws, strata),
        unseen.reshape(chains, draws, strata),
        missed.reshape(chains, draws),
        log_odds.reshape(chains, draws),
    )


def groups_of(
    layout: Layout, drawn: Effects, people: People, rng: np.random.Generator
) -> dict[str, xr.Dataset]:
    """The posterior of the effects, and what `az.loo`, `az.plot_ppc_dist` and `est.ppc` read."""
    expected = ((part, layout.counts.expected(means)) for part, means in _in_parts(layout, drawn))
    seen, limits = layout.observation, layout.counts.counts
    return {
        "posterior": _posterior(layout, drawn, people),
        **groups_of_rows(seen, limits, expected, drawn.shape, rng),
    }


def _posterior(layout: Layout, drawn: Effects, people: People) -> xr.Dataset:
    """Log odds of the lists and their differences by variable, log odds ratios of the pairs."""
    model, (chains, draws) = layout.model, drawn.shape
    size, list_mean, lists, pair_mean, pairs = (
        drawn.effects[..., block.effects].reshape(chains, draws, *block.shape)
        for block in model.blocks.values()
    )
    at = ("chain", "draw")
    found = {
        "scale": ((*at, "scale_of"), np.exp(drawn.log_scale)),
        "log_odds_unseen": (at, people.log_odds),
        "on_list": ((*at, "list"), list_mean[..., 0] + lists[..., 0]),
    }
    coords = {"scale_of": list(layout.scales), "list": list(layout.table.lists)}
    if len(model.pairs):
        found["pair_mean"] = (at, pair_mean[..., 0, 0])
        found["both_lists"] = ((*at, "pair"), pair_mean[..., 0] + pairs[..., 0])
        coords["pair"] = layout.pairs
    first = 1
    for each in layout.variables:
        part = slice(first, first + len(each.levels) - 1)
        first = part.stop
        level = f"level_{each.name}"
        coords[level] = [str(one) for one in each.levels]
        found[f"size_by_{each.name}"] = ((*at, level), size[..., 0, part] @ each.basis.T)
        found[f"on_list_by_{each.name}"] = (
            (*at, "list", level),
            lists[..., part] @ each.basis.T,
        )
        if layout.over_years and each.name == layout.year:
            found[f"both_lists_by_{each.name}"] = (
                (*at, "pair", level),
                pairs[..., 1:] @ each.basis.T,
            )
    return xr.Dataset(found, coords={"chain": range(chains), "draw": range(draws), **coords})


def _in_parts(layout: Layout, drawn: Effects) -> Iterator[tuple[slice, np.ndarray]]:
    """The means of all cells, some draws at a time."""
    flat = drawn.effects.reshape(-1, layout.model.effects)
    for first in range(0, len(flat), layout.counts.at_once):
        part = slice(first, first + layout.counts.at_once)
        yield part, layout.model.means(flat[part])

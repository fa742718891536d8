"""A table with years and strata as the cells and effects of the pooled model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from darkfigure.data.observation import Observation, observe
from darkfigure.data.people_seen import refuse_nobody
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.numerics.limited_counts import LimitedCounts
from darkfigure.numerics.pooled_counts import PooledCounts
from darkfigure.numerics.pooled_effects import PooledEffects, exchangeable_contrasts, walk_steps

LIST_MEAN, LIST_DEVIATION = -2.0, 2.0
"""Prior of the mean of all lists' log odds, averaged over the strata, for people on no other."""

LIST_WIDTH = 1.0
"""Width of the half-normal prior on the standard deviation of these log odds between lists."""

PAIR_DEVIATION = 0.5
"""Prior standard deviation, about 0, of the mean of all pairs' log odds ratios."""

SIZE_DEVIATION = 1.5
"""Prior standard deviation, about 0, of the logs of the sizes of a variable's levels."""

SIZE_WIDTH = 0.5
"""Width of the half-normal priors on the scales of the sizes that are learned."""

PAIR_STEP = 0.25
"""That width for the steps of the pairs from year to year, as a share of that of the lists."""

_MOST_EFFECTS = 3000


@dataclass(frozen=True)
class Pooling:
    """How the effects are pooled: see `HierarchicalLogLinear`."""

    year: str | None
    walks: bool
    pairs_by_year: bool
    step: float
    spread: float
    pairs: float


@dataclass(frozen=True, eq=False)
class Contrasts:
    """A stratum variable: how its effects follow from standard normals that are fewer by one.

    Attributes
    ----------
    name : str
    levels : tuple
    walks : bool
        Whether the levels are times, over which effects walk.
    basis : ndarray of float, shape (levels, levels - 1)
    code : ndarray of int64, shape (strata,)
        The level of each stratum.
    """

    name: str
    levels: tuple[object, ...]
    walks: bool
    basis: np.ndarray
    code: np.ndarray

    @property
    def columns(self) -> np.ndarray:
        """The basis in each stratum, shape (strata, levels - 1)."""
        return self.basis[self.code]


@dataclass(frozen=True, eq=False)
class Layout:
    """The cells and effects of a table, and the names that go with them.

    Attributes
    ----------
    table : CaptureTable
    observation : Observation
    counts : PooledCounts
    variables : tuple of Contrasts
        Stratum variables of more than one level.
    scales : tuple of str
        What each learned scale is of: "list: year".
    year : str or None
        The variable of the years.
    """

    table: CaptureTable
    observation: Observation
    counts: PooledCounts
    variables: tuple[Contrasts, ...]
    scales: tuple[str, ...]
    year: str | None

    @property
    def model(self) -> PooledEffects:
        """The effects."""
        return self.counts.model

    @property
    def pairs(self) -> list[str]:
        """Names of the pairs of lists that can overlap: "police + shelter"."""
        lists = self.table.lists
        return [f"{lists[i]} + {lists[j]}" for i, j in self.model.pairs.tolist()]

    @property
    def over_years(self) -> bool:
        """Whether pairs differ between years."""
        return self.model.by_pair.shape[1] > 1


def lay_out(table: CaptureTable, pooling: Pooling) -> Layout:
    """The effects of the size, the lists and the pairs over the strata of a table.

    Raises
    ------
    NotEstimable
        If there are too many, or if it may be that nobody was seen.
    """
    seen = observe(table)
    refuse_nobody(seen)
    variables = tuple(
        _contrasts(name, levels, seen.codes[:, v], walks=pooling.walks and name == pooling.year)
        for v, (name, levels) in enumerate(seen.levels.items())
        if len(levels) > 1
    )
    strata = len(seen.at_work)
    histories = seen.history[: seen.cells // strata]
    overlapping = [
        pair
        for pair in combinations(range(table.n_lists), 2)
        if ((histories >> pair[0]) & (histories >> pair[1]) & 1).any()
    ]
    parts = _Parts(strata)
    of_size = parts.size(variables)
    of_lists = parts.lists(variables, pooling)
    of_pairs = parts.pairs(variables, pooling)
    priors = [
        of_size.prior,
        _given(LIST_MEAN, LIST_DEVIATION),
        *[of_lists.prior] * table.n_lists,
        _given(0.0, PAIR_DEVIATION),
        *[of_pairs.prior] * len(overlapping),
    ]
    group, deviation, mean = (np.concatenate(each) for each in zip(*priors, strict=True))
    _refuse_too_many(len(group), variables)
    model = PooledEffects(
        histories=histories,
        lists=table.n_lists,
        pairs=np.array(overlapping, dtype=np.int64).reshape(-1, 2),
        size=of_size.columns,
        by_list=of_lists.columns,
        by_pair=of_pairs.columns,
        group=group,
        deviation=deviation,
        mean=mean,
        width=np.array(list(parts.widths.values())),
    )
    counts = PooledCounts(
        model, seen.start, seen.cell, seen.weight, LimitedCounts(seen.low, seen.high), seen.unseen
    )
    return Layout(table, seen, counts, variables, tuple(parts.widths), pooling.year)


type _Prior = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of each effect the learned scale or -1, the deviation given, and the mean."""

type _Given = tuple[str | None, float, float]
"""The learned scale of some effects and its width, or None and their deviation; their mean."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Columns of one term over the strata, with the prior of their effects."""

    columns: np.ndarray
    prior: _Prior


def _given(mean: float, deviation: float) -> _Prior:
    """The prior of one effect of which nothing is learned."""
    return np.array([-1]), np.array([deviation]), np.array([mean])


class _Parts:
    """Puts blocks together, and keeps the learned scales they name, with the widths."""

    def __init__(self, strata: int) -> None:
        self.constant = np.ones((strata, 1))
        self.widths: dict[str, float] = {}

    def size(self, variables: Sequence[Contrasts]) -> _Block:
        """The constant, the levels of each variable, and those of every two."""
        columns = [self.constant]
        given: list[_Given] = [(None, np.inf, 0.0)]
        for each in variables:
            named = (f"size: {each.name}", SIZE_WIDTH) if each.walks else (None, SIZE_DEVIATION)
            columns.append(each.columns)
            given.append((*named, 0.0))
        for one, other in combinations(variables, 2):
            both = one.columns[:, :, None] * other.columns[:, None, :]
            columns.append(both.reshape(len(both), -1))
            walk = next((each.name for each in (one, other) if each.walks), None)
            name = "size: two variables" if walk is None else f"size: {walk} by variable"
            given.append((name, SIZE_WIDTH, 0.0))
        return self._block(columns, given)

    def lists(self, variables: Sequence[Contrasts], pooling: Pooling) -> _Block:
        """What a list has beside the mean of all lists, and by the levels of each variable."""
        columns = [self.constant]
        given: list[_Given] = [("list", LIST_WIDTH, 0.0)]
        for each in variables:
            columns.append(each.columns)
            width = pooling.step if each.walks else pooling.spread
            given.append((f"list: {each.name}", width, 0.0))
        return self._block(columns, given)

    def pairs(self, variables: Sequence[Contrasts], pooling: Pooling) -> _Block:
        """What a pair has beside the mean of all pairs, and by the years."""
        columns = [self.constant]
        given: list[_Given] = [("pair", pooling.pairs, 0.0)]
        for each in variables:
            if pooling.pairs_by_year and each.name == pooling.year:
                columns.append(each.columns)
                given.append((f"pair: {each.name}", PAIR_STEP * pooling.step, 0.0))
        return self._block(columns, given)

    def _block(self, columns: list[np.ndarray], given: list[_Given]) -> _Block:
        group, deviation, mean = [], [], []
        for part, (name, width, centre) in zip(columns, given, strict=True):
            if name is not None:
                self.widths[name] = width
            at = -1 if name is None else list(self.widths).index(name)
            group += [at] * part.shape[1]
            deviation += [width if name is None else 1.0] * part.shape[1]
            mean += [centre] * part.shape[1]
        prior = (np.array(group), np.array(deviation), np.array(mean))
        return _Block(np.concatenate(columns, axis=1), prior)


def _contrasts(
    name: str, levels: tuple[object, ...], code: np.ndarray, *, walks: bool
) -> Contrasts:
    if not walks:
        return Contrasts(name, levels, False, exchangeable_contrasts(len(levels)), code)
    order, gaps = times_of(levels)
    basis = np.empty((len(levels), len(levels) - 1))
    basis[order] = walk_steps(gaps)
    return Contrasts(name, levels, True, basis, code)


def times_of(levels: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
    """The order of levels in time, and how far each is from the next.

    Numbers (or texts of numbers) are times, in units of the smallest gap between two; other
    levels come in alphabetical order, at equal steps.

    Returns
    -------
    order : ndarray of int64, shape (levels,)
    gaps : ndarray of float, shape (levels - 1,)
    """
    try:
        times = np.array([float(str(level)) for level in levels])
    except ValueError:
        times = np.zeros(len(levels))
    gaps = np.diff(np.sort(times))
    if np.isfinite(times).all() and gaps.min() > 0:
        return np.argsort(times), gaps / gaps.min()
    return np.argsort([str(level) for level in levels]), np.ones(len(levels) - 1)


def _refuse_too_many(effects: int, variables: Sequence[Contrasts]) -> None:
    if effects > _MOST_EFFECTS:
        sizes = ", ".join(f"{each.name} ({len(each.levels)} levels)" for each in variables)
        raise NotEstimable(
            f"the lists and strata make {effects:,} effects; expected at most {_MOST_EFFECTS:,}. "
            f"Strata are by {sizes}.",
            "add strata up with table.collapse(...), or join levels.",
        )

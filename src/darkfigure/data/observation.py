"""What is observed of a table, as sums over its complete cells: the operator B of μ_obs = B μ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from darkfigure.data.cells import level_codes
from darkfigure.data.columns import BLANK
from darkfigure.data.disclosed import limits_as_printed
from darkfigure.data.disclosure import Disclosure
from darkfigure.data.names import name_of_history
from darkfigure.data.omitted import MOST_CELLS, away_in
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable


@dataclass(frozen=True, eq=False)
class Observation:
    """The rows of a table over the complete cells that they count.

    A **complete cell** is a full capture history, of lists at work or not, in a stratum that is
    known in full. A **row** is what was counted: one complete cell, or the sum of several where
    a list was not at work or a stratum variable was not recorded; rows that count nobody are
    among them. Its expected count is ``weight`` times the sum of the expected counts of its cells.

    Weights other than 1 occur where a variable is recorded for some people of a history and
    not for others: they are the share recorded so, among the people of that history, and leave
    the maximum-likelihood estimate alone (coarsening at random).

    Attributes
    ----------
    lists : tuple of str
    levels : mapping of str to tuple
        Per stratum variable its levels.
    history : ndarray of int64, shape (cells,)
        Bit j is set where the cell's people are on list j, or would have been, had it been at
        work.
    stratum : ndarray of int64, shape (cells,)
        The last variable fastest.
    at_work : ndarray of bool, shape (strata, k)
        Lists at work in each stratum.
    start : ndarray of int64, shape (rows + 1,)
    cell : ndarray of int64, shape (start[-1],)
        Row r counts the cells ``cell[start[r]:start[r + 1]]``.
    weight : ndarray of float, shape (rows,)
    low, high : ndarray of int64, shape (rows,)
        The count of each row lies in [low, high].
    disclosure : Disclosure or None
        How counts were suppressed and rounded, where it is known.

    References
    ----------
    Zwane, van der Pal & van der Heijden (2004), Stat. Med. 23:2267 (lists not at work); van der
    Heijden, Whittaker, Cruyff, Bakker & van der Vliet (2012), Ann. Appl. Stat. 6:831 (variables
    that some lists do not record); Overstall, King, Bird, Hutchinson & Hay (2014), Stat. Med.
    33:1564 (counts that are upper bounds).
    """

    lists: tuple[str, ...]
    levels: dict[str, tuple[object, ...]]
    history: np.ndarray
    stratum: np.ndarray
    at_work: np.ndarray
    start: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    low: np.ndarray
    high: np.ndarray
    disclosure: Disclosure | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.low)

    @property
    def cells(self) -> int:
        """Number of complete cells."""
        return len(self.history)

    @cached_property
    def codes(self) -> np.ndarray:
        """Level of each variable in each stratum, shape (strata, variables)."""
        return _combinations(tuple(len(levels) for levels in self.levels.values()))

    @property
    def strata(self) -> pd.DataFrame | None:
        """One row per stratum, one column per variable; None without variables."""
        if not self.levels:
            return None
        return pd.DataFrame(list(product(*self.levels.values())), columns=list(self.levels))

    @cached_property
    def unseen(self) -> np.ndarray:
        """Cells that no row counts, shape (cells,)."""
        found = np.ones(self.cells, dtype=bool)
        found[self.cell] = False
        return found

    @cached_property
    def row_of(self) -> np.ndarray:
        """The row of each entry of `cell`, shape (start[-1],)."""
        return np.repeat(np.arange(self.rows), np.diff(self.start))

    @property
    def is_exact(self) -> bool:
        """True where every row has one known count."""
        return bool((self.low == self.high).all())

    @property
    def is_complete(self) -> bool:
        """True where every row is one complete cell."""
        return len(self.cell) == self.rows and bool((self.weight == 1.0).all())

    def expected(self, means: np.ndarray) -> np.ndarray:
        """Expected counts of the rows, from those of the complete cells: B μ.

        Parameters
        ----------
        means : ndarray of float, shape (..., cells)

        Returns
        -------
        ndarray of float, shape (..., rows)
        """
        sums = np.add.reduceat(means[..., self.cell], self.start[:-1], axis=-1)
        return sums * self.weight

    def unseen_in(self, means: np.ndarray) -> np.ndarray:
        """Expected numbers on no list at work, by stratum: shape (..., strata)."""
        return self._by_stratum(np.where(self.unseen, means, 0.0))

    def total_in(self, means: np.ndarray) -> np.ndarray:
        """Expected numbers of all people, by stratum: shape (..., strata)."""
        return self._by_stratum(means)

    def reported(self, counts: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limits that the rows of other people would have been reported with.

        Where it is known how the counts were suppressed and rounded, that is done again.
        Otherwise limits keep their distances from the count, so that an upper bound stays as many
        people above it: those from outside the population. A lower limit of 0 says nothing, and
        stays; where count and limits are one, so they are again.

        Parameters
        ----------
        counts : ndarray of int64, shape (..., rows)
            True counts.
        given : ndarray of int64, shape (rows,)
            What the counts of this table itself are taken to be, each between its limits.

        Returns
        -------
        tuple of ndarray of int64, shape (..., rows)
            Low and high.
        """
        if self.disclosure is not None:
            return limits_as_printed(counts, self.disclosure)
        says_more = (self.low > 0) | (self.high == 0)
        return (
            np.where(says_more, np.maximum(counts - (given - self.low), 0), 0),
            np.maximum(counts + (self.high - given), 0),
        )

    def row_name(self, row: int) -> str:
        """A row by its history and stratum: "police + shelter (year 2011)"."""
        cells = self.cell[self.start[row] : self.start[row + 1]]
        at_work = self.at_work[self.stratum[cells]]
        bits = (1 << np.arange(len(self.lists))) * at_work
        name = name_of_history(int(self.history[cells[0]] & bits[0].sum()), self.lists)
        codes = self.codes[self.stratum[cells]]
        said = [
            f"{variable} {levels[codes[0, v]]}"
            for v, (variable, levels) in enumerate(self.levels.items())
            if (codes[:, v] == codes[0, v]).all()
        ]
        return f"{name} ({', '.join(said)})" if said else name

    def row_names(self) -> list[str]:
        """Names of all rows: the history, then the stratum."""
        return [self.row_name(row) for row in range(self.rows)]

    @cached_property
    def shown(self) -> np.ndarray:
        """The history that each row shows, by the lists at work: shape (rows,)."""
        cell = self.cell[self.start[:-1]]
        bits = self.at_work[self.stratum[cell]] @ (1 << np.arange(len(self.lists)))
        return self.history[cell] & bits

    def _by_stratum(self, means: np.ndarray) -> np.ndarray:
        number = len(self.at_work)
        starts = np.searchsorted(self.stratum, np.arange(number))
        return np.add.reduceat(means, starts, axis=-1)


def observe(table: CaptureTable) -> Observation:
    """Say which complete cells each row of a table counts, rows of nobody among them.

    Parameters
    ----------
    table : CaptureTable

    Raises
    ------
    NotEstimable
        If a stratum variable is recorded for nobody, a list was at work for some people of a
        stratum only, which lists a stratum had is unknown, counts between limits overlap with
        others, or there are too many cells.
    """
    levels = dict(table.strata)
    for name, each in levels.items():
        if not len(each):
            raise NotEstimable(
                f"{name} is recorded for nobody, so that nothing says how it goes with the lists.",
                f"leave it out: table.collapse({name!r}).",
            )
    k, shape = table.n_lists, tuple(len(each) for each in levels.values())
    _refuse_too_many(k, shape)
    codes = level_codes(table.labels, levels.values(), len(table.low))
    all_codes = _combinations(shape)
    at_work = _at_work(table, codes, all_codes)
    possible = np.flatnonzero(table.possible())
    stratum = np.repeat(np.arange(len(all_codes)), len(possible))
    history = np.tile(possible, len(all_codes))
    shown = history & (at_work @ (1 << np.arange(k)))[stratum]  # what the lists at work show
    parts = _Rows(table, codes, all_codes, shape)
    start, cell, weight, low, high = parts.over(shown, stratum)
    return Observation(
        table.lists, levels, history, stratum, at_work, start, cell, weight, low, high,
        table.disclosure,
    )  # fmt: skip


class _Rows:
    """The counts of a table by history and by which variables are recorded."""

    def __init__(
        self, table: CaptureTable, codes: np.ndarray, all_codes: np.ndarray, shape: tuple[int, ...]
    ) -> None:
        self.table, self.codes, self.all_codes, self.shape = table, codes, all_codes, shape
        self.shown = (table.histories == 1) @ (1 << np.arange(table.n_lists))
        self.recorded = (codes >= 0) @ (1 << np.arange(len(shape)))

    def over(self, shown: np.ndarray, stratum: np.ndarray) -> tuple[np.ndarray, ...]:
        """Start, cell, weight, low and high of the rows; see `Observation`."""
        lengths, cells, weights, lows, highs = [], [], [], [], []
        order = np.argsort(shown, kind="stable")
        histories, first = np.unique(shown[order], return_index=True)
        groups = np.split(order, first[1:])
        for each, members in zip(histories.tolist(), groups, strict=True):
            if each == 0:
                continue
            found = np.flatnonzero(self.shown == each)
            masks = np.unique(self.recorded[found]).tolist() or [(1 << len(self.shape)) - 1]
            keys = [self._project(self.all_codes[stratum[members]], mask) for mask in masks]
            shares = self._shares(found, masks, each, stratum[members])
            for mask, key, share in zip(masks, keys, shares, strict=True):
                rows, at = np.unique(key, return_inverse=True)
                mine = found[self.recorded[found] == mask]
                where = np.searchsorted(rows, self._project(self.codes[mine], mask))
                low, high = (np.zeros(len(rows), dtype=np.int64) for _ in range(2))
                np.add.at(low, where, self.table.low[mine])
                np.add.at(high, where, self.table.high[mine])
                weight = np.zeros(len(rows))
                weight[at] = share
                kept = weight > 0
                sorting = np.argsort(at, kind="stable")
                inside = sorting[kept[at[sorting]]]
                lengths.append(np.bincount(at, minlength=len(rows))[kept])
                cells.append(members[inside])
                weights.append(weight[kept])
                lows.append(low[kept])
                highs.append(high[kept])
        start = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
        parts = (cells, weights, lows, highs)
        return (start, *(np.concatenate(part) for part in parts))

    def _project(self, codes: np.ndarray, mask: int) -> np.ndarray:
        """Number of the stratum that the recorded variables make."""
        key = np.zeros(len(codes), dtype=np.int64)
        for v, levels in enumerate(self.shape):
            key = key * (levels if mask >> v & 1 else 1) + (codes[:, v] if mask >> v & 1 else 0)
        return key

    def _shares(
        self, found: np.ndarray, masks: Sequence[int], history: int, stratum: np.ndarray
    ) -> list[np.ndarray | float]:
        """Share of a history's people whose variables are recorded by each mask, per cell."""
        if len(masks) == 1:
            return [1.0]
        low, high = self.table.low[found], self.table.high[found]
        if (low != high).any():
            name = name_of_history(history, self.table.lists)
            raise NotEstimable(
                f"counts of the history {name} are known only between limits, and a stratum "
                "variable is recorded for some of its people and not for others: together they "
                "do not say how many there are.",
                "add the strata up with table.collapse(...), or give exact counts.",
            )
        common = int(np.bitwise_and.reduce(masks))
        keys = self._project(self.codes[found], common)
        here = self._project(self.all_codes[stratum], common)
        size = int(max(keys.max(), here.max())) + 1
        total = np.bincount(keys, weights=low, minlength=size)
        overall = max(float(low.sum()), 1.0)
        shares: list[np.ndarray | float] = []
        for mask in masks:
            mine = self.recorded[found] == mask
            part = np.bincount(keys[mine], weights=low[mine], minlength=size)
            alone = float(low[mine].sum()) / overall if low.sum() else 1.0 / len(masks)
            shares.append(np.where(total > 0, part / np.maximum(total, 1.0), alone)[here])
        return shares


def _combinations(shape: tuple[int, ...]) -> np.ndarray:
    """Every combination of levels, the last variable fastest: shape (strata, variables)."""
    found = np.array(list(product(*map(range, shape))), dtype=np.int64)
    return found.reshape(int(np.prod(shape, dtype=np.int64)), len(shape))


def _at_work(table: CaptureTable, codes: np.ndarray, all_codes: np.ndarray) -> np.ndarray:
    """Lists at work in each stratum, shape (strata, k).

    A stratum that no row is in has the lists of the strata that share a level with it in which
    a list is never at work.
    """
    blank = table.histories == BLANK
    if not blank.any():
        return np.ones((len(all_codes), table.n_lists), dtype=bool)
    away = np.array([away_in(each, table.histories, codes) for each in all_codes])
    for row, code in enumerate(codes):
        inside = ((all_codes == code) | (code < 0)).all(axis=1)
        mixed = (away[inside] != blank[row]).any(axis=0)
        if mixed.any():
            _refuse_mixed(table, codes, row, int(mixed.argmax()))
    return ~away


def _refuse_mixed(table: CaptureTable, codes: np.ndarray, row: int, j: int) -> None:
    levels = [
        f"{name} {table.labels[name][row]}"
        for name, code in zip(table.labels, codes[row], strict=True)
        if code >= 0
    ]
    where = f"in the stratum {', '.join(levels)}" if levels else "in this table"
    raise NotEstimable(
        f"list {table.lists[j]!r} is blank in some rows {where} and 0 or 1 in others: how many "
        "people the list could have seen there is unknown.",
        "keep the variable that says where the list was at work as a stratum (by=[...]), and do "
        "not add up over it; or leave the list out with table.drop(...).",
    )


def _refuse_too_many(k: int, shape: tuple[int, ...]) -> None:
    number = 2**k * int(np.prod(shape, dtype=np.int64))
    if number > MOST_CELLS:
        raise NotEstimable(
            f"{k} lists and the strata make {number:,} cells; expected at most {MOST_CELLS:,}.",
            "join lists with table.merge({...}) or add strata up with table.collapse(...).",
        )

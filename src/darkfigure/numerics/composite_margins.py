"""Margins of the terms of a design: where nobody has to be, all their cells are empty."""

from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.design import Design


@dataclass(frozen=True, eq=False)
class Margins:
    """Sets of cells whose mean goes to 0 where no row of theirs must hold people.

    Of a term of which every column is the indicator of a combination of levels, one margin per
    combination of levels, the first ones among them, of people on all its lists: people off a
    list are among the unseen too. Of other terms, one per column of nonnegative values.

    Attributes
    ----------
    start : ndarray of int64, shape (margins + 1,)
    cell : ndarray of int64, shape (start[-1],)
    term : ndarray of int64, shape (margins,)
    alone : ndarray of bool, shape (margins,)
        Whether the margin is the cells of a column: it then goes to 0 by that column's
        coefficient, whichever other terms are in.
    """

    start: np.ndarray
    cell: np.ndarray
    term: np.ndarray
    alone: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """What the kernels read (see `numerics.kernels.composite`)."""
        return self.start, self.cell, self.term, self.alone


def margins_of(design: Design, stratum: np.ndarray) -> Margins:
    """The margins of every term of a design.

    Parameters
    ----------
    design : Design
    stratum : ndarray of int, shape (cells,)
        A factor that varies within a stratum is a list.
    """
    columns = _Columns(design)
    levels = {name: columns.levels(t) for name, t in _main_effects(design).items()}
    lists = {name for name, level in levels.items() if _varies(level, stratum)}
    cells: list[np.ndarray] = []
    terms: list[int] = []
    alone: list[bool] = []
    for t, factors in enumerate(design.factors):
        if not factors:
            continue
        supports = [columns.support(j) for j in np.flatnonzero(design.term == t).tolist()]
        found = _combinations(factors, levels, lists, design, t)
        kept = [each for each in (supports if found is None else found) if len(each)]
        own = {int(each[0]) for each in supports if len(each)}
        cells += kept
        alone += [found is None or int(each[0]) in own for each in kept]
        terms += [t] * len(kept)
    start = np.concatenate([[0], np.cumsum([len(each) for each in cells])]).astype(np.int64)
    return Margins(
        start,
        np.concatenate([*cells, np.zeros(0, dtype=np.int64)]).astype(np.int64),
        np.array(terms, dtype=np.int64),
        np.array(alone, dtype=bool),
    )


class _Columns:
    """The columns of a design, one by one."""

    def __init__(self, design: Design) -> None:
        cell = np.repeat(np.arange(design.cells), np.diff(design.start))
        order = np.argsort(design.column, kind="stable")
        bounds = np.searchsorted(design.column[order], np.arange(1, design.columns))
        self.cells = np.split(cell[order], bounds)
        self.values = np.split(design.value[order], bounds)
        self.design = design

    def support(self, column: int) -> np.ndarray:
        """Cells in which a column is positive; none if it is negative somewhere."""
        return self.cells[column][:0] if (self.values[column] < 0).any() else self.cells[column]

    def levels(self, term: int) -> np.ndarray | None:
        """Level of each cell, 0 for the first; None unless each column is that of one level."""
        level = np.zeros(self.design.cells, dtype=np.int64)
        for number, column in enumerate(np.flatnonzero(self.design.term == term), start=1):
            inside = self.cells[column]
            if (self.values[column] != 1.0).any() or (level[inside] != 0).any():
                return None
            level[inside] = number
        return level


def _main_effects(design: Design) -> dict[str, int]:
    return {next(iter(f)): t for t, f in enumerate(design.factors) if len(f) == 1}


def _varies(level: np.ndarray | None, stratum: np.ndarray) -> bool:
    if level is None:
        return False
    first = np.zeros(stratum.max() + 1, dtype=np.int64)
    first[stratum] = level
    return bool((first[stratum] != level).any())


def _combinations(
    factors: frozenset[str],
    levels: dict[str, np.ndarray | None],
    lists: set[str],
    design: Design,
    term: int,
) -> list[np.ndarray] | None:
    """Cells of each combination of levels; None unless the term has a column for each."""
    code = np.zeros(design.cells, dtype=np.int64)
    inside = np.ones(design.cells, dtype=bool)
    columns = 1
    for name in sorted(factors):
        level = levels.get(name)
        if level is None:
            return None
        if name in lists:
            inside &= level > 0
        code = code * (level.max() + 1) + level
        columns *= level.max()
    if columns != design.size[term]:
        return None
    cell = np.flatnonzero(inside)
    cell = cell[np.argsort(code[cell], kind="stable")]
    return np.split(cell, np.flatnonzero(np.diff(code[cell])) + 1) if len(cell) else []

"""Histories that a published table leaves out: cells that may hold a few people each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from darkfigure.data.cells import Cells, level_codes, levels_in_order, possible_histories
from darkfigure.data.columns import BLANK
from darkfigure.data.disclosure import Limits
from darkfigure.data.frames import MOST_LISTS
from darkfigure.errors import DataError

MOST_CELLS = 1 << 20
"""Complete cells that can be filled in."""


def without_impossible(cells: Cells, impossible: Sequence[tuple[int, int]]) -> Cells:
    """Leave out cells of histories that cannot be; nobody is in them, whatever their limit."""
    keep = np.ones(len(cells.low), dtype=bool)
    for a, b in impossible:
        keep &= ~((cells.histories[:, a] == 1) & (cells.histories[:, b] == 1))
    return cells.take(keep)


def filled(cells: Cells, impossible: Sequence[tuple[int, int]], limits: Limits) -> Cells:
    """Add a cell between `limits` for every possible history and stratum that no row counts.

    A history of lists that were not at work in a stratum is blank there, and a stratum variable
    that none of a history's lists records is blank in it, as in the rows given; what a row with
    blanks already sums over is not added again.

    Parameters
    ----------
    cells : Cells
        Rows given, those that count nobody included.
    impossible : sequence of pairs of int
        Lists that no one can be on together.
    limits : (int, int)
    """
    names, k = list(cells.labels), cells.histories.shape[1]
    levels = [levels_in_order(cells.labels[name]) for name in names]
    shape = tuple(map(len, levels))
    _refuse_too_many(k, shape)
    codes = level_codes(cells.labels, levels, len(cells.low))
    possible = possible_histories(k, impossible).reshape((2,) * k).transpose()
    histories, strata = _left_out(cells.histories, codes, shape, possible)
    if not len(histories):
        return cells
    histories, strata = _as_recorded(histories, strata, cells.histories, codes, shape)
    low, high = (np.full(len(histories), limit, dtype=np.int64) for limit in limits)
    labels = {}
    for v, name in enumerate(names):
        known = np.empty(len(levels[v]) + 1, dtype=object)
        known[: len(levels[v])] = levels[v]
        labels[name] = np.concatenate([cells.labels[name], known[strata[:, v]]])
    return replace(
        cells,
        histories=np.concatenate([cells.histories, histories]),
        low=np.concatenate([cells.low, low]),
        high=np.concatenate([cells.high, high]),
        labels=labels,
    )


def _refuse_too_many(k: int, shape: tuple[int, ...]) -> None:
    number = 2 ** min(k, MOST_LISTS) * int(np.prod(shape, dtype=float))
    if number > MOST_CELLS:
        raise DataError(
            f"{k} lists and the strata make {number:,} histories, and those that the table leaves "
            f"out may hold people; expected at most {MOST_CELLS:,}.",
            'Say omitted="zero" if nobody has a history that is left out; or read fewer lists '
            "(lists=[...]) or strata (by=[...]).",
        )


def _counted(histories: np.ndarray, codes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Which complete cells some row counts: shape (*levels, 2, ..., 2), one axis per list."""
    counted = np.zeros((*shape, *(2,) * histories.shape[1]), dtype=bool)
    rows = np.column_stack([codes, histories.astype(np.int64)])
    blank = (rows < 0).any(axis=1)
    counted[tuple(rows[~blank].T)] = True
    for row in np.unique(rows[blank], axis=0).tolist():
        counted[tuple(slice(None) if at < 0 else at for at in row)] = True
    return counted


def _left_out(
    histories: np.ndarray, codes: np.ndarray, shape: tuple[int, ...], possible: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Histories that no row counts, blank where lists are away, and their strata in full."""
    counted = _counted(histories, codes, shape)
    found, strata = [], []
    for stratum in product(*map(range, shape)):
        away = away_in(np.array(stratum, dtype=np.int64), histories, codes)
        axes = tuple(np.flatnonzero(away).tolist())
        here = possible.any(axis=axes, keepdims=True)
        here = here & ~counted[stratum].any(axis=axes, keepdims=True)
        on = np.argwhere(here).astype(np.int8)
        on[:, away] = BLANK
        on = on[(on == 1).any(axis=1)]
        found.append(on)
        strata.append(np.tile(np.array(stratum, dtype=np.int64), (len(on), 1)))
    return np.concatenate(found), np.concatenate(strata)


def away_in(stratum: np.ndarray, histories: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Lists that are blank in every row of a stratum, or of a level where it has no row."""
    agrees = (codes == stratum) | (codes < 0)
    here = agrees.all(axis=1)
    if here.any():
        return (histories[here] == BLANK).all(axis=0)
    away = np.zeros(histories.shape[1], dtype=bool)
    for v in range(len(stratum)):
        at_level = codes[:, v] == stratum[v]
        away |= (histories[at_level] == BLANK).all(axis=0)
    return away


def _as_recorded(
    found: np.ndarray,
    strata: np.ndarray,
    histories: np.ndarray,
    codes: np.ndarray,
    shape: tuple[int, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Blank the variables that no list of a history records, where all their levels are left out.

    A list records a variable if none of its people lacks it.
    """
    on = histories == 1
    lacks = np.array([(on & (codes[:, [v]] < 0)).any(axis=0) for v in range(len(shape))])
    if not lacks.size or not lacks.any():
        return found, strata
    recorded = (found == 1).astype(int) @ (~lacks).T.astype(int) > 0
    blanked = np.where(recorded, strata, -1)
    keys, position, number = np.unique(
        np.column_stack([found, blanked]), axis=0, return_inverse=True, return_counts=True
    )
    sums = np.where(keys[:, found.shape[1] :] < 0, shape, 1).prod(axis=1)
    whole = (number == sums)[position.reshape(-1)]
    rows = np.column_stack([found, np.where(whole[:, None], blanked, strata)])
    rows = np.array(list(_once(rows)), dtype=np.int64)
    return rows[:, : found.shape[1]].astype(np.int8), rows[:, found.shape[1] :]


def _once(rows: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Each different row once, in order of first appearance."""
    yield from dict.fromkeys(map(tuple, rows.tolist()))

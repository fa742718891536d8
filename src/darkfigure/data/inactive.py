"""Lists that were not at work everywhere: named strata in which a list is blank."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from darkfigure.data.cells import Cells
from darkfigure.data.columns import BLANK
from darkfigure.data.frames import Rows
from darkfigure.data.names import did_you_mean
from darkfigure.data.regrouped import as_levels, check_levels, position
from darkfigure.errors import DataError, SettingsError

type Where = Mapping[str, Any]
"""Stratum variable to a level or several; all of them must hold."""

type Inactive = Mapping[str, Where | Sequence[Where]]
"""List to where it was not at work, in one place or in several."""

_NUMBERS = re.compile(r"(\d+)\s*(?:\.\.|-)\s*(\d+)")
_EXAMPLE = 'Say inactive={"FairWork": {"year": range(2010, 2016)}}.'


def not_at_work(
    cells: Cells, lists: Sequence[str], inactive: Inactive | None, rows: Rows | None = None
) -> np.ndarray:
    """Say for which rows a list was not at work.

    Parameters
    ----------
    cells : Cells
        Rows as they were read.
    lists : sequence of str
    inactive : mapping, optional
        ``{"FairWork": {"year": range(2010, 2016)}}``.
    rows : Rows, optional
        Names the rows in a message; without it their history does.

    Returns
    -------
    ndarray of bool, shape (rows, lists)

    Raises
    ------
    DataError
        If someone is on a list where it was not at work, or a name or level is unknown.
    """
    away = np.zeros(cells.histories.shape, dtype=bool)
    for name, wheres in _given({} if inactive is None else inactive):
        j = position(name, lists)
        for where in wheres:
            here = _in_strata(cells, name, where, rows)
            people = here & (cells.histories[:, j] == 1) & (cells.low > 0)
            if people.any():
                raise _people_there(cells, int(people.argmax()), name, where, lists, rows)
            away[:, j] |= here
    return away


def blanked(cells: Cells, lists: Sequence[str], inactive: Inactive | None) -> Cells:
    """Make a list blank where it was not at work; see `not_at_work`."""
    away = not_at_work(cells, lists, inactive)
    histories = np.where(away, np.int8(BLANK), cells.histories)
    return replace(cells, histories=histories)


def read_inactive(texts: Iterable[str]) -> Inactive:
    """Read what the command line says: "FairWork: year=2010-2015, region=north".

    Raises
    ------
    SettingsError
        If a text is not of this form.
    """
    found: dict[str, list[Where]] = {}
    for text in texts:
        name, colon, rest = text.partition(":")
        parts = [part.partition("=") for part in rest.split(",")]
        if not colon or not name.strip() or any(not (a.strip() and c.strip()) for a, _, c in parts):
            raise SettingsError(
                f"inactive is {text!r}; expected a list, and the strata in which it was not at "
                "work.",
                "FairWork: year=2010-2015 (and with another variable: , region=north|south).",
            )
        where = {variable.strip(): _levels(levels) for variable, _, levels in parts}
        found.setdefault(name.strip(), []).append(where)
    return found


def _levels(text: str) -> Sequence[object]:
    """Levels between bars; a range alone may reach beyond the levels of the table."""
    if alone := _NUMBERS.fullmatch(text.strip()):
        return range(int(alone[1]), int(alone[2]) + 1)
    levels: list[object] = []
    for part in (each.strip() for each in text.split("|")):
        numbers = _NUMBERS.fullmatch(part)
        if numbers:
            levels += range(int(numbers[1]), int(numbers[2]) + 1)
        else:
            levels.append(int(part) if part.isdecimal() and str(int(part)) == part else part)
    return levels


def _given(inactive: Inactive) -> list[tuple[str, list[Where]]]:
    if not isinstance(inactive, Mapping):
        raise DataError(f"inactive= is {inactive!r}; expected where each list is away.", _EXAMPLE)
    found = []
    for name, wheres in inactive.items():
        several = [wheres] if isinstance(wheres, Mapping) else wheres
        readable = isinstance(several, Sequence) and not isinstance(several, str)
        if not readable or not several or not all(isinstance(w, Mapping) and w for w in several):
            raise DataError(
                f"inactive= holds {wheres!r} for list {name!r}; expected stratum variables with "
                "their levels.",
                _EXAMPLE,
            )
        found.append((name, list(several)))
    return found


def _in_strata(cells: Cells, name: str, where: Where, rows: Rows | None) -> np.ndarray:
    """The rows of the strata named, shape (rows,)."""
    away = np.ones(len(cells.low), dtype=bool)
    for variable, wanted in where.items():
        if variable not in cells.labels:
            known = ", ".join(map(repr, cells.labels)) or "none"
            raise DataError(
                f"inactive= names {variable!r} for list {name!r}; the stratum variables are "
                f"{known}.",
                did_you_mean(str(variable), cells.labels) or f"Name it in by=: by=[{variable!r}].",
            )
        values = cells.labels[variable]
        have, levels = values.tolist(), as_levels(wanted)
        if isinstance(wanted, range):  # a range of years may reach beyond those of the table
            levels = tuple(level for level in levels if level in have) or levels
        check_levels(variable, levels, values)
        if None in have:
            raise DataError(
                f"{_row(rows, have.index(None), 'a row')} has no value of {variable!r}; expected "
                f"one in every row, because inactive= says where list {name!r} was away by it.",
                f"Leave {name!r} blank in the rows where it was not at work, and say "
                'blank="inactive".',
            )
        away &= np.array([value in levels for value in have], dtype=bool)
    return away


def _people_there(
    cells: Cells, index: int, name: str, where: Where, lists: Sequence[str], rows: Rows | None
) -> DataError:
    history = " + ".join(
        each for each, on in zip(lists, cells.histories[index], strict=True) if on == 1
    )
    at = ", ".join(f"{variable} is {cells.labels[variable][index]!r}" for variable in where)
    some = f"the history {history}"
    return DataError(
        f"{_row(rows, index, some)}, column {name!r}: found 1 for {int(cells.low[index]):,} people "
        f"where {at}; expected 0 or a blank, because inactive= says that the list was not at work "
        "there.",
        "Correct the row, or take this stratum out of inactive=.",
    )


def _row(rows: Rows | None, index: int, otherwise: str) -> str:
    return otherwise if rows is None else rows.name(index)

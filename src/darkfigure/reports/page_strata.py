"""The answer in each level of every stratum variable, as far as it tells no small count."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darkfigure.reports.answers_tell import level_tells
from darkfigure.reports.blocks import Block, Grid
from darkfigure.reports.contents import Contents

_MOST_ROWS = 60


def by_level(given: Contents) -> list[Block]:
    """The answer in each level of every stratum variable; levels with few people left out."""
    if "stratum" not in given.est.population.dims:
        return []
    words = given.words
    blocks: list[Block] = []
    for name, rows in _rows_by_level(given).items():
        cells: list[tuple[str, ...]] = []
        for row in rows[:_MOST_ROWS]:
            if row.numbers is None:
                threshold = given.printed.printing.threshold
                cells.append((row.level, words(row.why, threshold=threshold), "–", "–"))
                continue
            width = row.numbers[2] - row.numbers[1]
            cells.append((row.level, *(given.answer(each, width) for each in row.numbers)))
        head = [words("level"), words("estimate"), words("low"), words("high")]
        caption = f"{words('strata')}: {name}"
        blocks.append(Grid(caption, head, cells, (False, True, True, True)))
    return blocks


@dataclass(frozen=True)
class _Level:
    """The answer in one level of a stratum variable.

    Attributes
    ----------
    level : str
    seen : int
    numbers : tuple of float, or None
        Estimate and limits; None where they are not printed.
    why : str
        The name of the sentence that says why not.
    """

    level: str
    seen: int
    numbers: tuple[float, float, float] | None
    why: str = ""


def _rows_by_level(given: Contents) -> dict[str, list[_Level]]:
    est = given.est
    found = {}
    for name in est.table.strata:
        if f"stratum_{name}" not in est.population.coords:
            continue
        frame = est.summary(given.prob, by=name)
        levels = {str(level): level for level in est.table.strata[name]}
        columns = ["estimate", "low", "high"]
        rows = [
            _printable(given, name, levels[str(shown)], frame.loc[shown, columns].to_numpy())
            for shown in frame.index
        ]
        found[name] = rows if given.disclose else _none_by_difference(rows)
    return found


def _printable(given: Contents, name: str, level: object, numbers: np.ndarray) -> _Level:
    """A level with its numbers, unless few were seen there, or a small count would be told."""
    table, threshold = given.est.table, given.printed.printing.threshold
    at = np.array([str(value) == str(level) for value in table.labels[name].tolist()])
    seen = int(table.low[at].sum())
    if seen < threshold:
        return _Level(str(level), seen, None, "stratum_hidden" if seen else "none")
    public = given.disclose or given.told.headline == "public"
    if not public and level_tells(given.est, table.select(**{name: level}), threshold):
        return _Level(str(level), seen, None, "stratum_tells")
    estimate, low, high = (float(each) for each in numbers)
    return _Level(str(level), seen, (estimate, low, high))


def _none_by_difference(rows: list[_Level]) -> list[_Level]:
    """Hide one more level where the only one hidden would be the total less the others."""
    hidden = [row for row in rows if row.numbers is None and row.seen]
    shown = [row for row in rows if row.numbers is not None]
    if len(hidden) != 1 or not shown:
        return rows
    least = min(shown, key=lambda row: row.seen)
    return [replace(row, numbers=None, why="stratum_with") if row is least else row for row in rows]


def levels_as_json(given: Contents) -> dict[str, list[dict[str, Any]]]:
    """The same as plain values."""
    if "stratum" not in given.est.population.dims:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in _rows_by_level(given).items():
        found[name] = []
        for row in rows:
            # where chains disagree there is no number
            if row.numbers is None or math.isnan(row.numbers[0]):
                found[name].append({"level": row.level, "printed": False})
                continue
            numbers = zip(("estimate", "low", "high"), map(given.plain, row.numbers), strict=True)
            found[name].append({"level": row.level, "printed": True, **dict(numbers)})
    return found

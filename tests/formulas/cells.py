"""Tables for tests of formulas, their cells as a frame, and spans of columns."""

import itertools

import numpy as np
import pandas as pd

import darkfigure as dk
from darkfigure.data.observation import Observation, observe


def table_of(lists=("P", "R", "O"), levels=None, seed=1, rate=20.0, **settings):
    """Counts of every history that can be seen in every stratum."""
    levels = {"year": (2010, 2011, 2013, 2014), "sex": ("f", "m")} if levels is None else levels
    rng = np.random.default_rng(seed)
    rows = []
    for stratum in itertools.product(*levels.values()):
        for history in itertools.product((0, 1), repeat=len(lists)):
            row = dict(zip((*lists, *levels), (*history, *stratum), strict=True))
            if any(history) and not _away(row, settings.get("inactive", {})):
                rows.append(row | {"count": int(rng.poisson(rate)) + 1})
    return dk.CaptureTable.from_counts(rows, lists=list(lists), by=list(levels), **settings)


def _away(row, inactive):
    """Whether a list that was away has seen someone."""

    def inside(where):
        return all(row[v] in (at if isinstance(at, list) else [at]) for v, at in where.items())

    return any(
        row[name] and any(inside(w) for w in (where if isinstance(where, list) else [where]))
        for name, where in inactive.items()
    )


def observed(*args, **settings) -> Observation:
    return observe(table_of(*args, **settings))


def frame_of(observation: Observation) -> pd.DataFrame:
    """A row per complete cell: lists as 0 and 1, and the stratum."""
    frame = pd.DataFrame(
        {n: observation.history >> j & 1 for j, n in enumerate(observation.lists)}, dtype=float
    )
    for v, (name, levels) in enumerate(observation.levels.items()):
        codes = observation.codes[observation.stratum, v]
        frame[name] = pd.Categorical([levels[c] for c in codes], categories=list(levels))
    return frame


def dummies(frame: pd.DataFrame, *terms: str) -> np.ndarray:
    """Products of lists and of a column per level, every level: more columns than needed."""
    blocks = []
    for term in terms:
        block = np.ones((len(frame), 1))
        for name in term.split(":") if term else ():
            column = frame[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                each = pd.get_dummies(column).to_numpy(dtype=float)
            else:
                each = column.to_numpy()[:, None]
            block = (block[:, :, None] * each[:, None, :]).reshape(len(frame), -1)
        blocks.append(block)
    return np.column_stack(blocks)


def powers(frame: pd.DataFrame, name: str, degree: int, *terms: str) -> np.ndarray:
    """Powers 0 to `degree` of a variable in numbers, times what `dummies` makes of terms."""
    x = frame[name].astype(float).to_numpy()
    x = x - x.mean()
    each = np.vander(x / np.abs(x).max(), degree + 1)
    return np.column_stack(
        [dummies(frame, t)[:, :, None] * each[:, None, :] for t in terms]
    ).reshape(len(frame), -1)


def same_span(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether the columns of both matrices span the same space, to a relative 1e-8."""
    return _rank(a) == _rank(b) == _rank(np.column_stack([a, b]))


def _rank(matrix: np.ndarray) -> int:
    unit = matrix / np.linalg.norm(matrix, axis=0).clip(1e-300)
    return int(np.linalg.matrix_rank(unit, rtol=1e-8))

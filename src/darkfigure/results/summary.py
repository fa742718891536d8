"""Tables of an estimate: in total, by the levels of a stratum variable, against another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.numerics.resampling import quantiles

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

POINT = "point"
"""The group in which a likelihood model leaves the estimated total of each stratum."""

COLUMNS = ["estimate", "median", "mean", "sd", "low", "high"]


def in_total(est: "Estimate", prob: float) -> pd.DataFrame:
    """Rows population, seen, unseen and share unseen."""
    seen, totals = est.seen_totals, est.totals
    middle = float(np.median(seen))
    with np.errstate(invalid="ignore"):
        share = np.where(np.isinf(totals), 1.0, 1.0 - seen / totals)
    rows = {
        "population": _row(totals, est.estimate, est.tail_exponent, prob),
        "seen": _row(seen, middle, np.inf, prob),
        "unseen": _row(totals - seen, est.estimate - middle, est.tail_exponent, prob),
        "share unseen": _row(share, 1.0 - middle / est.estimate, np.inf, prob),
    }
    if not est.settled:
        rows = {name: row if name == "seen" else _range_of(row) for name, row in rows.items()}
    return _frame(rows, prob)


def by_level(est: "Estimate", prob: float, by: str | Sequence[str]) -> pd.DataFrame:
    """The population in each level of a stratum variable, or in each combination of several.

    Draws of the strata that share a level are added up draw by draw, so that the interval of a sum
    is that of the sum.
    """
    names = stratum_variables(est, by)
    population = est.population.transpose("chain", "draw", "stratum")
    coords = [population.coords[f"stratum_{name}"].to_numpy().tolist() for name in names]
    levels = list(zip(*coords, strict=True))
    draws = population.to_numpy().reshape(-1, len(levels))
    points = est.draws[POINT]["population"].to_numpy() if POINT in est.draws.children else None
    rows = []
    found = _in_order(levels)
    for level in found:
        at = [position for position, other in enumerate(levels) if other == level]
        total = draws[:, at].sum(axis=1)
        headline = float(quantiles(total, 0.5) if points is None else points[at].sum())
        row = _row(total, headline, est.tail_exponent, prob)
        rows.append(row if est.settled else _range_of(row))
    index = (
        pd.Index([str(level[0]) for level in found], name=names[0])
        if len(names) == 1
        else pd.MultiIndex.from_tuples([tuple(map(str, level)) for level in found], names=names)
    )
    frame = pd.DataFrame(rows, index=index, columns=COLUMNS)
    frame.attrs["prob"] = prob
    return frame


def stratum_variables(est: "Estimate", by: str | Sequence[str]) -> list[str]:
    """The stratum variables that `by` names, each once.

    Raises
    ------
    SettingsError
        If one of them is none of this estimate's, or is named twice, or none is named.
    """
    coords = [str(name) for name in est.population.coords]
    known = [name.removeprefix("stratum_") for name in coords if name.startswith("stratum_")]
    names = [by] if isinstance(by, str) or not isinstance(by, Sequence) else list(by)
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise SettingsError(
                f"by={name!r} is not a stratum variable of this estimate "
                f"({', '.join(known) or 'it has none'}).",
                did_you_mean(str(name), known)
                or "estimate a table with by=[...], or with strata='separate'.",
            )
    if not names or len(set(names)) < len(names):
        raise SettingsError(
            f"by is {by!r}; expected one or more different stratum variables of this estimate.",
            f"by={known!r}.",
        )
    return names


def _in_order(levels: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Every combination once: the first variable by first appearance, then the second, ..."""
    orders = [
        {level: at for at, level in enumerate(dict.fromkeys(column))}
        for column in zip(*levels, strict=True)
    ]
    return sorted(
        set(levels),
        key=lambda level: [order[each] for order, each in zip(orders, level, strict=True)],
    )


def difference(est: "Estimate", other: "Estimate", prob: float) -> pd.DataFrame:
    """Difference and ratio of two totals, taken as independent."""
    size = min(len(est.totals), len(other.totals))
    mine, theirs = est.totals[:size], other.totals[:size][::-1]
    tails = [(1 - prob) / 2, (1 + prob) / 2]
    rows = {}
    for name, draws, headline, neutral in (
        ("difference", mine - theirs, est.estimate - other.estimate, 0.0),
        ("ratio", mine / theirs, est.estimate / other.estimate, 1.0),
    ):
        low, high = quantiles(draws, np.array(tails))
        above = float(np.mean(draws > neutral)) if est.settled and other.settled else np.nan
        rows[name] = [headline, low, high, above]
    columns = ["estimate", "low", "high", "probability above"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _row(draws: np.ndarray, headline: float, tail: float, prob: float) -> list[float]:
    levels = np.array([(1 - prob) / 2, 0.5, (1 + prob) / 2])
    low, median, high = quantiles(draws, levels)
    mean = float(draws.mean()) if tail > 2 else np.inf
    sd = float(draws.std(ddof=1)) if tail > 3 else np.inf
    return [headline, float(median), mean, sd, float(low), float(high)]


def _range_of(row: list[float]) -> list[float]:
    """Where chains disagree, only from where to where the draws run."""
    return [np.nan] * 4 + row[4:]


def _frame(rows: dict[str, list[float]], prob: float) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    frame.attrs["prob"] = prob
    return frame

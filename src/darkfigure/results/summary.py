"""Tables of an estimate: in total, by the levels of a stratum variable, against another."""

from typing import TYPE_CHECKING

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


def by_level(est: "Estimate", prob: float, by: str) -> pd.DataFrame:
    """The population in each level of a stratum variable."""
    population = est.population
    name = f"stratum_{by}"
    if name not in population.coords:
        known = [str(c).removeprefix("stratum_") for c in population.coords]
        known = [c for c in known if c not in ("chain", "draw", "stratum")]
        raise SettingsError(
            f"by={by!r} is not a stratum variable of this estimate "
            f"({', '.join(known) or 'it has none'}).",
            did_you_mean(by, known) or "estimate a table with by=[...], or with strata='separate'.",
        )
    levels = population.coords[name].to_numpy()
    points = est.draws[POINT]["population"].to_numpy() if POINT in est.draws.children else None
    rows = {}
    for level in dict.fromkeys(levels):
        at = np.flatnonzero(levels == level)
        draws = population.isel(stratum=at).sum("stratum").to_numpy().ravel()
        headline = float(quantiles(draws, 0.5) if points is None else points[at].sum())
        row = _row(draws, headline, est.tail_exponent, prob)
        rows[str(level)] = row if est.settled else _range_of(row)
    frame = _frame(rows, prob)
    frame.index.name = by
    return frame


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

"""The picture of a trend: yearly totals with their intervals, the people seen below them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.errors import NotEstimable
from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN, axes_for, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.estimate import Estimate


def trend_of(est: "Estimate", prob: float, by: str) -> pd.DataFrame:
    """Totals per level of `by` in order, with the people seen and the truth, where it is known.

    Returns
    -------
    DataFrame
        Columns estimate, low, high, seen, truth (nan if not known); numbers in order of size,
        other levels in the order of the table.
    """
    if "stratum" not in est.population.dims:
        raise NotEstimable(
            f"this estimate has no strata, so that there is no trend by {by!r}.",
            f"estimate a table made with by=[{by!r}], with strata='joint' or strata='separate'.",
        )
    frame = est.summary(prob=prob, by=by)[["estimate", "low", "high"]].copy()
    levels = est.seen.coords[f"stratum_{by}"].to_numpy()
    seen = est.seen.median(("chain", "draw")).to_numpy()
    frame["seen"] = [float(seen[levels == level].sum()) for level in frame.index]
    truth = est.table.about.truth
    known = truth.by(by) if truth is not None and by in truth.variables else {}
    people = {str(level): float(number) for level, number in known.items()}
    frame["truth"] = [people.get(str(level), np.nan) for level in frame.index]
    numbers = pd.to_numeric(pd.Series(frame.index), errors="coerce")
    order = np.arange(len(frame)) if numbers.isna().any() else np.argsort(numbers.to_numpy())
    return frame.iloc[order]


def plot_trend(est: "Estimate", ax: "Axes | None", *, prob: float, by: str = "year") -> "Figure":
    """Yearly totals with intervals, the people seen as bars, the truth as crosses if known."""
    trend = trend_of(est, prob, by)
    ax = axes_for(ax, (7.5, 4.2))
    at = np.arange(len(trend))
    high = trend["high"].to_numpy()
    top = float(np.where(np.isfinite(high), high, 3.0 * trend["estimate"]).max())
    ax.bar(at, trend["seen"], width=0.5, color=SEEN, alpha=0.35, label="seen")
    ax.vlines(at, trend["low"], np.minimum(high, 1.1 * top), color=INTERVAL, linewidth=5, alpha=0.6)
    ax.fill_between(
        at, trend["low"], np.minimum(high, 1.1 * top), color=FILL, alpha=0.35, linewidth=0,
        label=f"{100 * prob:g}% {est.kind} interval",
    )  # fmt: skip
    ax.plot(at, trend["estimate"], "o-", color=INK, linewidth=1.2, markersize=6, label="estimate")
    if trend["truth"].notna().any():
        ax.plot(at, trend["truth"], "x", color=SEEN, markersize=9, markeredgewidth=2, label="truth")
        top = max(top, float(trend["truth"].max()))
    ax.set_xticks(at, [str(level) for level in trend.index])
    ax.set_ylim(0, 1.08 * top)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_ylabel(est.table.about.people)
    ax.set_xlabel(by)
    ax.set_title(f"{est.table.about.people} by {by}: seen, and in all", loc="left", fontsize=11)
    ax.legend(frameon=False, fontsize=9, ncols=4, loc="upper left", bbox_to_anchor=(0, -0.14))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)

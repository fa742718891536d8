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
    """Totals per level of `by` in order, whether they rise, people seen, and the truth if known.

    Returns
    -------
    DataFrame
        Columns estimate, low, high; increase and increase_since_first, the shares of the draws in
        which the total is above that of the level before, and of the first (nan for the first, and
        for all where chains disagree); seen; truth (nan if not known). Levels that are numbers
        come in order of size, others in the order of the table.
    """
    if "stratum" not in est.population.dims:
        raise NotEstimable(
            f"this estimate has no strata, so that there is no trend by {by!r}.",
            f"estimate a table made with by=[{by!r}], with strata='joint' or strata='separate'.",
        )
    frame = est.summary(prob=prob, by=by)[["estimate", "low", "high"]].copy()
    numbers = pd.to_numeric(pd.Series(frame.index), errors="coerce")
    if not numbers.isna().any():
        frame = frame.iloc[np.argsort(numbers.to_numpy(), kind="stable")]
    levels = est.seen.coords[f"stratum_{by}"].to_numpy()
    within = (levels == frame.index.to_numpy(object)[:, None]).astype(float)
    totals = within @ est.population.to_numpy().reshape(-1, len(levels)).T
    before = {"increase": np.roll(totals, 1, axis=0), "increase_since_first": totals[:1]}
    for column, others in before.items():
        frame[column] = _shares_above(totals, others) if est.settled else np.nan
    frame["seen"] = within @ est.seen.median(("chain", "draw")).to_numpy()
    truth = est.table.about.truth
    known = truth.by(by) if truth is not None and by in truth.variables else {}
    people = {str(level): float(number) for level, number in known.items()}
    frame["truth"] = [people.get(str(level), np.nan) for level in frame.index]
    return frame


def _shares_above(totals: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of the draws in which each level's total is above another's; nan for the first."""
    share = (totals > others).mean(axis=1)
    share[0] = np.nan
    return share


def plot_trend(est: "Estimate", ax: "Axes | None", *, prob: float, by: str = "year") -> "Figure":
    """Yearly totals with intervals, the people seen as bars, the truth as crosses if known.

    Above every year but the first stands the probability that it has more people than the year
    before, or fewer, whichever is likelier.
    """
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
    ax.set_ylim(0, 1.16 * top)
    _say_whether_rising(ax, trend["increase"].to_numpy(), 1.1 * top)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_ylabel(est.table.about.people)
    ax.set_xlabel(by)
    ax.set_title(in_words(est, trend, by), loc="left", fontsize=11)
    ax.legend(frameon=False, fontsize=9, ncols=4, loc="upper left", bbox_to_anchor=(0, -0.14))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def _say_whether_rising(ax: "Axes", increase: np.ndarray, height: float) -> None:
    """Write between neighbours whether the total rises or falls, and how probably."""
    for at, share in enumerate(increase[1:]):
        if np.isnan(share):  # chains that disagree know no direction
            continue
        rises = share >= 0.5
        ax.text(
            at + 0.5,
            height,
            f"{'▲' if rises else '▼'} {percent(share if rises else 1 - share)}",
            ha="center",
            va="center",
            fontsize=8,
            color=INTERVAL,
        )


def in_words(est: "Estimate", trend: pd.DataFrame, by: str) -> str:
    """Whether there are more in the last year than in the first, and how probably."""
    people, levels = est.table.about.people, list(trend.index)
    if len(levels) < 2 or not est.settled:
        return f"{people} by {by}: seen, and in all"
    share = float(trend["increase_since_first"].iloc[-1])
    more, sure = ("more", share) if share >= 0.5 else ("fewer", 1.0 - share)
    word = "probability" if est.kind == "posterior" else f"share of the {est.kind} draws"
    return f"{people} by {by}: {more} in {levels[-1]} than in {levels[0]} ({word} {percent(sure)})"


def percent(share: float) -> str:
    """A share of draws, which is never all or nothing to be sure of."""
    if 0.01 <= share <= 0.99:
        return f"{share:.0%}"
    return ">99%" if share > 0.99 else "<1%"

"""Pictures of predictive checks and of what a prior says before looking."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.calls import write_call
from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN, axes_for, finished, number_axis
from darkfigure.results.predictive_checks import predictive_checks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.estimate import Estimate
    from darkfigure.results.prior_predictive import PriorPredictive

_WRONG = 0.05
_WIDEST = 1e6  # people per person seen, at the right end of the picture


def plot_ppc(est: "Estimate", ax: "Axes | None", *, prob: float) -> "Figure":
    """Observed overlaps (dots) on the predictive intervals (bars), those outside named red."""
    frame = predictive_checks(est, prob)
    rows = np.arange(len(frame))
    ax = axes_for(ax, (7.5, 1.2 + 0.24 * len(frame)))
    outside = (frame["p"] < _WRONG).to_numpy()
    ax.hlines(rows, frame["low"], frame["high"], color=INTERVAL, linewidth=4, alpha=0.55)
    ax.plot(frame["predicted"], rows, "|", color=INTERVAL, markersize=9)
    for colour, these in ((INK, ~outside), (SEEN, outside)):
        ax.plot(frame["observed"][these], rows[these], "o", color=colour, markersize=4.5)
    ax.set_xscale("symlog", linthresh=10)
    ax.set_xlim(left=-0.4)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_yticks(rows, [f"{what} {name}" for what, name in frame.index], fontsize=8)
    for label, red in zip(ax.get_yticklabels(), outside, strict=True):
        label.set_color(SEEN if red else INK)
    ax.tick_params(axis="y", length=0)
    from matplotlib.ticker import FuncFormatter

    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_xlabel(f"{est.table.about.people} (bars: {prob:.0%} of tables drawn from the posterior)")
    number = int(outside.sum())
    ax.set_title(
        "All overlaps are as the model predicts"
        if not number
        else f"{number} of {len(frame)} sums are not as the model predicts (red)",
        loc="left",
        fontsize=11,
    )
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def plot_prior(prior: "PriorPredictive", ax: "Axes | None") -> "Figure":
    """Histogram of the people per person seen, on a log axis cut at a million."""
    ax = axes_for(ax, (7.5, 3.2))
    ratio = np.clip(prior.ratio, 1.0, _WIDEST)
    bins = np.geomspace(1.0, _WIDEST, 61)
    ax.hist(ratio, bins=bins.tolist(), color=FILL, edgecolor=INTERVAL, linewidth=0.6)
    ax.axvline(float(np.median(prior.ratio)), color=INK, linewidth=1.4)
    ax.set_xscale("log")
    ax.set_xlim(1.0, max(float(np.quantile(ratio, 0.995)) * 1.5, 10.0))
    number_axis(ax, *ax.get_xlim())
    ax.set_yticks([])
    ax.set_xlabel("people in all per person seen, before looking (log scale); line: median")
    ax.set_title(f"What {write_call(prior.model)} says before looking", loc="left", fontsize=11)
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)

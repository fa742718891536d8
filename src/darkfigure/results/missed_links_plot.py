"""The picture of `missed_links`: the total against the share of links missed."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.results.plots import INK, INTERVAL, SEEN, axes_for, finished
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.missed_links import MissedLinks


def plot_missed_links(found: "MissedLinks", ax: "Axes | None") -> "Figure":
    """Estimates and intervals at the shares tried, the target, and where they meet."""
    from matplotlib.ticker import PercentFormatter

    ax = axes_for(ax, (7.5, 4.2))
    rows = found.tried
    ax.vlines(rows["share"], rows["low"], rows["high"], color=INTERVAL, linewidth=3)
    ax.plot(rows["share"], rows["estimate"], "o-", color=INK, linewidth=1.2, markersize=6)
    ax.axhline(found.target, color=SEEN, linewidth=1.4)
    ax.annotate(
        f"{rounded(found.target)}",
        (1.0, found.target),
        xycoords=("axes fraction", "data"),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        color=SEEN,
        fontsize=9,
    )
    if np.isfinite(found.share):
        ax.plot([found.share], [found.target], "o", color=SEEN, markersize=8, zorder=3)
        ax.annotate(
            f"{found.share:.0%} missed",
            (found.share, found.target),
            xytext=(-8, -14),
            ha="right",
            textcoords="offset points",
            color=SEEN,
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
    _dress(found, ax)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return finished(ax)


def _dress(found: "MissedLinks", ax: "Axes") -> None:
    """Scales, labels and the answer above the picture."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("share of the true links between lists that were missed")
    ax.set_ylabel(f"{found.table.about.people} in all (log scale)")
    text = found.headline()
    at = text.rfind(" ", 0, 62)
    ax.set_title(
        text if len(text) < 62 else f"{text[:at]}\n{text[at + 1 :]}", loc="left", fontsize=11
    )
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)

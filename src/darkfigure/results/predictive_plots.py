"""Pictures of predictive checks and of what a prior says before looking."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.calls import write_call
from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN, axes_for, finished
from darkfigure.results.predictive_checks import predictive_checks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.estimate import Estimate
    from darkfigure.results.prior_predictive import PriorPredictive

_WRONG = 0.05


def plot_ppc(est: "Estimate", ax: "Axes | None", *, prob: float) -> "Figure":
    """How far each observed sum is from its prediction, in standard deviations of the tables."""
    frame = predictive_checks(est, prob)
    rows = np.arange(len(frame))
    ax = axes_for(ax, (8.5, 1.3 + 0.23 * len(frame)))
    centre = frame["predicted"].to_numpy()
    spread = np.maximum(frame["sd"].to_numpy(), 1e-9)
    low, high, observed = (
        (frame[name].to_numpy() - centre) / spread for name in ("low", "high", "observed")
    )
    outside = (frame["p"] < _WRONG).to_numpy()
    ax.axvline(0, color=INTERVAL, linewidth=1)
    ax.hlines(rows, low, high, color=INTERVAL, linewidth=5, alpha=0.4)
    widest = max(4.0, 1.1 * float(np.abs(observed).max()))
    for colour, these in ((INK, ~outside), (SEEN, outside)):
        ax.plot(observed[these], rows[these], "o", color=colour, markersize=5)
    for row, (_, each) in zip(rows, frame.iterrows(), strict=True):
        ax.annotate(
            f"{each['observed']:,.0f}, predicted {each['low']:,.0f} to {each['high']:,.0f}",
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color=SEEN if outside[row] else INK,
        )
    ax.set_xlim(-widest, widest)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_yticks(rows, [f"{what} {name}" for what, name in frame.index], fontsize=8)
    ax.tick_params(axis="y", length=0)
    people = est.table.about.people
    ax.set_xlabel(
        f"{people} observed less predicted, in standard deviations (bars: {prob:.0%} of tables)"
    )
    number = int(outside.sum())
    ax.set_title(
        "All sums are as the model predicts"
        if not number
        else f"{number} of {len(frame)} sums are not as the model predicts (red)",
        loc="left",
        fontsize=11,
    )
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def plot_prior(prior: "PriorPredictive", ax: "Axes | None") -> "Figure":
    """Histogram of the share of the population that would be on no list."""
    ax = axes_for(ax, (7.5, 3.2))
    with np.errstate(divide="ignore"):
        share = 1.0 - 1.0 / prior.ratio
    bins = np.linspace(0.0, 1.0, 51).tolist()
    ax.hist(share, bins=bins, color=FILL, edgecolor=INTERVAL, linewidth=0.6)
    ax.axvline(float(np.median(share)), color=INK, linewidth=1.4)
    ax.set_xlim(0.0, 1.0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_yticks([])
    ax.set_xlabel("share of people on no list, before looking at the overlaps; line: median")
    ax.set_title(f"What {write_call(prior.model)} says before looking", loc="left", fontsize=11)
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)

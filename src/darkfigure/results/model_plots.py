"""Pictures of candidate models and of how one fits."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.errors import NotEstimable
from darkfigure.results.fitted import residuals_of
from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN, axes_for, finished, number_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.estimate import Estimate

_NAMED = 5


def plot_models(est: "Estimate", ax: "Axes | None", *, units: float) -> "Figure":
    """Totals of all candidates against how far they are behind the best."""
    models = est.models
    if models is None or "criterion" not in models or len(models) < 2:
        raise NotEstimable(
            f"there are not several candidate models with a criterion ({est.label}).",
            "estimate a table of three lists or more with LogLinear(), which fits them all.",
        )
    ax = axes_for(ax, (7.5, 4.6))
    behind = models["criterion"] - models["criterion"].min()
    shown = models[behind <= units]
    behind = behind[behind <= units]
    ax.scatter(shown["population"], behind, s=9, color=INTERVAL, alpha=0.45, linewidths=0)
    best = shown.iloc[0]
    ax.plot([best["population"]], [behind.iloc[0]], "o", color=INK, markersize=7)
    ax.axhspan(0, 10, color=FILL, alpha=0.25, linewidth=0, zorder=0)
    seen = est.table.n_observed
    ax.axvline(seen, color=SEEN, linewidth=1.6)
    left, right = float(seen), float(shown["population"].max())
    ax.set_xscale("log")
    ax.set_xlim(left * 0.93, right * 1.07)
    ax.set_ylim(units * 1.02, -0.06 * units)
    number_axis(ax, left, right)
    ax.annotate(
        f"{seen:,} seen",
        (seen, units),
        xytext=(6, 4),
        textcoords="offset points",
        color=SEEN,
        fontsize=9,
    )
    ax.annotate(
        f"selected: {best['population']:,.0f}",
        (best["population"], behind.iloc[0]),
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        fontsize=9,
    )
    ax.set_ylabel("units behind the best model")
    ax.set_xlabel(f"{est.table.about.people} in all (log scale)")
    ax.set_title(
        f"{len(shown):,} of {len(models):,} models within {units:g} units; shaded: within 10",
        loc="left",
        fontsize=11,
    )
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def plot_residuals(est: "Estimate", ax: "Axes | None") -> "Figure":
    """Deviance residuals against fitted counts, with the largest histories named."""
    frame = residuals_of(est)
    frame = frame[frame["fitted"] > 0]
    ax = axes_for(ax, (7.5, 4.2))
    ax.axhspan(-2, 2, color=FILL, alpha=0.3, linewidth=0, zorder=0)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.scatter(frame["fitted"], frame["deviance"], s=22, color=INTERVAL, linewidths=0)
    for name, row in frame.head(_NAMED).iterrows():
        right = row["fitted"] > np.sqrt(frame["fitted"].min() * frame["fitted"].max())
        ax.annotate(
            f"{name} ({row['observed']:,.0f})",
            (row["fitted"], row["deviance"]),
            xytext=(-6, 3) if right else (6, 3),
            textcoords="offset points",
            ha="right" if right else "left",
            fontsize=8,
        )
    ax.set_xscale("log")
    ax.margins(x=0.08, y=0.12)
    ax.set_xlabel("fitted count (log scale)")
    ax.set_ylabel("deviance residual")
    ax.set_title("Capture histories by residual; shaded: -2 to 2", loc="left", fontsize=11)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)

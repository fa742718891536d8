"""Pictures of estimates and comparisons, drawn with matplotlib."""

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.calls import write_call
from darkfigure.results.printed import headline
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.comparison import Comparison
    from darkfigure.results.estimate import Estimate

INK, SEEN, INTERVAL, FILL = "#1b1b1b", "#b3261e", "#1f5a99", "#9cc3e6"
_SHOWN = 0.005  # probability left out at each end of the picture
_BESIDE = 1.03  # modes this close to the observed count are named beside it
_OUT = 20.0  # times the lower limit: where a bar without an end leaves the picture
_WIDE = 36  # letters of a model's name beside the axis
_FEW = 0.02  # of the median unseen: a spike below that is drawn cut off at the top


def plot_estimate(est: "Estimate", ax: "Axes | None", *, prob: float) -> "Figure":
    """Density of the total on a log axis, with the observed count, modes and interval."""
    ax = axes_for(ax, (7.5, 3.8))
    seen = int(np.median(est.seen_totals))
    curve = est.curve
    shown = (curve.below > _SHOWN) & (curve.below < 1 - _SHOWN)
    total, density = seen + curve.unseen[shown], curve.density[shown]
    # per unit of log population, to match the axis
    density = density * total / (curve.unseen[shown] + 1.0)
    low, high = est.interval(prob)
    if math.isinf(high):  # the bar runs out of the picture
        high = _OUT * low
        inside = total <= high
        total, density = total[inside], density[inside]
        shown[np.flatnonzero(shown)[~inside]] = False
    top = _height(curve.unseen[shown], density, float(np.median(est.totals)) - seen)
    ax.fill_between(total, density, color=FILL, linewidth=0)
    ax.plot(total, density, color=INTERVAL, linewidth=1.4)
    ax.plot([low, high], [-0.06 * top] * 2, color=INTERVAL, linewidth=5, solid_capstyle="butt")
    if est.estimate <= high:
        ax.plot([est.estimate], [-0.06 * top], "o", color=INK, markersize=6, zorder=5)
    if est.kind == "calibrated":
        _mark_uncalibrated(est, ax, -0.11 * top, prob)
    ax.axvline(seen, color=SEEN, linewidth=1.6)
    _mark_modes(est, ax, total, density, top)
    left = min(seen, float(total.min())) if len(total) else seen
    right = max(float(total.max()) if len(total) else high, high)
    ax.set_xscale("log")
    ax.set_xlim(left * 0.93, right * 1.07)
    ax.set_ylim(-0.13 * top, 1.22 * top)
    number_axis(ax, left, right)
    ax.annotate(
        _seen_in_words(est),
        (seen, 1.2 * top),
        xytext=(6, 0),
        textcoords="offset points",
        va="top",
        color=SEEN,
        fontsize=9,
    )
    ax.set_title(_title(est, prob), loc="left", fontsize=11)
    heights = "" if est.settled else "; heights say only where the chains began"
    ax.set_xlabel(f"{est.table.about.people} in all, seen and unseen (log scale){heights}")
    ax.set_yticks([])
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def _mark_uncalibrated(est: "Estimate", ax: "Axes", height: float, prob: float) -> None:
    """The interval before calibration, thin and below the other."""
    from darkfigure.results.calibrated import uncalibrated

    low, high = uncalibrated(est).interval(prob)
    ax.plot([low, high], [height] * 2, color=INK, linewidth=2, solid_capstyle="butt")
    ax.annotate(
        "uncalibrated",
        (high, height),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=INK,
    )


def plot_comparison(comparison: "Comparison", ax: "Axes | None", *, prob: float) -> "Figure":
    """Forest plot: one row per model, with interval, estimate and modes."""
    estimates = comparison.estimates
    names = [f"{_wrapped(write_call(est.model))}\n{est.kind}" for est in estimates]
    lines = max(name.count("\n") + 1 for name in names)
    ax = axes_for(ax, (8.5, 1.3 + (0.2 + 0.17 * lines) * len(estimates)))
    seen = estimates[0].table.n_observed
    right = left = float(seen)
    for row, est in enumerate(estimates):
        low, high = est.interval(prob)
        width = high - low
        ax.plot([low, high], [row, row], color=INTERVAL, linewidth=3, solid_capstyle="butt")
        for place in est.modes()["location"]:
            ax.plot([place], [row], "|", color=INK, markersize=13, markeredgewidth=1.5)
        if est.settled:
            ax.plot([est.estimate], [row], "o", color=INK, markersize=7)
        answer = rounded(est.estimate, width) if est.settled else "no single number"
        ax.annotate(
            f"{answer} ({rounded(low, width)} to {rounded(high, width)})",
            (1.02, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
        )
        right = max(right, high)
    ax.axvline(seen, color=SEEN, linewidth=1.6)
    ax.annotate(
        f"{seen:,} seen",
        (seen, -0.62),
        xytext=(5, 0),
        textcoords="offset points",
        color=SEEN,
        fontsize=9,
        va="center",
    )
    ax.set_xscale("log")
    ax.set_xlim(left * 0.93, right * 1.07)
    number_axis(ax, left, right)
    ax.set_ylim(len(estimates) - 0.4, -0.95)
    ax.set_yticks(range(len(estimates)), names, fontsize=9)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(
        f"{estimates[0].table.about.people} in all (log scale); dots: estimates, "
        f"bars: {prob:.0%} intervals, ticks: modes"
    )
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def _title(est: "Estimate", prob: float) -> str:
    """The headline without its modes, which the picture shows."""
    text = headline(est, prob)
    if not est.settled:
        return text.partition(". ")[0]
    return text.partition(";")[0].rstrip(")") + ")"


def _wrapped(call: str) -> str:
    """A model's call over as many lines as it needs beside the axis, broken after ( and ,."""
    lines = [""]
    for part in re.findall(r"[^(,]*[(,]? ?", call):
        if len(lines[-1]) + len(part.rstrip()) > _WIDE and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _seen_in_words(est: "Estimate") -> str:
    """The observed count, with the weight of a mode at hardly anyone missed."""
    seen = int(np.median(est.seen_totals))
    modes = est.modes()
    first = modes.iloc[0]
    if len(modes) < 2 or first["location"] >= _BESIDE * seen:
        return f"{seen:,} seen"
    weight = f": {first['weight']:.0%}" if est.settled else ""
    return f"{seen:,} seen; hardly anyone missed{weight}"


def _height(unseen: np.ndarray, density: np.ndarray, median: float) -> float:
    """The height of the picture: a spike at hardly anyone unseen must not flatten the rest."""
    rest = density[unseen >= _FEW * median]
    return float((rest if len(rest) else density).max()) if len(density) else 1.0


def _mark_modes(
    est: "Estimate", ax: "Axes", total: np.ndarray, density: np.ndarray, top: float
) -> None:
    modes = est.modes()
    if len(modes) < 2 or not len(total):
        return
    for location, weight in zip(modes["location"], modes["weight"], strict=True):
        near = (total > 0.85 * location) & (total < 1.15 * location)
        height = min(float(density[near].max(initial=0.0)), top)
        if location < _BESIDE * np.median(est.seen_totals):
            continue  # named beside the observed count
        ax.annotate(
            f"{rounded(location)}\n{weight:.0%}" if est.settled else rounded(location),
            (location, height),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
            color=INK,
        )


def axes_for(ax: "Axes | None", size: tuple[float, float]) -> "Axes":
    """The axes given, or those of a new figure of a size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=size, layout="constrained")
    if "inline" in plt.get_backend().lower():
        plt.close(figure)  # a notebook shows the figure that is returned, and not twice
    return figure.add_subplot()


def finished(ax: "Axes") -> "Figure":
    """The figure that axes stand in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def number_axis(ax: "Axes", left: float, right: float) -> None:
    """Round numbers at 1, 2, 5 times powers of ten, in full."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ax.xaxis.set_major_locator(FixedLocator(_round_numbers(left, right)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())


def _round_numbers(left: float, right: float) -> list[float]:
    """Ticks between two numbers: 1, 2, 5 times powers of ten, or finer on a short range."""
    decades = range(math.floor(math.log10(left)), math.ceil(math.log10(right)) + 1)
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2, 3, 4, 5, 6, 8)):
        ticks = [s * 10.0**d for d in decades for s in steps if left <= s * 10.0**d <= right]
        if len(ticks) >= 4:
            return ticks
    from matplotlib.ticker import MaxNLocator

    return [t for t in MaxNLocator(6).tick_values(left, right) if left <= t <= right]

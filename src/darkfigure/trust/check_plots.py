"""A check on one page: known sizes, lists left out and merged, accrual, cells, priors."""

import math
from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN
from darkfigure.trust.check_words import verdict
from darkfigure.trust.checked_case import Answered

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.trust.checked import Check

_MOST_ROWS = 16
_WIDE = 34  # letters of a row's name
_FAR = 30.0  # times the largest estimate: where an interval without an end leaves the picture


def plot_check(check: "Check") -> "Figure":
    """Six panels and, at the foot, what has no estimate."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(15, 10.5), layout="constrained")
    if "inline" in plt.get_backend().lower():
        plt.close(figure)  # a notebook shows the figure that is returned, and not twice
    axes = figure.subplots(2, 3)
    _known_sizes(check, axes[0, 0])
    _against_base(check, axes[0, 1], "drop", "each list left out")
    _against_base(check, axes[0, 2], "merge", "each two lists made one")
    _accrual(check, axes[1, 0])
    _against_base(check, axes[1, 1], "cells", "each cell one standard deviation lower")
    _against_base(check, axes[1, 2], "prior", "other priors")
    figure.suptitle("\n".join(fill(each, 150) for each in verdict(check)), x=0.01, ha="left")
    figure.supxlabel(_foot(check), x=0.01, ha="left", fontsize=9)
    return figure


def _foot(check: "Check") -> str:
    """What the signs mean, existence, and what has no estimate."""
    signs = (
        f"dots: estimates; bars: {100 * check.prob:g}% {check.kind} intervals (with an arrow: "
        "they go on); crosses: the truth; "
        "grey line and band: the table as it is; red ticks: those seen by the others"
    )
    exist = [
        f"{each.case} "
        + (f"{each.estimate:,.0f}" if each.outcome == "estimated" else "none: " + each.note)
        for each in check.of("existence")
        if each.outcome != "left out"
    ]
    without = [
        f"{each.check} {each.case}".strip()
        for each in check.answers
        if each.outcome == "no estimate" and each.check != "existence"
    ]
    lines = [signs]
    if exist:
        lines.append(f"estimates by maximum likelihood: {'; '.join(exist)}")
    if without:
        lines.append(f"no estimate: {', '.join(without)}")
    return "\n".join(fill(line, 210) for line in lines)


def _known_sizes(check: "Check", ax: "Axes") -> None:
    """Each list as a population of known size: the truth beside estimate and interval."""
    ax.set_title("people on each list, from the other lists", loc="left", fontsize=11)
    rows = [each for each in check.of("internal") if each.covered is not None]
    if not rows:
        _empty(ax, [each.note for each in check.of("internal")])
        return
    _forest(ax, rows, [_name(each) for each in rows])
    for at, each in enumerate(rows):
        ax.plot([each.seen], [at], "|", color=SEEN, markersize=12, markeredgewidth=1.6)
        ax.plot([each.truth], [at], "x", color=SEEN, markersize=9, markeredgewidth=2, zorder=6)
        if math.isnan(each.estimate):
            ax.text(each.truth, at, "  no estimate", va="center", fontsize=8, color=SEEN)
    _log_axis(ax, [*_reach(rows), *(each.truth for each in rows), *(each.seen for each in rows)])
    _mark_beyond(ax, rows)


def _against_base(check: "Check", ax: "Axes", kind: str, title: str) -> None:
    """Each case of one check beside the answer to the table as it is."""
    answers = [each for each in check.of(kind) if each.outcome == "estimated"]
    left = [each.note for each in check.of(kind) if each.outcome != "estimated"]
    base = check.base
    shown = answers
    if len(answers) > _MOST_ROWS and base.outcome == "estimated":
        moved = sorted(answers, key=lambda each: -abs(each.log_change(base)))[:_MOST_ROWS]
        shown = [each for each in answers if each in moved]
        ax.set_xlabel(f"the {len(shown)} of {len(answers)} that move most", fontsize=9)
    ax.set_title(title, loc="left", fontsize=11)
    if not shown:
        _empty(ax, left)
        return
    _forest(ax, shown, [_name(each) for each in shown])
    reach = _reach(shown)
    if base.outcome == "estimated":
        ax.axvspan(base.low, min(base.high, _FAR * base.estimate), color="0.9", zorder=0)
        ax.axvline(base.estimate, color="0.5", linewidth=1.4, zorder=1)
        reach += _reach([base])
    _log_axis(ax, reach)
    _mark_beyond(ax, shown)


def _accrual(check: "Check", ax: "Axes") -> None:
    """The total per person seen, as people accrue; as years do, where there are years."""
    from matplotlib.ticker import LogLocator, NullLocator

    base = check.base
    ax.set_title("total divided by those seen, as they accrue", loc="left", fontsize=11)
    rows, years = (
        [each for each in check.of(kind) if each.outcome == "estimated"]
        for kind in ("accrual", "years")
    )
    if not (rows or years) or base.outcome != "estimated":
        _empty(ax, [each.note for each in (*check.of("accrual"), *check.of("years"))])
        return
    for found, colour, label in ((rows, INTERVAL, "in random order"), (years, INK, "by year")):
        if not found:
            continue
        whole = [*found, base]
        seen = np.array([each.seen for each in whole], dtype=float)
        middle = np.array([each.estimate for each in whole]) / seen
        low = np.array([each.low for each in whole]) / seen
        high = np.minimum(np.array([each.high for each in whole]) / seen, _FAR * middle.max())
        ax.fill_between(seen, low, high, color=FILL, alpha=0.35, linewidth=0)
        ax.plot(seen, middle, "o-", color=colour, markersize=5, linewidth=1.2, label=label)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel(f"{check.table.about.people} seen", fontsize=9)
    if years:
        ax.legend(frameon=False, fontsize=9)
    _bare(ax)


def _forest(ax: "Axes", rows: Sequence[Answered], names: Sequence[str]) -> None:
    """A row per case: interval and estimate."""
    for at, each in enumerate(rows):
        if not math.isnan(each.low):
            high = each.high if math.isfinite(each.high) else _FAR * max(each.low, each.seen)
            ax.plot([each.low, high], [at, at], color=INTERVAL, linewidth=3, alpha=0.75)
        if math.isfinite(each.estimate):
            ax.plot([each.estimate], [at], "o", color=INK, markersize=6, zorder=5)
    ax.set_yticks(range(len(rows)), names, fontsize=8 if len(rows) > 10 else 9)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def _name(each: Answered) -> str:
    name = f"without {each.case}" if each.check == "drop" else each.case
    return fill(name, _WIDE)


def _reach(rows: Sequence[Answered]) -> list[float]:
    """The numbers that a picture of these rows must hold."""
    found = [each.estimate for each in rows]
    found += [each.low for each in rows]
    most = _FAR * max((v for v in found if math.isfinite(v)), default=1.0)
    found += [min(each.high, most) for each in rows]
    return [each for each in found if math.isfinite(each) and each > 0]


def _log_axis(ax: "Axes", reach: Sequence[float]) -> None:
    """A log axis that holds these numbers, with a few round ones written in full."""
    from matplotlib.ticker import FixedLocator, NullLocator

    left, right = 0.9 * max(min(reach), 1.0), 1.1 * max(reach)
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    ax.xaxis.set_major_locator(FixedLocator(_few_round_numbers(left, right)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.tick_params(axis="x", labelsize=8)
    _bare(ax)


def _mark_beyond(ax: "Axes", rows: Sequence[Answered]) -> None:
    """An arrow where an interval goes on beyond the picture."""
    right = ax.get_xlim()[1]
    beyond = [at for at, each in enumerate(rows) if each.high > right]
    if beyond:  # nothing drawn outside the axes has no extent that a layout could use
        ax.plot([right] * len(beyond), beyond, ">", color=INTERVAL, markersize=7, clip_on=False)


def _few_round_numbers(left: float, right: float) -> list[float]:
    """Three ticks or a few more between two numbers: narrow panels hold no more."""
    decades = range(math.floor(math.log10(left)), math.ceil(math.log10(right)) + 1)
    for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)):
        ticks = [s * 10.0**d for d in decades for s in steps if left <= s * 10.0**d <= right]
        if len(ticks) >= 3:
            return ticks[:: math.ceil(len(ticks) / 6)]
    from matplotlib.ticker import MaxNLocator

    return [each for each in MaxNLocator(3).tick_values(left, right) if left <= each <= right]


def _bare(ax: "Axes") -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _empty(ax: "Axes", notes: Sequence[str]) -> None:
    """A panel without a case says why."""
    text = "; ".join(dict.fromkeys(each for each in notes if each)) or "not asked for"
    ax.text(0.02, 0.92, fill(text, 52), transform=ax.transAxes, va="top", fontsize=9, color="0.35")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)

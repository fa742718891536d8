"""The picture of claims: total against the dependence that it needs."""

import math
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.numerics import implied_dependence as implied
from darkfigure.numerics.cell_ratios import ratios_of
from darkfigure.results.plots import FILL, INK, INTERVAL, SEEN, axes_for, finished, number_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.trust.claims import Claims

_NAMED = 6  # pairs: more are named only at the top and at the bottom
_FEWEST = 0.02  # of the people seen: where the picture begins, above them
_RATIOS = (1e-3, 5e3)  # beyond them nothing is drawn


def plot_claims(found: "Claims", ax: "Axes | None") -> "Figure":
    """Curves of the pairs' odds ratios and of 1/ξ, claims as lines, what was seen as a rug."""
    ax = axes_for(ax, (8.5, 4.8))
    seen = float(found.table.n_observed)
    left, right = _ends(found, seen)
    totals = np.geomspace(left, right, 200)
    _band(found, ax, left, right)
    reached = _curves(found, ax, totals, seen)
    ax.axhline(1.0, color="#777777", linewidth=0.8)
    ax.axvline(seen, color=SEEN, linewidth=1.6)
    low, high = _heights(found, reached)
    ax.set_yscale("log")
    ax.set_xscale("log")
    ax.set_xlim(min(seen, left) * 0.97, right * 1.25)
    ax.set_ylim(low, high)
    _marks(found, ax, seen)
    _rug(found, ax)
    number_axis(ax, min(seen, left), right)
    _ratio_axis(ax, low, high)
    ax.set_xlabel(f"{found.table.about.people} in all, seen and unseen (log scale)")
    ax.set_ylabel("odds ratio needed (log scale)")
    title = "Dependence between lists that each total needs, among people on no other list"
    ax.set_title(title, loc="left", fontsize=11, pad=16)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def _ends(found: "Claims", seen: float) -> tuple[float, float]:
    claimed = [each.total for each in found.claims]
    low, high = found.reference.interval(found.prob)
    reach = high if math.isfinite(high) else low
    return seen * (1 + _FEWEST), max(
        1.3 * max(claimed), 1.1 * min(reach, 4 * max(claimed)), 2 * seen
    )


def _curves(found: "Claims", ax: "Axes", totals: np.ndarray, seen: float) -> float:
    """Draw them; return how far up they reach."""
    counts, table = found.table.counts(), found.table
    cells = implied.missed_by_the_others(counts, 1.0)
    one = ratios_of(cells, implied.FOURFOLD)
    usable = np.flatnonzero(one.determined)
    ordered = usable[np.argsort(-one.value[usable])]
    named = ordered if len(ordered) <= _NAMED else ordered[[0, -1]]
    for row in ordered:
        ratio = one.value[row] * (totals - seen)
        ax.plot(totals, ratio, color=INTERVAL, linewidth=1.1, alpha=0.9 if row in named else 0.35)
    places = []
    for row in named:
        i, j = implied.pairs_of(table.n_lists)[row]
        label = f"{table.lists[i]}, {table.lists[j]}"
        places.append((float(one.value[row] * (totals[-1] - seen)), label, INTERVAL))
    top = implied.top_interaction(counts, 1.0)
    if table.n_lists > 2 and bool(top.determined) and not table.impossible:
        ratio = (totals - seen) / float(top.value)
        ax.plot(totals, ratio, color=INK, linewidth=1.4, linestyle=(0, (5, 3)))
        places.append((float(ratio[-1]), "all lists (1/ξ)", INK))
    _name_curves(ax, places, float(totals[-1]))
    return max((height for height, _, _ in places), default=1.0)


def _name_curves(ax: "Axes", places: list[tuple[float, str, str]], at: float) -> None:
    """Names at the right ends, moved apart where they would lie on one another."""
    last = math.inf
    for height, label, colour in sorted(places, reverse=True):
        place = min(math.log(height), last - 0.22)
        last = place
        ax.annotate(
            label,
            (at, math.exp(place)),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            va="center",
            color=colour,
        )


def _heights(found: "Claims", reached: float) -> tuple[float, float]:
    needed = [n.needed for each in found.judged for n in each.needs if n.what]
    values = [*needed, *_observed(found.table.counts()), reached]
    usable = [v for v in values if math.isfinite(v) and v > 0]
    return max(min(*usable, 1.0) / 2, _RATIOS[0]), min(max(*usable, 1.0) * 1.5, _RATIOS[1])


def _observed(counts: np.ndarray) -> list[float]:
    values = implied.observed_odds_ratios(counts).value.ravel()
    return [float(v) for v in values if np.isfinite(v) and v > 0]


def _rug(found: "Claims", ax: "Axes") -> None:
    """Odds ratios seen among people on a third list, as ticks inside the left edge."""
    values = _observed(found.table.counts())
    if not values:
        return
    across = ax.get_yaxis_transform()
    ax.plot([0.0] * len(values), values, "_", color=SEEN, markersize=22, transform=across, zorder=4)
    ax.annotate(
        "ticks: odds ratios seen\namong people on a third list",
        (0.02, min(values)),
        xycoords=across,
        xytext=(6, -4),
        textcoords="offset points",
        fontsize=8,
        color=SEEN,
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _marks(found: "Claims", ax: "Axes", seen: float) -> None:
    """A line for each total claimed, with its name along it."""
    across = ax.get_xaxis_transform()
    ax.annotate(
        f"{seen:,.0f} seen", (seen, 1.01), xycoords=across, fontsize=8, color=SEEN, ha="left"
    )
    for total, label in {each.total: each.label for each in found.claims}.items():
        if total <= seen:
            continue
        ax.axvline(total, color=INK, linewidth=1.3)
        ax.annotate(
            label,
            (total, 0.98),
            xycoords=across,
            xytext=(-3, 0),
            textcoords="offset points",
            fontsize=8,
            ha="right",
            va="top",
            rotation=90,
        )


def _band(found: "Claims", ax: "Axes", left: float, right: float) -> None:
    low, high = found.reference.interval(found.prob)
    if low < right:
        ax.axvspan(max(low, left), min(high, right), color=FILL, alpha=0.35, linewidth=0)
        ax.annotate(
            f"{type(found.reference.model).__name__}, {found.prob:.0%}",
            (math.sqrt(max(low, left) * min(high, right)), 0.02),
            xycoords=ax.get_xaxis_transform(),
            fontsize=8,
            color=INTERVAL,
            ha="center",
        )


def _ratio_axis(ax: "Axes", low: float, high: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    steps = (1.0, 2.0, 5.0) if high / low < 1e4 else (1.0,)
    ticks = [s * 10.0**d for d in range(-4, 5) for s in steps if low <= s * 10.0**d <= high]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())

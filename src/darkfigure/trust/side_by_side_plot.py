"""The picture of identifying assumptions: a forest plot."""

import math
from typing import TYPE_CHECKING

from darkfigure.results.plots import INK, INTERVAL, SEEN, axes_for, finished, number_axis
from darkfigure.trust.assumed import COVERAGE, Assumed
from darkfigure.trust.side_by_side import MOST_ROWS, SideBySide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RIVALLED, _BAD = "#b26a00", "#b0b0b0"
_FARTHEST = 300.0  # times the people seen: bars are cut off there
_LETTERS = 60


def plot_side_by_side(found: SideBySide, ax: "Axes | None") -> "Figure":
    """Totals by assumption; those that fit as well as others with other totals in orange."""
    rows = _rows(found)
    ax = axes_for(ax, (9.0, 1.4 + 0.27 * len(rows)))
    seen = float(found.table.n_observed)
    shown = [each for _, group in rows for each in group]
    reach = [v for each in shown for v in (each.estimate, each.total.high) if math.isfinite(v)]
    right = min(max(reach, default=2 * seen), _FARTHEST * seen)
    for height, (_, group) in enumerate(rows):
        for each in group:
            _draw(found, ax, each, height, bars=len(group) == 1)
    ax.axvline(seen, color=SEEN, linewidth=1.6)
    ax.annotate(
        f"{seen:,.0f} seen",
        (seen, 1.0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        color=SEEN,
        fontsize=9,
    )
    ax.set_xscale("log")
    ax.set_xlim(seen * 0.95, right * 1.1)
    number_axis(ax, seen, right)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(
        f"{found.table.about.people} in all (log scale); bars: {found.prob:.0%} intervals; orange: "
        "others fit as well\nand give another total; grey: fits badly; numbers: deviance / df"
    )
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)


def _rows(found: SideBySide) -> list[tuple[str, list[Assumed]]]:
    """One row per assumption, or one for many of a kind; those without a number are left out."""
    out: list[tuple[str, list[Assumed]]] = []
    for group in dict.fromkeys(each.group for each in found.assumed):
        known = [e for e in found.assumed if e.group == group and math.isfinite(e.estimate)]
        if len(known) > MOST_ROWS:
            out.append((f"{group} ({len(known)})", known))
        else:
            out += [(_short(each), [each]) for each in known]
    return out


def _short(each: Assumed) -> str:
    name = f"{each.group} {each.name}" if each.group == COVERAGE else each.name
    if each.group.endswith("among people on no other"):
        name = f"{name}, missed by others"
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"


def _draw(found: SideBySide, ax: "Axes", each: Assumed, height: int, *, bars: bool) -> None:
    rivalled = bool(found.rivals(each))
    colour = _RIVALLED if rivalled else _BAD if each.fit.is_bad else INTERVAL
    if bars and math.isfinite(each.total.low):
        far = each.total.high if math.isfinite(each.total.high) else 1e15
        ax.plot(
            [each.total.low, far], [height] * 2, color=colour, linewidth=3, solid_capstyle="butt"
        )
    on_a_bar = bars and math.isfinite(each.total.low)
    ax.plot([each.estimate], [height], "o", color=INK if on_a_bar else colour, markersize=5)
    if bars and math.isfinite(each.fit.deviance):
        ax.annotate(
            f"{each.fit.deviance:.1f} / {each.fit.df:.0f}",
            (1.01, height),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            va="center",
        )

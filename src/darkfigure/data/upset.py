"""A compact UpSet plot: capture histories as columns of dots, people in them as bars above."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.cells import Cells, add_up
from darkfigure.data.columns import BLANK
from darkfigure.data.described import people_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.data.table import CaptureTable

_INK, _ALONE, _SHARED, _PALE, _STRIPE = "#1b1b1b", "#9cc3e6", "#1f5a99", "#d9d9d9", "#f3f5f8"
_GREY = "#5f5f5f"
_MOST_SHOWN = 20
_FEWEST_COLUMNS = 6
_LOG_FROM = 100
_LONGEST_NAME = 18
_SMALL = 8


@dataclass(frozen=True, eq=False)
class _Histories:
    """The largest histories, and what is left out.

    Attributes
    ----------
    on : ndarray of int8, shape (shown, k)
        1, 0 or -1 (not at work), largest history first.
    low, high : ndarray of int64, shape (shown,)
        People with the history.
    hidden, hidden_people : int
        Histories not shown, and the people who have them.
    """

    on: np.ndarray
    low: np.ndarray
    high: np.ndarray
    hidden: int
    hidden_people: int


def draw(table: "CaptureTable", ax: "Axes | None") -> "Figure":
    """Draw the largest histories of a table, and the people on each list.

    Parameters
    ----------
    table : CaptureTable
    ax : Axes, optional
        Where to draw; its own frame is hidden. By default a new figure, 8 inches wide.

    Returns
    -------
    Figure
    """
    shown, own = _largest(table), ax is not None
    ax = _outer_axes(ax, table.n_lists)
    figure = ax.get_figure(root=True)
    assert figure is not None
    width = figure.get_figwidth() * (ax.get_position().width if own else 0.97)
    names = [_cut(name) for name in table.lists]
    middle = 0.20 + (0.25 + 0.072 * max(map(len, names))) / width
    k = table.n_lists
    split = 0.08 + 0.60 * k / (k + 6)
    height = figure.get_figheight() * (ax.get_position().height if own else 0.86)
    bars = ax.inset_axes((middle, split + 0.015, 1 - middle, 0.985 - split))
    dots = ax.inset_axes((middle, 0.0, 1 - middle, split))
    sizes = ax.inset_axes((0.0, 0.0, 0.20, split))
    _draw_bars(
        bars, shown, _literal(table.about.people), (width * (1 - middle), height * (0.985 - split))
    )
    _draw_dots(dots, shown, [_literal(name) for name in names])
    _draw_sizes(sizes, table)
    ax.set_title(_literal(_title(table)), loc="left", fontsize=11)
    note = _note(shown, table)
    if note:
        ax.annotate(
            _literal(note),
            (0.0, 0.0),
            xycoords="axes fraction",
            xytext=(0, -6),
            textcoords="offset points",
            va="top",
            fontsize=_SMALL,
            color=_GREY,
        )
    return figure


def _largest(table: "CaptureTable") -> _Histories:
    """Add up strata and sort histories by the people in them."""
    cells = add_up(Cells(table.histories, table.low, table.high, {})).cells
    cells = cells.take(cells.high > 0)
    order = np.lexsort((np.arange(len(cells.low)), -cells.low, -cells.high))
    top, rest = cells.take(order[:_MOST_SHOWN]), cells.take(order[_MOST_SHOWN:])
    return _Histories(top.histories, top.low, top.high, len(rest.low), int(rest.low.sum()))


def _outer_axes(ax: "Axes | None", k: int) -> "Axes":
    if ax is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(8, 4 + 0.2 * max(k - 8, 0)), layout="constrained")
        if "inline" in plt.get_backend().lower():
            plt.close(figure)  # a notebook shows the figure that is returned, and not twice
        ax = figure.add_subplot()
    ax.set_axis_off()
    return ax


def _draw_bars(ax: "Axes", shown: _Histories, people: str, size_in: tuple[float, float]) -> None:
    """Bars of people per history, each with its number, in axes of a size in inches."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

    at = np.arange(len(shown.low))
    alone = (shown.on == 1).sum(axis=1) == 1
    colours = np.where(alone, _ALONE, _SHARED)
    log = _wide(shown.high)
    floor = 0.6 if log else 0.0
    ax.bar(at, np.maximum(shown.low, floor) - floor, width=0.72, bottom=floor, color=colours)
    ax.vlines(at, np.maximum(shown.low, floor), shown.high, color=_INK, linewidth=1.2)
    labels = [
        f"{low:,}" if low == high else f"{low:,}-{high:,}"
        for low, high in zip(shown.low.tolist(), shown.high.tolist(), strict=True)
    ]
    column = 72 * size_in[0] / max(len(at), _FEWEST_COLUMNS)
    size = _SMALL - 0.5 if len(at) <= 12 else _SMALL - 1.0
    upright = max(map(_ems, labels)) * size > column
    for x, y, label in zip(at, shown.high, labels, strict=True):
        ax.annotate(
            label,
            (x, y),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            rotation=90 if upright else 0,
            fontsize=size,
            color=_INK,
        )
    top = float(shown.high.max())
    room = 1.0 + (0.45 if upright else 0.22)
    if upright:
        taken = (max(map(_ems, labels)) * size + 6) / (72 * size_in[1])
        room = max(room, 1 / (1 - min(taken, 0.7)))
    if log:
        ax.set_yscale("log")
        ax.set_ylim(floor, floor * (top / floor) ** room)
    else:
        ax.set_ylim(0, top * room)
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_xlim(-0.6, max(len(at), _FEWEST_COLUMNS) - 0.4)
    ax.set_xticks([])
    ax.set_ylabel(f"{people} (log scale)" if log else people, fontsize=_SMALL + 1)
    ax.tick_params(axis="y", labelsize=_SMALL, length=2.5)
    ax.spines[["top", "right"]].set_visible(False)
    if alone.any() and not alone.all():
        _colour_key(ax)


def _colour_key(ax: "Axes") -> None:
    from matplotlib.patches import Patch

    ax.legend(
        handles=[
            Patch(color=_ALONE, label="on one list"),
            Patch(color=_SHARED, label="on several"),
        ],
        loc="upper right",
        frameon=False,
        fontsize=_SMALL,
        handlelength=1.0,
        handleheight=0.9,
        borderaxespad=0.0,
    )


def _draw_dots(ax: "Axes", shown: _Histories, names: list[str]) -> None:
    """One column of dots per history: filled on the list, crossed where it was not at work."""
    k = len(names)
    at = np.arange(len(shown.low))
    for row in range(0, k, 2):
        ax.axhspan(row - 0.5, row + 0.5, color=_STRIPE, linewidth=0, zorder=0)
    size = float(np.clip(260 / k, 9, 46))
    for value, style in (
        (0, {"color": _PALE, "marker": "o"}),
        (BLANK, {"color": _GREY, "marker": "x", "linewidths": 1.0}),
        (1, {"color": _INK, "marker": "o"}),
    ):
        column, row = np.nonzero(shown.on == value)
        scale = 0.45 if value == BLANK else 1.0
        ax.scatter(column, row, s=size * scale, zorder=3 if value == 1 else 2, **style)
    for x, history in zip(at, shown.on, strict=True):
        rows = np.flatnonzero(history == 1)
        ax.plot([x, x], [rows.min(), rows.max()], color=_INK, linewidth=1.6, zorder=2.5)
    ax.set_xlim(-0.6, max(len(at), _FEWEST_COLUMNS) - 0.4)
    ax.set_ylim(k - 0.5, -0.5)
    ax.set_xticks([])
    ax.set_yticks(range(k), names, fontsize=min(_SMALL + 1.5, 150 / k + 3))
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)


def _draw_sizes(ax: "Axes", table: "CaptureTable") -> None:
    """People on each list, as bars that grow to the left, each with its number."""
    totals = table.totals().to_numpy()
    k = len(totals)
    for row in range(0, k, 2):
        ax.axhspan(row - 0.5, row + 0.5, color=_STRIPE, linewidth=0, zorder=0)
    ax.barh(np.arange(k), totals, height=0.6, color=_GREY, alpha=0.55)
    for row, total in enumerate(totals.tolist()):
        ax.annotate(
            f"{total:,}",
            (total, row),
            xytext=(-3, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=min(float(_SMALL), 150 / k + 3),
            color=_INK,
        )
    ax.set_xlim(max(int(totals.max()), 1) * 1.75, 0)
    ax.set_ylim(k - 0.5, -0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    title = "on each list" if table.is_exact else "on each list (at least)"
    ax.set_title(title, fontsize=_SMALL + 1, loc="right", pad=4, color=_GREY)


def _title(table: "CaptureTable") -> str:
    about = table.about
    text = f"{people_in_words(table)} on {table.n_lists} lists"
    return text if about.period is None else f"{text}, {about.period.text}"


def _note(shown: _Histories, table: "CaptureTable") -> str:
    notes = []
    if shown.hidden:
        share = shown.hidden_people / max(table.n_observed, 1)
        number = len(shown.low) + shown.hidden
        notes.append(
            f"The largest {len(shown.low)} of {number:,} histories; the other "
            f"{shown.hidden:,} have {shown.hidden_people:,} {table.about.people} ({share:.1%})."
        )
    if (shown.on == BLANK).any():
        notes.append("\u00d7 the list was not at work.")
    if (shown.low != shown.high).any():
        notes.append("Lines: between limits.")
    return " ".join(notes)


def _wide(people: np.ndarray) -> bool:
    """Whether the numbers span more than two orders of magnitude."""
    return bool(people.max() > _LOG_FROM * max(int(people.min()), 1))


def _ems(number: str) -> float:
    """Width of a printed number, in units of its font size."""
    return sum(0.32 if sign in ",-" else 0.64 for sign in number)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}\u2026"


def _literal(text: str) -> str:
    """Text in which a dollar sign begins no formula."""
    return text.replace("$", r"\$")

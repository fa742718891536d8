"""The picture of `trimming`: the total against the number of records trimmed."""

from typing import TYPE_CHECKING

from darkfigure.results.plots import INK, INTERVAL, SEEN, axes_for, finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from darkfigure.results.trimming import Trimming


def plot_trimming(found: "Trimming", ax: "Axes | None") -> "Figure":
    """Estimates and intervals by step, the step to stop at in red."""
    from matplotlib.ticker import FuncFormatter

    ax = axes_for(ax, (7.5, 4.2))
    steps = found.steps
    ax.vlines(steps["trimmed"], steps["low"], steps["high"], color=INTERVAL, linewidth=3)
    ax.plot(steps["trimmed"], steps["estimate"], "o-", color=INK, linewidth=1.2, markersize=6)
    stop = steps.iloc[found.stop]
    ax.plot([stop["trimmed"]], [stop["estimate"]], "o", color=SEEN, markersize=9, zorder=3)
    for level, trimmed, high in zip(steps["level"], steps["trimmed"], steps["high"], strict=True):
        ax.annotate(
            str(level),
            (trimmed, high),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    ax.set_xlabel(
        f"people taken off {found.list_name}, by {found.by}; red: the last step whose records "
        "are linked less than others"
    )
    ax.set_ylabel(f"{found.table.about.people} in all")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    text = found.headline()
    at = text.rfind(" ", 0, 66)
    title = text if len(text) < 66 else f"{text[:at]}\n{text[at + 1 :]}"
    ax.set_title(title, loc="left", fontsize=11)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return finished(ax)

"""Draw the ranks that simulation-based calibration found, a small picture for every check."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAR, BAND, OUT, INK, QUIET = "#9db4c8", "#ececec", "#b3261e", "#222222", "#8a8a8a"
_COLUMNS = 3
_INSIDE = 0.99  # of the counts of a bin, if ranks are uniform


@dataclass(frozen=True)
class Ranks:
    """What one check found.

    Attributes
    ----------
    title : str
        Model and lists, in words.
    counts : ndarray of int, shape (bins,)
        Ranks of the truth among the draws, from lowest to highest.
    """

    title: str
    counts: np.ndarray


def kept_ranks(folder: Path) -> Iterator[Ranks]:
    """Read the checks whose files hold ranks, in the order of the list above the picture."""
    for path in sorted(folder.glob("*.txt")):
        first, *rest = path.read_text("utf-8").splitlines()
        for line in rest:
            if line.startswith("ranks:"):
                counts = np.array(line.removeprefix("ranks:").split(), dtype=int)
                yield Ranks(first.split(":")[0], counts)


def draw(folder: str | Path) -> "Figure":
    """Draw every histogram on the band that the counts of uniform ranks keep to."""
    import matplotlib.pyplot as plt

    found = list(kept_ranks(Path(folder)))
    rows = ceil(len(found) / _COLUMNS)
    figure, grid = plt.subplots(
        rows,
        _COLUMNS,
        figsize=(8.6, 0.45 + 1.95 * rows),
        squeeze=False,
        layout="constrained",
    )
    for ax in grid.ravel()[len(found) :]:
        ax.set_visible(False)
    for place, (ax, each) in enumerate(zip(grid.ravel(), found, strict=False)):
        _draw_one(ax, each, labelled=place + _COLUMNS >= len(found))
    plt.close(figure)  # shown once, as the value of its cell
    return figure


def _draw_one(ax: "Axes", ranks: Ranks, *, labelled: bool) -> None:
    from scipy.stats import binom

    bins, runs = len(ranks.counts), int(ranks.counts.sum())
    low, high = binom.ppf([(1 - _INSIDE) / 2, (1 + _INSIDE) / 2], runs, 1 / bins)
    outside = (ranks.counts < low) | (ranks.counts > high)
    ax.axhspan(low, high, color=BAND, zorder=0)
    ax.axhline(runs / bins, color=QUIET, linewidth=0.8, zorder=1)
    ax.bar(
        (np.arange(bins) + 0.5) / bins,
        ranks.counts,
        width=0.88 / bins,
        color=np.where(outside, OUT, BAR),
        zorder=2,
    )
    # the band over the bars, so that it can be read across them
    ax.hlines([low, high], 0, 1, color=QUIET, linewidth=0.7, linestyle=(0, (3, 2)), zorder=3)
    ax.set_title(fill(ranks.title, 38), loc="left", fontsize=8.5, color=INK)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.15 * max(high, ranks.counts.max()))
    ax.set_xticks([0, 0.5, 1], ["lowest", "middle", "highest"] if labelled else [""] * 3)
    for label, side in zip(ax.get_xticklabels(), ("left", "center", "right"), strict=True):
        label.set_horizontalalignment(side)
    ax.tick_params(axis="x", length=0, labelsize=7.5, colors=INK)
    ax.tick_params(axis="y", length=2, labelsize=7.5, colors=INK)
    ax.set_yticks([0, round(runs / bins)])
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)

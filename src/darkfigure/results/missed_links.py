"""How many missed links would explain another figure: the answer of `missed_links`."""

import html
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.calls import write_call
from darkfigure.contract import Model
from darkfigure.data.paragraphs import paragraph
from darkfigure.data.table import CaptureTable
from darkfigure.results.storage import as_plain
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class MissedLinks:
    """The share of links that must have been missed for another total; made by `missed_links`.

    A **link** is between the records of one person on two lists; somebody on three lists has
    three.

    Attributes
    ----------
    table : CaptureTable
    model : Model
        That of the people on no list, without errors of linkage.
    target : float
        The total asked about.
    share : float
        The share of the true links that were missed, if it is the total; nan where none will do.
    reason : str
        Why none will do, or that the total jumps there; else "".
    tried : DataFrame
        A row per share tried, in order: share, estimate, low, high (of the 95 % interval), seen.
    seed : int
    """

    table: CaptureTable
    model: Model
    target: float
    share: float
    reason: str
    tried: pd.DataFrame
    seed: int

    @property
    def found(self) -> int:
        """Links that were found: people on both of two lists, added up over pairs of lists."""
        overlap = self.table.overlap().to_numpy()
        return int(np.triu(overlap, 1).sum())

    @property
    def missed(self) -> float:
        """Links that must have been missed beside those found; nan where no share will do."""
        return self.found * self.share / (1.0 - self.share)

    @property
    def estimate(self) -> float:
        """The total if no link was missed."""
        return float(self.tried["estimate"].iloc[0])

    def to_frame(self) -> pd.DataFrame:
        """The shares tried, a row each: estimate, low, high, seen."""
        return self.tried.copy()

    def to_json(self) -> str:
        """Every number as JSON text."""
        content = {
            "target": self.target,
            "share": self.share,
            "links_found": self.found,
            "links_missed": self.missed,
            "estimate": self.estimate,
            "reason": self.reason,
            "model": write_call(self.model),
            "tried": self.tried.to_dict(orient="records"),
            "seed": self.seed,
        }
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """Draw the total against the share of links missed, with its interval and the target."""
        from darkfigure.results.missed_links_plot import plot_missed_links

        return plot_missed_links(self, ax)

    def headline(self) -> str:
        """The answer in one sentence."""
        people = self.table.about.people
        target, estimate = rounded(self.target), rounded(self.estimate)
        if math.isnan(self.share):
            return (
                f"No share of missed links makes {estimate} {people} into {target}: {self.reason}"
            )
        return (
            f"{target} {people} instead of {estimate} if {self.share:.0%} of the links between "
            f"lists were missed: {self.missed:,.0f} beside the {self.found:,} found"
        )

    def text(self) -> str:
        """The printed form."""
        lines = [self.headline()]
        lines += paragraph("model", write_call(self.model))
        for share, estimate, low, high, seen in self.tried.to_numpy(dtype=float):
            width = high - low
            lines += paragraph(
                f"{share:.1%}",
                f"missed: {rounded(estimate, width)} ({rounded(low, width)} to "
                f"{rounded(high, width)}), {seen:,.0f} seen",
            )
        if self.reason and not math.isnan(self.share):
            lines += paragraph("caution", self.reason)
        lines += paragraph("assumes", "links missed alike between all lists, and none made falsely")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<div><pre>{html.escape(self.text())}</pre></div>"

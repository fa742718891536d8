"""What trimming a list of doubtful records does to the total: the answer of `trimming`."""

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

UNLIKE = 0.05
"""A step counts as trimming outsiders below this probability of so few links by chance."""


@dataclass(frozen=True, eq=False, repr=False)
class Trimming:
    """The total with more and more doubtful records taken off a list; made by `trimming`.

    Attributes
    ----------
    table : CaptureTable
    model : Model
    list_name : str
        The list that also holds people outside the population.
    by : str
        The stratum variable that says how doubtful a record is.
    steps : DataFrame
        A row per step, the first untrimmed: level (trimmed in this step), trimmed (people taken
        off so far), linked (those of them on another list), estimate, low, high (of the 95 %
        interval); share_linked of this step's people and of those kept, and p, the probability of
        so few links among this step's if they were like those kept.
    seed : int
    """

    table: CaptureTable
    model: Model
    list_name: str
    by: str
    steps: pd.DataFrame
    seed: int

    @property
    def stop(self) -> int:
        """The last step of an unbroken run that trimmed people who are linked less than others.

        Beyond it the records trimmed look like those kept, and trimming only loses precision.
        """
        last = 0
        for number, p in enumerate(self.steps["p"].to_numpy()[1:], start=1):
            if not p < UNLIKE:
                break
            last = number
        return last

    def to_frame(self) -> pd.DataFrame:
        """The steps, a row each."""
        return self.steps.copy()

    def to_json(self) -> str:
        """Every number as JSON text."""
        content = {
            "list": self.list_name,
            "by": self.by,
            "stop": self.stop,
            "model": write_call(self.model),
            "steps": self.steps.to_dict(orient="records"),
            "seed": self.seed,
        }
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """Draw the total against the number of records trimmed."""
        from darkfigure.results.trimming_plot import plot_trimming

        return plot_trimming(self, ax)

    def headline(self) -> str:
        """The answer in one sentence."""
        people, first = self.table.about.people, self.steps.iloc[0]
        last = self.steps.iloc[self.stop]
        before = rounded(first["estimate"], first["high"] - first["low"])
        if not self.stop:
            return (
                f"{before} {people}: the most doubtful on {self.list_name} are linked as often as "
                "the others, so that nothing says they are outsiders"
            )
        width = last["high"] - last["low"]
        return (
            f"{rounded(last['estimate'], width)} {people} ({rounded(last['low'], width)} to "
            f"{rounded(last['high'], width)}) instead of {before}, with {last['trimmed']:,.0f} "
            f"doubtful records taken off {self.list_name}"
        )

    def text(self) -> str:
        """The printed form."""
        shown = self.steps.copy()
        widths = (shown["high"] - shown["low"]).to_list()
        for name in ("estimate", "low", "high"):
            values = shown[name].to_list()
            shown[name] = [rounded(value, w) for value, w in zip(values, widths, strict=True)]
        for name in ("share_linked", "share_linked_kept"):
            shown[name] = [f"{value:.1%}" if value == value else "" for value in shown[name]]
        shown["p"] = [f"{value:.2g}" if value == value else "" for value in shown["p"]]
        lines = [self.headline(), "", shown.to_string(index=False), ""]
        lines += paragraph("model", write_call(self.model))
        lines += paragraph(
            "assumes",
            f"only {self.list_name} holds people outside the population, none of whom is on "
            "another list",
        )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return (
            f"<div><p><strong>{html.escape(self.headline())}</strong></p>"
            f"{self.steps.to_html(index=False)}</div>"
        )

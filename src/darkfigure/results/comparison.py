"""Several models on one table, side by side."""

import html
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.calls import write_call
from darkfigure.results.estimate import Estimate, check_prob
from darkfigure.results.storage import as_plain, trend_as_plain
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_REFUSED = "not used"
_NUMBERS = ["estimate", "median", "low", "high"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Estimates of one population by several models; made by `compare`.

    Attributes
    ----------
    estimates : tuple of Estimate
    refusals : mapping of str to str
        Models that could not be used, each with the reason.
    """

    estimates: tuple[Estimate, ...]
    refusals: dict[str, str]

    def summary(self, prob: float = 0.95) -> pd.DataFrame:
        """One row per model: estimate, median, low, high, modes, cautions.

        Returns
        -------
        DataFrame
            Column kind says where the draws come from. Models that could not be used come last:
            their kind is "not used", their numbers are nan, and reason says why ("" for others).
        """
        check_prob(prob)
        rows = []
        for est in self.estimates:
            low, high = est.interval(prob)
            rows.append(
                {
                    "model": write_call(est.model),
                    "kind": est.kind,
                    "estimate": est.estimate,
                    "median": est.median,
                    "low": low,
                    "high": high,
                    "modes": len(est.modes()),
                    "cautions": len(est.cautions),
                    "reason": "",
                }
            )
        rows += [_row_of_refusal(name, reason) for name, reason in self.refusals.items()]
        frame = pd.DataFrame(rows).set_index("model")
        frame.attrs["prob"] = prob
        return frame

    @property
    def disagreement(self) -> float:
        """The largest of the estimates over the smallest; nan if not even one is a number."""
        answers = [est.estimate for est in self.estimates if est.settled]
        return max(answers) / min(answers) if answers else math.nan

    def plot(self, ax: "Axes | None" = None, *, prob: float = 0.95) -> "Figure":
        """Forest plot: estimates and intervals on one axis, with the observed count."""
        from darkfigure.results.plots import plot_comparison

        return plot_comparison(self, ax, prob=prob)

    def _headline(self) -> str:
        people = self.estimates[0].table.about.people
        answers = [est.estimate for est in self.estimates if est.settled]
        without = len(self.estimates) - len(answers)
        if not answers:
            models = "The model gives" if without == 1 else f"All {without} models give"
            return f"{models} no single number of {people}"
        more = f"; {without} more {'give' if without > 1 else 'gives'} no single number"
        return self._agreement(answers, people) + (more if without else "")

    @staticmethod
    def _agreement(answers: list[float], people: str) -> str:
        low, high = min(answers), max(answers)
        if len(answers) == 1:
            return f"One model: {rounded(low)} {people}"
        agree = "agree within a tenth" if high <= 1.1 * low else f"differ by {high / low:.1f} times"
        return f"{len(answers)} models {agree}: {rounded(low)} to {rounded(high)} {people}"

    def _printable(self, prob: float) -> pd.DataFrame:
        frame = self.summary(prob).drop(columns="reason")
        refused = frame["kind"] == _REFUSED
        widths = frame["high"] - frame["low"]
        for column in _NUMBERS:
            frame[column] = [rounded(v, w) for v, w in zip(frame[column], widths, strict=True)]
        unsettled = [not est.settled for est in self.estimates]
        frame.iloc[np.flatnonzero(unsettled), [1, 2]] = "no single number"
        frame[["modes", "cautions"]] = frame[["modes", "cautions"]].astype(str)
        frame.loc[refused, [*_NUMBERS, "modes", "cautions"]] = "-"
        return frame

    def to_json(self, *, prob: float = 0.95, year: str = "year") -> str:
        """Every number of the comparison as JSON text.

        Where `year` is a stratum variable, each model has its `trend`.
        """
        answers = self.summary(prob).drop(columns="reason").iloc[: len(self.estimates)]
        rows = answers.reset_index().to_dict(orient="records")
        for row, est in zip(rows, self.estimates, strict=True):
            row["trend"] = trend_as_plain(est, prob, year)
        content = {"prob": prob, "models": rows, "refusals": self.refusals}
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def text(self, *, prob: float = 0.95) -> str:
        """The printed form, with intervals of another probability."""
        lines = [self._headline(), "", self._printable(prob).to_string()]
        lines += [f"\nnot used: {name}: {reason}" for name, reason in self.refusals.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        refused = "".join(
            f"<p>not used: {html.escape(name)}: {html.escape(reason)}</p>"
            for name, reason in self.refusals.items()
        )
        return (
            f"<div><p><strong>{html.escape(self._headline())}</strong></p>"
            f"{self._printable(0.95).to_html()}{refused}</div>"
        )


def _row_of_refusal(name: str, reason: str) -> dict[str, object]:
    numbers = dict.fromkeys(_NUMBERS, math.nan)
    return {
        "model": name,
        "kind": _REFUSED,
        **numbers,
        "modes": 0,
        "cautions": 0,
        "reason": reason,
    }

"""Every identifying assumption side by side: the result of `identify`."""

import html
import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.data.paragraphs import paragraph
from darkfigure.data.table import CaptureTable
from darkfigure.results.storage import as_plain
from darkfigure.results.wording import rounded
from darkfigure.trust.assumed import ALIKE, BEHAVIOUR, COVERAGE, MODELS, UNLIKE, Assumed
from darkfigure.trust.observed_fit import ObservedFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS = 2.0
"""Of AIC or BIC: fits closer than this are taken as equal."""

APART = 1.1
"""Totals whose ratio is larger say something else."""

_EXPLAINED = (MODELS, ALIKE, UNLIKE, BEHAVIOUR, COVERAGE)

MOST_ROWS = 6
"""Assumptions of one kind that are printed one by one; more are summed up in a line."""


@dataclass(frozen=True, eq=False, repr=False)
class SideBySide:
    """What each identifying assumption says of one table; made by `identify`.

    Attributes
    ----------
    assumed : tuple of Assumed
        One for each assumption.
    table : CaptureTable
        With its strata added up.
    prob : float
        Of the intervals.
    note : str
        What was done to the table first.
    """

    assumed: tuple[Assumed, ...]
    table: CaptureTable
    prob: float
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row per assumption.

        Returns
        -------
        DataFrame
            Columns group, name, assumption, estimate, low, high, kind, lower_bound, deviance (of
            an average, that of its mean), df, parameters, effective (of an average: counted by how
            far its draws spread), aic (deviance plus twice the parameters; of an average this is
            the deviance information criterion), fits_badly (the chance of a larger deviance is
            below one in a thousand), rivals (how many fit as well, within two units of AIC, or of
            BIC where neither is an average, and give a total that differs by more than a tenth),
            rivals_low and rivals_high (their totals), note (why there is no number, or no fit).
        """
        return pd.DataFrame([self._entries(each) for each in self.assumed])

    def _entries(self, each: Assumed) -> dict[str, object]:
        rivals = self.rivals(each)
        fit = each.fit
        return {
            "group": each.group,
            "name": each.name,
            "assumption": each.assumption,
            **asdict(each.total),
            "lower_bound": each.lower_bound,
            **asdict(fit),
            "aic": fit.aic,
            "fits_badly": fit.is_bad,
            "rivals": len(rivals),
            "rivals_low": min(rivals, default=math.nan),
            "rivals_high": max(rivals, default=math.nan),
            "note": each.note,
        }

    def rivals(self, one: Assumed) -> list[float]:
        """Totals of the assumptions that fit as well as one and say something else.

        None for an assumption that fits badly.
        """
        return [
            each.estimate
            for each in self.assumed
            if not one.fit.is_bad
            and not each.fit.is_bad
            and one.fit.is_like(each.fit, self.table.n_observed, UNITS)
            and abs(math.log(each.estimate / one.estimate)) > math.log(APART)
        ]

    def summary(self) -> pd.DataFrame:
        """The assumptions that give a number: estimate, low, high, deviance, df, rivals."""
        frame = self.to_frame()
        kept = frame[frame["estimate"].notna()].set_index(["group", "name"])
        return kept[["estimate", "low", "high", "kind", "deviance", "df", "rivals"]]

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """Forest plot: totals and intervals by assumption, on a log axis."""
        from darkfigure.trust.side_by_side_plot import plot_side_by_side

        return plot_side_by_side(self, ax)

    def to_json(self) -> str:
        """Every number as JSON text."""
        rows = self.to_frame().to_dict(orient="records")
        content = {
            "prob": self.prob,
            "seen": self.table.n_observed,
            "note": self.note,
            "assumptions": rows,
        }
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def text(self) -> str:
        """The printed form: every assumption, or a line for many of one kind."""
        lines = [self._headline(), *paragraph("seen", self._seen())]
        for group in dict.fromkeys(each.group for each in self.assumed):
            rows = [each for each in self.assumed if each.group == group]
            lines += [
                "",
                group,
                *(_one_by_one if len(rows) <= MOST_ROWS else _summed_up)(self, rows),
            ]
        lines += ["", *paragraph("*", _EQUALS)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"

    def _headline(self) -> str:
        answers = [each.estimate for each in self.assumed if np.isfinite(each.estimate)]
        people = self.table.about.people
        if not answers:
            return f"No identifying assumption gives a number of {people}"
        span = f"{rounded(min(answers))} to {rounded(max(answers))}"
        many = f"{len(answers)} identifying assumptions give"
        return f"{many if len(answers) > 1 else 'One identifying assumption gives'} {span} {people}"

    def _seen(self) -> str:
        text = f"{self.table.n_observed:,} people on {self.table.n_lists} lists"
        return f"{text}; {self.note}" if self.note else text


_EQUALS = (
    "fits as well as others here (within two units of AIC or BIC; averages by AIC, with the "
    "parameters that the spread of their draws is worth) that give totals more than a tenth away: "
    "the observed counts cannot choose between them"
)


def _counted(fit: ObservedFit) -> str:
    if fit.effective:
        return f"at its mean, with {fit.parameters:.1f} effective parameters"
    return f"on {fit.df:.0f} df"


def _one_by_one(found: SideBySide, rows: list[Assumed]) -> list[str]:
    return [line for each in rows for line in _row(found, each)]


def _row(found: SideBySide, each: Assumed) -> list[str]:
    if math.isnan(each.estimate):
        return paragraph("-", f"{each.name}: {each.note}")
    total, fit = each.total, each.fit
    width = total.high - total.low if math.isfinite(total.low) else math.inf
    least = "at least " if each.lower_bound else ""
    text = f"{each.name}: {least}{rounded(each.estimate, width)}"
    if math.isfinite(total.low):
        text += f" ({rounded(total.low, width)} to {rounded(total.high, width)})"
    if math.isfinite(fit.deviance):
        text += f", deviance {fit.deviance:.1f} {_counted(fit)}"
        text += ", which fits badly" if fit.is_bad else ""
    if each.note:
        text += f"; {each.note}"
    if each.group in _EXPLAINED:
        text += f". {each.assumption.split(', and ')[0].rstrip('.')}"
    return paragraph("*" if found.rivals(each) else "", text)


def _summed_up(found: SideBySide, rows: list[Assumed]) -> list[str]:
    known = sorted((e for e in rows if math.isfinite(e.estimate)), key=lambda e: e.estimate)
    if not known:
        return paragraph("-", f"none of {len(rows)} is determined ({rows[0].note})")
    ends = [known[0], known[-1]] if len(known) > 1 else known
    inside = " to ".join(f"{rounded(each.estimate)} ({each.name})" for each in ends)
    middle = rounded(float(np.median([each.estimate for each in known])))
    text = f"{len(known)} of {len(rows)} are determined: {inside}, half of them below {middle}"
    return paragraph("*" if any(found.rivals(each) for each in known) else "", text)

"""The totals that agree with ranges of dependence: the result of `bounds`."""

import html
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from darkfigure.data.paragraphs import paragraph
from darkfigure.data.table import CaptureTable
from darkfigure.literals import Among
from darkfigure.results.storage import as_plain
from darkfigure.results.wording import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Bounds:
    """Between which totals the population lies if dependence lies in a range; made by `bounds`.

    Attributes
    ----------
    low, high : float
        The totals that meet all ranges at the observed frequencies; nan where none does, high inf
        where no total is too large.
    interval : tuple of float
        With sampling uncertainty; nan where every total is rejected.
    deviance : float
        Likelihood-ratio statistic of the best total: 0 unless the observed frequencies as they
        are meet the ranges at no total. Where every total is rejected: what none has less than.
    binds : tuple of str
        The lists whose odds ratio sets the lower and the upper end; "" for none.
    odds_ratios, xi : pair of float, or None
    among : str
    prob : float
    table : CaptureTable
        With its strata added up.
    note : str
    """

    low: float
    high: float
    interval: tuple[float, float]
    deviance: float
    binds: tuple[str, str]
    odds_ratios: tuple[float, float] | None
    among: Among
    xi: tuple[float, float] | None
    prob: float
    table: CaptureTable
    note: str = ""

    @property
    def contradicted(self) -> bool:
        """Whether the table rejects the ranges at every total."""
        return math.isnan(self.interval[0])

    def to_frame(self) -> pd.DataFrame:
        """Rows "identified set" and "interval": low, high."""
        rows = {"identified set": (self.low, self.high), "interval": self.interval}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"])

    def summary(self) -> pd.DataFrame:
        """The same as `to_frame`."""
        return self.to_frame()

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """The identified set and the interval on a log axis, with the people seen."""
        from darkfigure.results.plots import FILL, INTERVAL, SEEN, axes_for, finished, number_axis

        ax = axes_for(ax, (8.0, 1.9))
        seen = float(self.table.n_observed)
        ends = [v for v in (*self.interval, self.low, self.high) if math.isfinite(v)]
        right = 1.2 * max([*ends, 2 * seen])
        for height, (low, high), colour in (
            (0, self.interval, FILL),
            (1, (self.low, self.high), INTERVAL),
        ):
            if not math.isnan(low):
                far = min(high, 10 * right)
                ax.plot([low, far], [height] * 2, color=colour, linewidth=9, solid_capstyle="butt")
        ax.axvline(seen, color=SEEN, linewidth=1.6)
        ax.set_xscale("log")
        ax.set_xlim(seen * 0.95, right)
        number_axis(ax, seen, right)
        ax.set_ylim(-0.7, 1.7)
        ax.set_yticks([0, 1], [f"{self.prob:.0%} interval", "at the observed\nfrequencies"])
        ax.tick_params(axis="y", length=0)
        ax.set_title(self._headline(), loc="left", fontsize=10)
        ax.set_xlabel(f"{self.table.about.people} in all (log scale); red: the {seen:,.0f} seen")
        for side in ("left", "top", "right"):
            ax.spines[side].set_visible(False)
        return finished(ax)

    def to_json(self) -> str:
        """Every number as JSON text."""
        names = ("low", "high", "interval", "deviance", "binds", "odds_ratios", "among", "xi")
        content = {name: getattr(self, name) for name in (*names, "prob", "note")}
        content["seen"] = self.table.n_observed
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def text(self) -> str:
        """The printed form."""
        lines = [self._headline()]
        for label, words in (
            ("seen", f"{self.table.n_observed:,} people on {self.table.n_lists} lists"),
            ("assumes", self._assumes()),
            ("exactly", self._exactly()),
            ("note", self.note),
        ):
            if words:
                lines += paragraph(label, words)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"

    def _headline(self) -> str:
        people = self.table.about.people
        if self.contradicted:
            return f"No number of {people} agrees with this table and these ranges"
        low, high = self.interval
        if math.isinf(high):
            return (
                f"{rounded(low)} {people} or more ({self.prob:.0%} limit); no number is too large"
            )
        width = high - low
        inside = f"{rounded(low, width)} to {rounded(high, width)}"
        return f"{inside} {people} ({100 * self.prob:g}% interval)"

    def _assumes(self) -> str:
        parts = []
        if self.odds_ratios is not None:
            where = "in the population" if self.among == "everyone" else "among people on no other"
            low, high = self.odds_ratios
            parts.append(f"the odds ratio of every two lists {where} from {low:g} to {high:g}")
        if self.xi is not None:
            parts.append(f"the interaction ξ of all lists from {self.xi[0]:g} to {self.xi[1]:g}")
        return f"{'; '.join(parts)}; nothing else of how lists depend on one another"

    def _apart(self) -> str:
        """Which ranges no total meets together."""
        above, below = self.binds
        if above and below and above != below:
            return f"{above} needs more people than {below} allows"
        return f"{above or below} is in its range at no total"

    def _exactly(self) -> str:
        """What the observed frequencies say, taken as exact."""
        if math.isnan(self.low):
            badly = f"{self.deviance:.1f} at the best total"
            if self.contradicted:
                badly = f"at least {math.floor(10 * self.deviance) / 10:,.1f} at every total"
            return (
                "taken as exact, the observed frequencies meet the ranges at no total: "
                f"{self._apart()} (likelihood-ratio statistic {badly})"
            )
        width = self.high - self.low
        ends = f"{rounded(self.low, width)} to {rounded(self.high, width)}"
        by = [
            f"{end} end by {name}"
            for end, name in zip(("lower", "upper"), self.binds, strict=True)
            if name
        ]
        return f"taken as exact, the observed frequencies allow {ends}" + (
            f" ({', '.join(by)})" if by else ""
        )

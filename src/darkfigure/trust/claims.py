"""Claimed totals, and what would have to be true for each: the result of `claim`."""

import html
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pandas as pd

from darkfigure.data.table import CaptureTable
from darkfigure.results.estimate import Estimate
from darkfigure.results.storage import as_plain
from darkfigure.trust.claimed_totals import Claim
from darkfigure.trust.need import Need

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Judged:
    """One claim with what would have to be true for it.

    Attributes
    ----------
    claim : Claim
    needs : tuple of Need
        Of dependence only where the claim is above the people seen.
    share_above : float
        Of the reference estimate's draws that are at or above the claim.
    contradicted : bool
        The claim is not above the number of people seen.
    """

    claim: Claim
    needs: tuple[Need, ...]
    share_above: float
    contradicted: bool


@dataclass(frozen=True, eq=False, repr=False)
class Claims:
    """What would have to be true for claimed totals; made by `claim`.

    Attributes
    ----------
    judged : tuple of Judged
        One for each claim, in the order given.
    table : CaptureTable
        With its strata added up.
    reference : Estimate
        What the shares of missed links, false links and people outside start from.
    prob : float
        Of the intervals.
    note : str
        What was done to the table first.
    aside : tuple of str
        For each published figure that is not set beside the table, a sentence why.
    """

    judged: tuple[Judged, ...]
    table: CaptureTable
    reference: Estimate
    prob: float
    note: str = ""
    aside: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims alone."""
        return tuple(each.claim for each in self.judged)

    def to_frame(self) -> pd.DataFrame:
        """One row per claim and way of being wrong.

        Returns
        -------
        DataFrame
            Columns claim, source, total (on the table's scale), way, what (the two lists),
            needed, low, high, seen_low and seen_high (the smallest and largest such value among
            people whom another list saw), note (why there is no value, or what speaks against it),
            first_order (whether the value is rough: exact for two lists only).
        """
        rows = []
        for each in self.judged:
            about: dict[str, object] = {"claim": each.claim.label, "source": each.claim.source}
            about["total"] = each.claim.total
            rows += [about | asdict(need) for need in each.needs]
        frame = pd.DataFrame(rows)
        columns = ["claim", "source", "total", "way", "what", "needed", "low", "high"]
        return frame[[*columns, "seen_low", "seen_high", "note", "first_order"]]

    def summary(self) -> pd.DataFrame:
        """The values needed: a row per way of being wrong, a column per claim.

        Columns are numbered where two claims are alike. The observed range stands last.
        """
        columns: dict[str, pd.Series[float]] = {}
        for each in self.judged:
            name = _unused(each.claim.label, columns)
            columns[name] = pd.Series({(n.way, n.what): n.needed for n in each.needs}, dtype=float)
        frame = pd.DataFrame(columns)
        fullest = max(self.judged, key=lambda each: len(each.needs)).needs
        frame = frame.reindex(pd.MultiIndex.from_tuples([(n.way, n.what) for n in fullest]))
        frame.index.names = ["way", "what"]
        frame["seen_low"] = [need.seen_low for need in fullest]
        frame["seen_high"] = [need.seen_high for need in fullest]
        return frame

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """The total on a log axis against the dependence that it needs, with the claims marked."""
        from darkfigure.trust.claims_plot import plot_claims

        return plot_claims(self, ax)

    def to_json(self) -> str:
        """Every number as JSON text."""
        low, high = self.reference.interval(self.prob)
        content = {
            "prob": self.prob,
            "seen": self.table.n_observed,
            "note": self.note,
            "reference": {
                "model": self.reference.label,
                "kind": self.reference.kind,
                "estimate": self.reference.estimate,
                "low": low,
                "high": high,
            },
            "claims": [asdict(each) for each in self.judged],
            "set_aside": list(self.aside),
        }
        return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)

    def text(self) -> str:
        """Every claim in words."""
        from darkfigure.trust.claims_words import in_words

        return in_words(self)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


def _unused(label: str, columns: dict[str, "pd.Series[float]"]) -> str:
    number = sum(name.split(" [")[0] == label for name in columns) + 1
    return label if number == 1 else f"{label} [{number}]"

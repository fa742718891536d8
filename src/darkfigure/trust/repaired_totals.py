"""The total as a function of the share of links that were missed, and where it is a figure.

One piece for `missed_links` and `claim`: the table is repaired as if links had been missed just as
expected, at one share after another, and the model fitted to each.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from darkfigure import progress
from darkfigure.contract import Model
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.literals import StrataHandling
from darkfigure.models.linkage_error import table_of
from darkfigure.numerics.linkage import bits_of, number_of_lists
from darkfigure.numerics.linkage_expected import repaired_in_expectation
from darkfigure.results.draw_cautions import SAMPLER
from darkfigure.results.estimate import Estimate
from darkfigure.scrutiny import scrutinised
from darkfigure.verbs import fitted

_CLOSE = 0.02  # of the total, on the log scale: no estimate is known better
_FINE = 0.01  # of the share
_JUMP = 0.2  # on the log scale, within so fine a step
_LARGEST = 0.95
MOST_TRIED = 10

Column = Literal["estimate", "low", "high"]


@dataclass(frozen=True)
class RepairedTotals:
    """The total at the shares of missed links that were tried.

    Attributes
    ----------
    table : CaptureTable
    model : Model
    seed, draws : int
        The same random numbers at each share, so that totals can be compared.
    strata : {"joint", "separate", "pooled"}, or None
        As in `estimate`.
    prob : float
        Of the limits.
    rows : tuple of dict
        In order of the share: share, estimate, low, high, seen.
    refused : float
        The smallest share that could not be tried.
    reason : str
        Why not; "" if none was refused.
    """

    table: CaptureTable
    model: Model
    seed: int
    draws: int
    strata: StrataHandling | None = None
    prob: float = 0.95
    rows: tuple[dict[str, float], ...] = ()
    refused: float = _LARGEST
    reason: str = ""

    def with_row(self, share: float, est: Estimate) -> "RepairedTotals":
        """With the estimate at one more share.

        Raises
        ------
        NotEstimable
            If it gives no single number.
        """
        if not math.isfinite(est.estimate):
            raise NotEstimable(
                f"with {share:.0%} of the links missed the model gives no single number.",
                "use a model that does: dk.suggest(table) names some.",
            )
        low, high = est.interval(self.prob)
        seen = float(np.median(est.seen_totals))
        row = {"share": share, "estimate": est.estimate, "low": low, "high": high, "seen": seen}
        rows = sorted((*self.rows, row), key=lambda each: each["share"])
        return replace(self, rows=tuple(rows))

    def tried(self, share: float) -> "RepairedTotals":
        """With one more share, fitted to the repaired table."""
        table = repaired_table(self.table, share)
        est = fitted(
            table,
            self.model,
            seed=self.seed,
            draws=self.draws,
            strata=self.strata,
            plainly=True,
        )
        found = self.with_row(share, scrutinised(est) if SAMPLER in est.draws.children else est)
        progress.report("shares of missed links", min(len(found.rows), MOST_TRIED), MOST_TRIED)
        return found

    def crossing(
        self, target: float, column: Column
    ) -> tuple[dict[str, float] | None, dict[str, float] | None]:
        """The last share with more than the target, and the next, with no more; None if none."""
        below = [row for row in self.rows if row[column] <= target]
        first = min(below, key=lambda row: row["share"], default=None)
        above = [
            row
            for row in self.rows
            if row[column] > target and (first is None or row["share"] < first["share"])
        ]
        return (above[-1] if above else None), first


@dataclass(frozen=True)
class Share:
    """The share of missed links at which the total is a figure.

    Attributes
    ----------
    value : float
        nan where none will do.
    reason : str
        Why none will do, or that the total jumps there; else "".
    curve : RepairedTotals
        With the shares tried on the way.
    """

    value: float
    reason: str
    curve: RepairedTotals


def share_at(
    curve: RepairedTotals, target: float, column: Column = "estimate", *, most: int = MOST_TRIED
) -> Share:
    """Try shares, each where the two nearest say, until the total is close to the target.

    Parameters
    ----------
    curve : RepairedTotals
        With a row at share 0 at least.
    target : float
    column : {"estimate", "low", "high"}
        Which of the total's three numbers is to be the target.
    most : int
        Shares tried in all, those on the curve among them.
    """
    while len(curve.rows) < most:
        share = _next_share(curve, target, column)
        if share is None:
            break
        try:
            curve = curve.tried(share)
        except NotEstimable as error:
            curve = replace(curve, refused=share, reason=error.problem)
    above, below = curve.crossing(target, column)
    if above is None:
        return Share(0.0, "", curve)
    if below is None:
        reason = curve.reason.removesuffix(".")
        still = f"at {above['share']:.0%} missed it is still {above[column]:,.0f}"
        return Share(math.nan, reason or still, curve)
    jumps = _gap(below[column], target) > _CLOSE and _gap(above[column], target) > _JUMP
    reason = (
        f"the total jumps from {above[column]:,.0f} to {below[column]:,.0f} between "
        f"{above['share']:.1%} and {below['share']:.1%} missed and passes over what is asked: "
        "it has several modes, or another model is chosen"
    )
    return Share(_between(above, below, target, column), reason if jumps else "", curve)


def _next_share(curve: RepairedTotals, target: float, column: Column) -> float | None:
    """The share to be tried next; None where the target is met, or cannot be.

    Where the total falls as 1 − missed, it would be the target there. Every other time halfway:
    totals that jump would be crept up to.
    """
    above, below = curve.crossing(target, column)
    if above is None or (below is None and curve.refused - above["share"] < _FINE):
        return None
    if below is None:
        share = 1.0 - (1.0 - above["share"]) * target / above[column]
        share = max(share, above["share"] + 0.02)
        return share if share < curve.refused else (above["share"] + curve.refused) / 2.0
    if _gap(below[column], target) < _CLOSE or below["share"] - above["share"] < _FINE:
        return None
    if len(curve.rows) % 2:
        return (above["share"] + below["share"]) / 2.0
    return _between(above, below, target, column)


def _gap(total: float, target: float) -> float:
    """How far a total is from the target, on the log scale."""
    return abs(math.log(total / target))


def _between(
    above: dict[str, float], below: dict[str, float], target: float, column: Column
) -> float:
    """The share of the target on a straight line of logs, of the total in 1 − missed."""
    ends = (below, above)
    log_total = [math.log(row[column]) for row in ends]
    log_found = [math.log1p(-row["share"]) for row in ends]
    return float(-np.expm1(np.interp(math.log(target), log_total, log_found)))


def repaired_table(table: CaptureTable, share: float) -> CaptureTable:
    """The table if such a share of its links was missed, just as expected: whole people.

    Raises
    ------
    NotEstimable
        If a list holds too few people alone for so many missed links.
    """
    if share == 0.0:
        return table
    parts = table.split()
    counts = []
    for part in parts.values():
        people = repaired_in_expectation(part.counts(), possible=part.possible(), missed=share)
        counts.append(_whole(people, part.counts()))
    return table_of(table, np.stack(counts), list(parts))


def _whole(people: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Whole people: as many on two, three, ... lists as expected; alone what is left of each list.

    Each cell rounded for itself would leave a person that nobody else is like as it is, at any
    share below a third, and in sparse tables most are such.
    """
    bits = bits_of(number_of_lists(linked))
    sizes = bits.sum(axis=1)
    out = np.zeros(len(linked), dtype=np.int64)
    for size in range(2, bits.shape[1] + 1):
        there = sizes == size
        out[there] = np.diff(np.rint(np.cumsum(people[there])), prepend=0.0).astype(np.int64)
    singles = 1 << np.arange(bits.shape[1])
    out[singles] = linked @ bits - out @ bits
    if (out < 0).any():
        raise NotEstimable(
            "the lists hold too few people on one list alone for so many missed links.",
            "ask for a smaller change of the total.",
        )
    return out

"""A figure turned round: how many missed links would make it another."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.contract import Model, check_table
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.models.linkage_error import LinkageError, table_of
from darkfigure.numerics.linkage import bits_of, number_of_lists
from darkfigure.numerics.linkage_repair import repaired_in_expectation
from darkfigure.results.missed_links import MissedLinks
from darkfigure.seeds import seeded
from darkfigure.verbs import estimate, suggest

_CLOSE = 0.02  # of the total, on the log scale: no estimate is known better
_FINE = 0.01  # of the share
_JUMP = 0.2  # on the log scale, within so fine a step
_MOST_TRIED = 10
_LARGEST = 0.95


@dataclass(frozen=True)
class _Curve:
    """The total as a function of the share missed, as far as it was tried."""

    table: CaptureTable
    model: Model
    seed: int
    draws: int
    rows: tuple[dict[str, float], ...] = ()

    def tried(self, share: float) -> "_Curve":
        """With one more share; the same random numbers for each, so that they can be compared."""
        table = repaired_table(self.table, share)
        est = estimate(table, self.model, seed=self.seed, draws=self.draws)
        if not math.isfinite(est.estimate):
            raise NotEstimable(
                f"with {share:.0%} of the links missed the model gives no single number.",
                "use a model that does: dk.suggest(table) names some.",
            )
        low, high = est.interval()
        seen = float(np.median(est.seen_totals))
        row = {"share": share, "estimate": est.estimate, "low": low, "high": high, "seen": seen}
        rows = sorted((*self.rows, row), key=lambda each: each["share"])
        progress.report("shares of missed links", len(rows), _MOST_TRIED)
        return replace(self, rows=tuple(rows))

    def crossing(self, target: float) -> tuple[dict[str, float], dict[str, float] | None]:
        """The last share with more than the target, and the next, with no more; None if none."""
        above = [row for row in self.rows if row["estimate"] > target]
        below = [row for row in self.rows if row["estimate"] <= target]
        first = min(below, key=lambda row: row["share"], default=None)
        if first is not None:
            above = [row for row in above if row["share"] < first["share"]]
        return above[-1], first


def missed_links(
    data: Captures,
    model: Model | None = None,
    *,
    factor: float = 0.5,
    total: float | None = None,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
) -> MissedLinks:
    """Find the share of links that must have been missed for the total to be so much smaller.

    A tipping-point analysis: links between records of one person that were missed make every
    overlap too small and the figure too large. The table is repaired as if links had been missed
    just as expected, at one share after another, until the total is the one asked about.

    Parameters
    ----------
    data : as in `estimate`
    model : Model, optional
        That of the people on no list; by default the first that `suggest` names.
    factor : float, default 0.5
        The total asked about, as a share of the one estimated without errors of linkage.
    total : float, optional
        The same in people, instead of `factor`.
    seed : int or numpy.random.Generator, optional
    draws : int, default 4000

    Returns
    -------
    MissedLinks
        ``.share``, ``.missed`` (links), ``.tried``, ``.plot()``.

    Notes
    -----
    On two independent lists the total falls as 1 − missed: half of all links must have been
    missed to halve it. The share is found to within 2 % of the total, and read off between the
    two nearest shares tried. The intervals are those of the repaired tables; how a share of missed
    links may have fallen out is added by ``dk.LinkageError(model, missed=found.share)``.

    Examples
    --------
    >>> import darkfigure as dk
    >>> counts = {"A": [1, 1, 0], "B": [1, 0, 1], "count": [90, 900, 800]}
    >>> table = dk.CaptureTable.from_counts(counts)
    >>> round(dk.missed_links(table, dk.TwoList(), seed=1).share, 1)
    0.5
    """
    table = as_table(data)
    chosen = suggest(table)[0].model if model is None else model
    number, _ = seeded(seed)
    _check(chosen, factor, total)
    check_table(LinkageError(chosen), table)
    curve = _Curve(table, chosen, number, draws).tried(0.0)
    largest = curve.rows[0]["estimate"]
    target = factor * largest if total is None else float(total)
    if not table.n_observed * 0.5 < target < largest:
        raise SettingsError(
            f"the total asked about is {target:,.0f}; without errors of linkage it is "
            f"{largest:,.0f}, and {table.n_observed:,} were seen: missed links make it smaller, "
            "though not than half of those seen.",
            "a figure that is too small is a matter of false links: dk.LinkageError(false=...).",
        )
    return _solved(curve, target)


def repaired_table(table: CaptureTable, share: float) -> CaptureTable:
    """The table if such a share of its links was missed, just as expected: whole people.

    Raises
    ------
    NotEstimable
        If a list holds too few people alone for so many missed links.
    """
    parts = table.split()
    counts = []
    for part in parts.values():
        people = repaired_in_expectation(part.counts(), possible=part.possible(), missed=share)
        counts.append(_whole(people, part.counts()))
    return table_of(table, np.stack(counts), list(parts))


def _whole(people: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Whole people: overlaps rounded, those alone what is left of each list."""
    bits = bits_of(number_of_lists(linked))
    out = np.rint(people).astype(np.int64)
    singles = 1 << np.arange(bits.shape[1])
    out[singles] = 0
    out[singles] = linked @ bits - out @ bits
    if (out < 0).any():
        raise NotEstimable(
            "the lists hold too few people on one list alone for so many missed links.",
            "ask for a smaller change of the total.",
        )
    return out


def _check(model: Model, factor: float, total: float | None) -> None:
    if isinstance(model, LinkageError):
        raise SettingsError(
            "the model corrects errors of linkage already.", "give the model inside: model.model."
        )
    if total is None and not (isinstance(factor, int | float) and 0 < factor < 1):
        raise SettingsError(
            f"factor is {factor!r}; expected a number between 0 and 1.", "factor=0.5"
        )


def _solved(curve: _Curve, target: float) -> MissedLinks:
    """Try shares, each where the two nearest say, until the total is close to the target."""
    refused, reason = _LARGEST, ""
    while len(curve.rows) < _MOST_TRIED:
        above, below = curve.crossing(target)
        if below is not None and _gap(below, target) < _CLOSE:
            break
        if below is not None and below["share"] - above["share"] < _FINE:
            break
        share = _next_share(above, below, target, refused)
        if len(curve.rows) % 2 and below is not None:  # totals that jump would be crept up to
            share = (above["share"] + below["share"]) / 2.0
        if refused - above["share"] < _FINE:
            break
        try:
            curve = curve.tried(share)
        except NotEstimable as error:
            refused, reason = share, error.problem
    above, below = curve.crossing(target)
    if below is None:
        top = above["share"]
        reason = reason or f"at {top:.0%} missed it is still {above['estimate']:,.0f}"
    share = math.nan if below is None else _between(above, below, target)
    if below is not None and _gap(below, target) > _CLOSE and _gap(above, target) > _JUMP:
        reason = (
            f"the total jumps from {above['estimate']:,.0f} to {below['estimate']:,.0f} between "
            f"{above['share']:.1%} and {below['share']:.1%} missed: it has several modes"
        )
    for part in (1 / 3, 2 / 3):  # for the picture
        curve = curve.tried(part * (above["share"] if below is None else share))
    frame = pd.DataFrame(list(curve.rows))
    return MissedLinks(curve.table, curve.model, target, share, reason, frame, curve.seed)


def _gap(row: dict[str, float], target: float) -> float:
    """How far a total is from the target, on the log scale."""
    return abs(math.log(row["estimate"] / target))


def _next_share(
    above: dict[str, float], below: dict[str, float] | None, target: float, refused: float
) -> float:
    """Where a total that falls as 1 − missed would be the target; halfway to what was refused."""
    if below is not None:
        return _between(above, below, target)
    share = 1.0 - (1.0 - above["share"]) * target / above["estimate"]
    share = max(share, above["share"] + 0.02)
    return share if share < refused else (above["share"] + refused) / 2.0


def _between(above: dict[str, float], below: dict[str, float], target: float) -> float:
    """The share of the target on a straight line of logs, of the total in 1 − missed."""
    ends = (below, above)
    log_total = [math.log(row["estimate"]) for row in ends]
    log_found = [math.log1p(-row["share"]) for row in ends]
    return float(-np.expm1(np.interp(math.log(target), log_total, log_found)))

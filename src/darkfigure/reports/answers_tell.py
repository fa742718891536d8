"""Whether the answers on a page tell small counts that it does not print.

An answer is worked out from exact counts. With two or three lists it is a short formula of at most
seven of them, so that whoever sets it beside the printed counts can solve for the one that is
hidden. With more lists that takes a search, which is not made here. There it is looked at how far
one hidden count moves the totals of models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal

import numpy as np

from darkfigure.data.columns import BLANK
from darkfigure.data.datasets import datasets, load
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.reports.answers_move import moved_by_hidden_counts
from darkfigure.reports.printed_counts import Count, PrintedCounts
from darkfigure.results.estimate import Estimate
from darkfigure.terms import read_terms

FEW_LISTS = 3
"""Lists with which every model's total is a short formula of the counts."""

MOVED = 0.1
"""Of a total's logarithm: a hidden count that moves it further is taken as told."""

type Headline = Literal["nothing", "perhaps", "tells", "moves", "steady", "untested", "public"]

_MOST_TABLES = 2_000_000
_NEAR = 0.1  # of the answer: totals further away are not printed alike


@dataclass(frozen=True)
class Told:
    """What the answers on a page tell of counts that it does not print.

    Attributes
    ----------
    headline : {"nothing", "perhaps", "tells", "moves", "steady", "untested", "public"}
        Of the answer itself: nothing is hidden; with few lists it may tell a small count; the total
        by maximum likelihood rules some values of one out; with more lists, a hidden count moves
        totals far; none does; that was not looked at; or the table comes along, for all to see.
    models : bool
        Whether answers of other models of this table would tell, and are left out.
    parts : bool
        The same of answers from a table with one list fewer.
    """

    headline: Headline
    models: bool
    parts: bool

    @property
    def to_be_guarded(self) -> bool:
        """Whether guesses at hidden counts must not be easy to test."""
        return self.headline not in ("nothing", "public")


NOTHING = Told("nothing", models=False, parts=False)


def told_by_answers(
    est: Estimate, printed: PrintedCounts, *, disclose: bool, said: Callable[[float], str]
) -> Told:
    """Find out what the answers tell.

    Parameters
    ----------
    est : Estimate
    printed : PrintedCounts
    disclose : bool
        Nothing is hidden.
    said : callable
        How a total is printed.
    """
    flat = without_strata(est.table)
    if disclose or not hides_counts(flat, printed.printing.threshold):
        return NOTHING
    if comes_along(est.table):
        return Told("public", models=False, parts=False)
    if flat.n_lists > FEW_LISTS:
        return _with_many_lists(est, flat, printed.printing.threshold)
    tells = _headline_tells(est, flat, printed, said)
    return Told("tells" if tells else "perhaps", models=True, parts=True)


def comes_along(table: CaptureTable) -> bool:
    """Whether the table comes with the library, so that its counts are public anyway."""
    if table.about.name not in set(datasets()["name"]):
        return False
    known = load(table.about.name)
    return isinstance(known, CaptureTable) and known.content_hash == table.content_hash


def _with_many_lists(est: Estimate, flat: CaptureTable, threshold: int) -> Told:
    """The same where there are too many lists to solve for a count."""
    parts = flat.n_lists == FEW_LISTS + 1
    if not _has_counts(flat):
        return Told("untested", models=False, parts=parts)
    if moved_by_hidden_counts(est, flat, threshold) > MOVED:
        return Told("moves", models=True, parts=True)
    return Told("steady", models=False, parts=parts)


def without_strata(table: CaptureTable) -> CaptureTable:
    """The same table with its strata added up."""
    return table.collapse(*table.strata) if table.strata else table


def hides_counts(flat: CaptureTable, threshold: int) -> bool:
    """Whether a page hides a count that the answer is worked out from.

    A count that is known between limits only, because its source suppressed it, tells nothing.
    """
    exact = flat.low == flat.high
    return bool((exact & (flat.low > 0) & (flat.low < threshold)).any())


def tells_by_itself(table: CaptureTable, threshold: int) -> bool:
    """Whether a total from this table alone would tell a small count of it."""
    return table.n_lists <= FEW_LISTS and hides_counts(without_strata(table), threshold)


def level_tells(est: Estimate, level: CaptureTable, threshold: int) -> bool:
    """Whether the total of one level of a stratum variable would tell a small count of it.

    Lists that were not at work there do not count. Of more lists than a short formula takes, it
    tells if a hidden count moves the total far.

    Parameters
    ----------
    est : Estimate
        Of the whole table.
    level : CaptureTable
        The cells of the level.
    threshold : int
    """
    flat = without_strata(level)
    away = [name for name, row in zip(flat.lists, flat.histories.T, strict=True) if _away(row)]
    if flat.n_lists - len(away) < 2:
        return hides_counts(flat, threshold)
    flat = flat.drop(*away) if away else flat
    if tells_by_itself(flat, threshold):
        return True
    return _has_counts(flat) and moved_by_hidden_counts(est, flat, threshold) > MOVED


def _has_counts(flat: CaptureTable) -> bool:
    """Whether every history has one count, so that log-linear models can be fitted at once."""
    return flat.is_exact and "blank lists" not in flat.needs


def _away(row: np.ndarray) -> bool:
    return bool((row == BLANK).all())


def _headline_tells(
    est: Estimate, flat: CaptureTable, printed: PrintedCounts, said: Callable[[float], str]
) -> bool:
    """Whether, among all tables that print alike, those with this total lack a small value.

    The total by maximum likelihood under the model, or the best of its candidates, stands for the
    answer: other estimates of the same model move with it.
    """
    formula = _formula_of(est, flat)
    tables = alike(flat, printed) if flat.is_exact and printed.printing.details else None
    if formula is None or tables is None:
        return False
    true = flat.counts()[1:]
    with np.errstate(all="ignore"):
        totals, own = formula(tables.T.astype(float)), formula(true.astype(float))
        totals = est.estimate * totals / own
        near = np.abs(totals / est.estimate - 1.0) <= _NEAR
    answer = said(est.estimate)
    near[near] = [said(float(total)) == answer for total in totals[near]]
    top = printed.printing.threshold - 1
    small = np.flatnonzero((true > 0) & (true <= top))
    return bool(np.isfinite(own)) and not all(
        {1, top} <= set(tables[near, c].tolist()) for c in small
    )


def alike(flat: CaptureTable, printed: PrintedCounts) -> np.ndarray | None:
    """All tables of two or three lists that would print the same counts.

    Returns
    -------
    ndarray of int, shape (tables, 2**k - 1), or None
        In the order of `CaptureTable.counts` from its second entry; None where they are too many.
    """
    k = flat.n_lists
    shown = {frozenset(on): count for on, _, count in printed.histories}
    hidden = Count(0, printed.printing.threshold - 1)
    cells = [
        frozenset(name for j, name in enumerate(flat.lists) if code >> j & 1)
        for code in range(1, 1 << k)
    ]
    known = [shown.get(cell, hidden) for cell in cells]
    if np.prod([float(each.high - each.low + 1) for each in known]) > _MOST_TABLES:
        return None
    every = np.array(list(product(*(range(each.low, each.high + 1) for each in known))))
    for inside, count in _sums(cells, printed):
        told = every[:, inside].sum(axis=1)
        every = every[(told >= count.low) & (told <= count.high)]
    return every


def _sums(cells: list[frozenset[str]], printed: PrintedCounts) -> list[tuple[list[int], Count]]:
    """The cells behind every printed sum."""
    everyone = (list(range(len(cells))), printed.total)
    lists = [([i for i, c in enumerate(cells) if n in c], s) for n, s in printed.lists.items()]
    alone = [([cells.index(frozenset({n}))], count) for n, count in printed.alone.items()]
    pairs = [
        ([i for i, c in enumerate(cells) if set(pair) <= c], count)
        for pair, count in printed.pairs.items()
    ]
    return [everyone, *lists, *alone, *pairs]


# -- totals by maximum likelihood, in closed form -------------------------------------------------

type _Formula = Callable[[np.ndarray], np.ndarray]


def _formula_of(est: Estimate, flat: CaptureTable) -> _Formula | None:
    """The total under the model, or the best of its candidates; None where it is not known."""
    if flat.n_lists == 2:
        return two_lists
    if est.models is None or "label" not in est.models or "stratum" in est.models:
        return None
    try:
        model = read_terms(str(est.models["label"].iloc[0]), flat.lists)
    except SettingsError:  # the label of a model of another kind, or with stratum variables
        return None
    together = [(i, j) for i, j in combinations(range(3), 2) if model[1 << i | 1 << j]]
    return lambda cells: three_lists(cells, together)


def two_lists(cells: np.ndarray) -> np.ndarray:
    """Lincoln and Petersen's total.

    Parameters
    ----------
    cells : ndarray, shape (3, ...)
        On the first list only, on the second only, on both.
    """
    one, other, both = cells
    total: np.ndarray = (one + both) * (other + both) / both
    return total


def three_lists(cells: np.ndarray, together: list[tuple[int, int]]) -> np.ndarray:
    """The total under a log-linear model of three lists, given the pairs that interact.

    Fienberg (1972), Biometrika 59:591; Bishop, Fienberg & Holland (1975), Discrete Multivariate
    Analysis, section 6.4.

    Parameters
    ----------
    cells : ndarray, shape (7, ...)
        Histories 1 to 7, list j at bit j.
    together : list of pair of int
    """
    seen = cells.sum(axis=0)
    alone = [cells[(1 << j) - 1] for j in range(3)]
    if len(together) == 3:
        pairs = cells[2] * cells[4] * cells[5]
        missed: np.ndarray = cells[6] * alone[0] * alone[1] * alone[2] / pairs
    elif len(together) == 2:
        (middle,) = set(together[0]) & set(together[1])
        one, other = (j for j in range(3) if j != middle)
        missed = alone[one] * alone[other] / cells[(1 << one | 1 << other) - 1]
    elif len(together) == 1:
        (apart,) = set(range(3)) - set(together[0])
        others = cells[[code - 1 for code in range(1, 8) if not code >> apart & 1]].sum(axis=0)
        both = seen - others - alone[apart]
        missed = alone[apart] * others / both
    else:
        totals = [cells[[c - 1 for c in range(1, 8) if c >> j & 1]].sum(axis=0) for j in range(3)]
        return _independent(seen, *totals)
    return seen + missed


def _independent(seen: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """The larger root of 1 - n/N = (1 - a/N)(1 - b/N)(1 - c/N)."""
    lead, middle, last = a + b + c - seen, a * b + a * c + b * c, a * b * c
    total: np.ndarray = (middle + np.sqrt(middle**2 - 4 * lead * last)) / (2 * lead)
    return total

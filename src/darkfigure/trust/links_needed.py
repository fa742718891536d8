"""The share of missed links that a claim needs: worked out, or to a first order and said to be."""

import math

from darkfigure.contract import FitsPlainly, check_table
from darkfigure.errors import NotEstimable
from darkfigure.linkages import LINKAGE_DRAWS
from darkfigure.literals import LinksAnswer, StrataHandling
from darkfigure.models.linkage_error import LinkageError
from darkfigure.models.two_list import TwoList
from darkfigure.numerics.implied_dependence import most_missed_links
from darkfigure.results.assembly import estimated_apart
from darkfigure.results.draw_cautions import SAMPLER
from darkfigure.results.estimate import Estimate
from darkfigure.results.reweighted import ORIGINAL
from darkfigure.trust.claimed_totals import Claim
from darkfigure.trust.need import LINKS_MISSED, Need
from darkfigure.trust.repaired_totals import RepairedTotals, share_at

_MOST_LISTS = 4
_FOR_LIMITS = 3  # more shares tried for each limit


def curve_of(reference: Estimate, prob: float, links: LinksAnswer | None) -> RepairedTotals | None:
    """The reference estimate as the total at no missed links; None for a first order.

    Raises
    ------
    NotEstimable
        If it is to be exact, and this estimate cannot be made again on a repaired table.
    """
    if links == "first order" or not reference.settled:
        return None
    if reason := _cannot_be_repeated(reference):
        if links == "exact":
            raise NotEstimable(
                f"the share of missed links cannot be worked out for {reason}.",
                'links="first order" gives it roughly.',
            )
        return None
    if links is None and _takes_long(reference):
        return None
    found = RepairedTotals(
        reference.table,
        reference.model,
        reference.seed,
        len(reference.totals),
        _strata_of(reference),
        prob,
    )
    return found.with_row(0.0, reference)


def missed_links_needed(each: Claim, start: RepairedTotals) -> Need:
    """The share at which the estimate is the claim, with those at which its limits are.

    It is that of `dk.missed_links`: tried from the start, whatever else is claimed.
    """
    found = share_at(start, each.total)
    if math.isnan(found.value):
        return Need(LINKS_MISSED, "", math.nan, math.nan, math.nan, note=f"no: {found.reason}")
    low = share_at(found.curve, each.total, "low", most=len(found.curve.rows) + _FOR_LIMITS)
    high = share_at(low.curve, each.total, "high", most=len(low.curve.rows) + _FOR_LIMITS)
    most = high.value
    if math.isnan(most):
        table = start.table
        flat = table.collapse(*table.strata) if table.strata else table
        most = most_missed_links(flat.counts())
    ends = min(low.value, found.value), max(most, found.value)
    return Need(LINKS_MISSED, "", found.value, *ends, note=found.reason)


def _cannot_be_repeated(reference: Estimate) -> str:
    """Why the estimate cannot be made again on another table; "" where it can."""
    if reference.kind == "calibrated":
        return "a calibrated estimate"
    if ORIGINAL in reference.draws.children:
        return "an estimate whose prior on the population was exchanged afterwards"
    if LINKAGE_DRAWS in reference.draws.children or isinstance(reference.model, LinkageError):
        return "an estimate that takes account of errors of linkage already"
    try:
        check_table(LinkageError(reference.model), reference.table)
    except NotEstimable as error:
        return f"this table ({error.problem.rstrip('.')})"
    return ""


def _takes_long(reference: Estimate) -> bool:
    """Whether fifteen fits are more than a second or so."""
    quick = isinstance(reference.model, FitsPlainly | TwoList)
    apart = "stratum" in reference.unseen.dims or SAMPLER in reference.draws.children
    return not quick or apart or reference.table.n_lists > _MOST_LISTS


def _strata_of(reference: Estimate) -> StrataHandling | None:
    """How strata of the table were used."""
    if not reference.table.strata:
        return None
    if "stratum" not in reference.unseen.dims:
        return "pooled"
    return "separate" if estimated_apart(reference) else "joint"

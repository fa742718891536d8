"""Whether log-linear models of a table have an estimate at all, and only one."""

import math

import numpy as np

from darkfigure.data.table import CaptureTable
from darkfigure.models.log_linear.candidates import STATUS, why_not
from darkfigure.numerics.existence import check_model
from darkfigure.numerics.hierarchy import allowed_terms, closure
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.results.wording import in_words
from darkfigure.trust.checked_case import Answered

_MOST_LISTS = 10  # whose linear programmes are still small
_HIGHEST = 3


def existence_of_estimates(table: CaptureTable) -> list[Answered]:
    """The models with all interactions of one, two and three lists, each with its estimate.

    Extended maximum likelihood, existence by linear programme and identifiability by rank
    (Fienberg & Rinaldo 2012, Ann. Stat. 40:996; Chan, Silverman & Vincent 2021, J. Am. Stat.
    Assoc. 116:1297).
    """
    flat = table.collapse(*table.strata) if table.strata else table
    if flat.needs_observation:
        why = "counts within limits, or lists that were not at work"
        return [Answered("existence", "", "left out", note=why)]
    if flat.n_lists > _MOST_LISTS:
        why = f"{flat.n_lists} lists; at most {_MOST_LISTS} are examined"
        return [Answered("existence", "", "left out", note=why)]
    return [_of_order(flat, order) for order in range(1, min(flat.n_lists - 1, _HIGHEST) + 1)]


def _of_order(table: CaptureTable, order: int) -> Answered:
    counts, possible, k = table.counts(), table.possible(), table.n_lists
    model = closure(allowed_terms(k, order, possible), k)
    name = "independent lists" if order == 1 else f"interactions of up to {in_words(order)} lists"
    status = check_model(counts, model, possible)
    if status.code:
        note = f"{STATUS[status.code]} ({why_not(table)})"
        return Answered("existence", name, "no estimate", seen=table.n_observed, note=note)
    unseen = float(fit_log_linear(counts, model[None, :], possible).unseen[0])
    if not math.isfinite(unseen):
        note = STATUS[-1]
        return Answered("existence", name, "no estimate", seen=table.n_observed, note=note)
    return Answered(
        "existence",
        name,
        "estimated",
        seen=table.n_observed,
        estimate=float(np.float64(table.n_observed) + unseen),
        note="maximum likelihood",
    )

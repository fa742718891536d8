"""Whether a table can have come from any true one by such errors of linkage."""

import numpy as np

from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.models.linkage_rates import HIGH, MIDDLE, Share, quantile
from darkfigure.numerics import linkage_possible as possible
from darkfigure.numerics.implied_dependence import most_missed_links
from darkfigure.refit import name_of

_UNLIKELY = 0.001


def check_possible(table: CaptureTable, *, missed: Share, false: Share, words: str) -> None:
    """Refuse rates under which no true table would leave these counts.

    Of a rate that is not one number its median counts for false links, and its 97.5 % quantile for
    missed ones: a repair beyond what is possible would silently stop at the edge.

    Raises
    ------
    NotEstimable
        If false links alone would make all overlaps, or the lists hold too few people alone for so
        many missed links.
    """
    usually = quantile(false, MIDDLE)
    whole = table.collapse() if table.strata else table
    _check_false(whole.counts(), quantile(missed, MIDDLE), usually, words)
    highest = quantile(missed, HIGH)
    for levels, part in table.split().items():
        counts, overlapping = part.counts(), part.possible()
        room = possible.chances_of_room(counts, overlapping, missed=highest, false=usually)
        if room.min() >= _UNLIKELY:
            continue
        tightest = int(np.argmin(room))
        where = f" (stratum {name_of(levels)})" if levels else ""
        strays = possible.expected_strays(counts, overlapping, missed=highest, false=usually)
        raise NotEstimable(
            f"{words}: with {_share(highest)} of the links missed, about "
            f"{strays[tightest]:,.0f} people on {part.lists[tightest]} and another list would seem "
            f"to be on {part.lists[tightest]} alone{where}, more than can be: no true table leads "
            "to these counts.",
            _most(counts),
        )


def _check_false(counts: np.ndarray, missed: float, false: float, words: str) -> None:
    links = float(counts[np.bitwise_count(np.arange(len(counts))) > 1].sum())
    alone = possible.links_among_nobody(counts, missed=missed, false=false)
    if false and alone >= links:
        raise NotEstimable(
            f"{words}: if nobody were on two lists, {_share(false)} false links would make about "
            f"{alone:,.0f} people seem to be, and only {links:,.0f} do: no true overlap would be "
            "left.",
            "give a smaller share of false links: it is of the people on one list alone, for each "
            "larger list.",
        )


def _most(counts: np.ndarray) -> str:
    return (
        "give a smaller share of missed links: at "
        f"{most_missed_links(counts):.0%} or sooner some list would lie within another."
    )


def _share(value: float) -> str:
    return f"{100 * value:.3g}%"

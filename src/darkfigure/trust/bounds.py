"""The verb `bounds`: the totals that agree with ranges of dependence."""

import math

from scipy.special import chdtri

from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.literals import Among, check_choice
from darkfigure.numerics import partial_identification as partial
from darkfigure.numerics.implied_dependence import pairs_of
from darkfigure.results.estimate import check_prob
from darkfigure.trust.bounds_found import Bounds
from darkfigure.trust.exact_counts import note_of_strata, without_strata

_MOST_LISTS = 6

type Range = tuple[float, float]


def bounds(
    data: Captures,
    *,
    odds_ratios: Range | None = None,
    among: Among = "everyone",
    xi: Range | None = None,
    prob: float = 0.95,
) -> Bounds:
    r"""Find the totals that agree with a table if dependence is only known to lie in a range.

    Nothing else is assumed of how lists depend on one another: no model, and no single total. The
    interval holds the totals N for which the table completed by N − n unseen people does not
    contradict the ranges, by its likelihood-ratio statistic (one degree of freedom).

    Parameters
    ----------
    data : as in `estimate`
        Strata are added up.
    odds_ratios : pair of float, optional
        Between which the odds ratio of every two lists lies; (1, 5) says that being on one list
        never makes being on another less likely, nor its odds more than five times as high.
    among : {"everyone", "missed by the others"}
        Whether these are odds ratios in the whole population, or among people on no other list.
    xi : pair of float, optional
        Between which the interaction ξ of all lists at once lies (`NoHighestOrderInteraction`).
    prob : float, default 0.95

    Returns
    -------
    Bounds

    Raises
    ------
    SettingsError
        If no range is given, or one has no place for a ratio.
    NotEstimable
        If capture histories have no single count, pairs of lists cannot overlap, or there are
        more than six lists.

    References
    ----------
    Sun, Van Baelen, Plettinckx & Crawford (2020), arXiv:2008.00127.

    Examples
    --------
    >>> import darkfigure as dk
    >>> found = dk.bounds("kosovo", odds_ratios=(1, 5))
    >>> round(found.low), round(found.high)
    (9691, 18320)
    """
    check_prob(prob)
    check_choice(among, Among, "among")
    if odds_ratios is None and xi is None:
        raise SettingsError(
            "no range is given; expected odds_ratios=, xi= or both.",
            "dk.bounds(table, odds_ratios=(1, 5)).",
        )
    whole = as_table(data)
    table = without_strata(whole, "bounds")
    _check_table(table)
    k = table.n_lists
    restrictions: list[partial.Restriction] = []
    names: list[str] = []
    if odds_ratios is not None:
        low, high = _checked("odds_ratios", odds_ratios)
        everyone = among == "everyone"
        make = partial.pairs_among_everyone if everyone else partial.pairs_among_the_missed
        restrictions += make(k, low, high)
        names += [f"{table.lists[i]}, {table.lists[j]}" for i, j in pairs_of(k)]
    if xi is not None:
        restrictions.append(partial.interaction_of_all(k, *_checked("xi", xi)))
        names.append("all lists (ξ)")
    counts, seen = table.counts(), table.n_observed
    found = partial.identified_set(counts, restrictions)
    try:
        limits = partial.limits_of(counts, restrictions, found, float(chdtri(1, 1 - prob)))
    except ArithmeticError as error:
        raise NotEstimable(
            f"the limits could not be worked out: {error}.",
            "give wider ranges, or leave lists out with table.drop(...).",
        ) from error
    empty = found.low > found.high
    return Bounds(
        low=math.nan if empty else seen + found.low,
        high=math.nan if empty else seen + found.high,
        interval=(seen + limits.low, seen + limits.high),
        deviance=limits.deviance,
        binds=(_named(names, found.binds_low), _named(names, found.binds_high)),
        odds_ratios=odds_ratios,
        among=among,
        xi=xi,
        prob=prob,
        table=table,
        note=note_of_strata(whole),
    )


def _named(names: list[str], position: int) -> str:
    return names[position] if position >= 0 else ""


def _checked(name: str, given: object) -> Range:
    try:
        low, high = (float(each) for each in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        low, high = math.nan, math.nan
    if not (0 <= low <= high and high > 0 and low < math.inf):
        raise SettingsError(
            f"{name} is {given!r}; expected two numbers, the smaller first, not below 0.",
            f"{name}=(1, 5); (1, float('inf')) has no upper end.",
        )
    return low, high


def _check_table(table: CaptureTable) -> None:
    if table.impossible:
        raise NotEstimable(
            "some lists of this table cannot overlap, so that they have no odds ratio.",
            "leave one of them out with table.drop(...).",
        )
    if table.n_lists > _MOST_LISTS:
        raise NotEstimable(
            f"dk.bounds takes at most {_MOST_LISTS} lists; this table has {table.n_lists}.",
            "join lists with table.merge({...}).",
        )

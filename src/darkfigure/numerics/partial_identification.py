"""The totals that agree with a table when dependence is only known to lie in a range.

Sun, Van Baelen, Plettinckx & Crawford (2020), arXiv:2008.00127: with every pairwise odds ratio
between two limits the population is not one number but a set, and has an interval that holds the
set's ends.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.implied_dependence import pairs_of
from darkfigure.numerics.lattice import popcount
from darkfigure.numerics.restricted_counts import Limits, restricted_deviance
from darkfigure.numerics.single_restrictions import largest_deviance, not_rejected

_FARTHEST = 1e9  # times the people seen
_NOBODY = 1e-300


@dataclass(frozen=True)
class Restriction:
    """One ratio that must lie between two limits, whatever the unseen.

    log of the ratio = Σ_r signs[r] log(rows[r] · λ), with λ the expected counts of all histories,
    that of the unseen first.

    Attributes
    ----------
    rows : ndarray of float, shape (r, 2**k)
    signs : ndarray of float, shape (r,)
    low, high : float
    """

    rows: np.ndarray
    signs: np.ndarray
    low: float
    high: float

    def value(self, mean: np.ndarray) -> float:
        """The logarithm of the ratio."""
        return float(self.signs @ np.log(np.maximum(self.rows @ mean, _NOBODY)))

    def slope(self, mean: np.ndarray) -> np.ndarray:
        """Its derivative by the expected counts, shape (2**k,)."""
        return np.asarray((self.signs / np.maximum(self.rows @ mean, _NOBODY)) @ self.rows)


def pairs_among_everyone(k: int, low: float, high: float) -> list[Restriction]:
    """The odds ratio of each pair of lists in the whole population."""
    histories = np.arange(1 << k)
    out = []
    for i, j in pairs_of(k):
        one, two = histories >> i & 1 == 1, histories >> j & 1 == 1
        rows = np.array([one & two, ~one & ~two, one & ~two, ~one & two], dtype=float)
        out.append(Restriction(rows, np.array([1.0, 1.0, -1.0, -1.0]), low, high))
    return out


def pairs_among_the_missed(k: int, low: float, high: float) -> list[Restriction]:
    """The odds ratio of each pair among people on no other list."""
    cells = np.eye(1 << k)
    return [
        Restriction(
            cells[[1 << i | 1 << j, 0, 1 << i, 1 << j]],
            np.array([1.0, 1.0, -1.0, -1.0]),
            low,
            high,
        )
        for i, j in pairs_of(k)
    ]


def interaction_of_all(k: int, low: float, high: float) -> Restriction:
    """ξ, the odd histories over the even ones (`implied_dependence.top_interaction`)."""
    signs = np.where(popcount(k) % 2 == 1, 1.0, -1.0)
    return Restriction(np.eye(1 << k), signs, low, high)


@dataclass(frozen=True)
class IdentifiedSet:
    """The unseen counts that meet every restriction at the observed frequencies.

    Attributes
    ----------
    low, high : float
        Of the unseen; low > high where no number meets all of them.
    binds_low, binds_high : int
        The restriction that sets each end; -1 where none does.
    """

    low: float
    high: float
    binds_low: int
    binds_high: int


def identified_set(counts: np.ndarray, restrictions: list[Restriction]) -> IdentifiedSet:
    """Intersect what each restriction allows, taking observed counts for expected ones."""
    lows, highs = [0.0], [math.inf]
    for each in restrictions:
        low, high = _allowed(np.array(counts, dtype=float), each)
        lows.append(low)
        highs.append(high)
    at_low, at_high = int(np.argmax(lows)), int(np.argmin(highs))
    return IdentifiedSet(lows[at_low], highs[at_high], at_low - 1, at_high - 1)


def _allowed(counts: np.ndarray, each: Restriction) -> tuple[float, float]:
    """The unseen counts for which one ratio is in its range: each is monotone in them."""
    mean = counts.copy()
    mean[0] = 0.0
    there = each.rows[:, 0] > 0
    fixed = each.rows @ mean
    known = np.where(fixed[~there] > 0, fixed[~there], np.nan)
    rest = float(each.signs[~there] @ np.log(known))
    if not math.isfinite(rest):
        return _with_nobody(fixed, there, each)
    sign, offset = float(each.signs[there][0]), float(fixed[there][0])
    ends = [_solved(limit, rest, sign) - offset for limit in (each.low, each.high)]
    return max(min(ends), 0.0), max(max(ends), -1.0)


def _solved(limit: float, rest: float, sign: float) -> float:
    """The factor that holds the unseen, where the ratio is at its limit."""
    if limit in (0.0, math.inf):
        return math.inf if (limit == math.inf) == (sign > 0) else 0.0
    return math.exp(min(sign * (math.log(limit) - rest), 700.0))


def _with_nobody(fixed: np.ndarray, there: np.ndarray, each: Restriction) -> tuple[float, float]:
    """A ratio that cells of nobody make 0, infinite or undetermined, whatever the unseen."""
    zero = (fixed == 0) & ~there
    above, below = (zero & (each.signs > 0)).any(), (zero & (each.signs < 0)).any()
    if above and below:
        return 0.0, math.inf
    # 0 or infinite at every finite number: met only by a range that reaches there
    reached = each.low == 0.0 if above else each.high == math.inf
    return (0.0, math.inf) if reached else (math.inf, math.inf) if above else (0.0, 0.0)


def deviance_at(counts: np.ndarray, unseen: float, restrictions: list[Restriction]) -> float:
    """How badly the table, made complete by so many unseen, meets the restrictions.

    The likelihood-ratio statistic of the completed table: 2 Σ (λ − y − y log(λ / y)) at the
    expected counts λ, that of the unseen among them, that meet the restrictions best. It is 0
    inside the identified set.
    """
    y = np.array(counts, dtype=float)
    y[0] = max(unseen, 0.0)
    if all(_outside(each, y) <= 0 for each in restrictions):
        return 0.0
    ranges = _ranges(restrictions)

    def room(mean: np.ndarray) -> np.ndarray:
        return np.array([sign * (each.value(mean) - limit) for each, sign, limit in ranges])

    def slopes(mean: np.ndarray) -> np.ndarray:
        return np.array([sign * each.slope(mean) * mean for each, sign, _ in ranges])

    return restricted_deviance(y, Limits(room, slopes))


def _ranges(restrictions: list[Restriction]) -> list[tuple[Restriction, float, float]]:
    """Every finite limit as sign · (log ratio − limit) ≥ 0."""
    out = []
    for each in restrictions:
        if each.low > 0:
            out.append((each, 1.0, math.log(each.low)))
        if each.high < math.inf:
            out.append((each, -1.0, math.log(each.high)))
    return out


def _outside(each: Restriction, mean: np.ndarray) -> float:
    """How far the log ratio is from its range; 0 inside."""
    value = each.value(mean)
    low = math.log(each.low) if each.low > 0 else -math.inf
    high = math.log(each.high) if each.high < math.inf else math.inf
    return max(low - value, value - high, 0.0)


@dataclass(frozen=True)
class AgreeingTotals:
    """The unseen counts that the table and the restrictions do not reject.

    Attributes
    ----------
    low, high : float
        Of the unseen; nan where every number is rejected, high inf where none is large enough.
    best : float
        The unseen count with the smallest deviance.
    deviance : float
        There: 0 where the identified set is not empty. Where every number is rejected: what no
        number has less than.
    """

    low: float
    high: float
    best: float
    deviance: float


def limits_of(
    counts: np.ndarray, restrictions: list[Restriction], found: IdentifiedSet, critical: float
) -> AgreeingTotals:
    """Go out from the identified set until the deviance is above a critical value.

    What any one restriction rejects is rejected; only of other totals all of them are asked.

    Raises
    ------
    ArithmeticError
        If the expected counts that meet the restrictions could not be found.
    """
    from scipy.optimize import minimize_scalar

    seen = float(counts[1:].sum())
    farthest = math.log(_FARTHEST * seen)
    met = [_allowed(np.array(counts, dtype=float), each) for each in restrictions]
    if any(_FARTHEST * seen < low < math.inf for low, _ in met):
        raise ArithmeticError(f"they need more than {_FARTHEST:,.0f} times the people seen")
    logs = [_logs(each, farthest) for each in met]
    left = not_rejected(counts, restrictions, logs, critical, farthest)
    if left.low > left.high:
        return AgreeingTotals(math.nan, math.nan, math.nan, left.deviance)

    def deviance(log_unseen: float) -> float:
        unseen = math.expm1(log_unseen)
        singly = largest_deviance(counts, unseen, restrictions)
        if singly > critical:
            return singly
        value = deviance_at(counts, unseen, restrictions)
        if math.isnan(value):
            raise ArithmeticError("no expected counts were found that meet the restrictions")
        return value

    low, high = _logs((found.low, found.high), farthest)
    best, least = low, 0.0
    if low > high:
        closest = minimize_scalar(deviance, bounds=(left.low, left.high), method="bounded")
        best = low = high = float(closest.x)
        least = float(closest.fun)
    if least > critical:  # as every total that one of them rejects
        return AgreeingTotals(math.nan, math.nan, math.expm1(best), critical)
    ends = [
        _end(deviance, start, stop, critical)
        for start, stop in ((low, left.low), (high, left.high))
    ]
    return AgreeingTotals(
        math.expm1(ends[0]),
        math.inf if ends[1] >= farthest else math.expm1(ends[1]),
        math.expm1(best),
        least,
    )


def _logs(unseen: tuple[float, float], farthest: float) -> tuple[float, float]:
    low, high = (min(math.log1p(max(each, 0.0)), farthest) for each in unseen)
    return low, high


def _end(deviance: Callable[[float], float], start: float, stop: float, critical: float) -> float:
    """Where the deviance passes the critical value on the way to `stop`, else `stop`."""
    from scipy.optimize import brentq

    if deviance(start) > critical:
        raise ArithmeticError("expected counts at ratios so far from those seen are not exact")
    step = math.copysign(0.25, stop - start)
    here = start
    while (stop - here) * step > 0:
        here = min(here + step, stop) if step > 0 else max(here + step, stop)
        if deviance(here) > critical:
            ends = sorted((here, start))
            return float(brentq(lambda x: deviance(x) - critical, *ends, xtol=1e-5))
        step *= 2
    return stop

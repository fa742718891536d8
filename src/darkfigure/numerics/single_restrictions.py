"""What one restriction alone says of the unseen, exactly: a floor under what several say.

The ratio of a `Restriction` is of sums of expected counts that share no history. Held to a limit,
the expected sums are λ = y ± t, plus in the numerator, with one t that solves one monotone
equation. So the deviance of a single restriction has no approximation in it, and that of several
together is at least the largest of theirs: a total that one of them rejects is rejected.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import kl_div

_LEAST = 1e-300


class Ratio(Protocol):
    """One ratio between two limits, as `partial_identification.Restriction` holds it."""

    @property
    def rows(self) -> np.ndarray:
        """Shape (r, 2**k)."""

    @property
    def signs(self) -> np.ndarray:
        """Shape (r,)."""

    @property
    def low(self) -> float:
        """The lower limit."""

    @property
    def high(self) -> float:
        """The upper limit."""


@dataclass(frozen=True)
class Between:
    """The logarithms of 1 + unseen that no restriction rejects by itself; low > high for none.

    Attributes
    ----------
    low, high : float
    deviance : float
        The smallest deviance of the worst restriction: no total has less. 0 unless low > high.
    """

    low: float
    high: float
    deviance: float


def deviance_of_one(counts: np.ndarray, unseen: float, each: Ratio) -> float:
    """The likelihood-ratio statistic of one restriction, with so many unseen."""
    y = np.array(counts, dtype=float)
    y[0] = max(unseen, 0.0)
    sums = each.rows @ y
    above, below = sums[each.signs > 0], sums[each.signs < 0]
    if (above == 0).any() and (below == 0).any():
        return 0.0  # any ratio of next to nobody
    low = math.log(each.low) if each.low > 0 else -math.inf
    high = math.log(each.high) if each.high < math.inf else math.inf

    def excess(t: float, limit: float = 0.0) -> float:
        shifted = np.maximum(sums + t * each.signs, _LEAST)
        return float(each.signs @ np.log(shifted)) - limit

    value = excess(0.0)
    if low <= value <= high:
        return 0.0
    limit = low if value < low else high
    t = _root(lambda t: excess(t, limit), -float(above.min()), float(below.min()))
    return 2.0 * float(kl_div(sums, np.maximum(sums + t * each.signs, 0.0)).sum())


def largest_deviance(counts: np.ndarray, unseen: float, restrictions: Sequence[Ratio]) -> float:
    """That of the restriction which rejects so many unseen most."""
    return max(deviance_of_one(counts, unseen, each) for each in restrictions)


def not_rejected(
    counts: np.ndarray,
    restrictions: Sequence[Ratio],
    met: Sequence[tuple[float, float]],
    critical: float,
    farthest: float,
) -> Between:
    """The totals that each restriction by itself leaves.

    A ratio is monotone in the unseen, so that each leaves an interval around what it allows.

    Parameters
    ----------
    met : sequence of pairs of float
        Per restriction the logarithms of 1 + unseen that meet it at the observed frequencies.
    critical : float
        Of the deviance.
    farthest : float
        The largest logarithm considered.
    """
    lows, highs = [0.0], [farthest]
    for each, (low, high) in zip(restrictions, met, strict=True):

        def beyond(at: float, each: Ratio = each) -> float:
            return deviance_of_one(counts, math.expm1(at), each) - critical

        low, high = min(low, farthest), min(high, farthest)
        lows.append(_out(beyond, low, 0.0))
        highs.append(_out(beyond, high, farthest))
    low, high = max(lows), min(highs)
    if low <= high:
        return Between(low, high, 0.0)
    ends = max(high, 0.0), min(low, farthest)
    return Between(low, high, _least(counts, restrictions, *ends))


def _least(counts: np.ndarray, restrictions: Sequence[Ratio], start: float, stop: float) -> float:
    """The smallest of the largest deviances between two ends; it falls, and then rises."""
    from scipy.optimize import minimize_scalar

    def largest(at: float) -> float:
        return largest_deviance(counts, math.expm1(at), restrictions)

    inside = minimize_scalar(largest, bounds=(start, stop), method="bounded")
    return min(float(inside.fun), largest(start), largest(stop))


def _out(beyond: Callable[[float], float], inside: float, end: float) -> float:
    """Where the deviance passes the critical value on the way from inside to an end."""
    from scipy.optimize import brentq

    if beyond(inside) > 0:  # a ratio that no number of unseen can bring there
        return math.inf if end < inside else -math.inf
    if beyond(end) <= 0:
        return end
    return float(brentq(beyond, inside, end, xtol=1e-9))


def _root(excess: Callable[[float], float], left: float, right: float) -> float:
    """Where a rising function is 0 between two ends at which it has no limit."""
    from scipy.optimize import brentq

    if excess(left) >= 0:
        return left
    if excess(right) <= 0:
        return right
    return float(brentq(excess, left, right, xtol=1e-12 * max(right - left, 1.0)))

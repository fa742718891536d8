"""Poisson counts known to lie between limits: probability, residual and curvature, compiled."""

import math

import numpy as np
from numba import njit

_HALF_LOG_2PI = 0.9189385332046728
_NEGLIGIBLE = 1e-19  # of a sum: terms from here on do not change it
_NO_TAIL = -60.0  # log of a probability that 1 does not notice


@njit(cache=True, nogil=True)
def _stirling_error(k):
    """log k! less Stirling's formula for it."""
    if k < 16.0:
        return math.lgamma(k + 1.0) - (k + 0.5) * math.log(k) + k - _HALF_LOG_2PI
    s = 1.0 / (k * k)
    series = s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0 - s * 691.0 / 360360.0)))
    return (1.0 / 12.0 - s * (1.0 / 360.0 - series)) / k


@njit(cache=True, nogil=True)
def _deviance(k, m):
    """k log(k / m) + m − k, without cancellation where k is near m."""
    if abs(k - m) >= 0.1 * (k + m):
        return k * math.log(k / m) + m - k
    v = (k - m) / (k + m)
    total = (k - m) * v
    term = 2.0 * k * v
    for j in range(1, 1000):
        term *= v * v
        more = total + term / (2 * j + 1)
        if more == total:
            break
        total = more
    return total


@njit(cache=True, nogil=True)
def log_poisson(k, m):
    """log of the Poisson probability of k at mean m > 0 (Loader 2000, saddle-point form)."""
    if k == 0.0:
        return -m
    return -_stirling_error(k) - _deviance(k, m) - _HALF_LOG_2PI - 0.5 * math.log(k)


@njit(cache=True, nogil=True)
def _below(k, m):
    """P(Y ≤ k) for k < m, by terms relative to that of k."""
    largest = log_poisson(k, m)
    if largest < _NO_TAIL:
        return 0.0
    total, term = 1.0, 1.0
    while k > 0.0:
        term *= k / m
        k -= 1.0
        total += term
        if term < _NEGLIGIBLE * total * (1.0 - k / m):
            break
    return total * math.exp(largest)


@njit(cache=True, nogil=True)
def _above(k, m):
    """P(Y ≥ k) for k > m."""
    largest = log_poisson(k, m)
    if largest < _NO_TAIL:
        return 0.0
    total, term = 1.0, 1.0
    while True:
        k += 1.0
        term *= m / k
        total += term
        if term < _NEGLIGIBLE * total * (1.0 - m / k):
            return total * math.exp(largest)


@njit(cache=True, nogil=True)
def _by_sums(low, high, m):
    """Log-probability, residual and curvature, from terms relative to the largest."""
    mode = min(max(math.floor(m), low), high)
    total, first, second = 1.0, 0.0, 0.0
    k, term = mode, 1.0
    while k < high:
        k += 1.0
        term *= m / k
        away = k - mode
        total += term
        first += term * away
        second += term * away * away
        if k > m and term * away * away < _NEGLIGIBLE * second * (1.0 - m / k):
            break
    k, term = mode, 1.0
    while k > low:
        term *= k / m
        k -= 1.0
        away = k - mode
        total += term
        first += term * away
        second += term * away * away
        if term * away * away < _NEGLIGIBLE * second * (1.0 - k / m):
            break
    mean = first / total
    variance = second / total - mean * mean
    return log_poisson(mode, m) + math.log(total), mode - m + mean, max(m - variance, 0.0)


@njit(cache=True, nogil=True)
def interval(low, high, m):
    """What a count between limits says about its mean m > 0.

    Wide intervals are one less their two tails, and their derivatives are in the probabilities
    at the limits, all of one sign; others are summed. The work is O(√m) at most.

    Parameters
    ----------
    low, high : float
        Whole numbers, low < high; high may be inf.
    m : float

    Returns
    -------
    tuple of float
        log P(low ≤ Y ≤ high), its derivative E[Y | low ≤ Y ≤ high] − m in log m, and less its
        second derivative, m − var(Y | low ≤ Y ≤ high).
    """
    if not low <= m <= high:
        return _by_sums(low, high, m)
    outside = 0.0
    if low > 0.0:
        outside += _below(low - 1.0, m)
    if high < np.inf:
        outside += _above(high + 1.0, m)
    if outside >= 0.5:
        return _by_sums(low, high, m)
    inside = 1.0 - outside
    residual, curvature = 0.0, 0.0
    if low > 0.0:
        density = math.exp(log_poisson(low - 1.0, m)) / inside
        residual += m * density
        curvature += m * density * (m - low)
    if high < np.inf:
        density = math.exp(log_poisson(high, m)) / inside
        residual -= m * density
        curvature += m * density * (high + 1.0 - m)
    return math.log1p(-outside), residual, curvature + residual * residual


@njit(cache=True, nogil=True)
def row(low, high, m, log_m):
    """A row's log-likelihood, its derivative in log m and less its second derivative.

    Where the count is exact the log-likelihood is y log m − m, without log y!.
    """
    if low == high:
        value = low * log_m - m if low > 0.0 else -m
        return value, low - m, m
    return interval(low, high, m)

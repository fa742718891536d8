"""Differences of log Γ that stay exact where both arguments are large, compiled."""

import math

from numba import njit

_STIRLING_FROM = 10.0


@njit(cache=True, nogil=True)
def log_gamma_difference(a, b):
    """log Γ(a) − log Γ(b), without cancellation where both are large; nan below 0."""
    if not (a > 0.0 and b > 0.0):
        return math.nan
    product, turned = 1.0, 1.0
    while a < _STIRLING_FROM:
        turned *= a
        a += 1.0
    while b < _STIRLING_FROM:
        product *= b
        b += 1.0
    d = a - b
    series_a = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * a * a)) / (a * a)) / a
    series_b = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * b * b)) / (b * b)) / b
    main = (b - 0.5) * math.log1p(d / b) + d * (math.log(a) - 1.0)
    if product != turned:
        main += math.log(product / turned)
    return main + series_a - series_b


@njit(cache=True, nogil=True)
def log_gamma_rise(table, first, x, y):
    """log Γ(first + x) − log Γ(first + y) for whole numbers, from a table where it reaches."""
    if x < table.shape[0] and y < table.shape[0]:
        return table[int(x)] - table[int(y)]
    return log_gamma_difference(first + x, first + y)

"""The unseen of each latent class, capture probabilities and sticks integrated out, compiled.

With these given, the unseen of a class and its chances to be seen hold each other fast, which is
where plain Gibbs sampling crawls.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.log_gamma import log_gamma_difference, log_gamma_rise
from darkfigure.numerics.kernels.variates import uniform

MOST_PEOPLE = 2.0**53  # beyond it a float no longer holds every whole number
MOST_SHRINKS = 200  # halves an interval to less than one number on average after 60
_WIDEST_SLICE = 1.5
_EMPTY_EVERY = 4  # classes without anyone seen hardly matter
_MOST_STEPS = 60  # outwards, both ways together


@njit(cache=True, nogil=True)
def log_tilt_at(N, tilt, seen, step):
    """Log prior weight of N relative to 1/N, from its table over log N; -inf is kept."""
    if N >= MOST_PEOPLE:
        return -np.inf
    if tilt.shape[0] == 1:
        return tilt[0]
    place = math.log(N / seen) / step
    i = int(place)
    if i >= tilt.shape[0] - 1:
        return tilt[-1]
    share = place - i
    if share == 0.0:
        return tilt[i]
    return (1.0 - share) * tilt[i] + share * tilt[i + 1]


@njit(cache=True, nogil=True)
def _log_mass_of_class(x, z, K, m, s, others, later, alpha, capture, tables, tilt, seen, step):
    """Log probability of x unseen in class z, capture and sticks integrated out.

    `later[i]` counts everyone in classes after i, class z left out; `others` everyone elsewhere.
    """
    a, b, tabled = capture[0], capture[1], tables.shape[1]
    M = m[z] + x
    N = others + M
    value = log_tilt_at(N, tilt, seen, step)
    if value == -np.inf:
        return value
    if K == 1:
        value += log_gamma_rise(tables[0], 1.0, N - 1.0, x)
    else:
        value -= log_gamma_difference(N + 1.0 + alpha, N)
        if z < K - 1:
            value += log_gamma_rise(tables[0], 1.0, M, x)
        else:
            value += log_gamma_difference(alpha + M, 1.0 + x)
    for j in range(s.shape[1]):
        missed = M - s[z, j]
        if tabled > M:
            value += tables[2, int(missed)] - tables[3, int(M)]
        else:
            value += log_gamma_difference(b + missed, a + b + M)
    product = 1.0
    for i in range(min(z, K - 2)):
        product *= (alpha + later[i] + M) / (alpha + later[i] + m[z] + 1.0)
    return value - math.log(product)


@njit(cache=True, nogil=True)
def update_unseen_of_classes(m, s, n0, alpha, capture, tables, tilt, seen, step, later, state):
    """Slice sampling (Neal 2003) of each class's unseen, on u = log(1 + x) with x ∈ [n, n + 1)."""
    K = m.shape[0]
    for z in range(K):
        if m[z] == 0.0 and K > 1 and uniform(state) * _EMPTY_EVERY > 1.0:
            continue
        again = -m[z]  # times that people were on a list after their first: they tell the unseen
        for j in range(s.shape[1]):
            again += s[z, j]
        width = min(_WIDEST_SLICE, 5.0 / math.sqrt(1.0 + again))
        others, behind = 0.0, 0.0
        for i in range(K - 1, -1, -1):
            later[i] = behind
            if i != z:
                behind += m[i] + n0[i]
                others += m[i] + n0[i]
        u = math.log1p(n0[z] + uniform(state))
        level = u + _log_mass_of_class(
            n0[z], z, K, m, s, others, later, alpha, capture, tables, tilt, seen, step
        )
        level += math.log(uniform(state))
        low = u - width * uniform(state)
        high = low + width
        # at most so many steps in all, shared out at random, leaves the slice sampler exact
        down = np.floor(_MOST_STEPS * uniform(state))
        for _ in range(down):
            if low <= 0.0:
                break
            x = np.floor(math.expm1(low))
            if (
                low
                + _log_mass_of_class(
                    x, z, K, m, s, others, later, alpha, capture, tables, tilt, seen, step
                )
                <= level
            ):
                break
            low -= width
        for _ in range(_MOST_STEPS - 1 - down):
            x = np.floor(math.expm1(high))
            if (
                high
                + _log_mass_of_class(
                    x, z, K, m, s, others, later, alpha, capture, tables, tilt, seen, step
                )
                <= level
            ):
                break
            high += width
        low = max(low, 0.0)
        for _ in range(MOST_SHRINKS):
            v = low + (high - low) * uniform(state)
            x = np.floor(math.expm1(v))
            if (
                v
                + _log_mass_of_class(
                    x, z, K, m, s, others, later, alpha, capture, tables, tilt, seen, step
                )
                > level
            ):
                n0[z] = x
                break
            if v < u:
                low = v
            else:
                high = v

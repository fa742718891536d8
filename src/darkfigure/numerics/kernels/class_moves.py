"""Exchanges of labels, and of people between latent classes, all parameters integrated out."""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.class_unseen import MOST_SHRINKS
from darkfigure.numerics.kernels.log_gamma import log_gamma_difference, log_gamma_rise
from darkfigure.numerics.kernels.variates import normal, uniform

_FRESH_SPREAD = 2.0
_MOST_STEPS = 24  # outwards, both ways together


@njit(cache=True, nogil=True)
def _exchange(m, s, n0, cells, a, b):
    for c in range(cells.shape[0]):
        cells[c, a], cells[c, b] = cells[c, b], cells[c, a]
    m[a], m[b] = m[b], m[a]
    n0[a], n0[b] = n0[b], n0[a]
    for j in range(s.shape[1]):
        s[a, j], s[b, j] = s[b, j], s[a, j]


@njit(cache=True, nogil=True)
def swap_neighbours(m, s, n0, cells, alpha, state):
    """Exchange neighbouring labels, stick lengths integrated out."""
    K = m.shape[0]
    behind = m[K - 1] + n0[K - 1]
    for z in range(K - 2, -1, -1):
        first, second = m[z] + n0[z], m[z + 1] + n0[z + 1]
        if z + 1 < K - 1:
            after = alpha + behind - second
            log_ratio = math.log((after + second) / (after + first))
        else:
            log_ratio = log_gamma_difference(alpha + first, 1.0 + first) - log_gamma_difference(
                alpha + second, 1.0 + second
            )
        if math.log(uniform(state)) < log_ratio:
            _exchange(m, s, n0, cells, z, z + 1)
        behind += m[z] + n0[z]


@njit(cache=True, nogil=True)
def _log_mass_of_sizes(m, n0, first, second, alpha):
    """Log p(class sizes | α) without factors free of order and α, two labels exchanged."""
    K = m.shape[0]
    behind = 0.0
    value = (K - 1.0) * math.log(alpha)
    for z in range(K - 1, -1, -1):
        i = second if z == first else (first if z == second else z)
        M = m[i] + n0[i]
        if z == K - 1:
            value += log_gamma_difference(alpha + M, 1.0 + M)
        elif z < K - 2:
            value -= math.log(alpha + behind)
        behind += M
    return value - log_gamma_difference(1.0 + alpha + behind, behind)


@njit(cache=True, nogil=True)
def swap_with_fresh_concentration(m, s, n0, cells, alpha, concentration, state):
    """Exchange two labels and draw α anew, log-normal about 1, with the sticks integrated out."""
    K = m.shape[0]
    a = int(K * uniform(state))
    b = int(K * uniform(state))
    x, proposed_x = math.log(alpha), _FRESH_SPREAD * normal(state)
    proposed = math.exp(proposed_x)
    gain = _log_mass_of_sizes(m, n0, a, b, proposed) - _log_mass_of_sizes(m, n0, a, a, alpha)
    gain += concentration[0] * (proposed_x - x) - concentration[1] * (proposed - alpha)
    gain += 0.5 * (proposed_x**2 - x**2) / _FRESH_SPREAD**2
    if math.log(uniform(state)) < gain:
        _exchange(m, s, n0, cells, a, b)
        return proposed
    return alpha


@njit(cache=True, nogil=True)
def _gain_of_class(d, z, m, s, n0, at, alpha, capture, tables):
    """Change of the log probability of class z when d more people of a cell join it."""
    a, b = capture[0], capture[1]
    M = m[z] + n0[z]
    k = s.shape[1]
    if z < m.shape[0] - 1:
        value = log_gamma_rise(tables[0], 1.0, M + d, M)
    else:
        value = log_gamma_difference(alpha + M + d, alpha + M)
    value -= k * log_gamma_rise(tables[3], a + b, M + d, M)
    for j in range(k):
        if at[j]:
            value += log_gamma_rise(tables[1], a, s[z, j] + d, s[z, j])
        else:
            value += log_gamma_rise(tables[2], b, M - s[z, j] + d, M - s[z, j])
    return value


@njit(cache=True, nogil=True)
def _gain_of_move(d, a, b, held, m, s, n0, at, alpha, capture, tables, later):
    """Change of the log probability when d people of a cell move from class b to class a."""
    if d == 0.0:
        return 0.0
    value = _gain_of_class(d, a, m, s, n0, at, alpha, capture, tables)
    value += _gain_of_class(-d, b, m, s, n0, at, alpha, capture, tables)
    value -= log_gamma_rise(tables[0], 1.0, held[a] + d, held[a])
    value -= log_gamma_rise(tables[0], 1.0, held[b] - d, held[b])
    joined = d if a > b else -d
    product = 1.0
    for i in range(min(a, b), min(max(a, b), m.shape[0] - 2)):
        product *= (alpha + later[i] + joined) / (alpha + later[i])
    return value - math.log(product)


@njit(cache=True, nogil=True)
def _slice_of_move(a, b, held, m, s, n0, at, alpha, capture, tables, later, state):
    """Draw by slice sampling how many people of a cell move from class b to class a."""
    was, total = held[a], held[a] + held[b]
    level = math.log(uniform(state))
    u = was + uniform(state)
    width = math.exp(math.log(total + 1.0) * uniform(state))
    low = u - width * uniform(state)
    high = low + width
    # at most so many steps in all, shared out at random, leaves the slice sampler exact
    down = np.floor(_MOST_STEPS * uniform(state))
    for _ in range(down):
        if low <= 0.0:
            break
        d = np.floor(low) - was
        if _gain_of_move(d, a, b, held, m, s, n0, at, alpha, capture, tables, later) <= level:
            break
        low -= width
    for _ in range(_MOST_STEPS - 1 - down):
        if high >= total + 1.0:
            break
        d = np.floor(high) - was
        if _gain_of_move(d, a, b, held, m, s, n0, at, alpha, capture, tables, later) <= level:
            break
        high += width
    low, high = max(low, 0.0), min(high, total + 1.0)
    for _ in range(MOST_SHRINKS):
        v = low + (high - low) * uniform(state)
        d = min(np.floor(v), total) - was
        if _gain_of_move(d, a, b, held, m, s, n0, at, alpha, capture, tables, later) > level:
            return d
        if v < u:
            low = v
        else:
            high = v
    return 0.0


@njit(cache=True, nogil=True)
def move_between_classes(m, s, n0, cells, on, alpha, capture, tables, later, state):
    """Share out anew what two random classes hold of each cell, parameters integrated out."""
    K = m.shape[0]
    for c in range(cells.shape[0]):
        a = int(K * uniform(state))
        b = int((K - 1) * uniform(state))
        if b >= a:
            b += 1
        if cells[c, a] + cells[c, b] == 0.0:
            continue
        behind = 0.0
        for i in range(K - 1, -1, -1):
            later[i] = behind
            behind += m[i] + n0[i]
        d = _slice_of_move(a, b, cells[c], m, s, n0, on[c], alpha, capture, tables, later, state)
        if d != 0.0:
            cells[c, a] += d
            cells[c, b] -= d
            m[a] += d
            m[b] -= d
            for j in range(s.shape[1]):
                if on[c, j]:
                    s[a, j] += d
                    s[b, j] -= d

"""Gibbs sampling of latent classes on the cells of a table, compiled.

No loop of a sweep runs over people or without a bound: the work is cells × classes. Further moves
integrate out what holds the classes fast: see the modules of the moves.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.class_moves import (
    move_between_classes,
    swap_neighbours,
    swap_with_fresh_concentration,
)
from darkfigure.numerics.kernels.class_trades import trade_between_classes
from darkfigure.numerics.kernels.class_unseen import log_tilt_at, update_unseen_of_classes
from darkfigure.numerics.kernels.variates import (
    binomial,
    gamma_variate,
    log_gamma_variate,
    poisson,
    uniform,
)


@njit(cache=True, nogil=True)
def _allocate_seen(y, on, lam, log_weight, m, s, cells, weight, chance, by_class, state):
    """Allocate the count of each cell to classes, given all parameters."""
    K, k = lam.shape
    m[:] = 0.0
    s[:] = 0.0
    for z in range(K):
        weight[z] = math.exp(log_weight[z])
    for c in range(y.shape[0]):
        behind = 0.0
        for z in range(K - 1, -1, -1):
            by_class[z] = behind  # of the classes after z
            p = weight[z]
            for j in range(k):
                p *= lam[z, j] if on[c, j] else 1.0 - lam[z, j]
            chance[z] = p
            behind += p
            cells[c, z] = 0.0
        left = y[c]
        for z in range(K):
            if by_class[z] > 0.0:
                taken = binomial(left, chance[z] / (chance[z] + by_class[z]), state)
            else:
                taken = left
            if taken > 0.0:
                cells[c, z] = taken
                m[z] += taken
                for j in range(k):
                    if on[c, j]:
                        s[z, j] += taken
                left -= taken
                if left == 0.0:
                    break


@njit(cache=True, nogil=True)
def _unseen_odds(lam, log_weight, missed):
    """Fill in each class's share of the missed; return log(π0 / (1 − π0))."""
    K, k = lam.shape
    unseen, met = 0.0, 0.0
    for z in range(K):
        log_q = 0.0
        for j in range(k):
            log_q += math.log1p(-lam[z, j])
        weight = math.exp(log_weight[z])
        missed[z] = weight * math.exp(log_q)
        unseen += missed[z]
        met += weight * -math.expm1(log_q)
    return math.log(unseen) - math.log(met)


@njit(cache=True, nogil=True)
def _draw_unseen(lam, log_weight, n0, tilt, seen, step, missed, state):
    """n0 from NegBin(n, 1 − π0), accepted by the prior's weight, and split over classes."""
    log_odds = _unseen_odds(lam, log_weight, missed)
    mean = math.exp(min(log_gamma_variate(seen, state) + log_odds, 41.0))
    proposed = poisson(mean, state)
    gain = log_tilt_at(seen + proposed, tilt, seen, step)
    if tilt.shape[0] > 1:
        gain -= log_tilt_at(seen + n0.sum(), tilt, seen, step)
    if not (gain >= 0.0 or math.log(uniform(state)) < gain):  # nan is no gain
        proposed = n0.sum()
    K = n0.shape[0]
    left = proposed
    for z in range(K):
        behind = 0.0
        for i in range(z + 1, K):
            behind += missed[i]
        n0[z] = left if behind <= 0.0 else binomial(left, missed[z] / (missed[z] + behind), state)
        left -= n0[z]


@njit(cache=True, nogil=True)
def _draw_parameters(m, s, n0, lam, log_weight, alpha, concentration, capture, state):
    """Capture probabilities, sticks and α given everyone's class; return α."""
    K, k = lam.shape
    a, b = capture[0], capture[1]
    log_rest = 0.0
    for z in range(K):
        M = m[z] + n0[z]
        for j in range(k):
            if a >= 1.0 and b >= 1.0:
                x = gamma_variate(a + s[z, j], state)
                chance = x / (x + gamma_variate(b + M - s[z, j], state))
            else:
                x = log_gamma_variate(a + s[z, j], state)
                w = log_gamma_variate(b + M - s[z, j], state)
                chance = 1.0 / (1.0 + math.exp(w - x))
            lam[z, j] = min(max(chance, 1e-300), 1.0 - 1e-16)
        if z < K - 1:
            behind = 0.0
            for i in range(z + 1, K):
                behind += m[i] + n0[i]
            x = log_gamma_variate(1.0 + M, state)
            w = log_gamma_variate(alpha + behind, state)
            top = max(x, w)
            both = top + math.log1p(math.exp(min(x, w) - top))
            log_weight[z] = log_rest + x - both
            log_rest += w - both
        else:
            log_weight[z] = log_rest
    if K == 1:
        return alpha
    rate = concentration[1] - log_rest
    return math.exp(log_gamma_variate(concentration[0] + K - 1.0, state) - math.log(rate))


@njit(cache=True, nogil=True)
def _are_numbers(n0, lam, log_weight, alpha):
    """Whether a chain can go on."""
    total = alpha
    K, k = lam.shape
    for z in range(K):
        total += n0[z] + log_weight[z]
        for j in range(k):
            total += lam[z, j]
    return math.isfinite(total)


@njit(cache=True, nogil=True)
def run_chain(
    y,
    on,
    n0,
    lam,
    log_weight,
    alpha,
    concentration,
    capture,
    tables,
    tilt,
    step,
    state,
    sweeps,
    thin,
    out_odds,
    out_alpha,
    out_n0,
    out_m,
    out_weight,
    out_lam,
):
    """Run one chain on, keeping every `thin`-th state; false if its state is not a number.

    All that goes on lies in the arrays given, so that a long run and several short ones, each of
    a multiple of `thin` sweeps, are the same.
    """
    K, k = lam.shape
    seen = y.sum()
    m, s = np.zeros(K), np.zeros((K, k))
    by_class, later = np.empty(K), np.empty(K)
    weight, chance = np.empty(K), np.empty(K)
    work = np.empty((K + 4, y.shape[0] + 1))
    first, second = np.empty(k), np.empty(k)
    cells = np.zeros((y.shape[0], K))
    kept = 0
    for sweep in range(1, sweeps + 1):
        if K > 1:
            trade_between_classes(
                y, on, lam, log_weight, n0.sum(), alpha[0], capture,
                weight, work, first, second, state,
            )  # fmt: skip
        _allocate_seen(y, on, lam, log_weight, m, s, cells, weight, chance, by_class, state)
        _draw_unseen(lam, log_weight, n0, tilt, seen, step, by_class, state)
        if K > 1:
            move_between_classes(m, s, n0, cells, on, alpha[0], capture, tables, later, state)
        update_unseen_of_classes(
            m, s, n0, alpha[0], capture, tables, tilt, seen, step, later, state
        )
        if K > 1:
            swap_neighbours(m, s, n0, cells, alpha[0], state)
            alpha[0] = swap_with_fresh_concentration(
                m, s, n0, cells, alpha[0], concentration, state
            )
        alpha[0] = _draw_parameters(
            m, s, n0, lam, log_weight, alpha[0], concentration, capture, state
        )
        if not _are_numbers(n0, lam, log_weight, alpha[0]):
            return False
        if sweep % thin == 0 and kept < out_odds.shape[0]:
            out_odds[kept] = _unseen_odds(lam, log_weight, by_class)
            out_alpha[kept] = alpha[0]
            out_n0[kept] = n0
            out_m[kept] = m
            out_weight[kept] = log_weight
            out_lam[kept] = lam
            kept += 1
    return True

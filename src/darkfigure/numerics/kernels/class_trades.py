"""A walk along what two latent classes have in common, everyone's class integrated out."""

import math

from numba import njit

from darkfigure.numerics.kernels.variates import normal, uniform

_TRADES = 12
_WIDEST_TRADE = 0.5
_SMALLEST_SHARE = 1e-7
_LIGHTEST_TRADE = 1e-290  # below it, shares of a weight are no longer numbers


@njit(cache=True, nogil=True)
def _fill_chances(chances, on, filled):
    """Probability of each cell's history, and of none in the place after the last."""
    C, k = on.shape
    none = 1.0
    for j in range(k):
        none *= 1.0 - chances[j]
    for c in range(C):
        p = 1.0
        for j in range(k):
            p *= chances[j] if on[c, j] else 1.0 - chances[j]
        filled[c] = p
    filled[C] = none


@njit(cache=True, nogil=True)
def _early_class(K, state):
    """A label, early ones more often: they hold most people."""
    return min(int(K * uniform(state) ** 2), K - 1)


@njit(cache=True, nogil=True)
def _log_density_of_weights(weight, alpha):
    """Log density of the class weights under stick-breaking, up to a constant."""
    # weights that are 0 to working precision take no part in trades: their factors are constant
    K = weight.shape[0]
    behind, product = weight[K - 1], 1.0
    value = (alpha - 1.0) * math.log(behind) if behind > 0.0 else 0.0
    for z in range(K - 2, 0, -1):
        behind += weight[z]
        if behind > 0.0:
            product *= behind
        if product < 1e-200:
            value -= math.log(product)
            product = 1.0
    return value - math.log(product)


@njit(cache=True, nogil=True)
def trade_between_classes(
    y, on, lam, log_weight, unseen, alpha, capture, weight, work, first, second, state
):
    """Walk along what two classes have in common, everyone's class integrated out.

    The mean chance over both classes, list by list, is held fixed, as are their joint weight and
    the number unseen: the share v of one and its chances λ_b walk on the logit scale, and the
    chances of the other follow, λ_a = (μ − v λ_b) / (1 − v).
    """
    K, k = lam.shape
    C = y.shape[0]
    for z in range(K):
        weight[z] = math.exp(log_weight[z])
    of_cell, now, by_first, by_second = work[K], work[K + 1], work[K + 2], work[K + 3]
    of_cell[:] = 0.0
    for z in range(K):
        _fill_chances(lam[z], on, work[z])
        for c in range(C + 1):
            of_cell[c] += weight[z] * work[z, c]
    for _ in range(_TRADES):
        a, b = _early_class(K, state), _early_class(K, state)
        scale = _WIDEST_TRADE * uniform(state) ** 3
        both = weight[a] + weight[b]
        v = weight[b] / both if both > _LIGHTEST_TRADE else 0.0
        if a == b or not _SMALLEST_SHARE < v < 1.0 - _SMALLEST_SHARE:
            continue
        odds = v / (1.0 - v) * math.exp(scale * normal(state))
        new = odds / (1.0 + odds)
        if not _SMALLEST_SHARE < new < 1.0 - _SMALLEST_SHARE:
            continue
        gain = (1.0 - k) * math.log((1.0 - new) / (1.0 - v)) + math.log(new / v)
        inside = True
        for j in range(k):
            odds = lam[b, j] / (1.0 - lam[b, j]) * math.exp(scale * normal(state))
            second[j] = odds / (1.0 + odds)
            mean = (1.0 - v) * lam[a, j] + v * lam[b, j]
            first[j] = (mean - new * second[j]) / (1.0 - new)
            if not (1e-12 < first[j] < 1.0 - 1e-12 and 1e-12 < second[j] < 1.0 - 1e-12):
                inside = False
                break
            odd = second[j] / lam[b, j]
            even = (1.0 - second[j]) / (1.0 - lam[b, j])
            gain += capture[0] * math.log(odd) + capture[1] * math.log(even)
            gain += (capture[0] - 1.0) * math.log(first[j] / lam[a, j])
            gain += (capture[1] - 1.0) * math.log((1.0 - first[j]) / (1.0 - lam[a, j]))
        if not inside:
            continue
        level = math.log(uniform(state))
        gain -= _log_density_of_weights(weight, alpha)
        weight[a], weight[b] = both * (1.0 - new), both * new
        gain += _log_density_of_weights(weight, alpha)
        old_a, old_b = both * (1.0 - v), both * v
        _fill_chances(first, on, by_first)
        _fill_chances(second, on, by_second)
        for c in range(C + 1):
            others = max(of_cell[c] - old_a * work[a, c] - old_b * work[b, c], 0.0)
            now[c] = others + weight[a] * by_first[c] + weight[b] * by_second[c]
            if of_cell[c] > 0.0:
                people = y[c] if c < C else unseen
                gain += people * math.log(now[c] / of_cell[c])
        if level < gain:
            log_weight[a], log_weight[b] = math.log(weight[a]), math.log(weight[b])
            lam[a], lam[b] = first, second
            of_cell[:], work[a], work[b] = now, by_first, by_second
        else:
            weight[a], weight[b] = old_a, old_b

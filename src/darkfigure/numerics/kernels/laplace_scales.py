"""Laplace evidence of many models over many scales of the prior, where it is not next to nothing.

With f the log evidence over the log of the scale and p the number of effects, f never falls
faster than p / 2 as the scale grows, but for how the information at the mode changes: the prior
cost of the mode is not negative, and each effect takes at most one half. Below a scale f is thus at
most what it is there plus p / 2 times the difference of the logs, and scales that cannot reach the
threshold are passed by. Above its peak f falls on.
"""

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.laplace import evidence_at, seen_of, set_model, workspace

_FALLEN = 10.0  # below the threshold: f has left its peak for good


@njit(cache=True, nogil=True)
def fit_over_scales(
    y,
    observed,
    missed,
    models,
    precision,
    scales,
    log_share,
    threshold,
    middle,
    stride,
    first,
    last,
    evidence,
    log_odds,
    spread,
    modes,
):
    """Evidence of models[first:last] at every scale where with its share it is above a threshold.

    Parameters
    ----------
    y, observed, missed, models, precision, scales : as in `laplace.fit_models`
        Scales increase.
    log_share : ndarray of float, shape (scales,)
        Log prior weight of each scale.
    threshold : float
        Of log evidence plus log share.
    middle, stride : int
        Where to begin, and in what steps to go up from there.
    evidence, log_odds, spread : ndarray of float, shape (models, scales)
        Written where looked at; nan where no mode was found. Elsewhere they stay as they are.
    modes : ndarray of float, shape (models, 2**bits)
        Read: the mode at the middle scale, or near it. Written: that at the likeliest scale.
    """
    seen = seen_of(y, observed, missed)
    work = workspace(models, first, last, missed)
    size, log_scales = scales.shape[0], np.log(scales)
    betas = np.empty((size, work.beta.shape[0]))
    looked = np.empty(size, np.bool_)
    for m in range(first, last):
        p = set_model(models[m], modes[m], work)
        looked[:] = False
        at, before = middle, np.inf
        while True:  # up, until it has fallen for good
            evidence[m, at], log_odds[m, at], spread[m, at] = evidence_at(
                seen, precision, scales[at], p, work
            )
            looked[at] = True
            betas[at, :p] = work.beta[:p]
            now = evidence[m, at] + log_share[at]
            if at == size - 1 or (now < threshold - _FALLEN and now < before):
                break
            before, at = now, min(at + stride, size - 1)
        nearest, best, height = at, at, -np.inf
        for s in range(at, -1, -1):  # down, past all that cannot reach the threshold
            if not looked[s]:
                bound = evidence[m, nearest] + log_share[s]
                bound += 0.5 * p * (log_scales[nearest] - log_scales[s])
                if bound < threshold:
                    continue
                work.beta[:p] = betas[nearest, :p]
                evidence[m, s], log_odds[m, s], spread[m, s] = evidence_at(
                    seen, precision, scales[s], p, work
                )
                betas[s, :p] = work.beta[:p]
            nearest = s
            if evidence[m, s] + log_share[s] > height:
                height, best = evidence[m, s] + log_share[s], s
        for i in range(p):
            modes[m, work.terms[i]] = betas[best, i]

"""Draws around the modes of `laplace_sums`, with their weights, compiled."""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.laplace import FOUND, normal_over_student
from darkfigure.numerics.kernels.laplace_sums import (
    climb,
    log_density,
    prior_between,
    room,
    start_at,
    terms_of,
)

_STEPS = (1.0, 2.0, 3.0, 4.0)
_NARROWEST, _WIDEST = 0.7, 6.0


@njit(cache=True, nogil=True)
def _axis(factor, p, i, axis):
    """Column i of the inverse of Lᵀ: a step of one standard deviation, were all normal."""
    for j in range(p - 1, -1, -1):
        value = 1.0 if j == i else 0.0
        for k in range(j + 1, i + 1):
            value -= factor[k, j] * axis[k]
        axis[j] = value / factor[j, j] if j <= i else 0.0


@njit(cache=True, nogil=True)
def _stretches(rows, terms, p, prior, beta, peak, work, cells, wide):
    """How far the density reaches to either side along each axis, against a normal one.

    wide[0] is below the mode and wide[1] above (Geweke 1989, Econometrica 57:1317, section 4).
    """
    factor, axis, _, trial = work
    eta, mu, _, _, residual, curvature = cells
    for i in range(p):
        _axis(factor, p, i, axis)
        for side in range(2):
            reach = _NARROWEST
            for step in _STEPS:
                for j in range(p):
                    trial[j] = beta[j] + (2 * side - 1) * step * axis[j]
                value = log_density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
                fall = 2.0 * (peak - value)
                if fall * _WIDEST * _WIDEST <= step * step:
                    reach = _WIDEST
                else:
                    reach = max(reach, step / math.sqrt(fall))
            wide[side, i] = reach


@njit(cache=True, nogil=True)
def propose(
    rows, guess, models, precision, scales, starts, ends, normals, sides, stretch, degrees, first,
    last, effects, log_weight,
):  # fmt: skip
    """Draw effects from a split Student-t around each mode, and weigh them against the posterior.

    Limits on counts make posteriors lopsided: where a count may be 0 its mean may be as small as
    the prior lets it.

    Parameters
    ----------
    rows, guess : as in `fit_models`
    models : ndarray of bool, shape (groups, 2**bits)
        The model of each group of draws.
    scales : ndarray of float, shape (groups,)
        The scale of its prior.
    starts : ndarray of float, shape (groups, 2**bits)
        Where to look for its mode.
    ends : ndarray of int64, shape (groups + 1,)
        Draws ends[g] to ends[g + 1] belong to group g.
    normals : ndarray of float, shape (draws, most terms)
        Standard normal numbers; only their size is used.
    sides : ndarray of float, shape (draws, most terms)
        Uniform numbers, by which the side of the mode is chosen on each axis.
    stretch : ndarray of float, shape (draws,)
        sqrt(ν / χ²) with ν degrees of freedom.
    degrees : float
        ν.
    effects : ndarray of float, shape (draws, 2**bits)
        Written: the constant first, 0 for terms not in the model.
    log_weight : ndarray of float, shape (draws,)
        Written: log of posterior over proposal, less the log evidence by Laplace; -inf where the
        mode was lost.
    """
    size = guess.shape[0]
    most, work, cells = room(models, first, last, size, rows)
    information, _, step, trial = work
    eta, mu, _, _, residual, curvature = cells
    terms, beta, prior = np.empty(size, np.int64), np.empty(most), np.empty((most, most))
    wide = np.empty((2, most))
    for g in range(first, last):
        p = terms_of(models[g], terms)
        prior_between(precision, scales[g], terms, p, prior)
        for i in range(p):
            beta[i] = starts[g, terms[i]]
        state, peak = climb(rows, terms, p, prior, beta, work, cells)
        if state != FOUND and start_at(
            guess, terms, p, prior, cells[2], cells[3], step, information
        ):
            beta[:p] = step[:p]
            state, peak = climb(rows, terms, p, prior, beta, work, cells)
        constant = normal_over_student(degrees, p)
        if state == FOUND:
            _stretches(rows, terms, p, prior, beta, peak, work, cells, wide)
            for i in range(p):
                constant += math.log(0.5 * (wide[0, i] + wide[1, i]))
        for draw in range(ends[g], ends[g + 1]):
            if state != FOUND:
                log_weight[draw] = -np.inf
                continue
            length = 0.0
            for i in range(p):
                away = abs(normals[draw, i]) * stretch[draw]
                length += away * away
                below, above = wide[0, i], wide[1, i]
                step[i] = (
                    -below * away if sides[draw, i] * (below + above) < below else above * away
                )
            for i in range(p - 1, -1, -1):  # solve Lᵀ trial = step
                value = step[i]
                for j in range(i + 1, p):
                    value -= information[j, i] * trial[j]
                trial[i] = value / information[i, i]
            for i in range(p):
                trial[i] += beta[i]
                effects[draw, terms[i]] = trial[i]
            value = log_density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
            # the proposal's log density in units where Laplace's is that of a normal
            proposal = -0.5 * (degrees + p) * math.log1p(length / degrees)
            log_weight[draw] = value - peak - proposal + constant

"""Modes, Laplace evidence and Student-t proposals where cells are seen in sums and between limits.

The expected count of a row is a weight times the sum of exp(η) over its cells, and what is known
of its count are limits: the log-likelihood is the sum of log P(low ≤ Y ≤ high). The constant, of
which the prior is flat, is one of the effects here: it cannot be integrated out exactly as where
every cell has its count (`laplace`). Terms are sets of bits, as in `newton`; the first is empty.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.interval import row
from darkfigure.numerics.kernels.laplace import (
    FOUND,
    LOST,
    half_log_determinant,
    normal_over_student,
)
from darkfigure.numerics.kernels.lattice import cholesky_solve, subset_sums, superset_sums

_MAX_STEPS = 200
_TOLERANCE = 1e-13
_LARGEST = 700.0  # of a log mean
_SMALLEST = 1e-300  # of a mean
_LAST_HALVING = 40
_STEPS = (1.0, 2.0, 3.0, 4.0)
_NARROWEST, _WIDEST = 0.7, 6.0


@njit(cache=True, nogil=True)
def _terms_of(model, terms):
    """The constant, and the terms of a model."""
    terms[0] = 0
    p = 1
    for term in range(1, model.shape[0]):
        if model[term]:
            terms[p] = term
            p += 1
    return p


@njit(cache=True, nogil=True)
def _prior_between(precision, scale, terms, p, prior):
    """Prior precision between the effects of a model, that of the constant being 0."""
    prior[0, :p] = 0.0
    prior[:p, 0] = 0.0
    for i in range(1, p):
        for j in range(1, i + 1):
            prior[i, j] = precision[terms[i], terms[j]] / scale
            prior[j, i] = prior[i, j]


@njit(cache=True, nogil=True)
def _density(rows, terms, p, beta, prior, eta, mu, residual, curvature):
    """Log likelihood plus log prior kernel; fills mu, and what each row says of its log mean."""
    start, cell, weight, low, high = rows
    eta[:] = 0.0
    for i in range(p):
        eta[terms[i]] = beta[i]
    subset_sums(eta)
    value = 0.0
    for r in range(low.shape[0]):
        mean = 0.0
        for at in range(start[r], start[r + 1]):
            c = cell[at]
            if eta[c] > _LARGEST:
                return -np.inf
            mu[c] = math.exp(eta[c])
            mean += mu[c]
        mean = max(weight[r] * mean, _SMALLEST)
        part, residual[r], curvature[r] = row(low[r], high[r], mean, math.log(mean))
        value += part
    for i in range(1, p):
        inside = 0.0
        for j in range(1, p):
            inside += prior[i, j] * beta[j]
        value -= 0.5 * beta[i] * inside
    return value


@njit(cache=True, nogil=True)
def _score_and_information(
    rows, terms, p, beta, prior, mu, residual, curvature, by_cell, once, joint, score, information
):
    """Derivative of the log density, and the expected information of sums, the exact of others."""
    start, cell, _, low, _ = rows
    by_cell[:] = 0.0
    once[:] = 0.0
    information[:p, :p] = prior[:p, :p]
    for r in range(low.shape[0]):
        first, last = start[r], start[r + 1]
        if last == first + 1:
            by_cell[cell[first]] += residual[r]
            once[cell[first]] += curvature[r]
            continue
        whole = 0.0
        for at in range(first, last):
            whole += mu[cell[at]]
        whole = max(whole, _SMALLEST)
        joint[:p] = 0.0
        for at in range(first, last):
            c = cell[at]
            share = mu[c] / whole
            by_cell[c] += residual[r] * share
            for i in range(p):
                if c & terms[i] == terms[i]:
                    joint[i] += share
        if curvature[r] > 0.0:
            for i in range(p):
                scaled = curvature[r] * joint[i]
                if scaled != 0.0:
                    for j in range(i + 1):
                        information[i, j] += scaled * joint[j]
    superset_sums(by_cell)
    superset_sums(once)
    for i in range(p):
        inside = 0.0
        for j in range(p):
            inside += prior[i, j] * beta[j]
        score[i] = by_cell[terms[i]] - inside
        for j in range(i + 1):
            information[i, j] += once[terms[i] | terms[j]]


@njit(cache=True, nogil=True)
def _start(guess, terms, p, prior, weighted, plain, step, information):
    """One step of least squares to the logs of guessed counts; False where it has no solution."""
    for c in range(guess.shape[0]):
        plain[c] = guess[c]
        weighted[c] = guess[c] * math.log(guess[c]) if guess[c] > 0.0 else 0.0
    superset_sums(weighted)
    superset_sums(plain)
    for i in range(p):
        step[i] = weighted[terms[i]]
        for j in range(i + 1):
            information[i, j] = plain[terms[i] | terms[j]] + prior[i, j]
    return cholesky_solve(information, step, p)


@njit(cache=True, nogil=True)
def _climb(rows, terms, p, prior, beta, work, cells):
    """Scoring with halving to the mode; leaves the factor of the information in the work space.

    Returns (state, log density at the mode).
    """
    information, joint, step, trial = work
    eta, mu, by_cell, once, residual, curvature = cells
    value = _density(rows, terms, p, beta, prior, eta, mu, residual, curvature)
    if not math.isfinite(value):
        return LOST, value
    for _ in range(_MAX_STEPS):
        _score_and_information(
            rows, terms, p, beta, prior, mu, residual, curvature, by_cell, once, joint, step,
            information,
        )  # fmt: skip
        for i in range(p):
            trial[i] = step[i]
        if not cholesky_solve(information, step, p):
            return LOST, value
        gain = 0.0
        for i in range(p):
            gain += trial[i] * step[i]
        if gain < _TOLERANCE:
            return FOUND, value
        scale = 1.0
        for _halving in range(_LAST_HALVING):
            for i in range(p):
                trial[i] = beta[i] + scale * step[i]
            after = _density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
            if after >= value + 1e-4 * scale * gain - 1e-10 * abs(value):
                break
            scale *= 0.5
        else:
            return LOST, value
        for i in range(p):
            beta[i] = trial[i]
        value = after
    return LOST, value


@njit(cache=True, nogil=True)
def _odds_of_missing(rows, unseen, terms, p, eta, by_cell, factor, gradient):
    """log(R / S) at the mode, R and S the expected numbers unseen and seen, and its spread."""
    start, cell, weight, low, _ = rows
    seen, rest = 0.0, 0.0
    by_cell[:] = 0.0
    for r in range(low.shape[0]):
        for at in range(start[r], start[r + 1]):
            mean = weight[r] * math.exp(eta[cell[at]])
            by_cell[cell[at]] -= mean
            seen += mean
    highest = -np.inf
    for c in unseen:
        highest = max(highest, eta[c])
    for c in unseen:
        rest += math.exp(eta[c] - highest)
    for c in range(by_cell.shape[0]):
        by_cell[c] /= seen
    for c in unseen:
        by_cell[c] += math.exp(eta[c] - highest) / rest
    superset_sums(by_cell)
    variance = 0.0
    for i in range(p):  # |L⁻¹ gradient|²
        value = by_cell[terms[i]]
        for j in range(i):
            value -= factor[i, j] * gradient[j]
        gradient[i] = value / factor[i, i]
        variance += gradient[i] * gradient[i]
    return math.log(rest) + highest - math.log(seen), math.sqrt(variance)


@njit(cache=True, nogil=True)
def _room(models, first, last, size, rows):
    """The most effects of these models, and the work space for them."""
    most = 1
    for m in range(first, last):
        most = max(most, 1 + models[m].sum())
    number = rows[3].shape[0]
    work = np.empty((most, most)), np.empty(most), np.empty(most), np.empty(most)
    cells = (
        np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(number),
        np.empty(number),
    )  # fmt: skip
    return most, work, cells


@njit(cache=True, nogil=True)
def fit_models(
    rows, unseen, guess, models, precision, scales, first, last, evidence, log_odds, spread, modes
):
    """Laplace evidence of models[first:last] at each scale of the prior.

    Parameters
    ----------
    rows : tuple of ndarray
        start (int64, rows + 1), cell (int64), weight (float, rows), low and high (float, rows):
        row r counts cells cell[start[r]:start[r + 1]], and its count lies in [low, high].
    unseen : ndarray of int64
        Cells that no row counts.
    guess : ndarray of float, shape (2**bits,)
        A positive guess at the expected count of each cell that a row counts, 0 for others.
    models : ndarray of bool, shape (models, 2**bits)
    precision : ndarray of float, shape (2**bits, 2**bits)
        Prior precision of the effects at scale 1; that of the constant is not read.
    scales : ndarray of float, shape (scales,)
        Prior variances are multiplied by it.
    evidence, log_odds, spread : ndarray of float, shape (models, scales)
        Written: log evidence (nan where no mode was found); log odds of being missed at the
        mode, and its standard deviation.
    modes : ndarray of float, shape (models, 2**bits)
        Written: the mode at the last scale, 0 for absent terms.
    """
    size = guess.shape[0]
    most, work, cells = _room(models, first, last, size, rows)
    information, _, step, trial = work
    terms, beta, prior = np.empty(size, np.int64), np.empty(most), np.empty((most, most))
    for m in range(first, last):
        p = _terms_of(models[m], terms)
        fresh = True
        for s in range(scales.shape[0]):
            evidence[m, s], log_odds[m, s], spread[m, s] = np.nan, np.nan, np.nan
            _prior_between(precision, scales[s], terms, p, prior)
            information[: p - 1, : p - 1] = prior[1:p, 1:p]
            trial[:p] = 0.0
            if p > 1 and not cholesky_solve(information, trial, p - 1):
                continue
            of_prior = half_log_determinant(information, p - 1)
            state, value = LOST, 0.0
            if not fresh:
                state, value = _climb(rows, terms, p, prior, beta, work, cells)
            if state != FOUND:
                if not _start(guess, terms, p, prior, cells[2], cells[3], step, information):
                    continue
                beta[:p] = step[:p]
                state, value = _climb(rows, terms, p, prior, beta, work, cells)
            fresh = state != FOUND
            if fresh:
                continue
            evidence[m, s] = value + of_prior - half_log_determinant(information, p)
            log_odds[m, s], spread[m, s] = _odds_of_missing(
                rows, unseen, terms, p, cells[0], cells[2], information, trial
            )
            for i in range(p):
                modes[m, terms[i]] = beta[i]


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
                value = _density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
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
    most, work, cells = _room(models, first, last, size, rows)
    information, _, step, trial = work
    eta, mu, _, _, residual, curvature = cells
    terms, beta, prior = np.empty(size, np.int64), np.empty(most), np.empty((most, most))
    wide = np.empty((2, most))
    for g in range(first, last):
        p = _terms_of(models[g], terms)
        _prior_between(precision, scales[g], terms, p, prior)
        for i in range(p):
            beta[i] = starts[g, terms[i]]
        state, peak = _climb(rows, terms, p, prior, beta, work, cells)
        if state != FOUND and _start(guess, terms, p, prior, cells[2], cells[3], step, information):
            beta[:p] = step[:p]
            state, peak = _climb(rows, terms, p, prior, beta, work, cells)
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
            value = _density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
            # the proposal's log density in units where Laplace's is that of a normal
            proposal = -0.5 * (degrees + p) * math.log1p(length / degrees)
            log_weight[draw] = value - peak - proposal + constant

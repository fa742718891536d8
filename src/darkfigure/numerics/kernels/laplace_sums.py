"""Modes and Laplace evidence where cells are seen in sums and between limits, compiled.

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
)
from darkfigure.numerics.kernels.lattice import cholesky_solve, subset_sums, superset_sums

_MAX_STEPS = 200
_TOLERANCE = 1e-13
_LARGEST = 700.0  # of a log mean
_SMALLEST = 1e-300  # of a mean
_LAST_HALVING = 40


@njit(cache=True, nogil=True)
def terms_of(model, terms):
    """The constant, and the terms of a model."""
    terms[0] = 0
    p = 1
    for term in range(1, model.shape[0]):
        if model[term]:
            terms[p] = term
            p += 1
    return p


@njit(cache=True, nogil=True)
def prior_between(precision, scale, terms, p, prior):
    """Prior precision between the effects of a model, that of the constant being 0."""
    prior[0, :p] = 0.0
    prior[:p, 0] = 0.0
    for i in range(1, p):
        for j in range(1, i + 1):
            prior[i, j] = precision[terms[i], terms[j]] / scale
            prior[j, i] = prior[i, j]


@njit(cache=True, nogil=True)
def log_density(rows, terms, p, beta, prior, eta, mu, residual, curvature):
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
def start_at(guess, terms, p, prior, weighted, plain, step, information):
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
def climb(rows, terms, p, prior, beta, work, cells):
    """Scoring with halving to the mode; leaves the factor of the information in the work space.

    Returns (state, log density at the mode).
    """
    information, joint, step, trial = work
    eta, mu, by_cell, once, residual, curvature = cells
    value = log_density(rows, terms, p, beta, prior, eta, mu, residual, curvature)
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
            after = log_density(rows, terms, p, trial, prior, eta, mu, residual, curvature)
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
def room(models, first, last, size, rows):
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
    most, work, cells = room(models, first, last, size, rows)
    information, _, step, trial = work
    terms, beta, prior = np.empty(size, np.int64), np.empty(most), np.empty((most, most))
    for m in range(first, last):
        p = terms_of(models[m], terms)
        fresh = True
        for s in range(scales.shape[0]):
            evidence[m, s], log_odds[m, s], spread[m, s] = np.nan, np.nan, np.nan
            prior_between(precision, scales[s], terms, p, prior)
            information[: p - 1, : p - 1] = prior[1:p, 1:p]
            trial[:p] = 0.0
            if p > 1 and not cholesky_solve(information, trial, p - 1):
                continue
            of_prior = half_log_determinant(information, p - 1)
            state, value = LOST, 0.0
            if not fresh:
                state, value = climb(rows, terms, p, prior, beta, work, cells)
            if state != FOUND:
                if not start_at(guess, terms, p, prior, cells[2], cells[3], step, information):
                    continue
                beta[:p] = step[:p]
                state, value = climb(rows, terms, p, prior, beta, work, cells)
            fresh = state != FOUND
            if fresh:
                continue
            evidence[m, s] = value + of_prior - half_log_determinant(information, p)
            log_odds[m, s], spread[m, s] = _odds_of_missing(
                rows, unseen, terms, p, cells[0], cells[2], information, trial
            )
            for i in range(p):
                modes[m, terms[i]] = beta[i]

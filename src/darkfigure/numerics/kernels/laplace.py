"""Posterior modes, Laplace evidence and Student-t proposals of many log-linear models, compiled.

The likelihood is that of the seen people given that they were seen: with S the sum of exp(η)
over the observable cells, Σ y η − n log S. Integrating a flat log total out of independent
Poisson counts leaves the same. Effects have a normal prior with mean zero, whose precision
between two terms is the same in every model. Terms are sets of bits, as in `newton`.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.newton import _cholesky_solve, _subset_sums, _superset_sums

FOUND = 0
LOST = 1
_MAX_STEPS = 100
_TOLERANCE = 1e-13


@njit(cache=True, nogil=True)
def _terms_of(model, terms):
    """The terms of a model but for the constant."""
    p = 0
    for term in range(1, model.shape[0]):
        if model[term]:
            terms[p] = term
            p += 1
    return p


@njit(cache=True, nogil=True)
def _prior_submatrix(precision, scale, terms, p, prior):
    for i in range(p):
        for j in range(i + 1):
            prior[i, j] = precision[terms[i], terms[j]] / scale
            prior[j, i] = prior[i, j]


@njit(cache=True, nogil=True)
def _half_log_determinant(factor, p):
    """Half the log determinant of a matrix, from its Cholesky factor."""
    value = 0.0
    for i in range(p):
        value += math.log(factor[i, i])
    return value


@njit(cache=True, nogil=True)
def _log_density(y, n, observed, terms, p, beta, prior, eta, mu):
    """Log likelihood plus log prior kernel; fills eta, mu and returns (value, S, largest eta).

    mu and S are in units of the largest exp(eta), so that they neither overflow nor vanish.
    """
    eta[:] = 0.0
    for i in range(p):
        eta[terms[i]] = beta[i]
    _subset_sums(eta)
    top = -np.inf
    for cell in range(y.shape[0]):
        if observed[cell]:
            top = max(top, eta[cell])
    total, value = 0.0, 0.0
    for cell in range(y.shape[0]):
        mu[cell] = 0.0
        if observed[cell]:
            mu[cell] = math.exp(eta[cell] - top)
            total += mu[cell]
            value += y[cell] * (eta[cell] - top)
    for i in range(p):
        row = 0.0
        for j in range(p):
            row += prior[i, j] * beta[j]
        value -= 0.5 * beta[i] * row
    return value - n * math.log(total), total, top


@njit(cache=True, nogil=True)
def _hessian(superset, n, total, terms, p, prior, hessian):
    """Minus the second derivative: n (z[θ∪φ]/S − z[θ] z[φ]/S²) plus the prior precision."""
    for i in range(p):
        at = superset[terms[i]] / total
        for j in range(i + 1):
            both = superset[terms[i] | terms[j]] / total
            hessian[i, j] = n * (both - at * superset[terms[j]] / total) + prior[i, j]


@njit(cache=True, nogil=True)
def _climb(y, margin, n, observed, terms, p, prior, beta, eta, mu, hessian, step, trial):
    """Newton steps with halving to the mode; leaves the Hessian's factor in `hessian`.

    Returns (state, log density at the mode, S, largest eta).
    """
    value, total, top = _log_density(y, n, observed, terms, p, beta, prior, eta, mu)
    if not math.isfinite(value):
        return LOST, value, total, top
    for _ in range(_MAX_STEPS):
        _superset_sums(mu)
        for i in range(p):
            row = 0.0
            for j in range(p):
                row += prior[i, j] * beta[j]
            step[i] = margin[terms[i]] - n * mu[terms[i]] / total - row
        _hessian(mu, n, total, terms, p, prior, hessian)
        gain = 0.0
        for i in range(p):
            trial[i] = step[i]
        if not _cholesky_solve(hessian, step, p):
            return LOST, value, total, top
        for i in range(p):
            gain += trial[i] * step[i]
        if gain < _TOLERANCE:
            return FOUND, value, total, top
        scale = 1.0
        for _ in range(40):
            for i in range(p):
                trial[i] = beta[i] + scale * step[i]
            after, total_after, top_after = _log_density(
                y, n, observed, terms, p, trial, prior, eta, mu
            )
            if after >= value + 1e-4 * scale * gain - 1e-10 * abs(value):
                break
            scale *= 0.5
        else:
            return LOST, value, total, top
        for i in range(p):
            beta[i] = trial[i]
        value, total, top = after, total_after, top_after
    return LOST, value, total, top


@njit(cache=True, nogil=True)
def _odds_of_missing(missed, terms, p, eta, superset, total, top, hessian, gradient):
    """log(R / S) at the mode, with R the sum of exp(η) over the unseen cells, and its spread.

    S is given in units of exp(top).
    """
    highest = -np.inf
    for cell in missed:
        highest = max(highest, eta[cell])
    rest = 0.0
    for cell in missed:
        rest += math.exp(eta[cell] - highest)
    for i in range(p):
        inside = 0.0
        for cell in missed:
            if cell & terms[i] == terms[i]:
                inside += math.exp(eta[cell] - highest)
        gradient[i] = inside / rest - superset[terms[i]] / total
    variance = 0.0
    for i in range(p):  # |L⁻¹ gradient|²
        value = gradient[i]
        for j in range(i):
            value -= hessian[i, j] * gradient[j]
        gradient[i] = value / hessian[i, i]
        variance += gradient[i] * gradient[i]
    return math.log(rest / total) + highest - top, math.sqrt(variance)


@njit(cache=True, nogil=True)
def fit_models(
    y, observed, missed, models, precision, scales, first, last, evidence, log_odds, spread, modes
):
    """Laplace evidence of models[first:last] at each scale of the prior.

    Parameters
    ----------
    y : ndarray of float, shape (2**bits,)
        People per cell.
    observed : ndarray of bool, shape (2**bits,)
        Cells in which people can be seen.
    missed : ndarray of int64, shape (strata,)
        Cells of the people on no list.
    models : ndarray of bool, shape (models, 2**bits)
    precision : ndarray of float, shape (2**bits, 2**bits)
        Prior precision of the effects at scale 1.
    scales : ndarray of float, shape (scales,)
        Prior variances are multiplied by it.
    evidence, log_odds, spread : ndarray of float, shape (models, scales)
        Written: log evidence (nan where no mode was found); log odds of being missed at the
        mode, and its standard deviation.
    modes : ndarray of float, shape (models, 2**bits)
        Read as starting values, and written: the mode at the last scale, 0 for absent terms.
    """
    size = y.shape[0]
    most = 1
    for m in range(first, last):
        most = max(most, models[m].sum())
    margin = y.copy()
    n = y.sum()
    _superset_sums(margin)
    terms = np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    hessian, prior = np.empty((most, most)), np.empty((most, most))
    for m in range(first, last):
        p = _terms_of(models[m], terms)
        for i in range(p):
            beta[i] = modes[m, terms[i]]
        for s in range(scales.shape[0]):
            _prior_submatrix(precision, scales[s], terms, p, prior)
            hessian[:p, :p] = prior[:p, :p]
            trial[:p] = 0.0
            evidence[m, s], log_odds[m, s], spread[m, s] = np.nan, np.nan, np.nan
            if not _cholesky_solve(hessian, trial, p):
                continue
            scale_of_prior = _half_log_determinant(hessian, p)
            state, value, total, top = _climb(
                y, margin, n, observed, terms, p, prior, beta, eta, mu, hessian, step, trial
            )
            if state != FOUND:
                beta[:p] = 0.0
                state, value, total, top = _climb(
                    y, margin, n, observed, terms, p, prior, beta, eta, mu, hessian, step, trial
                )
            if state != FOUND:
                continue
            evidence[m, s] = value + scale_of_prior - _half_log_determinant(hessian, p)
            log_odds[m, s], spread[m, s] = _odds_of_missing(
                missed, terms, p, eta, mu, total, top, hessian, trial
            )
        for i in range(p):
            modes[m, terms[i]] = beta[i]


@njit(cache=True, nogil=True)
def propose(
    y,
    observed,
    models,
    precision,
    scales,
    starts,
    ends,
    normals,
    stretch,
    degrees,
    first,
    last,
    effects,
    log_weight,
):
    """Draw effects from a Student-t around each mode, and weigh them against the posterior.

    Parameters
    ----------
    models : ndarray of bool, shape (groups, 2**bits)
        The model of each group of draws.
    scales : ndarray of float, shape (groups,)
        The scale of its prior.
    starts : ndarray of float, shape (groups, 2**bits)
        Where to look for its mode.
    ends : ndarray of int64, shape (groups + 1,)
        Draws ends[g] to ends[g + 1] belong to group g.
    normals : ndarray of float, shape (draws, most terms)
        Standard normal numbers.
    stretch : ndarray of float, shape (draws,)
        sqrt(ν / χ²) with ν degrees of freedom.
    degrees : float
        ν.
    effects : ndarray of float, shape (draws, 2**bits)
        Written: 0 for terms not in the model.
    log_weight : ndarray of float, shape (draws,)
        Written: log of posterior over proposal, less the log evidence by Laplace; -inf where the
        mode was lost.
    """
    size = y.shape[0]
    most = 1
    for g in range(first, last):
        most = max(most, models[g].sum())
    margin = y.copy()
    n = y.sum()
    _superset_sums(margin)
    terms = np.empty(size, np.int64)
    beta, step, trial = np.empty(most), np.empty(most), np.empty(most)
    eta, mu = np.empty(size), np.empty(size)
    hessian, prior = np.empty((most, most)), np.empty((most, most))
    for g in range(first, last):
        p = _terms_of(models[g], terms)
        for i in range(p):
            beta[i] = starts[g, terms[i]]
        _prior_submatrix(precision, scales[g], terms, p, prior)
        state, peak, _, _ = _climb(
            y, margin, n, observed, terms, p, prior, beta, eta, mu, hessian, step, trial
        )
        # (2π)^(p/2) over the constant of the Student-t density
        constant = (
            math.lgamma(0.5 * degrees)
            - math.lgamma(0.5 * (degrees + p))
            + 0.5 * p * math.log(0.5 * degrees)
        )
        for draw in range(ends[g], ends[g + 1]):
            if state != FOUND:
                log_weight[draw] = -np.inf
                continue
            length = 0.0
            for i in range(p):
                step[i] = normals[draw, i] * stretch[draw]
                length += step[i] * step[i]
            for i in range(p - 1, -1, -1):  # solve Lᵀ trial = step
                value = step[i]
                for j in range(i + 1, p):
                    value -= hessian[j, i] * trial[j]
                trial[i] = value / hessian[i, i]
            for i in range(p):
                trial[i] += beta[i]
                effects[draw, terms[i]] = trial[i]
            value, _, _ = _log_density(y, n, observed, terms, p, trial, prior, eta, mu)
            # the proposal's log density in units where Laplace's is that of a normal
            proposal = -0.5 * (degrees + p) * math.log1p(length / degrees)
            log_weight[draw] = value - peak - proposal + constant

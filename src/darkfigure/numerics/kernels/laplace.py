"""Posterior modes and Laplace evidence of many log-linear models, compiled.

The likelihood is that of the seen people given that they were seen: with S the sum of exp(η)
over the observable cells, Σ y η − n log S. Integrating a flat log total out of independent
Poisson counts leaves the same. Effects have a normal prior with mean zero, whose precision
between two terms is the same in every model. Terms are sets of bits, as in `newton`.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.lattice import (
    cholesky_solve,
    dot,
    factorise,
    solve_lower,
    subset_products,
    subset_sums,
    sum_of,
    superset_sums,
)

FOUND = 0
LOST = 1
_MAX_STEPS = 100
_TOLERANCE = 1e-13
_REACH = 600.0  # where the sizes of all effects add up to less, no product of them overflows


class Seen(NamedTuple):
    """What was seen, and where it could be."""

    y: np.ndarray
    margin: np.ndarray
    """Superset sums of y."""
    n: float
    observed: np.ndarray
    """Cells in which people can be seen."""
    missed: np.ndarray
    """Cells of the people on no list."""


class Workspace(NamedTuple):
    """Arrays that one model after another is fitted in, sizes 2**bits and the most effects."""

    terms: np.ndarray
    """Terms of the model, in the first places."""
    beta: np.ndarray
    """Their effects."""
    prior: np.ndarray
    """Prior precision between them."""
    mu: np.ndarray
    """Means of the observable cells, or their superset sums."""
    log_missed: np.ndarray
    """Log means of the cells of the people on no list."""
    hessian: np.ndarray
    step: np.ndarray
    trial: np.ndarray


@njit(cache=True, nogil=True)
def seen_of(y, observed, missed):
    """Counts with their margins."""
    margin = y.copy()
    superset_sums(margin)
    return Seen(y, margin, y.sum(), observed, missed)


@njit(cache=True, nogil=True)
def workspace(models, first, last, missed):
    """Empty arrays for models[first:last]."""
    size, most = models.shape[1], 1
    for m in range(first, last):
        most = max(most, models[m].sum())
    return Workspace(
        np.empty(size, np.int64),
        np.empty(most),
        np.empty((most, most)),
        np.empty(size),
        np.empty(missed.shape[0]),
        np.empty((most, most)),
        np.empty(most),
        np.empty(most),
    )


@njit(cache=True, nogil=True)
def set_model(model, start, work):
    """Tell the terms of a model but for the constant, with effects to start from."""
    p = 0
    for term in range(1, model.shape[0]):
        if model[term]:
            work.terms[p] = term
            work.beta[p] = start[term]
            p += 1
    return p


@njit(cache=True, nogil=True)
def set_prior(precision, scale, p, work):
    """Fill in the prior precision between the terms of the model."""
    for i in range(p):
        for j in range(i + 1):
            work.prior[i, j] = precision[work.terms[i], work.terms[j]] / scale
            work.prior[j, i] = work.prior[i, j]


@njit(cache=True, nogil=True)
def half_log_determinant(factor, p):
    """Half the log determinant of a matrix, from its Cholesky factor."""
    value = 0.0
    for i in range(p):
        value += math.log(factor[i, i])
    return value


@njit(cache=True, nogil=True)
def normal_over_student(degrees, p):
    """Log of (2π)^(p/2) over the constant of the density of a Student-t in p dimensions."""
    constant = math.lgamma(0.5 * degrees) - math.lgamma(0.5 * (degrees + p))
    return constant + 0.5 * p * math.log(0.5 * degrees)


@njit(cache=True, nogil=True)
def _by_products(seen, beta, p, work):
    """Fill the means as products of the exponentiated effects; return (log likelihood, S)."""
    mu, terms = work.mu, work.terms
    mu[:] = 1.0
    value = 0.0
    for i in range(p):
        mu[terms[i]] = math.exp(beta[i])
        value += beta[i] * seen.margin[terms[i]]
    subset_products(mu)
    for s in range(seen.missed.shape[0]):
        work.log_missed[s] = math.log(mu[seen.missed[s]])
    for cell in range(mu.shape[0]):
        mu[cell] = mu[cell] if seen.observed[cell] else 0.0
    total = sum_of(mu)
    return value - seen.n * math.log(total), total


@njit(cache=True, nogil=True)
def _by_exponents(seen, beta, p, work):
    """The same for effects of any size, in units of the largest mean: (..., log of that mean)."""
    mu, terms = work.mu, work.terms
    mu[:] = 0.0
    for i in range(p):
        mu[terms[i]] = beta[i]
    subset_sums(mu)
    for s in range(seen.missed.shape[0]):
        work.log_missed[s] = mu[seen.missed[s]]
    top = -np.inf
    for cell in range(mu.shape[0]):
        if seen.observed[cell]:
            top = max(top, mu[cell])
    total, value = 0.0, 0.0
    for cell in range(mu.shape[0]):
        below = mu[cell] - top
        mu[cell] = 0.0
        if seen.observed[cell]:
            mu[cell] = math.exp(below)
            total += mu[cell]
            value += seen.y[cell] * below
    return value - seen.n * math.log(total), total, top


@njit(cache=True, nogil=True)
def log_density(seen, beta, p, work):
    """Log likelihood plus log prior kernel; fills `work.mu` and `work.log_missed`.

    Returns (value, S, top): mu and S are in units of exp(top), so that they neither overflow nor
    vanish, however large the effects.
    """
    reach, penalty = 0.0, 0.0
    for i in range(p):
        reach += abs(beta[i])
        penalty += 0.5 * beta[i] * dot(work.prior[i], beta, p)
    if reach < _REACH:
        value, total = _by_products(seen, beta, p, work)
        return value - penalty, total, 0.0
    value, total, top = _by_exponents(seen, beta, p, work)
    return value - penalty, total, top


@njit(cache=True, nogil=True)
def _set_hessian(seen, superset, total, p, work):
    """Minus the second derivative: n (z[θ∪φ]/S − z[θ] z[φ]/S²) plus the prior precision."""
    terms = work.terms
    for i in range(p):
        at = superset[terms[i]] / total
        for j in range(i + 1):
            both = superset[terms[i] | terms[j]] / total
            work.hessian[i, j] = (
                seen.n * (both - at * superset[terms[j]] / total) + work.prior[i, j]
            )


@njit(cache=True, nogil=True)
def climb(seen, p, work):
    """Newton steps with halving from `work.beta` to the mode.

    Leaves the Hessian's factor in `work.hessian`, the superset sums of the means in `work.mu`,
    and the log means of the unseen cells in `work.log_missed`. Returns (state, log density at the
    mode, S, top), with S and mu in units of exp(top).
    """
    beta, step, trial, terms = work.beta, work.step, work.trial, work.terms
    value, total, top = log_density(seen, beta, p, work)
    if not math.isfinite(value):
        return LOST, value, total, top
    for _ in range(_MAX_STEPS):
        superset = work.mu
        superset_sums(superset)
        for i in range(p):
            expected = seen.n * superset[terms[i]] / total
            step[i] = seen.margin[terms[i]] - expected - dot(work.prior[i], beta, p)
            trial[i] = step[i]
        _set_hessian(seen, superset, total, p, work)
        if not cholesky_solve(work.hessian, step, p):
            return LOST, value, total, top
        gain = dot(trial, step, p)
        if gain < _TOLERANCE:
            return FOUND, value, total, top
        scale = 1.0
        for _ in range(40):
            for i in range(p):
                trial[i] = beta[i] + scale * step[i]
            after, total_after, top_after = log_density(seen, trial, p, work)
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
def _odds_of_missing(seen, p, total, top, work):
    """log(R / S) at the mode, with R the sum of the unseen means, and its spread.

    S is given in units of exp(top).
    """
    gradient, superset, missed = work.trial, work.mu, seen.missed
    highest = work.log_missed.max()
    rest = 0.0
    for s in range(missed.shape[0]):
        rest += math.exp(work.log_missed[s] - highest)
    for i in range(p):
        inside = 0.0
        for s in range(missed.shape[0]):
            if missed[s] & work.terms[i] == work.terms[i]:
                inside += math.exp(work.log_missed[s] - highest)
        gradient[i] = inside / rest - superset[work.terms[i]] / total
    solve_lower(work.hessian, gradient, p)
    return math.log(rest / total) + highest - top, math.sqrt(dot(gradient, gradient, p))


@njit(cache=True, nogil=True)
def evidence_at(seen, precision, scale, p, work):
    """Climb to the mode at one scale of the prior, from `work.beta`, else from 0.

    Returns (log evidence, log odds of being missed at the mode, their standard deviation); nan
    where no mode was found.
    """
    set_prior(precision, scale, p, work)
    work.hessian[:p, :p] = work.prior[:p, :p]
    if not factorise(work.hessian, p):
        return np.nan, np.nan, np.nan
    scale_of_prior = half_log_determinant(work.hessian, p)
    state, value, total, top = climb(seen, p, work)
    if state != FOUND:
        work.beta[:p] = 0.0
        state, value, total, top = climb(seen, p, work)
    if state != FOUND:
        return np.nan, np.nan, np.nan
    evidence = value + scale_of_prior - half_log_determinant(work.hessian, p)
    log_odds, spread = _odds_of_missing(seen, p, total, top, work)
    return evidence, log_odds, spread


@njit(cache=True, nogil=True)
def fit_models(
    y, observed, missed, models, precision, scales, first, last, evidence, log_odds, spread, modes
):
    """Laplace evidence of models[first:last] at each scale of the prior.

    Each model starts from the mode of the one before it: neighbours have most terms in common.

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
        Written: the mode at the last scale, 0 for absent terms.
    """
    seen = seen_of(y, observed, missed)
    work = workspace(models, first, last, missed)
    start = np.zeros(models.shape[1])
    for m in range(first, last):
        p = set_model(models[m], start, work)
        for s in range(scales.shape[0]):
            evidence[m, s], log_odds[m, s], spread[m, s] = evidence_at(
                seen, precision, scales[s], p, work
            )
            if s == 0:
                start[:] = 0.0
                for i in range(p):
                    start[work.terms[i]] = work.beta[i]
        for i in range(p):
            modes[m, work.terms[i]] = work.beta[i]

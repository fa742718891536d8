"""Log-linear models fitted again to many tables much like one another, compiled."""

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.lattice import (
    dot,
    factorise,
    gather,
    solve_lower,
    superset_sums,
)
from darkfigure.numerics.kernels.newton import CONVERGED, expect, fit, set_terms, workspace

_FEW = 30.0  # people: a larger margin is close enough to normal


@njit(cache=True, nogil=True)
def _refit(y, margin, possible, model, start, work):
    """Fit one model from parameters given, afresh where that fails."""
    p = set_terms(margin, possible, model, work)
    warm = True
    for i in range(p):
        work.beta[i] = start[work.terms[i]]
        warm = warm and np.isfinite(work.beta[i])
    state, value = fit(y, margin, p, warm, False, work)
    if state != CONVERGED and warm:
        state, value = fit(y, margin, p, False, False, work)
    return state, value


@njit(cache=True, nogil=True)
def refit_tables(tables, possible, models, starts, first, last, unseen, log_likelihood):
    """Fit every model to each of tables[first:last], starting from parameters given.

    Parameters
    ----------
    tables : ndarray of float, shape (tables, 2**k)
    models : ndarray of bool, shape (models, 2**k)
    starts : ndarray of float, shape (models, 2**k)
        Parameters to start from (not finite: start afresh).
    unseen, log_likelihood : ndarray of float, shape (tables, models)
        Written; nan where the model could not be fitted.
    """
    size = tables.shape[1]
    most = 1
    for m in range(models.shape[0]):
        most = max(most, models[m].sum())
    work = workspace(size, most)
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        superset_sums(margin)
        for m in range(models.shape[0]):
            state, value = _refit(y, margin, possible, models[m], starts[m], work)
            unseen[t, m] = np.exp(work.beta[0]) if state == CONVERGED else np.nan
            log_likelihood[t, m] = value if state == CONVERGED else np.nan


@njit(cache=True, nogil=True)
def expand_around(
    y, possible, models, starts, first, last, number, terms, expected, shares, factors, told
):
    """The log likelihood of models[first:last] near their parameters, to second order.

    Parameters
    ----------
    y : ndarray of float, shape (2**k,)
        The table that the parameters come from.
    starts : ndarray of float, shape (models, 2**k)
    number : ndarray of int64, shape (models,)
        Written: terms estimated.
    terms : ndarray of int64, shape (models, most)
        Written, in the first places.
    expected : ndarray of float, shape (models, most)
        Written: superset sums of the means at those terms.
    shares : ndarray of float, shape (models, most)
        Written: the share of each margin's variance that the other terms leave over.
    factors : ndarray of float, shape (models, most, most)
        Written: Cholesky factor of the information.
    told : ndarray of bool, shape (models,)
        Written: False where the information is singular.
    """
    work = workspace(y.shape[0], terms.shape[1])
    margin = y.copy()
    margin[0] = 0.0
    superset_sums(margin)
    for m in range(first, last):
        p = set_terms(margin, possible, models[m], work)
        number[m] = p
        told[m] = True
        for i in range(p):
            work.beta[i] = starts[m, work.terms[i]]
            told[m] = told[m] and np.isfinite(work.beta[i])
        if not told[m]:
            continue
        expect(margin, work.beta, p, False, work)
        gather(work.superset, work.terms, p, factors[m])
        told[m] = factorise(factors[m], p)
        for i in range(p):
            terms[m, i] = work.terms[i]
            expected[m, i] = work.superset[work.terms[i]]
        for i in range(p):
            work.step[:p] = 0.0
            work.step[i] = 1.0
            solve_lower(factors[m], work.step, p)
            shares[m, i] = 1.0 / (expected[m, i] * dot(work.step, work.step, p))


@njit(cache=True, nogil=True)
def _foretold(margin, start, p, terms, expected, shares, factor, score):
    """About the largest Σ y log μ − μ of a table under one model, from its expansion.

    What a term's margin has to itself is taken as Poisson instead of normal.
    """
    value = -expected[0]
    for i in range(p):
        count, mean = margin[terms[i]], expected[i]
        off = count - mean
        value += start[terms[i]] * count
        score[i] = off
        if mean < _FEW:
            skew = -off - 0.5 * off * off / mean
            if count > 0.0:
                skew += count * np.log(count / mean)
            value += shares[i] * skew
    solve_lower(factor, score, p)
    return value + 0.5 * dot(score, score, p)


@njit(cache=True, nogil=True)
def refit_promising(
    tables,
    possible,
    models,
    starts,
    penalty,
    slack,
    number,
    terms,
    expected,
    shares,
    factors,
    told,
    first,
    last,
    unseen,
    log_likelihood,
):
    """Fit to each of tables[first:last] the models that may be better than all those before.

    Parameters
    ----------
    tables, possible, models, starts, unseen, log_likelihood
        As in `refit_tables`; nan for models left out.
    penalty : ndarray of float, shape (models,)
        Added to −2 log L.
    slack : float
        A model is left out if its criterion is foretold to be so much worse than the best before.
    number, terms, expected, shares, factors, told
        As `expand_around` left them.
    """
    size = tables.shape[1]
    work = workspace(size, terms.shape[1])
    score = np.empty(terms.shape[1])
    for t in range(first, last):
        y = tables[t]
        margin = y.copy()
        margin[0] = 0.0
        superset_sums(margin)
        best = np.inf
        for m in range(models.shape[0]):
            unseen[t, m], log_likelihood[t, m] = np.nan, np.nan
            if told[m]:
                value = _foretold(
                    margin,
                    starts[m],
                    number[m],
                    terms[m],
                    expected[m],
                    shares[m],
                    factors[m],
                    score,
                )
                if penalty[m] - 2.0 * value > best + slack:
                    continue
            state, value = _refit(y, margin, possible, models[m], starts[m], work)
            if state == CONVERGED:
                unseen[t, m], log_likelihood[t, m] = np.exp(work.beta[0]), value
                best = min(best, penalty[m] - 2.0 * value)

"""What an interaction more or less would change in the Laplace evidence of a model, compiled.

At the mode the posterior and the prior are both normal. An interaction more multiplies the
evidence by the ratio of the two normal integrals over its effects given all others; one less by the
ratio of the densities of posterior and prior at zero (Dickey 1971, Ann. Math. Stat. 42:204).
Models are sets of lists and stratum variables; an interaction of them is one term in bits, or
several.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.laplace import (
    FOUND,
    climb,
    half_log_determinant,
    seen_of,
    set_model,
    set_prior,
    workspace,
)
from darkfigure.numerics.kernels.lattice import dot, factorise, solve_lower
from darkfigure.numerics.kernels.prospects import may_change

_DEPENDENT = 1e-9  # share of an interaction's information that the other terms leave over


class Blocks(NamedTuple):
    """Arrays for the terms of one interaction, beside those of the model."""

    shift: np.ndarray
    """Their scores, or their effects at the mode."""
    of_posterior: np.ndarray
    """A row for each of them, over the terms of the model."""
    of_prior: np.ndarray
    posterior: np.ndarray
    """Of the terms themselves, given or without the others."""
    prior: np.ndarray


@njit(cache=True, nogil=True)
def _one_added(count, mean, shift, posterior, prior):
    """Log evidence that one term adds, its margin taken as Poisson instead of normal.

    Along its own axis the log likelihood is (m r x − μ exp(r x)) / r, whose slope and curvature at
    0 are those found, with r the share of the margin's variance that the other terms leave over;
    the maximum is found by Newton's method.
    """
    if not mean > 0.0 or not prior > 0.0:
        return -math.inf
    share = (posterior - prior) / mean
    if not share > _DEPENDENT:
        return -math.inf
    slope = shift - (count - mean)  # of the prior, at 0
    x = min(shift / posterior, 0.5 / share)
    for _ in range(30):
        now = mean * math.exp(share * x)
        step = (count - now + slope - prior * x) / (share * now + prior)
        x += max(min(step, 1.0 / share), -1.0 / share)
        if abs(step) < 1e-6:
            break
    now = mean * math.exp(share * x)
    top = count * x - (now - mean) / share + slope * x - 0.5 * prior * x * x
    return top - 0.5 * math.log((prior + share * now) / prior)


@njit(cache=True, nogil=True)
def _one_dropped(count, mean, mode, posterior, prior):
    """The same for a term less: what is lost by going from the mode to 0."""
    if not mean > 0.0 or not prior > 0.0:
        return -math.inf
    share = (posterior - prior) / mean
    if share < _DEPENDENT:
        return 0.5 * math.log(posterior / prior) - 0.5 * mode * mode * posterior
    slope = prior * mode - (count - mean)
    then = mean * math.exp(min(-share * mode, 50.0))
    lost = count * mode - (mean - then) / share + slope * mode - 0.5 * prior * mode * mode
    return 0.5 * math.log(posterior / prior) - lost


@njit(cache=True, nogil=True)
def _ratio(posterior, prior, shift, d):
    """½ shiftᵀ P⁻¹ shift − ½ log|P| + ½ log|Q|; -inf where a matrix is singular."""
    if not factorise(posterior, d) or not factorise(prior, d):
        return -math.inf
    solve_lower(posterior, shift, d)
    fit = 0.5 * dot(shift, shift, d)
    return fit - half_log_determinant(posterior, d) + half_log_determinant(prior, d)


@njit(cache=True, nogil=True)
def _density_at_zero(posterior, prior, mode, d):
    """Log of the normal density of the posterior at zero, over that of the prior."""
    if not factorise(posterior, d) or not factorise(prior, d):
        return -math.inf
    solve_lower(posterior, mode, d)
    return (
        half_log_determinant(prior, d)
        - half_log_determinant(posterior, d)
        - 0.5 * dot(mode, mode, d)
    )


@njit(cache=True, nogil=True)
def _schur(block, cross, d, p):
    """Take from a block what the other terms account for: block − C Cᵀ, lower half."""
    for i in range(d):
        for j in range(i + 1):
            block[i, j] -= dot(cross[i], cross[j], p)


@njit(cache=True, nogil=True)
def _inner(cross, block, d, p):
    """The lower half of C Cᵀ."""
    for i in range(d):
        for j in range(i + 1):
            block[i, j] = dot(cross[i], cross[j], p)


@njit(cache=True, nogil=True)
def _added(seen, own, p, total, precision, scale, work, blocks):
    """Log evidence that the terms of an interaction would add to the model at its mode."""
    superset, terms, n = work.mu, work.terms, seen.n
    shift, posterior, prior = blocks.shift, blocks.posterior, blocks.prior
    d = own.shape[0]
    for j in range(d):
        share = superset[own[j]] / total
        shift[j] = seen.margin[own[j]] - n * share
        for i in range(p):
            both = superset[own[j] | terms[i]] / total
            before = precision[own[j], terms[i]] / scale
            blocks.of_prior[j, i] = before
            blocks.of_posterior[j, i] = n * (both - share * superset[terms[i]] / total) + before
            shift[j] -= before * work.beta[i]
        for i in range(j + 1):
            both = superset[own[j] | own[i]] / total
            before = precision[own[j], own[i]] / scale
            prior[j, i] = before
            posterior[j, i] = n * (both - share * superset[own[i]] / total) + before
        solve_lower(work.hessian, blocks.of_posterior[j], p)
        solve_lower(work.prior, blocks.of_prior[j], p)
    _schur(posterior, blocks.of_posterior, d, p)
    _schur(prior, blocks.of_prior, d, p)
    if d == 1:
        mean = n * superset[own[0]] / total
        return _one_added(seen.margin[own[0]], mean, shift[0], posterior[0, 0], prior[0, 0])
    return _ratio(posterior, prior, shift, d)


@njit(cache=True, nogil=True)
def _dropped(seen, own, p, total, place, work, blocks):
    """Log evidence that the model at its mode would gain without the terms of an interaction."""
    posterior, prior, shift = blocks.posterior, blocks.prior, blocks.shift
    d = own.shape[0]
    for j in range(d):
        blocks.of_posterior[j, :p] = 0.0
        blocks.of_prior[j, :p] = 0.0
        blocks.of_posterior[j, place[own[j]]] = 1.0
        blocks.of_prior[j, place[own[j]]] = 1.0
        solve_lower(work.hessian, blocks.of_posterior[j], p)
        solve_lower(work.prior, blocks.of_prior[j], p)
        shift[j] = work.beta[place[own[j]]]
    _inner(blocks.of_posterior, posterior, d, p)
    _inner(blocks.of_prior, prior, d, p)
    if d == 1:
        mean = seen.n * work.mu[own[0]] / total
        curvature, before = 1.0 / posterior[0, 0], 1.0 / prior[0, 0]
        return _one_dropped(seen.margin[own[0]], mean, shift[0], curvature, before)
    return _density_at_zero(posterior, prior, shift, d)


@njit(cache=True, nogil=True)
def evidence_changes(
    y,
    observed,
    missed,
    models,
    wide,
    modes,
    precision,
    scales,
    allowed,
    starts,
    members,
    first,
    last,
    changes,
):
    """What each allowed change of models[first:last] would add to the log evidence, about.

    Parameters
    ----------
    y, observed, missed, precision
        As in `laplace.fit_models`.
    models : ndarray of bool, shape (models, 2**variables)
    wide : ndarray of bool, shape (models, 2**bits)
        The same models over bits.
    modes : ndarray of float, shape (models, 2**bits)
        Where to look for the mode of each.
    scales : ndarray of float, shape (models,)
        The scale of the prior at which to look, one for each model.
    allowed : ndarray of int64, shape (interactions,)
        Over variables.
    starts : ndarray of int64, shape (interactions + 1,)
        members[starts[a] : starts[a + 1]] are the terms of allowed[a] over bits.
    members : ndarray of int64
    changes : ndarray of float, shape (models, interactions)
        Written: nan where the change leaves no hierarchical model, -inf where none can be told.
    """
    seen = seen_of(y, observed, missed)
    work = workspace(wide, first, last, missed)
    most, widest = work.beta.shape[0], 1
    for a in range(allowed.shape[0]):
        widest = max(widest, starts[a + 1] - starts[a])
    blocks = Blocks(
        np.empty(widest),
        np.empty((widest, most)),
        np.empty((widest, most)),
        np.empty((widest, widest)),
        np.empty((widest, widest)),
    )
    place = np.empty(y.shape[0], np.int64)
    for m in range(first, last):
        p = set_model(wide[m], modes[m], work)
        for i in range(p):
            place[work.terms[i]] = i
        set_prior(precision, scales[m], p, work)
        state, _, total, _ = climb(seen, p, work)
        told = state == FOUND and factorise(work.prior, p)
        for a in range(allowed.shape[0]):
            own = members[starts[a] : starts[a + 1]]
            if not may_change(models[m], allowed[a]):
                changes[m, a] = np.nan
            elif not told:
                changes[m, a] = -math.inf
            elif models[m, allowed[a]]:
                changes[m, a] = _dropped(seen, own, p, total, place, work, blocks)
            else:
                changes[m, a] = _added(seen, own, p, total, precision, scales[m], work, blocks)

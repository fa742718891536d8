"""Laplace evidence and importance sampling against quadrature written out here."""

from dataclasses import replace

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.numerics import bayes_log_linear
from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    Observed,
    fit_laplace,
    linear_predictor,
    log_seen,
)
from darkfigure.numerics.bayes_pool import draw_pool
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.hierarchy import closure, hierarchical_models
from darkfigure.numerics.kernels import laplace
from darkfigure.numerics.resampling import effective_size

COUNTS = np.array([0.0, 12, 9, 4])  # two lists
SPARSE = np.array([0.0, 25, 14, 3, 30, 0, 6, 2])  # three lists, one empty cell


def observed(counts):
    factors = Factors(int(np.log2(len(counts))))
    cells = factors.exists.copy()
    cells[0] = False
    return Observed(factors, counts, cells)


def normal(counts, deviation=1.5):
    size = len(counts)
    return EffectsPrior(np.eye(size) / deviation**2, np.ones(1), np.zeros(1))


def log_posterior(counts, terms, effects, precision):
    """Unnormalised log posterior (likelihood given seen times prior density) on a grid."""
    cells = np.arange(1, len(counts))
    design = ((cells[:, None] & terms) == terms).astype(float)
    eta = effects @ design.T
    likelihood = eta @ counts[1:] - counts.sum() * np.logaddexp.reduce(eta, axis=-1)
    prior = -0.5 * np.einsum("...i,ij,...j->...", effects, precision, effects)
    constant = 0.5 * np.linalg.slogdet(precision)[1] - len(terms) / 2 * np.log(2 * np.pi)
    return likelihood + prior + constant


def by_quadrature(counts, terms, precision, width=9.0, points=241):
    """Evidence, and the posterior mean of log(π0 / (1 − π0)), on a full grid."""
    axis = np.linspace(-width, width, points)
    effects = np.stack(np.meshgrid(*[axis] * len(terms), indexing="ij"), axis=-1)
    value = log_posterior(counts, terms, effects, precision)
    top = value.max()
    weight = np.exp(value - top)
    evidence = top + np.log(weight.sum() * (axis[1] - axis[0]) ** len(terms))
    cells = np.arange(1, len(counts))
    design = ((cells[:, None] & terms) == terms).astype(float)
    log_odds = -np.logaddexp.reduce(effects @ design.T, axis=-1)
    return evidence, (weight * log_odds).sum() / weight.sum()


def test_importance_sampling_gives_the_exact_evidence_and_odds():
    """Three lists, one interaction of a pair that shares no one: quadrature over four effects."""
    data, prior = observed(SPARSE), normal(SPARSE)
    models = closure([5], 3)[None, :]
    terms = np.flatnonzero(models[0])[1:]
    precision = prior.precision[np.ix_(terms, terms)]
    exact, odds = by_quadrature(SPARSE, terms, precision, width=7.0, points=71)
    fits = fit_laplace(data, models, prior)
    pool = draw_pool(data, fits, prior, fits.evidence, 40_000, np.random.default_rng(1))
    weight = np.exp(pool.log_weight)
    error = weight.std() / weight.mean() / len(weight) ** 0.5
    found = fits.evidence[0, 0] + np.log(weight.mean())
    assert found == pytest.approx(exact, abs=4 * error + 1e-4)  # the grid itself is that exact
    assert fits.evidence[0, 0] == pytest.approx(exact, abs=0.3)  # Laplace alone is off by more
    effects = np.zeros((len(pool.effects), len(SPARSE)))
    effects[:, pool.terms] = pool.effects
    drawn = -log_seen(linear_predictor(effects), data.cells)
    np.testing.assert_allclose(pool.log_odds[:, 0], drawn, rtol=1e-9)
    mean = (weight * drawn).sum() / weight.sum()
    spread = drawn.std() / effective_size(pool.log_weight) ** 0.5
    assert mean == pytest.approx(odds, abs=4 * spread)


def test_models_are_weighed_by_their_evidence():
    """Two lists: the posterior odds of the interaction against quadrature."""
    data, prior = observed(COUNTS), normal(COUNTS)
    models = np.array([closure([], 2), closure([3], 2)])
    exact = [
        by_quadrature(COUNTS, np.flatnonzero(m)[1:], prior.precision[:p, :p], width=9.0)[0]
        for m, p in zip(models, (2, 3), strict=True)
    ]
    fits = fit_laplace(data, models, prior)
    pool = draw_pool(data, fits, prior, fits.evidence, 40_000, np.random.default_rng(2))
    weight = np.exp(pool.log_weight - pool.log_weight.max())
    share = weight[pool.model == 1].sum() / weight.sum()
    expected = 1 / (1 + np.exp(exact[0] - exact[1]))
    error = (expected * (1 - expected) / effective_size(pool.log_weight)) ** 0.5
    assert share == pytest.approx(expected, abs=4 * error + 1e-4)


def test_scales_are_integrated_out():
    """A prior mixed over scales has the mixture of the evidences at each."""
    data = observed(SPARSE)
    models = closure([3, 5], 3)[None, :]
    scales = np.array([0.25, 1.0, 9.0])
    share = np.log([0.2, 0.5, 0.3])
    mixed = fit_laplace(data, models, EffectsPrior(np.eye(8), scales, share))
    alone = [
        fit_laplace(data, models, EffectsPrior(np.eye(8) / s, np.ones(1), np.zeros(1))).evidence
        for s in scales
    ]
    expected = np.logaddexp.reduce(np.ravel(alone) + share)
    prior = EffectsPrior(np.eye(8), scales, share)
    # the climb stops within 1e-13 of the top, from wherever it starts
    assert mixed.log_evidence(prior)[0] == pytest.approx(expected, abs=1e-7)


def test_the_number_of_workers_changes_nothing():
    data, prior = observed(SPARSE), normal(SPARSE)
    models = np.array([closure(pairs, 3) for pairs in ([], [3], [5], [6], [3, 5], [3, 5, 6])])
    pools = []
    for workers in (1, 4):
        fits = fit_laplace(data, models, prior, workers=workers)
        rng = np.random.default_rng(1)
        pools.append(draw_pool(data, fits, prior, fits.evidence, 500, rng, workers=workers))
    assert (pools[0].effects == pools[1].effects).all()
    assert (pools[0].log_weight == pools[1].log_weight).all()


def test_linear_predictor_adds_up_the_terms_of_a_cell():
    effects = np.random.default_rng(1).normal(size=(5, 16))
    cells = np.arange(16)
    design = ((cells[:, None] & cells) == cells).astype(float)
    np.testing.assert_allclose(linear_predictor(effects), effects @ design.T)


@pytest.mark.parametrize("size", [1.0, 50.0, 90.0, 300.0, 1e4])
def test_densities_of_effects_of_any_size(size):
    """By products of exponentials where they can be had, by exponents beyond: log S in NumPy.

    The sizes lie on both sides of where products end, and beyond what exp() holds.
    """
    model, rng = closure([3, 5, 6], 3), np.random.default_rng(4)
    terms = np.flatnonzero(model)[1:]
    beta = size * rng.choice([-1.0, 1.0], len(terms)) * rng.uniform(0.8, 1.2, len(terms))
    data = observed(SPARSE)
    missed = data.missed.astype(np.int64)
    seen = laplace.seen_of(SPARSE, data.cells, missed)
    work = laplace.workspace(model[None, :], 0, 1, missed)
    start = np.zeros(8)
    start[terms] = beta
    p = laplace.set_model(model, start, work)
    laplace.set_prior(np.eye(8), 4.0, p, work)
    value, total, top = laplace.log_density(seen, work.beta, p, work)
    eta = linear_predictor(start)
    log_total = np.logaddexp.reduce(eta[data.cells])
    expected = SPARSE @ eta - SPARSE.sum() * log_total - beta @ beta / 8.0
    assert value == pytest.approx(expected, rel=1e-12)
    assert np.log(total) + top == pytest.approx(log_total, rel=1e-12)
    assert work.log_missed[0] == 0.0
    means = np.where(data.cells, np.exp(eta - top), 0.0)
    np.testing.assert_allclose(work.mu, means, rtol=1e-11)
    assert (top == 0.0) == (np.abs(beta).sum() < 600.0)


def test_the_mode_is_found_from_starts_past_all_exponents():
    """A climb that starts where exp() overflows ends where one from zero does."""
    data, prior = observed(SPARSE), normal(SPARSE)
    model = closure([3, 5], 3)
    missed = data.missed.astype(np.int64)
    seen = laplace.seen_of(SPARSE, data.cells, missed)
    modes = []
    for start in (np.zeros(8), np.full(8, 400.0)):
        work = laplace.workspace(model[None, :], 0, 1, missed)
        p = laplace.set_model(model, start, work)
        laplace.set_prior(prior.precision, 1.0, p, work)
        state, *_ = laplace.climb(seen, p, work)
        assert state == laplace.FOUND
        modes.append(work.beta[:p].copy())
    # the climb stops where the density is within 1e-13 of its top
    np.testing.assert_allclose(modes[0], modes[1], atol=1e-6)


def all_models(name):
    table = dk.load(name)
    look = observed(table.counts().astype(float))
    return look, hierarchical_models(table.n_lists, 2, table.possible())


def learned_scale(factors):
    """The hyper-g prior's scales: normal effects, their variance learned over 18 log units."""
    log_scales = np.arange(-6.0, 12.01, 0.3)
    return EffectsPrior(np.eye(1 << factors.bits), np.exp(log_scales), -0.001 * log_scales)


@pytest.mark.parametrize("reach", [35.0, 60.0])
@pytest.mark.parametrize("name", ["uk_five_lists", "western_us"])
def test_scales_passed_by_have_next_to_nothing(name, reach):
    """Against the evidence at every scale: what is left out is as far below the best as said."""
    look, models = all_models(name)
    prior = replace(learned_scale(look.factors), reach=reach)
    found = fit_laplace(look, models, prior)
    whole = bayes_log_linear._fit_at_scales(look, models, prior.precision, prior.scales, None)
    looked = np.isfinite(found.evidence)
    assert 0.02 < looked.mean() < 0.9
    assert found.evidence[looked] == pytest.approx(whole.evidence[looked], abs=1e-4)
    below = whole.evidence + prior.log_share
    assert (below[~looked] < below.max() - reach + 1e-3).all()
    total, other = (
        np.logaddexp.reduce((each.evidence + prior.log_share).ravel()) for each in (found, whole)
    )
    assert total == pytest.approx(other, abs=1e-6)
    # each mode is that of the likeliest scale: drawn from there first
    best = np.argmax(found.evidence + prior.log_share, axis=1)
    at = int(np.argmax(found.log_evidence(prior)))
    scale = prior.scales[best[at] : best[at] + 1]
    alone = bayes_log_linear._fit_at_scales(look, models[[at]], prior.precision, scale, 1)
    assert found.modes[at] == pytest.approx(alone.modes[0], abs=1e-4)


def test_the_model_before_changes_no_evidence():
    """Newton's method comes to the same mode from wherever it starts."""
    look, models = all_models("kosovo")
    prior = normal(look.counts)
    together = fit_laplace(look, models, prior)
    for at in range(len(models)):
        alone = fit_laplace(look, models[[at]], prior)
        assert together.evidence[at] == pytest.approx(alone.evidence[0], abs=1e-6)
        assert together.modes[at] == pytest.approx(alone.modes[0], abs=1e-6)


def test_threads_change_no_evidence():
    look, models = all_models("uk_five_lists")
    prior = learned_scale(look.factors)
    one, two = (fit_laplace(look, models, prior, workers=workers) for workers in (1, 2))
    assert (one.evidence == two.evidence).all()
    assert (one.modes == two.modes).all()

"""What a model's neighbours are foretold to be worth, against fits of every neighbour."""

import numpy as np
import pytest

from darkfigure.numerics.bayes_log_linear import (
    EffectsPrior,
    Observed,
    evidence_changes,
    fit_laplace,
)
from darkfigure.numerics.factors import Factors
from darkfigure.numerics.hierarchy import allowed_terms, closure, neighbours
from darkfigure.numerics.log_linear import deviance_changes, fit_log_linear
from numerics.tables import KOSOVO, counts

CLOSE = 10.0  # a neighbour so much worse may still matter
SLACK = 3.0  # units by which a walk lets a forecast be wrong


def everywhere(y):
    return np.ones(len(y), dtype=bool)


def random_models(k, order, number, rng):
    """Closures of random sets of pairs, and of one or two larger interactions."""
    allowed = allowed_terms(k, order, np.ones(1 << k, dtype=bool))
    pairs = [term for term in allowed if term.bit_count() == 2]
    found = [
        closure([pair for pair in pairs if rng.random() < share], k)
        for share in rng.uniform(0.1, 0.9, number)
    ]
    found += [closure(rng.choice(allowed, 2).tolist(), k) for _ in range(number // 2)]
    return np.unique(found, axis=0)


def expected_counts(k, interactions, size):
    """Counts without noise: main effects, and interactions of given sizes."""
    rng = np.random.default_rng(k)
    effects = {1 << j: value for j, value in enumerate(rng.uniform(-1.5, -0.5, k))} | interactions
    cells = np.arange(1 << k)
    eta = sum(value * ((cells & term) == term) for term, value in effects.items())
    return size * np.exp(eta)


def after_each(model, allowed):
    """The model after each change, and which changes leave it hierarchical."""
    changed = np.repeat(model[None, :], len(allowed), axis=0)
    changed[np.arange(len(allowed)), allowed] ^= True
    return changed


def by_fits(y, models, allowed):
    """How far the deviance rises by each change; nan where a fit is not had."""
    found = np.full((len(models), len(allowed)), np.nan)
    here = fit_log_linear(y, models, everywhere(y))
    for row, model in enumerate(models):
        fits = fit_log_linear(y, after_each(model, allowed), everywhere(y))
        found[row] = np.where(fits.converged, fits.deviance - here.deviance[row], np.nan)
    return found


def evidence_by_fits(data, models, allowed, prior):
    """How far the log evidence rises by each change, from fits of its own."""
    here = fit_laplace(data, data.factors.expand(models), prior).evidence[:, 0]
    found = [
        fit_laplace(data, data.factors.expand(after_each(model, allowed)), prior).evidence[:, 0]
        for model in models
    ]
    return np.array(found) - here[:, None]


def hierarchical_changes(models, allowed, order):
    """Which changes lead to a neighbour, by listing the neighbours."""
    size = models.shape[1]
    around = [
        {other.tobytes() for other in neighbours(model, order, np.ones(size, dtype=bool))}
        for model in models
    ]
    return np.array(
        [
            [other.tobytes() in near for other in after_each(model, allowed)]
            for model, near in zip(models, around, strict=True)
        ]
    )


def test_weak_interactions_are_foretold_exactly():
    """Where the likelihood is all but normal, the second order is all there is."""
    k, pair, other = 4, 0b0011, 0b1100
    y = expected_counts(k, {pair: 0.002, other: -0.003}, 1e7)
    allowed = np.array([pair, other])
    models = np.array([closure([], k), closure([pair], k), closure([pair, other], k)])
    fits = fit_log_linear(y, models, everywhere(y))
    told = deviance_changes(y, models, fits.coefficients, everywhere(y), allowed)
    exact = by_fits(y, models, allowed)
    assert np.abs(exact).min() > 0.5
    # the third order is smaller by the size of an interaction
    np.testing.assert_allclose(told, exact, rtol=0.01)


def test_changes_that_are_not_hierarchical_are_told_apart():
    models = random_models(5, 4, 20, np.random.default_rng(1))
    allowed = np.array(allowed_terms(5, 4, np.ones(32, dtype=bool)))
    y = np.random.default_rng(2).poisson(20.0, 32).astype(float)
    fits = fit_log_linear(y, models, everywhere(y))
    told = deviance_changes(y, models, fits.coefficients, everywhere(y), allowed)
    assert (~np.isnan(told) == hierarchical_changes(models, allowed, 4)).all()


@pytest.mark.parametrize("table", ["kosovo", "sparse"])
def test_no_close_neighbour_is_foretold_to_be_far(table):
    """A neighbour is fitted if it is foretold to be good, or worse by no more than the slack."""
    rng = np.random.default_rng(5)
    y = counts(KOSOVO)
    if table == "sparse":
        y = rng.poisson(expected_counts(5, {3: 1.5, 24: -6.0}, 40.0)).astype(float)
    k = len(y).bit_length() - 1
    allowed = np.array(allowed_terms(k, 3, everywhere(y)))
    models = random_models(k, 3, 30, rng)
    fits = fit_log_linear(y, models, everywhere(y))
    models, coefficients = models[fits.converged], fits.coefficients[fits.converged]
    told = deviance_changes(y, models, coefficients, everywhere(y), allowed)
    exact = by_fits(y, models, allowed)
    close = ~np.isnan(told) & (np.abs(exact) < CLOSE)
    assert close.sum() > 50
    if table == "sparse":  # terms without people at minus infinity are among them
        assert (np.isneginf(coefficients).any(axis=1)).any()
    # a term that the data do not tell from others changes nothing, and is never added
    assert np.abs(exact[close & np.isinf(told)]).max(initial=0.0) < 1e-6
    off = np.abs(told - exact)[close & np.isfinite(told)]
    assert (off > SLACK).mean() < 0.01
    assert np.median(off) < 0.1


@pytest.mark.parametrize("levels", [(), (3,)])
def test_changes_of_the_evidence_against_fits(levels):
    """Lists alone, and with a variable of three levels, whose interactions are two terms each."""
    factors = Factors(4, levels)
    rng = np.random.default_rng(7)
    cells = factors.exists & (np.arange(1 << factors.bits) & 0b1111 > 0)
    y = np.where(cells, rng.poisson(expected_counts(factors.bits, {3: 0.8, 6: -0.7}, 150.0)), 0.0)
    data = Observed(factors, y, cells)
    prior = EffectsPrior(np.eye(len(y)) / 2.0**2, np.ones(1), np.zeros(1))
    models = random_models(factors.variables, 3, 20, rng)
    allowed = np.array(
        allowed_terms(factors.variables, 3, np.ones(1 << factors.variables, dtype=bool))
    )
    fits = fit_laplace(data, factors.expand(models), prior)
    told = evidence_changes(data, models, fits, prior, allowed)
    assert (~np.isnan(told) == hierarchical_changes(models, allowed, 3)).all()
    exact = evidence_by_fits(data, models, allowed, prior)
    close = ~np.isnan(told) & (np.abs(exact) < CLOSE)
    assert close.sum() > 50
    off = 2.0 * np.abs(told - exact)[close]  # on the scale of −2 log evidence
    assert (off > SLACK).mean() < 0.01
    assert np.median(off) < 0.1


def test_an_interaction_that_the_prior_rules_out_is_foretold_to_be_worth_nothing():
    """With a prior so narrow that an effect cannot move, neither can the evidence."""
    y = counts(KOSOVO).astype(float)
    factors = Factors(4)
    cells = everywhere(y)
    cells[0] = False
    data = Observed(factors, y, cells)
    precision = np.eye(16) / 2.0**2
    precision[0b0011, 0b0011] = 1e12
    prior = EffectsPrior(precision, np.ones(1), np.zeros(1))
    models = np.array([closure([], 4), closure([0b0011], 4)])
    fits = fit_laplace(data, models, prior)
    told = evidence_changes(data, models, fits, prior, np.array([0b0011]))
    np.testing.assert_allclose(told, 0.0, atol=1e-4)

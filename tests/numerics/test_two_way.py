"""Against iteratively weighted least squares written out, and every candidate fitted."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import gammaln

from darkfigure.numerics.two_way import (
    TwoWay,
    fit_two_way,
    fitted_two_way,
    orthogonal_polynomials,
    refit_two_way,
)
from darkfigure.numerics.two_way_steps import select_two_way, stepwise_path

POSSIBLE = np.ones(8, dtype=bool)
YEARS = orthogonal_polynomials([2010, 2011, 2013, 2014], 2)
DESIGNS = {
    "dummies": TwoWay(3, (4, 2), POSSIBLE),
    "polynomial": TwoWay(3, (4, 2), POSSIBLE, (0, YEARS)),
    "polynomial last": TwoWay(3, (2, 4), POSSIBLE, (1, YEARS)),
    "no strata": TwoWay(3, (), POSSIBLE),
    "impossible": TwoWay(4, (2,), np.arange(16) & 3 != 3),
}


@pytest.fixture(params=DESIGNS, ids=str)
def design(request):
    return DESIGNS[request.param]


def draw(design, rng, scale=6.0):
    """Counts of a model with every main effect and some two-way terms."""
    effects = rng.normal(0, 0.35, design.offset[-1] + design.size[-1])
    matrix = design.design(np.ones(len(design.terms), dtype=bool))
    mean = np.exp(np.log(scale) + matrix[: design.observable, 1:] @ effects[1:])
    return rng.poisson(mean).astype(float)


def weighted_least_squares(matrix, y):
    """The textbook iteration for Poisson regression."""
    mean = y + 0.5
    for _ in range(100):
        z = np.log(mean) + (y - mean) / mean
        root = np.sqrt(mean)[:, None]
        beta = np.linalg.lstsq(root * matrix, root[:, 0] * z, rcond=None)[0]
        mean = np.exp(matrix @ beta)
    return beta, mean


def models_of(design, rng):
    yield design.main
    for _ in range(3):
        yield design.main | (rng.random(len(design.main)) < 0.4)


def test_fits_as_weighted_least_squares_does(design):
    rng = np.random.default_rng(1)
    for model in models_of(design, rng):
        y = draw(design, rng)
        fit = fit_two_way(y, design, model)
        matrix = design.design(model)
        beta, mean = weighted_least_squares(matrix[: design.observable], y)
        assert fit.converged
        unseen = np.exp(matrix[design.observable :] @ beta)
        assert fit.expected[:, 0] == pytest.approx(unseen, rel=1e-7)
        fitted = fitted_two_way(y, design, fit)
        assert fitted == pytest.approx(np.concatenate([mean, unseen]), rel=1e-7)
        totals = mean.reshape(design.strata, -1).sum(axis=1) + unseen
        assert fit.expected[:, 1] == pytest.approx(totals, rel=1e-7)
        value = (y * np.log(mean) - mean - gammaln(y + 1)).sum()
        assert fit.log_likelihood == pytest.approx(value, abs=1e-7)
        positive = y > 0
        deviance = 2 * (
            (y[positive] * np.log(y[positive] / mean[positive])).sum() - (y - mean).sum()
        )
        assert fit.deviance == pytest.approx(deviance, abs=1e-7)
        assert fit.parameters == matrix.shape[1]
        assert fit.degrees_of_freedom == design.observable - matrix.shape[1]


def test_parameters_of_terms_are_those_of_the_design(design):
    full = design.design(np.ones(len(design.terms), dtype=bool))
    assert full.shape[1] == design.size.sum()
    assert np.linalg.matrix_rank(full) == full.shape[1]


def test_cells_above_a_zero_margin_are_empty():
    """A list that nobody was on in one year: its mean is 0 there, and the rest is fitted."""
    design, rng = DESIGNS["dummies"], np.random.default_rng(2)
    y = draw(design, rng)
    level = design.level[: design.observable]
    gone = (level[:, 0] == 1) & (level[:, 3] == 2)
    y[gone] = 0
    model = design.main | np.array([term == (0, 3) for term in design.terms])
    fit = fit_two_way(y, design, model)
    assert fit.converged
    matrix = design.design(model)
    column = design.size[design.main].sum() + 1
    kept = np.delete(np.arange(matrix.shape[1]), column)
    assert (matrix[: design.observable][gone][:, column] == 1).all()
    beta, _ = weighted_least_squares(matrix[: design.observable][~gone][:, kept], y[~gone])
    unseen = np.exp(matrix[design.observable :][:, kept] @ beta)
    assert fit.expected[:, 0] == pytest.approx(unseen, rel=1e-6)
    assert fit.degrees_of_freedom == (~gone).sum() - len(kept)
    assert fit.parameters == matrix.shape[1]


def test_a_combination_of_first_levels_without_people_is_empty_too():
    design, rng = DESIGNS["dummies"], np.random.default_rng(3)
    y = draw(design, rng)
    level = design.level
    gone = (level[:, 3] == 0) & (level[:, 4] == 0)
    y[gone[: design.observable]] = 0
    model = design.main | np.array([term == (3, 4) for term in design.terms])
    fit = fit_two_way(y, design, model)
    assert fit.converged
    fitted = fitted_two_way(y, design, fit)
    assert (fitted[gone] == 0).all()
    left = ~gone[: design.observable]
    _, mean = weighted_least_squares(design.design(model)[: design.observable][left], y[left])
    assert fitted[: design.observable][left] == pytest.approx(mean, rel=1e-6)


def test_what_is_not_determined_is_no_estimate():
    """Two lists and their interaction: the unseen may be any number."""
    design = TwoWay(2, (3,), np.ones(4, dtype=bool))
    y = draw(design, np.random.default_rng(4), scale=20.0)
    assert fit_two_way(y, design, design.main).converged
    both = design.main | np.array([term == (0, 1) for term in design.terms])
    assert not fit_two_way(y, design, both).converged


def brute_force_step(y, design, model, penalty):
    """The best of all neighbours, each fitted afresh."""
    current = fit_two_way(y, design, model)
    found, least = -1, -2 * current.log_likelihood + penalty * current.parameters - 1e-7
    for t in np.flatnonzero(~design.main):
        other = np.array(model)
        other[t] = not other[t]
        fit = fit_two_way(y, design, other)
        value = -2 * fit.log_likelihood + penalty * fit.parameters
        if fit.converged and value < least:
            found, least = t, value
    return found


@pytest.mark.parametrize("slack", [4.0, np.inf])
def test_every_step_is_the_best_of_all_neighbours(design, slack):
    rng = np.random.default_rng(5)
    for scale in (2.0, 20.0):
        y = draw(design, rng, scale)
        penalties = (np.log(y.sum()), 2.0, 1.0)
        path = stepwise_path(y, design, penalties, slack=slack)
        for before, after in pairwise(path):
            assert after.term == brute_force_step(y, design, before.fit.model, after.penalty)
            assert (before.fit.model != after.fit.model).sum() == 1
        assert brute_force_step(y, design, path[-1].fit.model, 1.0) == -1


def test_the_search_repeated_is_the_path_in_each_table(design):
    rng = np.random.default_rng(6)
    tables = np.array([draw(design, rng, scale) for scale in (1.0, 3.0, 10.0) for _ in range(8)])
    start = fit_two_way(tables[-1], design, design.main)
    found = select_two_way(tables, design, start)
    every = select_two_way(tables, design, start, slack=np.inf)
    assert (found.models == every.models).all()
    for y, model, expected in zip(tables, found.models, found.expected, strict=True):
        path = stepwise_path(y, design, (np.log(y.sum()),), slack=np.inf)
        if not path[0].fit.converged:
            assert np.isnan(expected).all()
            continue
        assert (path[-1].fit.model == model).all()
        assert path[-1].fit.expected == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_the_number_of_threads_changes_nothing():
    design, rng = DESIGNS["dummies"], np.random.default_rng(7)
    tables = np.array([draw(design, rng) for _ in range(40)])
    fit = fit_two_way(tables[0], design, design.main)
    one, two = (refit_two_way(tables, design, fit, workers=w) for w in (1, 2))
    assert (one == two).all()
    alone, both = (select_two_way(tables, design, fit, workers=w) for w in (1, 2))
    assert (alone.expected == both.expected).all()
    for y, expected in zip(tables, one, strict=True):
        assert fit_two_way(y, design, design.main).expected == pytest.approx(expected, rel=1e-7)


def test_polynomials_are_orthogonal():
    scores = orthogonal_polynomials([2010, 2012, 2013, 2019, 2011], 3)
    assert scores.T @ scores == pytest.approx(5 * np.eye(3), abs=1e-9)
    assert scores.sum(axis=0) == pytest.approx(0, abs=1e-9)
    assert scores[3, 0] > scores[2, 0] > scores[0, 0]

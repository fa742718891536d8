"""Sums and intervals: against the house's other fits, an EM algorithm, and scipy's optimiser."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import gammaln
from scipy.stats import poisson

from darkfigure.numerics.composite import fit_composite, refit_composite
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.design import Design
from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.numerics.two_way import TwoWay, fit_two_way, orthogonal_polynomials
from numerics.composites import (
    cells_of,
    complete,
    design_over,
    in_strata,
    list_away,
    main_effects,
    row_means,
    summed,
    suppressed,
    with_terms,
)
from numerics.tables import ARTIFICIAL, KOSOVO, PALEMBANG, counts

KOSOVO_BEST = [(0, 1), (0, 2), (1, 2), (0, 1, 2), (0, 3), (2, 3)]


def simulated(k, shape, scale=8.0, seed=1, order=2):
    """A design and a complete table drawn from a model of it."""
    design = design_over(k, shape, order)
    rng = np.random.default_rng(seed)
    effects = np.where(main_effects(design)[design.term], 0.5, 0.3) * rng.normal(
        size=design.columns
    )
    mean = scale * np.exp(design.matrix()[:, 1:] @ effects[1:])
    levels, _ = cells_of(k, shape)
    seen = levels[:, :k].any(axis=1)
    return design, complete(k, shape, rng.poisson(mean)[seen])


def awkward(k, shape, scale=8.0, seed=1):
    """The same table with a list away in the first stratum, rows not told apart, and limits."""
    design, data = simulated(k, shape, scale, seed)
    away = list_away(data, k, 0, [0])
    rng = np.random.default_rng(seed)
    groups = np.full(away.rows, -1)
    together = rng.choice(away.rows, 4, replace=False)
    groups[together] = [0, 0, 1, 1]
    mixed = suppressed(summed(away, groups), 4)
    up = rng.random(mixed.rows) < 0.2
    low, high = np.where(up, np.maximum(mixed.low - 2, 0), mixed.low), mixed.high + 2.0 * up
    return design, mixed.with_counts(low, high)


TABLES = {
    "complete": simulated(3, (2, 3)),
    "suppressed": (simulated(3, (2, 3))[0], suppressed(simulated(3, (2, 3))[1])),
    "list away": (simulated(3, (2, 3))[0], list_away(simulated(3, (2, 3))[1], 3, 1, [0, 1])),
    "all at once": awkward(3, (2, 3)),
    "four lists": awkward(4, (2,), seed=5),
}


@pytest.fixture(params=TABLES, ids=str)
def table(request):
    return TABLES[request.param]


def log_likelihood(beta: np.ndarray, data: Composite, matrix: np.ndarray) -> float:
    """By the definition, with scipy's distribution."""
    m = row_means(data, np.exp(matrix @ beta))
    value = poisson.logpmf(data.low, m)
    between = data.low < data.high
    inside = poisson.cdf(data.high, m) - poisson.cdf(data.low - 1, m)
    return float(np.where(between, np.log(np.maximum(inside, 1e-300)), value).sum())


def expected_complete(data: Composite, means: np.ndarray) -> np.ndarray:
    """E step: expected counts of the counted cells, given the rows."""
    m = row_means(data, means)
    given = data.low.copy()
    for r in np.flatnonzero(data.low < data.high):
        y = np.arange(data.low[r], data.high[r] + 1)
        p = poisson.pmf(y, m[r])
        given[r] = y @ p / p.sum()
    found = np.zeros(data.cells)
    row = np.repeat(np.arange(data.rows), np.diff(data.start))
    share = means[data.cell] * data.weight[row] / m[row]
    np.add.at(found, data.cell, given[row] * share)
    return found


def by_em(data: Composite, design: Design, model: np.ndarray, tolerance=1e-13) -> np.ndarray:
    """EM: complete-data Poisson regressions of the expected complete counts; the means."""
    matrix = design.matrix(model)
    beta = np.zeros(matrix.shape[1])
    beta[0] = np.log(data.low.mean() + 0.5)
    counted = data.counted
    x = matrix[counted]
    for _ in range(100_000):
        complete_counts = expected_complete(data, np.exp(matrix @ beta))[counted]
        before = beta
        for _ in range(50):
            mean = np.exp(x @ beta)
            step = np.linalg.solve(x.T @ (mean[:, None] * x), x.T @ (complete_counts - mean))
            beta = beta + step * min(1.0, 2.0 / np.abs(step).max())
            if np.abs(step).max() < 1e-14:
                break
        if np.abs(beta - before).max() < tolerance:
            return np.exp(matrix @ beta)
    raise AssertionError("EM did not end")


def test_exact_complete_tables_without_strata_are_fitted_as_before():
    for table in (KOSOVO, PALEMBANG):
        y = counts(table)
        k = len(y).bit_length() - 1
        design, data = design_over(k, (), k), complete(k, (), y[1:])
        for terms in ([], [(0, 1)], [(0, 1), (1, 2)], [(0, 2)]):
            lattice = closure([sum(1 << j for j in t) for t in terms], k)
            before = fit_log_linear(y, lattice[None], np.ones(1 << k, dtype=bool))
            now = fit_composite(data, design, with_terms(design, *terms))
            assert now.converged == before.converged[0]
            if not now.converged:
                continue
            assert now.unseen == pytest.approx(before.unseen[0], rel=1e-8)
            assert now.log_likelihood == pytest.approx(before.log_likelihood[0], abs=1e-8)
            assert now.deviance == pytest.approx(before.deviance[0], abs=1e-8)
            assert now.degrees_of_freedom == before.degrees_of_freedom[0]
            assert now.parameters == before.parameters[0]
            for t, factors in enumerate(design.factors):
                bits = sum(1 << int(f[1:]) for f in factors)
                expected = before.coefficients[0, bits]
                assert now.coefficients[t] == pytest.approx(expected, abs=1e-8, nan_ok=True)


# MultipleSystemsEstimation 1.2.0 (see test_log_linear.py)
def test_published_fit_of_kosovo():
    y = counts(KOSOVO)
    design, data = design_over(4, (), 3), complete(4, (), y[1:])
    fit = fit_composite(data, design, with_terms(design, *KOSOVO_BEST))
    assert y.sum() + fit.unseen == pytest.approx(10_356.52, abs=0.01)


def test_zero_margins_are_at_minus_infinity():
    y = counts(ARTIFICIAL)
    design, data = design_over(3, ()), complete(3, (), y[1:])
    fit = fit_composite(data, design, with_terms(design, (0, 2), (1, 2)))
    assert fit.converged
    assert np.isneginf(fit.coefficients).sum() == 2
    assert fit.unseen == pytest.approx(200.0)
    assert fit.parameters == 6
    assert not fit.boundary.any()


@pytest.mark.parametrize("scale", [1.0, 8.0, 300.0])
@pytest.mark.parametrize("polynomial", [False, True])
def test_exact_complete_tables_with_strata_are_fitted_as_before(scale, polynomial):
    rng = np.random.default_rng(3)
    scores = orthogonal_polynomials([2010, 2011, 2013, 2014], 2) if polynomial else None
    design = design_over(3, (2, 4), scores=scores)
    old = TwoWay(3, (2, 4), np.ones(8, dtype=bool), None if scores is None else (1, scores))
    failed = 0
    for _ in range(8):
        levels, _ = cells_of(3, (2, 4))
        y = rng.poisson(scale * np.exp(rng.normal(0, 0.5, len(levels))))
        y = y[levels[:, :3].any(axis=1)]
        pairs = [t for t in old.terms if len(t) == 2 and rng.random() < 0.5]
        before = fit_two_way(y, old, old.main | np.array([t in pairs for t in old.terms]))
        now = fit_composite(complete(3, (2, 4), y), design, with_terms(design, *pairs))
        assert now.converged == before.converged
        failed += not now.converged
        if now.converged:
            assert now.expected == pytest.approx(before.expected, rel=1e-8)
            assert now.log_likelihood == pytest.approx(before.log_likelihood, abs=1e-8)
            assert now.deviance == pytest.approx(before.deviance, abs=1e-7)
            assert now.degrees_of_freedom == before.degrees_of_freedom
            assert now.parameters == before.parameters
    assert failed < 8


def test_the_score_is_zero_and_the_information_the_curvature(table):
    """Numerical derivatives of the likelihood written out."""
    design, data = table
    model = main_effects(design)
    fit = fit_composite(data, design, model)
    assert fit.converged
    matrix, columns = design.matrix(model), design.columns_of(model)
    beta = fit.coefficients[columns]
    assert fit.log_likelihood == pytest.approx(log_likelihood(beta, data, matrix), abs=1e-8)
    score = approx_fprime(beta, log_likelihood, 1e-6, data, matrix)
    # central differences of step 1e-6 leave 1e-4 of a score whose unit is about 10
    assert score == pytest.approx(0, abs=2e-3)
    jacobian = np.array(
        [approx_fprime(beta, lambda b, r=r: row_means(data, np.exp(matrix @ b))[r], 1e-7)
         for r in range(data.rows)]
    )  # fmt: skip
    m = row_means(data, fit.means)
    w = np.ones(data.rows)
    for r in np.flatnonzero(data.low < data.high):
        y = np.arange(data.low[r], data.high[r] + 1)
        p = poisson.pmf(y, m[r]) / poisson.pmf(y, m[r]).sum()
        w[r] = 1 - ((y**2) @ p - (y @ p) ** 2) / m[r]
    information = jacobian.T @ ((w / m)[:, None] * jacobian)
    covariance = fit.covariance[np.ix_(columns, columns)]
    assert covariance @ information == pytest.approx(np.eye(len(beta)), abs=1e-4)


def test_em_ends_at_the_same_maximum(table):
    design, data = table
    for model in (main_effects(design), with_terms(design, (0, 1), (1, 3))):
        fit = fit_composite(data, design, model)
        assert fit.converged
        means = by_em(data, design, model)
        assert fit.means == pytest.approx(means, rel=1e-8)
        assert fit.expected == pytest.approx(in_strata(data, means), rel=1e-8)


def test_no_other_point_is_higher(table):
    """Brute force: scipy's maximiser from several starts."""
    design, data = table
    model = main_effects(design)
    fit = fit_composite(data, design, model)
    matrix = design.matrix(model)
    rng = np.random.default_rng(8)
    beta = fit.coefficients[design.columns_of(model)]
    for _ in range(4):
        start = beta + rng.normal(0, 0.5, len(beta))
        found = minimize(
            lambda b: -log_likelihood(b, data, matrix), start, method="BFGS", options={"gtol": 1e-4}
        )
        assert -found.fun < fit.log_likelihood + 1e-7
        assert -found.fun > fit.log_likelihood - 1e-3


def test_deviance_is_against_a_mean_for_each_row():
    design, data = TABLES["all at once"]
    fit = fit_composite(data, design, main_effects(design))
    m = row_means(data, fit.means)
    lost = 0.0
    for low, high, mean in zip(data.low, data.high, m, strict=True):
        grid = np.geomspace(max(low, 1e-9) / 3, high + 1, 20_001)
        top = (poisson.cdf(high, grid) - poisson.cdf(low - 1, grid)).max()
        here = poisson.cdf(high, mean) - poisson.cdf(low - 1, mean)
        lost += np.log(top / here)
    # steps of 0.1 % leave a second-order error of the maximum
    assert fit.deviance == pytest.approx(2 * lost, abs=1e-3)


def test_terms_seen_only_in_small_counts_are_at_the_boundary():
    """A pair printed only as "<5" is likeliest where it does not occur; a pair of 0 is zero."""
    design, data = simulated(3, (2,), scale=30.0)
    levels, _ = cells_of(3, (2,))
    pair = (levels[data.cell][:, 0] == 1) & (levels[data.cell][:, 1] == 1)
    hidden = data.with_counts(np.where(pair, 0.0, data.low), np.where(pair, 4.0, data.high))
    model = with_terms(design, (0, 1), (0, 2))
    fit = fit_composite(hidden, design, model)
    column = design.names.index("0x1.0")
    assert fit.converged
    assert np.flatnonzero(fit.boundary).tolist() == [column]
    assert np.isneginf(fit.coefficients[column])
    assert (fit.means[fit.at_boundary] == 0).all()
    zero = data.with_counts(np.where(pair, 0.0, data.low), np.where(pair, 0.0, data.low))
    exact = fit_composite(zero, design, model)
    assert not exact.boundary.any()
    assert not exact.at_boundary.any()
    assert exact.means == pytest.approx(fit.means, rel=1e-9)
    assert exact.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    # beside the boundary the likelihood falls: the pair's cells with a small mean each
    matrix, columns = design.matrix(model), design.columns_of(model)
    beta = np.where(np.isneginf(fit.coefficients), -8.0, fit.coefficients)[columns]
    assert log_likelihood(beta, hidden, matrix) < fit.log_likelihood


def test_no_counts_at_all_are_no_estimate():
    design, data = simulated(3, ())
    nobody = data.with_counts(np.zeros(data.rows), np.full(data.rows, 4.0))
    assert not fit_composite(nobody, design, main_effects(design)).converged


def test_a_weight_scales_the_mean_of_its_row():
    """Half of the people of each cell in one row, half in another, is all of them in one."""
    design, data = simulated(3, (2,), scale=40.0)
    half = data.low // 2
    twice = Composite(
        np.arange(2 * data.rows + 1), np.tile(data.cell, 2), np.full(2 * data.rows, 0.5),
        np.concatenate([half, data.low - half]), np.concatenate([half, data.low - half]),
        data.unseen, data.stratum, data.strata,
    )  # fmt: skip
    model = with_terms(design, (0, 1))
    one, two = (fit_composite(d, design, model) for d in (data, twice))
    assert two.means == pytest.approx(one.means, rel=1e-9)
    # n people thrown into two rows each: the binomial likelihood between them
    shares = (gammaln(data.low + 1) - gammaln(half + 1) - gammaln(data.low - half + 1)).sum()
    shares -= data.low.sum() * np.log(2)
    assert two.log_likelihood == pytest.approx(one.log_likelihood + shares, abs=1e-7)


def test_refits_are_fits(table):
    design, data = table
    models = np.array([main_effects(design), with_terms(design, (0, 1))])
    starts = np.array([fit_composite(data, design, m).coefficients for m in models])
    rng = np.random.default_rng(4)
    mean = row_means(data, fit_composite(data, design, models[1]).means)
    low = rng.poisson(mean, (40, data.rows)).astype(float)
    high = np.where(data.low < data.high, low + 3, low)
    one = refit_composite(low, high, data, design, models, starts, workers=1)
    two = refit_composite(low, high, data, design, models, starts, workers=2)
    assert np.array_equal(one.expected, two.expected, equal_nan=True)
    assert np.array_equal(one.log_likelihood, two.log_likelihood, equal_nan=True)
    for t in range(0, 40, 5):
        for m, model in enumerate(models):
            fit = fit_composite(data.with_counts(low[t], high[t]), design, model)
            assert fit.converged == np.isfinite(one.log_likelihood[t, m])
            if fit.converged:
                assert one.expected[t, m] == pytest.approx(fit.expected, rel=1e-7)
                assert one.log_likelihood[t, m] == pytest.approx(fit.log_likelihood, abs=1e-7)

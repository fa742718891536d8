"""The profile against complete tables fitted one by one, and scipy's constrained maximiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import poisson

from darkfigure.errors import NotEstimable
from darkfigure.numerics.composite import fit_composite
from darkfigure.numerics.composite_profile import profile_composite
from darkfigure.numerics.composite_rows import Composite
from darkfigure.numerics.composite_variance import (
    log_covariance,
    strata_covariances,
    unseen_variance,
)
from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.kernels import newton_kernels
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.numerics.profile import profile_of
from numerics.composites import (
    cells_of,
    complete,
    design_over,
    list_away,
    main_effects,
    row_means,
    suppressed,
    with_terms,
)
from numerics.tables import KOSOVO, PALEMBANG, counts

KOSOVO_BEST = [(0, 1), (0, 2), (1, 2), (0, 1, 2), (0, 3), (2, 3)]
Z = np.array([-3.0, -1.959964, -0.5, 0.0, 0.5, 1.959964, 3.0])


def curve_of(data, design, model):
    return profile_composite(data, design, fit_composite(data, design, model))


# by hand with Cormack's (1992) formula, as in test_profile.py
def test_kosovo():
    design, data = design_over(4, (), 3), complete(4, (), counts(KOSOVO)[1:])
    curve = curve_of(data, design, with_terms(design, *KOSOVO_BEST))
    assert 4400 + curve.best == pytest.approx(10_334.5, abs=0.1)
    limits = 4400 + curve.at(np.array([-1.959964, 1.959964]))
    assert limits == pytest.approx((8_994, 12_110), abs=1.0)
    assert curve.bounded


@pytest.mark.parametrize("terms", [[], [(0, 1)], [(0, 1), (1, 2)]])
def test_exact_complete_tables_as_before(terms):
    y = counts(PALEMBANG)
    possible = np.ones(8, dtype=bool)
    lattice = closure([sum(1 << j for j in t) for t in terms], 3)
    fit = fit_log_linear(y, lattice[None], possible)
    before = profile_of(y, lattice, possible, fit.coefficients[0])
    design = design_over(3, ())
    now = curve_of(complete(3, (), y[1:]), design, with_terms(design, *terms))
    # the older curve is drawn through points 0.7 % apart
    assert now.at(Z) == pytest.approx(before.at(Z), rel=2e-3, abs=0.02)
    assert now.bounded == before.bounded


def test_values_at_given_numbers_are_those_of_the_lattice():
    """Kosovo: log-likelihoods of the two routes differ by a constant, to 1e-6."""
    y, n = counts(KOSOVO), counts(KOSOVO).sum()
    lattice = closure([0b0111, 0b1001, 0b1100], 4)
    possible = np.ones(16, dtype=bool)
    start = fit_log_linear(y, lattice[None], possible).coefficients[0]
    points = np.array([3000.0, 4500.0, 5900.0, 8000.0, 11_000.0])
    expected = np.empty(len(points))
    newton_kernels().profile_unseen(
        y.astype(float), possible, lattice, np.where(np.isfinite(start), start, 0), points, expected
    )
    design, data = design_over(4, (), 3), complete(4, (), y[1:])
    for n0, value in zip(points, expected - expected[0], strict=True):
        completed = with_unseen_row(data, n0)
        means = row_means(
            completed, fit_composite(completed, design, with_terms(design, *KOSOVO_BEST)).means
        )
        if n0 == points[0]:
            first = (completed.low * np.log(means)).sum()
        assert (completed.low * np.log(means)).sum() - first == pytest.approx(value, abs=1e-6)
    curve = curve_of(data, design, with_terms(design, *KOSOVO_BEST))
    at = np.searchsorted(curve.unseen, points)
    total = n + points
    whole = gammaln(total + 1) - gammaln(points + 1) + expected - total * np.log(total)
    # the curve goes through fitted points and cubics between them
    root = np.interp(points, curve.unseen, curve.signed_root)
    assert (at > 0).all()
    assert -0.5 * root**2 + 0.5 * root[2] ** 2 == pytest.approx(whole - whole[2], abs=2e-3)


def simulated(k, shape, seed, scale=15.0):
    design = design_over(k, shape)
    rng = np.random.default_rng(seed)
    levels, _ = cells_of(k, shape)
    mean = scale * np.exp(levels @ rng.normal(-0.3, 0.4, k + len(shape)))
    return design, complete(k, shape, rng.poisson(mean)[levels[:, :k].any(axis=1)])


def with_unseen_row(data, n0):
    """The unseen cells counted together, as if it were known how many they are."""
    cells = np.flatnonzero(data.unseen)
    return Composite(
        np.append(data.start, data.start[-1] + len(cells)), np.append(data.cell, cells),
        np.append(data.weight, 1.0), np.append(data.low, n0), np.append(data.high, n0),
        np.zeros(data.cells, dtype=bool), data.stratum, data.strata,
    )  # fmt: skip


def test_known_counts_against_the_complete_table_fitted_at_each_number():
    design, full = simulated(3, (2,), 4)
    model = with_terms(design, (0, 1), (0, 3))
    data = list_away(full, 3, 2, [1])
    curve = curve_of(data, design, model)
    n = data.low.sum()

    def value(n0):
        completed = with_unseen_row(data, n0)
        fit = fit_composite(completed, design, model)
        share = row_means(completed, fit.means) / (n + n0)
        terms = gammaln(n + n0 + 1) - gammaln(n0 + 1)
        return terms + (completed.low * np.log(share)).sum()

    top = max(value(curve.best * step) for step in (0.999, 1.0, 1.001))
    assert value(curve.best) == pytest.approx(top, abs=1e-6)
    for z in Z[Z != 0]:
        root = np.sqrt(2 * (top - value(float(curve.at(np.array([z]))[0]))))
        # cubics between points a quarter of a standard deviation apart
        assert root == pytest.approx(abs(z), abs=2e-3)


def test_limits_against_a_general_maximiser():
    """Counts between limits: the unseen a Poisson count of their own, by BFGS."""
    design, full = simulated(3, (2,), 5)
    model = with_terms(design, (0, 3))
    data = suppressed(list_away(full, 3, 1, [0]), 5)
    fit = fit_composite(data, design, model)
    curve = profile_composite(data, design, fit)
    matrix = design.matrix(model)
    n = 0.5 * (data.low + data.high).sum()

    def value(n0):
        def negative(beta):
            mu = np.exp(matrix @ beta)
            m = row_means(data, mu)
            inside = poisson.cdf(data.high, m) - poisson.cdf(data.low - 1, m)
            unseen = mu[data.unseen].sum()
            counted = n0 * np.log(unseen) - unseen - gammaln(n0 + 1)
            return -np.log(np.maximum(inside, 1e-300)).sum() - counted

        beta = fit.coefficients[design.columns_of(model)]
        found = minimize(negative, beta, method="BFGS", options={"gtol": 1e-6})
        total = n + n0  # the total is given, not Poisson
        return gammaln(total + 1) + total - total * np.log(total) - found.fun

    top = max(value(curve.best * step) for step in (0.999, 1.0, 1.001))
    assert value(curve.best) == pytest.approx(top, abs=1e-5)
    for z in Z[Z != 0]:
        root = np.sqrt(2 * (top - value(float(curve.at(np.array([z]))[0]))))
        assert root == pytest.approx(abs(z), abs=5e-3)


def test_narrow_limits_are_as_good_as_counts():
    """Limits of one person about a known count hardly move the curve."""
    design, full = simulated(3, (2,), 4)
    model = with_terms(design, (0, 1), (0, 3))
    narrow = full.with_counts(full.low, full.high + (np.arange(full.rows) == 0))
    exact, between = (curve_of(each, design, model) for each in (full, narrow))
    assert between.at(Z) == pytest.approx(exact.at(Z), rel=0.03)


def test_a_likelihood_that_rises_without_end():
    design, data = design_over(3, ()), complete(3, (), counts(PALEMBANG)[1:])
    curve = curve_of(data, design, with_terms(design, (0, 1), (0, 2)))
    assert np.isinf(curve.best)
    assert not curve.bounded
    assert np.isinf(curve.at(np.array([1.96]))[0])
    assert np.isfinite(curve.at(np.array([-1.96]))[0])


def test_other_terms_without_an_estimate_are_refused():
    """Two cells seen as "<6" only, and terms that both are needed for."""
    design, data = design_over(3, ()), complete(3, (), counts(PALEMBANG)[1:])
    with pytest.raises(NotEstimable, match="has no maximum"):
        curve_of(suppressed(data, 6), design, with_terms(design, (0, 1)))


def test_variance_of_the_unseen_as_before():
    y = counts(KOSOVO)
    possible = np.ones(16, dtype=bool)
    lattice = closure([0b0111, 0b1001, 0b1100], 4)
    before = fit_log_linear(y, lattice[None], possible)
    variance = newton_kernels().unseen_variance(
        y.astype(float), possible, lattice, before.coefficients[0]
    )
    design, data = design_over(4, (), 3), complete(4, (), y[1:])
    fit = fit_composite(data, design, with_terms(design, *KOSOVO_BEST))
    assert unseen_variance(fit, data, design) == pytest.approx(variance, rel=1e-8)


def test_variances_against_refitted_tables():
    """Spread of the logs over tables drawn from the model."""
    from darkfigure.numerics.composite import refit_composite

    design, full = simulated(3, (2,), 6, scale=400.0)
    data = list_away(full, 3, 1, [0])
    model = main_effects(design)
    fit = fit_composite(data, design, model)
    rng = np.random.default_rng(7)
    y = rng.poisson(row_means(data, fit.means), (4000, data.rows)).astype(float)
    expected = refit_composite(y, y, data, design, model[None], fit.start[None]).expected[:, 0]
    unseen, everyone = strata_covariances(fit, data, design)
    # 4,000 replicates: standard errors of 2 % of a variance; the delta method's own error of 3 %
    logs = np.log(expected)
    assert np.cov(logs[..., 0].T) == pytest.approx(unseen, rel=0.1, abs=0.05 * unseen.max())
    assert np.cov(logs[..., 1].T) == pytest.approx(everyone, rel=0.1, abs=0.05 * everyone.max())
    total = np.log(expected[..., 0].sum(axis=1)).var()
    assert unseen_variance(fit, data, design) == pytest.approx(total, rel=0.1)


def test_nobody_expected_has_no_variance():
    design, data = simulated(3, (2,), 6)
    fit = fit_composite(data, design, main_effects(design))
    nobody = np.zeros((1, data.cells), dtype=bool)
    assert log_covariance(fit, design, nobody) == 0

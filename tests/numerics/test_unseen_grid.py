import math

import numpy as np
import pytest
from scipy.stats import nbinom

from darkfigure.numerics.unseen_grid import trapezoid_weights, unseen_posterior


@pytest.mark.parametrize(
    ("size", "probability"), [(3, 0.9), (5, 0.01), (50, 1e-3), (4000, 0.2), (2, 1e-7)]
)
def test_negative_binomial_quantiles(size, probability):
    """From almost no one unseen to tens of millions, narrow and wide."""
    target = nbinom(size, probability)
    found = unseen_posterior(target.logpmf, tail_exponent=math.inf)
    for level in (0.01, 0.025, 0.5, 0.975, 0.99):
        exact = target.ppf(level)
        got = found.quantile(level)[0]
        assert got == pytest.approx(exact, rel=2e-3, abs=1.0)
    assert found.cumulative[-1] == pytest.approx(1.0, abs=1e-6)


def test_power_law_tail_is_carried_on():
    """p(n0) ∝ (n0 + 1)**-1.1: a share 1e-3 lies beyond 1e30 whatever the grid."""
    found = unseen_posterior(lambda x: -1.1 * np.log(x + 1.0), tail_exponent=1.1)
    total = 1 / 0.1 + 0.5 + 1.1 / 12  # Euler-Maclaurin for zeta(1.1), to 1e-3
    for level in (0.9, 0.999, 0.9999):
        exact = ((1 - level) * total * 0.1) ** (-1 / 0.1)
        got = found.quantile(level)[0]
        assert math.log(got) == pytest.approx(math.log(exact), rel=2e-3)


def test_two_narrow_peaks_far_apart():
    def log_mass(x):
        first = -0.5 * ((x - 1_000) / 20) ** 2 - math.log(20)
        second = -0.5 * ((x - 2_000_000) / 9_000) ** 2 - math.log(9_000)
        return np.logaddexp(first, second)

    found = unseen_posterior(log_mass, tail_exponent=math.inf)
    assert np.interp(50_000, found.edges[1:], found.cumulative[1:]) == pytest.approx(0.5, abs=1e-3)


def test_draws_have_the_posterior_quantiles():
    target = nbinom(20, 0.01)
    found = unseen_posterior(target.logpmf, tail_exponent=math.inf)
    draws = found.draws(4000, np.random.default_rng(3))
    for level in (0.025, 0.5, 0.975):
        # stratified: an order statistic is within one slice of its level
        assert target.cdf(np.quantile(draws, level)) == pytest.approx(level, abs=1.5 / 4000 + 1e-3)
    assert (draws == np.rint(draws)).all()
    assert (np.diff(draws) < 0).any()


def test_weights_are_one_on_consecutive_integers():
    weights = trapezoid_weights(np.array([0.0, 1, 2, 3, 10]))
    assert weights.tolist() == [1, 1, 1, 4, 3.5]

import math

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import betaln, gammaln, hyp2f1

from darkfigure.numerics.two_lists import (
    TwoListCounts,
    chapman,
    lincoln_petersen,
    log_likelihood,
)

COUNTS = TwoListCounts(both=20, first_only=80, second_only=60)


def test_lincoln_petersen_and_chapman():
    # n1 = 100, n2 = 80, m = 20: n1 n2 / m = 400; (101)(81)/21 − 1 = 388.57
    assert lincoln_petersen(COUNTS).population == pytest.approx(400)
    assert chapman(COUNTS).population == pytest.approx(101 * 81 / 21 - 1)
    variance = 101 * 81 * 80 * 60 / (21**2 * 22)  # Seber (1970)
    assert chapman(COUNTS).standard_error == pytest.approx(math.sqrt(variance))


def test_odds_ratio_scales_the_unseen():
    assert lincoln_petersen(COUNTS, 3.0).population == pytest.approx(160 + 3 * 240)


def test_no_overlap_has_no_estimate():
    assert lincoln_petersen(TwoListCounts(0, 5, 6)).population == math.inf


def test_independence_is_the_closed_form():
    unseen = np.array([0.0, 3, 240, 5_000])
    got = log_likelihood(COUNTS, unseen, np.array([1.0]), (1.0, 1.0))[:, 0]
    n = 160
    exact = gammaln(unseen + n + 1) - gammaln(unseen + 1)
    exact += betaln(101, unseen + n - 100 + 1) + betaln(81, unseen + n - 80 + 1)
    np.testing.assert_allclose(got, exact, rtol=1e-12)


@pytest.mark.parametrize("theta", [0.2, 3.0])
def test_dependence_against_the_hypergeometric_function(theta):
    counts, (a, b) = TwoListCounts(3, 4, 2), (1.5, 1.0)
    unseen = np.array([0.0, 4, 30])
    got = log_likelihood(counts, unseen, np.array([theta]), (a, b))[:, 0]
    first, second, total = 7 + a, 5 + a, unseen + 9 + a + b
    exact = gammaln(unseen + 10) - gammaln(unseen + 1) + 3 * math.log(theta)
    exact += betaln(first, total - first) + betaln(second, total - second)
    exact += np.log(hyp2f1(first, second, total, 1 - theta))
    exact -= 2 * betaln(a, b) + math.log(hyp2f1(a, a, a + b, 1 - theta)) - betaln(a, b)
    np.testing.assert_allclose(got - got[0], exact - exact[0], rtol=1e-9, atol=1e-9)


def test_dependence_against_a_double_integral():
    counts, theta, unseen = TwoListCounts(1, 2, 1), 2.5, 3

    def integrand(v, u):
        eu, ev = math.exp(u), math.exp(v)
        z = 1 + eu + ev + theta * eu * ev
        return theta * eu**3 * ev**2 / z**7 * eu * ev / z**2

    def prior(v, u):
        eu, ev = math.exp(u), math.exp(v)
        return eu * ev / (1 + eu + ev + theta * eu * ev) ** 2

    numerator = dblquad(integrand, -15, 15, -15, 15, epsabs=1e-14)[0]
    denominator = dblquad(prior, -25, 25, -25, 25, epsabs=1e-12)[0]
    exact = math.log(numerator / denominator) + gammaln(8) - gammaln(4)
    got = log_likelihood(counts, np.array([3.0]), np.array([theta]), (1.0, 1.0))[0, 0]
    assert unseen == 3
    assert got == pytest.approx(exact, abs=1e-5)

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import nbinom

import darkfigure as dk
from darkfigure.numerics.conjugate import UnseenUnder, draw_unseen, poisson_of
from darkfigure.prior.population import fewest_unseen

SEEN, MISSED = 50, 0.7  # n and π0
SIZE = 200_000
FEW = 4_000  # a share of so many draws has a standard error of at most .0079


def test_draws_are_negative_binomial():
    """P(n0) = C(n + n0 − 1, n0) (1 − π0)^n π0^n0; the mean's error is sd / sqrt(draws)."""
    odds = np.full(SIZE, np.log(MISSED / (1 - MISSED)))
    drawn = draw_unseen(SEEN, odds, np.random.default_rng(1))
    exact = nbinom(SEEN, 1 - MISSED)
    assert drawn.mean() == pytest.approx(exact.mean(), abs=4 * exact.std() / SIZE**0.5)
    below = (drawn <= exact.ppf(0.9)).mean()
    assert below == pytest.approx(exact.cdf(exact.ppf(0.9)), abs=4 * (0.09 / SIZE) ** 0.5)


def test_any_size_is_drawn():
    drawn = poisson_of(np.array([-700.0, 0.0, 60.0, 300.0]), np.random.default_rng(1))
    assert drawn[0] == 0
    assert (drawn == np.rint(drawn)).all()
    assert drawn[2] == pytest.approx(np.exp(60.0), rel=1e-9)
    assert drawn[3] == pytest.approx(np.exp(300.0), rel=1e-9)


ODDS = np.linspace(-6.0, 4.0, 41)


@pytest.mark.parametrize("seen", [1, 30, 4_400])
@pytest.mark.parametrize(("shape", "scale"), [(4.0, 2.5), (4.0, 250.0), (40.0, 300.0)])
def test_a_gamma_poisson_prior_has_its_closed_form(seen, shape, scale):
    """λ | n ~ Gamma(a + n, rate 1/b + 1 − π0), and the unseen are Poisson(λ π0)."""
    prior = dk.prior.GammaPoisson(shape, scale)
    under = UnseenUnder(float(seen), prior.log_tilt)
    missed = expit(ODDS)
    exact = seen * np.log1p(-missed) - (shape + seen) * np.log(1 / scale + 1 - missed)
    found = under.log_weight(ODDS)
    # an integral in place of a sum over more than 129 numbers: 1/24 of the squared slope
    np.testing.assert_allclose(np.diff(found), np.diff(exact), atol=5e-3)
    for odds in (-6.0, -1.0, 2.0):
        rate = 1 / scale + 1 - expit(odds)
        unseen = nbinom(shape + seen, rate / (rate + expit(odds)))
        drawn = under.draw(np.full(FEW, odds), np.random.default_rng(1))
        assert drawn.mean() == pytest.approx(unseen.mean(), abs=4.5 * unseen.std() / FEW**0.5)
        for level in (0.1, 0.5, 0.9):
            at = unseen.ppf(level)
            assert (drawn <= at).mean() == pytest.approx(unseen.cdf(at), abs=4.5 * 0.0079)


@pytest.mark.parametrize(
    "prior",
    [
        dk.prior.Flat(),
        dk.prior.AtLeast(9_000),
        dk.prior.Between(7_000, 8_000),
        dk.prior.LogNormal(5, 0.01),
        dk.prior.Between(1, 2),
    ],
)
@pytest.mark.parametrize("seen", [1, 30, 4_400])
def test_any_prior_agrees_with_the_sum_over_all_numbers(prior, seen):
    fewest = fewest_unseen(prior, seen)
    unseen = np.arange(fewest, 400_000.0)
    under = UnseenUnder(float(seen), prior.log_tilt, fewest)
    odds = np.array([-8.0, -1.0, 0.5, 2.0])
    log_mass = nbinom(seen, expit(-odds)[:, None]).logpmf(unseen)
    log_mass = log_mass + prior.log_tilt(seen + unseen)
    exact = np.logaddexp.reduce(log_mass, axis=1)
    np.testing.assert_allclose(under.log_weight(odds), exact, atol=8e-3)
    below = np.cumsum(np.exp(log_mass - exact[:, None]), axis=1)
    for row, each in zip(below, odds, strict=True):
        drawn = under.draw(np.full(FEW, each), np.random.default_rng(1))
        at = unseen[np.searchsorted(row, [0.1, 0.5, 0.9])]
        share = (drawn[:, None] <= at).mean(axis=0)
        np.testing.assert_allclose(share, row[(at - fewest).astype(int)], atol=4.5 * 0.0079)


def test_weights_between_points_are_those_at_the_points():
    under = UnseenUnder(4_400.0, dk.prior.Between(9_000, 10_000).log_tilt)
    odds = np.random.default_rng(1).normal(0.4, 0.3, 20_000)
    one_by_one = np.array([under.log_weight(each[None])[0] for each in odds[:200]])
    np.testing.assert_allclose(under.log_weight(odds)[:200], one_by_one, atol=1e-6)

import numpy as np
import pytest
from scipy.stats import bootstrap, norm

from darkfigure.numerics.bca import (
    Correction,
    acceleration,
    correction,
    quantiles_of,
    stratified_levels,
)


def test_limits_agree_with_scipy():
    """The mean of a skewed sample: same replicates, jackknife over people, same BCa limits."""
    rng = np.random.default_rng(21)
    sample = rng.gamma(2.0, 10.0, 60)
    index = rng.integers(60, size=(4000, 60))
    replicates = sample[index].mean(axis=1)
    without_one = (sample.sum() - sample) / 59
    # distinct values are cells of one person each; removing a person from a cell is the jackknife
    a = acceleration(np.ones(60), without_one)
    found = correction(replicates, sample.mean(), a)
    ours = np.quantile(replicates, found.levels(norm.ppf([0.025, 0.975])))
    theirs = bootstrap(
        (sample,), np.mean, method="BCa", n_resamples=4000, random_state=np.random.default_rng(5)
    ).confidence_interval
    # two sets of 4,000 replicates: limits differ by some 1 %
    assert ours == pytest.approx((theirs.low, theirs.high), rel=0.02)


def test_no_correction_is_the_percentile():
    z = norm.ppf([0.025, 0.5, 0.975])
    assert Correction(0.0, 0.0).levels(z) == pytest.approx([0.025, 0.5, 0.975])


def test_draws_have_the_limits_as_quantiles():
    rng = np.random.default_rng(3)
    replicates = rng.lognormal(8, 0.4, 5000)
    found = correction(replicates, 3200.0, 0.03)
    draws = quantiles_of(replicates, found, stratified_levels(8000, rng))
    exact = np.quantile(replicates, found.levels(norm.ppf([0.025, 0.975])))
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx(exact, rel=5e-3)


def test_an_estimate_outside_its_replicates_stays_finite():
    found = correction(np.arange(100.0), 1_000.0, 0.0)
    assert np.isfinite(found.bias)


def test_acceleration_of_equal_influence_is_zero():
    assert acceleration(np.array([3, 5]), np.array([7.0, 7.0])) == 0.0
    assert acceleration(np.array([3, 5]), np.array([np.nan, np.nan])) == 0.0

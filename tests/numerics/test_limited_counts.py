"""Against sums over every possible count, with SciPy's Poisson mass."""

import numpy as np
import pytest
from scipy.stats import poisson

from darkfigure.numerics.limited_counts import LimitedCounts

LOW = np.array([3, 0, 2, 0, 100, 5000, 0, 30])
HIGH = np.array([3, 4, 9, 97, 400, 9000, 3000, 35])
NEAR = np.array([2.0, 1.0, 20.0, 50.0, 90.0, 6000.0, 2900.0, 0.1])
FAR = np.array([2.0, 90.0, 0.01, 300.0, 30.0, 12_000.0, 0.002, 900.0])


def by_enumeration(means):
    mass, centre, spread = [], [], []
    for low, high, mean in zip(LOW, HIGH, means, strict=True):
        counts = np.arange(low, high + 1)
        log_mass = poisson.logpmf(counts, mean)
        total = np.logaddexp.reduce(log_mass)
        share = np.exp(log_mass - total)
        mass.append(total)
        centre.append(share @ counts)
        spread.append(share @ (counts - centre[-1]) ** 2)
    return np.array(mass), np.array(centre), np.array(spread)


@pytest.mark.parametrize("means", [NEAR, FAR], ids=["near", "far"])
def test_log_mass_and_moments(means):
    counts = LimitedCounts(LOW, HIGH)
    mass, centre, spread = by_enumeration(means)
    assert counts.log_mass(means) == pytest.approx(mass, rel=1e-9, abs=1e-9)
    assert counts.log_mass_of_all(means) == pytest.approx(mass.sum(), rel=1e-9)
    mine, mine_spread = counts.moments(means)
    assert mine == pytest.approx(centre, rel=1e-7, abs=1e-9)
    assert mine_spread == pytest.approx(spread, rel=1e-4, abs=1e-6)


def test_rows_stand_along_the_last_axis():
    counts = LimitedCounts(LOW, HIGH)
    both = np.stack([NEAR, FAR])
    assert counts.log_mass(both).shape == (2, len(LOW))
    assert counts.log_mass(both)[1] == pytest.approx(counts.log_mass(FAR))
    assert counts.log_mass_of_all(both) == pytest.approx(counts.log_mass(both).sum(axis=1))


@pytest.mark.parametrize("means", [NEAR, FAR], ids=["near", "far"])
def test_draws_keep_to_the_limits_and_the_distribution(means):
    counts = LimitedCounts(LOW, HIGH)
    drawn = counts.draw(np.tile(means, (20_000, 1)), np.random.default_rng(1))
    assert (drawn >= LOW).all()
    assert (drawn <= HIGH).all()
    _, centre, spread = by_enumeration(means)
    error = np.sqrt(spread / len(drawn)) + 1e-9
    assert (np.abs(drawn.mean(axis=0) - centre) < 4.5 * error).all()


def test_a_mean_far_beyond_wide_limits_is_no_impossibility():
    """Both tails are 0 in double precision: nearly all mass is at the nearest limit."""
    counts = LimitedCounts(np.array([0, 5000]), np.array([97, 9000]))
    means = np.array([50_000.0, 1.0])
    edge = poisson.logpmf([97, 5000], means)
    found = counts.log_mass(means)
    assert (found > edge).all()
    assert found == pytest.approx(edge, abs=0.01)
    assert counts.moments(means)[0] == pytest.approx([97, 5000], abs=0.01)

"""The powers with which posteriors fall, against sums over every allocation and simulation."""

import itertools

import numpy as np
import pytest
from scipy.special import gammaln

from darkfigure.numerics.class_mixture import alternating_tail, class_tail, pair_tail

# three lists, six people; Σ (lists − 1) = 4
TINY = np.array([0, 1, 1, 2, 1, 0, 0, 1])


def log_likelihood(counts, population, classes, a, b):
    """log p(y | N) for one class, or for two with equal prior sticks α = 1, by summing splits."""
    cells = np.flatnonzero(counts)
    on = (cells[:, None] >> np.arange(3)) & 1
    unseen = population - counts.sum()
    x = np.arange(unseen + 1.0) if classes == 2 else np.array([unseen])
    total = -np.inf
    people = [range(c + 1) if classes == 2 else [c] for c in counts[cells]]
    for first in itertools.product(*people):
        value = gammaln(population + 1.0) - gammaln(x + 1.0) - gammaln(unseen - x + 1.0)
        for seen, here in ((np.array(first), x), (counts[cells] - first, unseen - x)):
            size, on_list = seen.sum() + here, seen @ on
            value = value - gammaln(seen + 1.0).sum()
            for j in range(3):
                value = value + gammaln(a + on_list[j]) + gammaln(b + size - on_list[j])
                value = value - gammaln(a + b + size) - gammaln(a) - gammaln(b) + gammaln(a + b)
        if classes == 2:  # a uniform stick: every size of the first class is as likely
            size = np.array(first).sum() + x
            value += gammaln(1.0 + size) + gammaln(1.0 + population - size)
            value -= gammaln(2.0 + population)
        total = np.logaddexp(total, np.logaddexp.reduce(value))
    return total


@pytest.mark.parametrize(("classes", "a"), [(1, 0.5), (1, 1.5), (2, 0.1), (2, 0.5)])
def test_likelihood_falls_with_that_power(classes, a):
    ends = 20_000, 40_000
    low, high = (log_likelihood(TINY, population, classes, a, 1.0) for population in ends)
    slope = (low - high) / np.log(2.0)
    # the stick held fixed at α = 1 costs one more power, which an uncertain α does not
    expected = class_tail(TINY, classes, (a, 1.0)) + (classes - 1)
    assert slope == pytest.approx(expected, abs=0.02)


def odds_of_prior(a, b, log_odds, size=400_000, classes=4):
    """Draws of the odds of being missed under a prior of classes of about the same size."""
    rng = np.random.default_rng(1)
    weight = rng.dirichlet(np.full(classes, 3.0), size)
    chance = rng.beta(a, b, (size, classes, 3))
    histories = (np.arange(1, 8)[:, None] >> np.arange(3)) & 1
    by_class = np.where(histories, chance[:, :, None], 1.0 - chance[:, :, None]).prod(axis=-1)
    return log_odds(np.log(np.einsum("dc,dch->dh", weight, by_class)))


def power_between(log_odds, low, high):
    """Minus the slope of log P(odds > X) in log X."""
    shares = (log_odds > low).mean(), (log_odds > high).mean()
    return np.log(shares[0] / shares[1]) / (high - low)


def test_odds_of_a_pair_fall_with_that_power():
    def log_odds(log_p):
        return log_p[:, 0] + log_p[:, 1] - log_p[:, 2]

    nobody = np.array([0, 1, 1, 0, 1, 0, 0, 1])
    # two classes alone: with more, the others must be small too, which costs more at these sizes
    found = power_between(odds_of_prior(0.2, 1.0, log_odds, classes=2), 8.0, 12.0)
    assert found == pytest.approx(pair_tail(nobody, 1, 2, (0.2, 1.0)), abs=0.05)
    assert pair_tail(TINY, 1, 2, (1.0, 1.0)) == 2 + 2


def test_alternating_odds_fall_at_least_with_that_power():
    def log_odds(log_p):
        sizes = np.bitwise_count(np.arange(1, 8))
        return log_p @ np.where(sizes % 2 == 1, 1.0, -1.0)

    bound = alternating_tail(np.array([0, 1, 1, 0, 1, 0, 0, 1]), (0.3, 0.3))
    assert bound == pytest.approx(0.1)
    assert power_between(odds_of_prior(0.3, 0.3, log_odds), 6.0, 10.0) > bound
    assert alternating_tail(np.array([0, 1, 1, 2, 1, 4, 3, 1]), (1.0, 1.0)) > 2

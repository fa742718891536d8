import numpy as np
import pytest
from scipy.stats import kstest

from darkfigure.numerics.line_density import density_along


def log_of_half_normal(x):
    """Log density of the log of a half-normal variable: a long tail to the left."""
    return x - 0.5 * np.exp(2 * x)


def test_draws_follow_the_density():
    line = density_along(log_of_half_normal)
    drawn = line.draw(20_000, np.random.default_rng(1))
    inside = np.exp(line.log_density) * np.diff(line.edges)
    below = line.tails[0] + np.concatenate([[0.0], np.cumsum(inside)])
    shown = drawn[(drawn > line.edges[0]) & (drawn < line.edges[-1])]
    span = below[-1] - below[0]
    found = kstest(shown, lambda x: (np.interp(x, line.edges, below) - below[0]) / span)
    assert found.pvalue > 1e-3
    assert (drawn < line.edges[0]).mean() == pytest.approx(line.tails[0], abs=0.001)


def test_it_is_a_density_with_tails():
    line = density_along(log_of_half_normal)
    total = np.exp(line.log_density) @ np.diff(line.edges) + sum(line.tails)
    assert total == pytest.approx(1.0)
    far = line.edges[[0, -1]] + np.array([-1.0, 1.0])
    beyond = line.edges[[0, -1]] + np.array([-2.0, 2.0])
    fall = line.log_at(far) - line.log_at(beyond)
    assert fall == pytest.approx(line.slopes)
    # nine units down, the tails hold little
    assert sum(line.tails) < 0.001


def test_weights_against_the_true_density_are_nearly_even():
    line = density_along(log_of_half_normal)
    drawn = line.draw(5_000, np.random.default_rng(2))
    log_weight = log_of_half_normal(drawn) - line.log_at(drawn)
    weight = np.exp(log_weight - log_weight.max())
    assert weight.sum() ** 2 / (weight**2).sum() > 0.98 * len(drawn)

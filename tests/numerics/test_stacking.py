"""Stacking weights against direct maximisation."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import t

from darkfigure.numerics.stacking import PSEUDO, WIDTH, densities, stacking_weights


def test_densities_are_means_of_the_kernel():
    quantiles = np.array([[1.0, 2.0], [np.nan, np.nan]])
    expected = t.pdf([1.5 - 1.0, 1.5 - 2.0], 4, scale=WIDTH).mean()
    assert densities(np.array([1.5, 0.0]), quantiles) == pytest.approx([expected, 0.0])


def test_weights_maximise_the_penalised_score():
    rng = np.random.default_rng(1)
    density = rng.gamma(1.0, size=(30, 3)) * [1.0, 2.0, 0.5]
    counts = rng.uniform(0.2, 1, 30)

    def loss(free):
        w = np.exp(np.append(free, 0.0))
        w /= w.sum()
        return -(counts @ np.log(density @ w)) - PSEUDO / 3 * np.log(w).sum()

    best = np.exp(np.append(minimize(loss, np.zeros(2), tol=1e-10).x, 0.0))
    assert stacking_weights(density, counts) == pytest.approx(best / best.sum(), abs=1e-4)


def test_without_tasks_weights_are_equal():
    found = stacking_weights(np.empty((0, 4)), np.empty(0))
    assert found == pytest.approx([0.25] * 4)


def test_tasks_that_no_model_estimated_tell_nothing():
    density = np.array([[0.0, 0.0], [1.0, 0.2]])
    both = stacking_weights(density, np.array([5.0, 1.0]))
    assert both == pytest.approx(stacking_weights(density[1:], np.array([1.0])))

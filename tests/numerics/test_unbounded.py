"""The cheapest way to ever more people on no list, against the likelihood itself."""

import numpy as np
import pytest
from scipy.optimize import minimize

from darkfigure.numerics.unbounded import least_cost

RNG = np.random.default_rng(1)


def layout(k, order):
    """Observable cells, terms and the design between them."""
    cells = np.arange(1, 1 << k)
    terms = cells[np.bitwise_count(cells) <= order]
    return cells, terms, ((cells[:, None] & terms) == terms).astype(float)


def best_likelihood(counts, design, terms, log_odds):
    """The largest log-likelihood of those seen at which the log odds of being missed are given."""
    sizes = np.bitwise_count(terms)
    start = np.where(sizes == 1, -log_odds, np.where(sizes == 2, log_odds / 2, 0.0))
    found = minimize(
        lambda effects: -(counts @ design @ effects),
        start,
        constraints={
            "type": "eq",
            "fun": lambda effects: np.logaddexp.reduce(design @ effects) + log_odds,
        },
        method="SLSQP",
        options={"maxiter": 3_000, "ftol": 1e-12},
    )
    assert found.success
    return counts.sum() * log_odds - found.fun


@pytest.mark.parametrize(("k", "order"), [(2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (4, 3)])
def test_the_likelihood_falls_by_the_power_found(k, order):
    _, terms, design = layout(k, order)
    counts = RNG.integers(1, 30, len(design)).astype(float)
    power = least_cost(counts, design, np.zeros((1, len(terms))))
    near, far = (best_likelihood(counts, design, terms, odds) for odds in (30.0, 40.0))
    assert power == pytest.approx((near - far) / 10, rel=1e-4)


def test_without_the_top_interaction_it_is_the_rarest_even_history():
    """log odds = Σ log π over odd histories − Σ over even ones: one even cell has to empty."""
    cells, terms, design = layout(4, 3)
    counts = RNG.integers(1, 30, len(design)).astype(float)
    even = counts[np.bitwise_count(cells) % 2 == 0]
    assert least_cost(counts, design, np.zeros((1, len(terms)))) == pytest.approx(even.min())


def test_main_effects_that_cannot_grow_bound_the_odds():
    """The odds of being missed are at most those of being on one list alone."""
    _, terms, design = layout(3, 2)
    pairs = np.bitwise_count(terms) > 1
    counts = np.array([40.0, 60, 0, 30, 0, 0, 0])
    assert least_cost(counts, design, np.zeros((1, len(terms)))) == 0
    assert least_cost(counts, design[:, pairs], np.zeros((1, 3))) == np.inf

import numpy as np
import pytest
from scipy.stats import nbinom

from darkfigure.numerics.conjugate import draw_unseen, poisson_of

SEEN, MISSED = 50, 0.7  # n and π0
SIZE = 200_000


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

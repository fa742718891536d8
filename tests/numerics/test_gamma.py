from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy.special import gammaln

from darkfigure.numerics.gamma import log_gamma_ratio


@pytest.mark.parametrize("a", [0.03, 1.0, 5.5, 8234.0])
def test_agrees_with_gammaln_where_that_is_accurate(a):
    x = np.array([0.0, 1.0, 10.0, 1e3, 9.9e4])
    np.testing.assert_allclose(
        log_gamma_ratio(x, a), gammaln(x + a) - gammaln(x + 1), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("x", [2e5, 1e9, 1e15])
def test_whole_steps_at_large_arguments(x):
    # Γ(x + 4) / Γ(x + 1) = (x + 1)(x + 2)(x + 3), exactly
    getcontext().prec = 50
    exact = sum((Decimal(int(x)) + i).ln() for i in (1, 2, 3))
    assert log_gamma_ratio(np.array([x]), 4.0)[0] == pytest.approx(float(exact), rel=1e-13)

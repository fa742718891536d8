"""Probabilities of intervals and their derivatives, against sums of sixty digits."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from darkfigure.numerics.kernels.interval import interval, log_poisson

MEANS = [1e-12, 1e-3, 0.1, 1.0, 4.999, 7.3, 30.0, 100.0, 333.3, 5e3, 1e5]
LOWS = [0, 1, 2, 5, 30, 95, 320, 1000, 5000, 99_000, 100_000]
WIDTHS = [1, 4, 9, 49, 300, 5000, 10**6, math.inf]

# Bernoulli numbers of Stirling's series for log n!
STIRLING = ["1/12", "-1/360", "1/1260", "-1/1680", "1/1188", "-691/360360", "1/156"]


def log_factorial(n):
    if n < 200:
        return Decimal(math.factorial(n)).ln()
    n = Decimal(n)
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582097")
    total = n * n.ln() - n + (2 * pi * n).ln() / 2
    for power, coefficient in enumerate(STIRLING):
        above, below = coefficient.split("/")
        total += Decimal(above) / Decimal(below) / n ** (2 * power + 1)
    return total


def in_decimals(low, high, m):
    """log P, E[Y] − m and m − var, term by term."""
    getcontext().prec = 60
    mean = Decimal(m)
    mode = int(min(max(int(m), low), high))
    sums = [Decimal(1), Decimal(mode), Decimal(mode) ** 2]
    for step in (1, -1):
        k, term = mode, Decimal(1)
        while (k < high) if step > 0 else (k > low):
            term *= mean / (k + 1) if step > 0 else k / mean
            k += step
            for power in range(3):
                sums[power] += term * k**power
            if (step < 0 or k > m) and term * (k * k + 1) < Decimal("1e-40") * sums[0]:
                break
    expected = sums[1] / sums[0]
    variance = sums[2] / sums[0] - expected**2
    log_p = mode * mean.ln() - mean - log_factorial(mode) + sums[0].ln()
    return float(log_p), float(expected - mean), float(mean - variance)


@pytest.mark.parametrize("m", MEANS)
def test_intervals(m):
    for low in LOWS:
        for width in WIDTHS:
            high = low + width
            if (low == 0 and high == math.inf) or (m < 1e4 and width == 10**6 and low > 1000):
                continue
            expected = in_decimals(low, high, m)
            found = interval(float(low), float(high), m)
            assert found[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-13), (low, high)
            # of E[Y] − m and m − var what counts is their size beside m or E[Y]
            scale = m + abs(expected[1])
            assert found[1] == pytest.approx(expected[1], abs=1e-10 * scale), (low, high)
            assert found[2] == pytest.approx(expected[2], abs=1e-10 * scale), (low, high)
            assert found[2] >= 0


def test_the_derivative_is_the_difference_of_the_probabilities_at_the_limits():
    for low, high, m in [(3, 8, 2.0), (3, 8, 5.0), (3, 8, 40.0), (0, 4, 1.3), (50, 900, 400.0)]:
        log_p, residual, _ = interval(float(low), float(high), m)
        before = math.exp(log_poisson(low - 1.0, m)) if low else 0.0
        slope = (before - math.exp(log_poisson(float(high), m))) / math.exp(log_p)
        assert residual == pytest.approx(m * slope, rel=1e-11)


def test_no_limits_say_nothing():
    assert interval(0.0, np.inf, 3.0) == (0.0, 0.0, 0.0)


def test_far_tails_and_huge_means():
    # beyond the limits nearly everybody counted is at the nearer one
    log_p, residual, curvature = interval(0.0, 4.0, 1e9)
    assert residual == pytest.approx(4.0 - 1e9, rel=1e-12)
    assert curvature == pytest.approx(1e9, rel=1e-6)
    assert log_p == pytest.approx(-1e9 + 4 * math.log(1e9) - math.log(24), rel=1e-12)
    # one standard deviation either way of a mean of 10^10: the normal's 0.6827
    log_p, _, _ = interval(1e10 - 1e5, 1e10 + 1e5, 1e10)
    assert math.exp(log_p) == pytest.approx(0.68269, abs=1e-5)
    log_p, residual, _ = interval(100_000.0, np.inf, 1e-3)
    assert residual == pytest.approx(100_000.0, rel=1e-6)
    assert log_p == pytest.approx(log_poisson(100_000.0, 1e-3), rel=1e-12)

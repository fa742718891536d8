"""Random variates from a generator whose state is carried explicitly, compiled.

Every chain owns a state of four words (xoshiro256++: Blackman & Vigna 2021, ACM Trans. Math.
Softw. 47:36), so that neither the number of threads nor the order in which chains run can change
a result. Counts are floats that hold whole numbers, exactly so up to 2**53. Each variate takes a
bounded time, whatever its parameters: by rejection from an envelope that hardly depends on them,
or by inversion where few people are expected. What is no distribution (a parameter that is not a
number) gives nan.
"""

import math

import numpy as np
from numba import njit

from darkfigure.numerics.kernels.log_gamma import log_gamma_difference

_TO_UNIT = 2.0**-53
_TRIES = 1000  # of a rejection that succeeds more often than not


@njit(cache=True, nogil=True)
def uniform(state):
    """A number in the open interval (0, 1)."""
    total = state[0] + state[3]
    result = ((total << np.uint64(23)) | (total >> np.uint64(41))) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = (state[3] << np.uint64(45)) | (state[3] >> np.uint64(19))
    return (float(result >> np.uint64(11)) + 0.5) * _TO_UNIT


@njit(cache=True, nogil=True)
def normal(state):
    """Standard normal, by the polar method (Marsaglia & Bray 1964)."""
    for _ in range(_TRIES):
        u = 2.0 * uniform(state) - 1.0
        v = 2.0 * uniform(state) - 1.0
        s = u * u + v * v
        if 0.0 < s < 1.0:
            return u * math.sqrt(-2.0 * math.log(s) / s)
    return math.nan


@njit(cache=True, nogil=True)
def gamma_variate(shape, state):
    """Standard gamma of shape 1 or more (Marsaglia & Tsang 2000, ACM Trans. Math. Softw. 26)."""
    if shape == 1.0:
        return -math.log(uniform(state))
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    for _ in range(_TRIES):
        x = normal(state)
        step = c * x
        if step <= -1.0:
            continue
        v = (1.0 + step) ** 3
        u = uniform(state)
        if u < 1.0 - 0.0331 * x * x * x * x:
            return d * v
        # d (1 − v + log v), written without cancellation for large shapes
        fall = 3.0 * (math.log1p(step) - step) - step * step * (3.0 + step)
        if math.log(u) < 0.5 * x * x + d * fall:
            return d * v
    return math.nan


@njit(cache=True, nogil=True)
def log_gamma_variate(shape, state):
    """Log of a standard gamma variate, exact for tiny shapes too."""
    if shape < 1.0:
        return math.log(gamma_variate(shape + 1.0, state)) + math.log(uniform(state)) / shape
    return math.log(gamma_variate(shape, state))


@njit(cache=True, nogil=True)
def poisson(mean, state):
    """Poisson: inversion below 10, transformed rejection above (PTRS, Hörmann 1993)."""
    if mean < 10.0:
        x, mass = 0.0, math.exp(-mean)
        left = uniform(state)
        while left > mass and x < 200.0:
            left -= mass
            x += 1.0
            mass *= mean / x
        return x
    log_mean = math.log(mean)
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    # heights relative to the mass at the mode, where log m! is Stirling's series
    mode = np.floor(mean)
    at_mode = mode * math.log1p((mean - mode) / mode) - (mean - mode)
    at_mode -= 0.5 * math.log(2.0 * math.pi * mode)
    at_mode -= (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * mode * mode)) / (mode * mode)) / mode
    for _ in range(_TRIES):
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        x = np.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= squeeze:
            return x
        if x < 0.0 or (us < 0.013 and v > us):
            continue
        height = math.log(v * inverse_alpha / (a / (us * us) + b))
        fall = log_gamma_difference(x + 1.0, mode + 1.0)
        if height <= at_mode + (x - mode) * log_mean - fall:
            return x
    return math.nan


@njit(cache=True, nogil=True)
def _small_binomial(n, p, state):
    """Inversion from zero, for n p below 10 and p at most 1/2."""
    odds = p / (1.0 - p)
    x, mass = 0.0, math.exp(n * math.log1p(-p))
    left = uniform(state)
    most = min(n, 200.0)  # beyond any draw; what rounding leaves over must not run on
    while left > mass and x < most:
        left -= mass
        x += 1.0
        mass *= odds * (n - x + 1.0) / x
    return x


@njit(cache=True, nogil=True)
def _large_binomial(n, p, state):
    """Transformed rejection (BTRS, Hörmann 1993), for n p of 10 or more and p at most 1/2."""
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    squeeze = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    log_odds = math.log(p / (1.0 - p))
    mode = np.floor((n + 1.0) * p)
    for _ in range(_TRIES):
        u = uniform(state) - 0.5
        v = uniform(state)
        us = 0.5 - abs(u)
        x = np.floor((2.0 * a / us + b) * u + c)
        if us >= 0.07 and v <= squeeze:
            return x
        if x < 0.0 or x > n:
            continue
        height = math.log(v * alpha / (a / (us * us) + b))
        fall = log_gamma_difference(x + 1.0, mode + 1.0)
        fall += log_gamma_difference(n - x + 1.0, n - mode + 1.0)
        if height <= (x - mode) * log_odds - fall:
            return x
    return math.nan


@njit(cache=True, nogil=True)
def binomial(n, p, state):
    """Binomial with n trials; n is a float that holds an integer."""
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return n
    flipped = p > 0.5
    if flipped:
        p = 1.0 - p
    x = _small_binomial(n, p, state) if n * p < 10.0 else _large_binomial(n, p, state)
    return n - x if flipped else x

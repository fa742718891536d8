"""Two lists: the classical estimators, and the posterior under a given odds ratio.

Capture odds are u for list 1 among people not on list 2, v for list 2 among people not on
list 1; the four cells have probabilities θuv, u, v, 1 over Z = 1 + u + v + θuv.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln

from darkfigure.numerics.gamma import log_gamma_ratio


@dataclass(frozen=True)
class TwoListCounts:
    """People on both lists and on one only."""

    both: int
    first_only: int
    second_only: int

    @property
    def seen(self) -> int:
        """People on at least one list."""
        return self.both + self.first_only + self.second_only


@dataclass(frozen=True)
class PointEstimate:
    """An estimate of the population and its standard error, both in people."""

    population: float
    standard_error: float


def lincoln_petersen(counts: TwoListCounts, odds_ratio: float = 1.0) -> PointEstimate:
    """n + θ n10 n01 / n11, the maximum-likelihood total; infinite without overlap.

    The standard error is by the delta method (Sekar & Deming 1949 for θ = 1).
    """
    m, a, b = counts.both, counts.first_only, counts.second_only
    if m == 0:
        return PointEstimate(math.inf, math.inf)
    unseen = odds_ratio * a * b / m
    if unseen == 0:
        return PointEstimate(float(counts.seen), 0.0)
    variance = unseen**2 * (1 / m + 1 / a + 1 / b) + unseen
    return PointEstimate(counts.seen + unseen, math.sqrt(variance))


def chapman(counts: TwoListCounts) -> PointEstimate:
    """(n1 + 1)(n2 + 1)/(m + 1) − 1 with Seber's (1970) variance; independence only."""
    m, a, b = counts.both, counts.first_only, counts.second_only
    n1, n2 = m + a, m + b
    population = (n1 + 1) * (n2 + 1) / (m + 1) - 1
    variance = (n1 + 1) * (n2 + 1) * a * b / ((m + 1) ** 2 * (m + 2))
    return PointEstimate(population, math.sqrt(variance))


def log_likelihood(
    counts: TwoListCounts, unseen: np.ndarray, odds_ratio: np.ndarray, capture: tuple[float, float]
) -> np.ndarray:
    """log p(y, n0 | θ) with capture integrated out, less log n0-free terms.

    The prior on (log u, log v) is ∝ (uv)^α / Z^(α+β): conjugate, symmetric in the lists, and
    equal to independent Beta(α, β) capture probabilities at θ = 1. One of the two integrals is
    then a beta function, the other is done by quadrature.

    Parameters
    ----------
    unseen : ndarray of float, shape (points,)
    odds_ratio : ndarray of float, shape (ratios,)
        θ > 1 means that people on one list are more likely to be on the other.
    capture : (float, float)
        α, β.

    Returns
    -------
    ndarray of float, shape (points, ratios)
    """
    alpha, beta = capture
    first = counts.both + counts.first_only + alpha
    second = counts.both + counts.second_only + alpha
    total = counts.seen + alpha + beta
    n0 = np.asarray(unseen, dtype=float)[:, None]
    theta = np.asarray(odds_ratio, dtype=float)[None, :]
    multinomial = log_gamma_ratio(n0, counts.seen + 1.0)
    inner = gammaln(first) + log_gamma_ratio(n0, total - first) - log_gamma_ratio(n0, total)
    outer = _log_integral(first, second, n0 + total, theta)
    prior = betaln(alpha, beta) + _log_integral(alpha, alpha, np.array(alpha + beta), theta)
    return multinomial + inner + outer + counts.both * np.log(theta) - prior


def missed_before_looking(
    odds_ratio: np.ndarray, capture: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """log(π0 / (1 − π0)) under the prior on capture, one draw per odds ratio.

    Capture odds are drawn as for θ = 1 and kept by the ratio of the priors, at most
    max(1, 1/θ)^(α+β).
    """
    alpha, beta = capture
    power = alpha + beta
    out = np.full(len(odds_ratio), np.nan)
    left = np.arange(len(odds_ratio))
    while len(left):
        theta = odds_ratio[left]
        p, q = (rng.beta(alpha, beta, size=len(left)) for _ in range(2))
        u, v = p / (1.0 - p), q / (1.0 - q)
        rest = u + v + theta * u * v
        kept = (1.0 + u) * (1.0 + v) / (1.0 + rest) / np.maximum(1.0, 1.0 / theta)
        taken = rng.random(len(left)) < kept**power
        out[left[taken]] = -np.log(rest[taken])
        left = left[~taken]
    return out


def _log_integral(a: float, c: float, total: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """log ∫ e^{cv} (1 + e^v)^{a − M} (1 + θe^v)^{−a} dv, log-concave in v, around its mode."""
    mode = _mode(a, c, total, theta)
    log_theta = np.log(theta)
    at_mode = _logistic_variance(mode) * (total - a) + _logistic_variance(mode + log_theta) * a
    scale = 1.0 / np.sqrt(at_mode)
    t = np.linspace(-4.5, 4.5, 121)
    highest = _log_integrand(mode, a, c, total, log_theta)
    summed = np.zeros(np.broadcast_shapes(mode.shape, highest.shape))
    for point in t:  # few points over large arrays: the loop saves memory, not time
        v = mode + scale * math.sinh(point)
        summed += math.cosh(point) * np.exp(_log_integrand(v, a, c, total, log_theta) - highest)
    return highest + np.log(summed * (t[1] - t[0]) * scale)


def _log_integrand(
    v: np.ndarray, a: float, c: float, total: np.ndarray, log_theta: np.ndarray
) -> np.ndarray:
    return c * v - (total - a) * np.logaddexp(0.0, v) - a * np.logaddexp(0.0, v + log_theta)


def _mode(a: float, c: float, total: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """The positive root of a quadratic in e^v."""
    linear = (total - a) + a * theta - c * (1.0 + theta)
    quadratic = theta * (total - c)
    root = np.sqrt(linear**2 + 4.0 * quadratic * c)
    positive = np.where(linear > 0, 2.0 * c / (linear + root), (root - linear) / (2.0 * quadratic))
    return np.log(positive)


def _logistic_variance(v: np.ndarray) -> np.ndarray:
    share = 1.0 / (1.0 + np.exp(-np.abs(v)))
    return share * (1.0 - share)

r"""People whose first capture changes the later ones, over occasions in a known order.

A person first caught on occasion f, after z = f − 1 misses, and on r of those that follow has

.. math:: \log \mu = \gamma + \eta\, 1\{z \ge 1\} + \beta z + \rho r,

with η = 0 for Mb: the chance of a first capture is :math:`p = 1 - q` with
:math:`q = e^\beta / (1 + e^\rho)`, that of a later one :math:`e^\rho / (1 + e^\rho)`. For Mbh
the first occasion has a chance of its own: those most easily caught are caught then. The unseen go
on as the first captures fall off,

.. math:: n_0 = e^{\gamma + \eta} (1 + e^\rho)^{k-1} \frac{q^k}{1 - q}.

Otis, Burnham, White & Anderson (1978), Wildl. Monogr. 62; Rivest & Baillargeon (2007), Biometrics
63:999; Baillargeon & Rivest (2007), J. Stat. Softw. 19:5.
"""

import math

import numpy as np

from darkfigure.numerics.heterogeneity import HeterogeneityFit
from darkfigure.numerics.poisson_regression import PoissonFit, fit_poisson

_RUN_OFF = 1e6  # times the people seen: first captures that fall off so slowly tell no total


def fit_behaviour(counts: np.ndarray, *, first_apart: bool) -> HeterogeneityFit:
    """Fit Mb, or Mbh, by maximum likelihood.

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
        People per history, bit j for the occasion that is j + 1 in the order; entry 0 is not
        used.
    first_apart : bool
        Mbh: the first occasion has its own chance of a first capture. It needs three occasions.
    """
    y = np.asarray(counts, dtype=float)[1:]
    k = len(counts).bit_length() - 1
    misses, later = _before_and_after(k)
    columns = [np.ones(len(y)), misses.astype(float), later.astype(float)]
    if first_apart:
        columns.append((misses > 0).astype(float))
    found = fit_poisson(y, np.column_stack(columns))
    log_unseen, variance = _beyond(found, k)
    usable = found.converged and log_unseen < math.log(_RUN_OFF * y.sum())
    return HeterogeneityFit(
        unseen=math.exp(log_unseen) if usable else math.nan,
        log_variance=variance if usable else math.nan,
        deviance=found.deviance,
        parameters=len(columns),
        degrees_of_freedom=len(y) - len(columns),
        log_likelihood=found.log_likelihood,
        converged=usable,
    )


def _before_and_after(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Misses before the first capture and captures after it, of every history but the empty one."""
    histories = np.arange(1, 1 << k)
    first = histories & -histories
    return np.bitwise_count(first - 1).astype(int), np.bitwise_count(histories).astype(int) - 1


def _beyond(found: PoissonFit, k: int) -> tuple[float, float]:
    """Log of the unseen and its variance; inf where first captures do not fall off."""
    constant, fall, again, *own = found.coefficients
    log_off = fall - np.logaddexp(0.0, again)  # log q
    if not (found.converged and log_off < 0):
        return math.inf, math.inf
    odds = math.exp(log_off) / -math.expm1(log_off)  # q / (1 - q)
    value = constant + sum(own) + (k - 1) * np.logaddexp(0.0, again)
    value += k * log_off - math.log(-math.expm1(log_off))
    caught_again = math.exp(again - np.logaddexp(0.0, again))
    slope = np.array([1.0, k + odds, -caught_again * (1.0 + odds), *np.ones(len(own))])
    return float(value), float(slope @ found.covariance @ slope)

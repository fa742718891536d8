"""The unseen where some lists do not interact among the people whom all other lists missed.

Choose a subset J of the lists. If its lists, all at once, do not interact among people on no
other list, the observed counts alone give the unseen (Dulce Rubio & Kennedy 2024,
arXiv:2407.03539); with J all lists it is Fienberg's no highest-order interaction (1972,
Biometrika 59:591).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from darkfigure.numerics.lattice import popcount


@dataclass(frozen=True)
class WithoutInteraction:
    """The unseen under one such assumption.

    Attributes
    ----------
    unseen : float
        nan where a history that it needs has nobody.
    log_variance : float
        Of log n0, to first order: Σ 1/y over the histories used.
    empty : tuple of int
        The histories used that have nobody.
    """

    unseen: float
    log_variance: float
    empty: tuple[int, ...]


def without_interaction(counts: np.ndarray, subset: int) -> WithoutInteraction:
    r"""The unseen if the lists of J do not interact all at once.

    .. math:: n_0 = \prod_{\emptyset \ne \omega \subseteq J} y_\omega^{(-1)^{|\omega|+1}}

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
    subset : int
        The lists J as a bit mask.
    """
    histories = np.arange(1, len(counts))
    used = histories[(histories & ~subset) == 0]
    y = counts[used].astype(float)
    empty = tuple(used[y == 0].tolist())
    if empty:
        return WithoutInteraction(math.nan, math.nan, empty)
    sign = np.where(popcount(len(counts).bit_length() - 1)[used] % 2 == 1, 1.0, -1.0)
    return WithoutInteraction(float(np.exp(sign @ np.log(y))), float((1 / y).sum()), ())


def log_normal_limits(unseen: float, log_variance: float, prob: float) -> tuple[float, float]:
    r"""Limits of the number unseen: its log is normal, with the chance in who is unseen.

    .. math:: n_0 / C,\; n_0 C, \qquad C = \exp\left(z \sqrt{1 / n_0 + Var(\log \hat n_0)}\right)

    as Woolf's limits of an odds ratio. Chao (1987) takes log(1 + Var) for Var: the second moment
    of a log-normal, for an estimate whose own variance is known. Here the variance is that of the
    log, and her limits would be too narrow where it is large.
    """
    if not (unseen > 0 and math.isfinite(unseen)):
        return (unseen, unseen)
    relative = 1 / unseen + log_variance
    factor = math.exp(float(ndtri((1 + prob) / 2)) * math.sqrt(relative))
    return unseen / factor, unseen * factor

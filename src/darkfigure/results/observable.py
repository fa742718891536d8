"""The part of a population that can be observed at all: latent classes with a chance to be seen."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics.resampling import quantiles

if TYPE_CHECKING:
    from darkfigure.results.estimate import Estimate

CLASSES = "classes"


def observable_of(est: "Estimate", alpha: float = 0.01, prob: float = 0.95) -> pd.Series:
    r"""The α-observable population: those with a chance of at least α to be on any list.

    .. math:: N_\alpha = \sum_c N_c \, 1\{1 - \prod_j (1 - \lambda_{jc}) \ge \alpha\}

    N itself has no bounded risk when classes may be as good as unobservable; N_α has.

    Parameters
    ----------
    est : Estimate
        Of `LatentClass`.
    alpha : float, default 0.01
    prob : float, default 0.95

    Returns
    -------
    Series
        estimate (the median), low and high of N_α, and the median of its share in N; estimate
        and share are nan where the chains disagree.

    References
    ----------
    Johndrow, Lum & Manrique-Vallier (2019), Biometrika 106:197.
    """
    if not (isinstance(alpha, int | float) and 0 <= alpha <= 1):
        raise SettingsError(f"alpha is {alpha!r}; expected a probability.", "alpha=0.01")
    if CLASSES not in est.draws.children:
        raise NotEstimable(
            f"{type(est.model).__name__} has no classes with capture probabilities.",
            "use dk.LatentClass(), with identify=None and one table without strata.",
        )
    classes = est.draws[CLASSES].to_dataset()
    people = classes["people"].to_numpy()
    counted = people_above(people, classes["capture"].to_numpy(), alpha)
    levels = np.array([0.5, (1 - prob) / 2, (1 + prob) / 2])
    estimate, low, high = quantiles(counted.ravel(), levels)
    share = float(np.median(counted / people.sum(axis=-1)))
    if not est.settled:
        estimate = share = np.nan
    return pd.Series(
        {"estimate": estimate, "low": low, "high": high, "share": share},
        name=f"people seen with probability {alpha:g} or more",
    )


def people_above(people: np.ndarray, capture: np.ndarray, alpha: float) -> np.ndarray:
    """Those in classes whose members are on some list with probability `alpha` or more.

    Parameters
    ----------
    people : ndarray of float, shape (..., classes)
    capture : ndarray of float, shape (..., classes, k)
    """
    chance = -np.expm1(np.log1p(-np.minimum(capture, 1 - 1e-16)).sum(axis=-1))
    return np.where(chance >= alpha, people, 0.0).sum(axis=-1)

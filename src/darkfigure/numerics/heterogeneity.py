r"""People who differ in their chance to be on a list, as log-linear models.

.. math:: \log \mu_\omega = \gamma + \sum_{j \in \omega} \beta_j + h(|\omega|)

with one β for all lists (M0, Mh) or one each (Mt, Mth), and h the form that a family of
distributions over people gives (Darroch, Fienberg, Glonek & Junker 1993, J. Am. Stat. Assoc.
88:1137; Rivest & Baillargeon 2007, Biometrics 63:999; Baillargeon & Rivest 2007, J. Stat. Softw.
19:5). The unseen count is exp γ. Families with the same number of parameters often fit the
observed counts alike and differ in the unseen (Link 2003, Biometrics 59:1123).
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from darkfigure.numerics.lattice import popcount
from darkfigure.numerics.poisson_regression import PoissonFit, fit_poisson

Differences = Literal["none", "chao", "poisson", "darroch", "gamma"]
"""How people differ: not at all, in any way (a lower bound), or by a family of distributions."""

FAMILIES: tuple[Differences, ...] = get_args(Differences)
_RUN_OFF = 1e6  # times the people seen: a fit that came so far has no maximum


@dataclass(frozen=True)
class HeterogeneityFit:
    """One family fitted to one table.

    Attributes
    ----------
    unseen : float
        nan where the fit did not converge.
    log_variance : float
        Of log n0, from the information matrix.
    deviance : float
    parameters, degrees_of_freedom : int
    log_likelihood : float
        Poisson, of the observed cells.
    converged : bool
    """

    unseen: float
    log_variance: float
    deviance: float
    parameters: int
    degrees_of_freedom: int
    log_likelihood: float
    converged: bool


def fit_heterogeneity(
    counts: np.ndarray, differences: Differences, *, alike: bool
) -> HeterogeneityFit:
    """Fit one family by maximum likelihood.

    Parameters
    ----------
    counts : ndarray, shape (2**k,)
        People per history; entry 0 is not used.
    differences : {"none", "chao", "poisson", "darroch", "gamma"}
        Between people. "chao" leaves h free from three lists on, but never below 0, and so gives
        a lower bound; the others are h = τ (2^j − 1), τ j²/2 and τ log(3.5 / (3.5 + j)).
    alike : bool
        Whether all lists reach the same share of people.
    """
    y = np.asarray(counts, dtype=float)[1:]
    k = len(counts).bit_length() - 1
    size = popcount(k)[1:]
    design = np.column_stack([_of_lists(k, alike), _of_people(size, k, differences)])
    free = design.shape[1] - (max(k - 2, 0) if differences == "chao" else 0)
    kept = np.ones(design.shape[1], dtype=bool)
    while True:  # effects of Chao's bound below 0 are left out, the lowest first
        found = fit_poisson(y, design[:, kept])
        effects = np.full(len(kept), np.inf)
        effects[kept] = found.coefficients
        if differences != "chao" or effects[free:].min(initial=np.inf) >= 0:
            return _described(found, int(kept.sum()))
        kept[free + int(np.argmin(effects[free:]))] = False


def _of_lists(k: int, alike: bool) -> np.ndarray:
    histories = np.arange(1, 1 << k)
    on = (histories[:, None] >> np.arange(k) & 1).astype(float)
    lists = on.sum(axis=1, keepdims=True) if alike else on
    return np.column_stack([np.ones(len(on)), lists])


def _of_people(size: np.ndarray, k: int, differences: Differences) -> np.ndarray:
    j = size.astype(float)
    if differences == "none":
        return np.empty((len(j), 0))
    if differences == "chao":
        return (size[:, None] == np.arange(3, k + 1)).astype(float)
    forms = {
        "poisson": 2.0**j - 1.0,
        "darroch": j**2 / 2.0,
        "gamma": np.log(3.5) - np.log(3.5 + j),
    }
    return forms[differences][:, None]


def _described(found: PoissonFit, parameters: int) -> HeterogeneityFit:
    unseen = math.exp(min(float(found.coefficients[0]), 700.0))
    converged = found.converged and unseen < _RUN_OFF * found.counts.sum()
    return HeterogeneityFit(
        unseen=unseen if converged else math.nan,
        log_variance=float(found.covariance[0, 0]) if converged else math.nan,
        deviance=found.deviance,
        parameters=parameters,
        degrees_of_freedom=len(found.counts) - parameters,
        log_likelihood=found.log_likelihood,
        converged=converged,
    )

r"""How well the observed counts are met, on one scale for single models and averages.

A model fitted by maximum likelihood has its deviance and its parameters. An average has the
deviance of its mean cell probabilities, and as many effective parameters as the mean deviance of
its draws lies above that: deviance plus twice the parameters is then the deviance information
criterion, and for a single model Akaike's (Spiegelhalter, Best, Carlin & van der Linde 2002, J. R.
Stat. Soc. B 64:583). The deviance is convex in the cell probabilities, so that there never are
fewer parameters than none.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, gammaln, psi, xlogy

from darkfigure.contract import Predicts
from darkfigure.models.log_linear import LogLinear
from darkfigure.models.two_list import TwoList
from darkfigure.numerics.log_linear import fitted_means
from darkfigure.results.estimate import Estimate
from darkfigure.results.predictive_checks import PREDICTIVE

if TYPE_CHECKING:
    import pandas as pd

REJECTED = 1e-3
"""Chance of a larger deviance, by chi-square, below which a fit is called bad."""

_DRAWS = 1000  # enough for a deviance to a tenth or two


@dataclass(frozen=True)
class ObservedFit:
    """How the observed counts are met; nan where there is no likelihood.

    Attributes
    ----------
    deviance : float
        Of the fitted counts; of an average, of its mean.
    df : float
        Histories that can be observed less parameters.
    parameters : float
        The constant among them.
    effective : bool
        The parameters are those of an average, counted by how far its draws spread.
    """

    deviance: float = math.nan
    df: float = math.nan
    parameters: float = math.nan
    effective: bool = False

    @property
    def aic(self) -> float:
        """Deviance plus twice the parameters: Akaike's criterion but for a constant, or the DIC."""
        return self.deviance + 2.0 * self.parameters

    @property
    def is_bad(self) -> bool:
        """Whether the observed counts speak against it: see `REJECTED`."""
        return self.df > 0 and bool(chdtrc(self.df, self.deviance) < REJECTED)

    def is_like(self, other: "ObservedFit", people: float, units: float) -> bool:
        """Whether AIC, or BIC where both have parameters to count, tells hardly anything between.

        An average has no maximum of a likelihood for BIC to be of.
        """
        worse, more = other.deviance - self.deviance, other.parameters - self.parameters
        penalties = [2.0] if self.effective or other.effective else [2.0, math.log(people)]
        return any(abs(worse + penalty * more) <= units for penalty in penalties)


def fit_of(est: Estimate) -> ObservedFit:
    """The fit of a model chosen, or of an average by its draws; nan where neither is to be had."""
    if est.models is not None and has_one_model(est):
        return fit_of_row(est.models.iloc[0])
    if isinstance(est.model, TwoList):  # the odds ratio is a setting: three counts, three numbers
        return ObservedFit(0.0, 0.0, 3.0)
    if isinstance(est.model, LogLinear):
        return _of_weighted_models(est, est.model)
    if isinstance(est.model, Predicts):
        unseen = est.unseen.to_numpy().ravel()
        some = unseen[:: max(1, len(unseen) // _DRAWS)]
        chances = est.model.predict(est.table, some, np.random.default_rng(est.seed))
        return fit_of_chances(est.table.counts(), chances, est.table.possible())
    if PREDICTIVE in est.draws.children:
        return _of_predictive(est)
    return ObservedFit()


def has_one_model(est: Estimate) -> bool:
    """Whether the estimate is that of one model with its own deviance, not an average."""
    if est.models is None or "deviance" not in est.models:
        return False
    return math.isclose(float(est.models["population"].iloc[0]), est.estimate, rel_tol=1e-6)


def fit_of_row(row: "pd.Series[Any]") -> ObservedFit:
    """The fit of one candidate model."""
    return ObservedFit(float(row["deviance"]), float(row["df"]), float(row["parameters"]))


def fit_of_chances(counts: np.ndarray, chances: np.ndarray, possible: np.ndarray) -> ObservedFit:
    """The fit of draws of the histories' chances, given that they are observable.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
    chances : ndarray of float, shape (draws, 2**k)
    possible : ndarray of bool, shape (2**k,)
        Histories that can be.
    """
    cells = np.flatnonzero(possible)
    cells = cells[cells > 0]
    y, chances = counts[cells].astype(float), chances[:, cells]
    deviances = _deviance(y, chances)
    at_mean = float(_deviance(y, chances.mean(axis=0)))
    return _effective(at_mean, float(deviances.mean()), len(cells))


def _deviance(y: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Of cell probabilities that add up to one, with the total fitted exactly; shape (...)."""
    people = y.sum()
    return 2.0 * (xlogy(y, y).sum() - xlogy(people, people) - xlogy(y, chances).sum(axis=-1))


def _effective(at_mean: float, mean: float, cells: int) -> ObservedFit:
    parameters = 1.0 + max(mean - at_mean, 0.0)
    return ObservedFit(max(at_mean, 0.0), max(cells - parameters, 0.0), parameters, effective=True)


def _of_predictive(est: Estimate) -> ObservedFit:
    """By the likelihood of each draw and the mean of the predictive counts.

    The Poisson likelihood of a draw also holds its expected number seen, which is Gamma(n): on
    average that adds 2 n (log n − ψ(n)) to the deviance, nearly one parameter.
    """
    groups = est.draws
    if "counts" not in groups["observed_data"] or "log_likelihood" not in groups.children:
        return ObservedFit()
    y = groups["observed_data"]["counts"].to_numpy().astype(float)
    drawn = groups[PREDICTIVE]["counts"].to_numpy().reshape(-1, len(y))
    found = groups["log_likelihood"]["counts"].to_numpy().reshape(-1, len(y)).sum(axis=1)
    people = y.sum()
    saturated = float((xlogy(y, y) - y - gammaln(y + 1.0)).sum())
    mean = 2.0 * (saturated - float(found.mean())) - 2.0 * people * (math.log(people) - psi(people))
    # a history that nobody has in any predictive table is not impossible
    chances = np.maximum(drawn.mean(axis=0), 0.5 / len(drawn))
    at_mean = float(_deviance(y, chances / chances.sum()))
    return _effective(at_mean, float(mean), len(y))


def _of_weighted_models(est: Estimate, model: LogLinear) -> ObservedFit:
    """Of models averaged by a criterion: each has its own deviance, and spreads by its parameters.

    Around the maximum the deviance is on average larger by the number of parameters.
    """
    found = model.candidates(est.table) if model.averages else None
    if found is None or not found.exhaustive:
        return ObservedFit()  # a second search need not find the same models
    weights, fits = found.averaged_weights(), found.fits
    means = np.array([fitted_means(each)[1:] for each in fits.coefficients[: len(weights)]])
    at = slice(len(weights))
    mean = float(weights @ (fits.deviance[at] + fits.parameters[at]))
    y, together = est.table.counts()[1:].astype(float), weights @ means
    at_mean = float(_deviance(y, together / together.sum()))
    cells = int(est.table.possible()[1:].sum())
    return _effective(at_mean, mean - 1.0, cells)

"""How a log-linear model fits, and what its estimate hangs on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from darkfigure.data.table import CaptureTable
from darkfigure.models.log_linear.candidates import Candidates
from darkfigure.numerics.log_linear import fitted_means, refit_log_linear, saturated

REPLICATES = 999


@dataclass(frozen=True)
class GoodnessOfFit:
    """Deviance and Pearson's X², the deviance against tables drawn from the fitted model.

    Attributes
    ----------
    deviance, pearson : float
    degrees_of_freedom : int
    p_deviance : float
        Share of 999 tables drawn from the model, with the model fitted again to each, that fit no
        better; valid however small the counts are.
    tables : int
        How many of the tables drawn have an estimate.
    """

    deviance: float
    pearson: float
    degrees_of_freedom: int
    p_deviance: float
    tables: int


def residuals(
    counts: np.ndarray, possible: np.ndarray, coefficients: np.ndarray
) -> Mapping[str, np.ndarray]:
    """Observed and fitted counts, Pearson and deviance residuals, per observable history."""
    cells = np.flatnonzero(possible)
    cells = cells[cells > 0]
    observed = counts[cells].astype(float)
    fitted = fitted_means(coefficients)[cells]
    return {"history": cells, **residuals_of(observed, fitted)}


def residuals_of(observed: np.ndarray, fitted: np.ndarray) -> dict[str, np.ndarray]:
    """Observed and fitted counts with their Pearson and deviance residuals; 0 where none fit."""
    difference = observed - fitted
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(fitted > 0, difference / np.sqrt(fitted), 0.0)
        part = 2.0 * (xlogy(observed, observed / fitted) - difference)
    part = np.where(fitted > 0, part, 0.0)
    return {
        "observed": observed,
        "fitted": fitted,
        "pearson": pearson,
        "deviance": np.sign(difference) * np.sqrt(np.maximum(part, 0.0)),
    }


def goodness_of_fit(
    counts: np.ndarray, possible: np.ndarray, candidates: Candidates, rng: np.random.Generator
) -> GoodnessOfFit:
    """Compare the best model's fit with tables drawn from it, given the number seen."""
    fits = candidates.fits
    means = np.where(possible, fitted_means(fits.coefficients[0]), 0.0)
    means[0] = 0.0
    tables = rng.multinomial(int(counts[1:].sum()), means / means.sum(), size=REPLICATES)
    refits = refit_log_linear(tables, fits.models[:1], fits.coefficients[:1], possible)
    have = np.isfinite(refits.log_likelihood[:, 0])
    deviance = 2.0 * (saturated(tables, possible) - refits.log_likelihood[:, 0])
    inside = means > 0
    observed = float(((counts[inside] - means[inside]) ** 2 / means[inside]).sum())
    reached = (deviance[have] >= fits.deviance[0] - 1e-9).sum()
    return GoodnessOfFit(
        deviance=float(fits.deviance[0]),
        pearson=observed,
        degrees_of_freedom=int(fits.degrees_of_freedom[0]),
        p_deviance=float((reached + 1) / (have.sum() + 1)),
        tables=int(have.sum()),
    )


def without_each_list(table: CaptureTable, estimate_of: object) -> Mapping[str, np.ndarray]:
    """The total estimated again with each list left out, selection included; nan without one."""
    totals = [
        estimate_of(table.drop(name)) if table.n_lists > 2 else np.nan  # type: ignore[operator]
        for name in table.lists
    ]
    return {"list_name": np.array(table.lists, dtype=object), "population": np.array(totals)}

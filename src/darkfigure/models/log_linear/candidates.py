"""The models a selection looked at, in order, with their estimates."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from darkfigure.data.table import CaptureTable
from darkfigure.numerics.existence import check_model
from darkfigure.numerics.log_linear import LogLinearFits, take
from darkfigure.terms import labels_of

NEAR = 10.0
"""Units of the criterion within which a model counts as nearly as good as the best."""

STATUS = {
    0: "it has one estimate",
    1: "its maximum-likelihood estimate does not exist",
    2: "its parameters are not identifiable",
    3: "its estimate does not exist and its parameters are not identifiable",
    -1: "the fit does not converge",
}
"""Status codes in words; 0 to 3 as in Chan, Silverman & Vincent (2021)."""

_EXAMINED = 200  # failed models whose failure is examined by linear programme
_UNEXAMINED = -1
_MOST_AVERAGED = 5_000


@dataclass(frozen=True)
class Candidates:
    """Fitted models, the selected one first and those without an estimate last.

    Attributes
    ----------
    fits : LogLinearFits
    criterion : ndarray of float, shape (models,)
        BIC, AIC or AICc; inf where there is no estimate.
    status : ndarray of int, shape (models,)
        0 fine, 1 no estimate, 2 not identifiable, 3 both; -1 failed and not examined further.
    exhaustive : bool
        Whether every model allowed was fitted.
    """

    fits: LogLinearFits
    criterion: np.ndarray
    status: np.ndarray
    exhaustive: bool = field(default=True)

    @property
    def visited(self) -> int:
        """How many models were fitted."""
        return len(self.criterion)

    @property
    def estimated(self) -> int:
        """How many models have an estimate."""
        return int(np.isfinite(self.criterion).sum())

    def near(self, units: float = NEAR) -> np.ndarray:
        """Indices of the models within so many units of the best."""
        if not self.estimated:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(self.criterion <= self.criterion.min() + units)

    def weights(self) -> np.ndarray:
        """exp(−criterion/2), normalised."""
        weight = np.exp(-0.5 * (self.criterion - self.criterion.min()))
        return weight / weight.sum()

    def averaged_weights(self) -> np.ndarray:
        """Weights of the models averaged, best first: all but a millionth of the weight."""
        weights = self.weights()
        count = int(np.searchsorted(np.cumsum(weights), 1.0 - 1e-6)) + 1
        kept = weights[: min(count, _MOST_AVERAGED)]
        return kept / kept.sum()


def ranked(
    fits: LogLinearFits,
    table: CaptureTable,
    criterion: np.ndarray,
    *,
    exhaustive: bool = True,
    first: bool = False,
) -> Candidates:
    """Order fits by criterion, checking that the best one's estimate exists and is unique.

    Parameters
    ----------
    first : bool
        Keep the order given instead, as a stepwise path has one.
    """
    counts, possible = table.counts(), table.possible()
    status = np.where(fits.converged, 0, _UNEXAMINED)
    for index in np.flatnonzero(~fits.converged)[:_EXAMINED]:
        status[index] = check_model(counts, fits.models[index], possible).code or _UNEXAMINED
    preference = np.arange(len(criterion), dtype=float) if first else criterion
    refused = refused_before_best(fits, np.where(fits.converged, preference, np.inf), table)
    status[list(refused)] = list(refused.values())
    criterion = np.where(status == 0, criterion, np.inf)
    order = np.argsort(~np.isfinite(criterion) if first else criterion, kind="stable")
    return Candidates(take(fits, order), criterion[order], status[order], exhaustive)


def refused_before_best(
    fits: LogLinearFits, preference: np.ndarray, table: CaptureTable
) -> dict[int, int]:
    """Converged models preferred to the best sound one, whose estimate is none: their status."""
    counts, possible = table.counts(), table.possible()
    refused: dict[int, int] = {}
    for index in np.argsort(preference, kind="stable"):
        if not np.isfinite(preference[index]):
            break
        code = check_model(counts, fits.models[index], possible).code
        if code == 0:
            break
        refused[int(index)] = code
    return refused


def best_total(candidates: Candidates, preference: np.ndarray, table: CaptureTable) -> float:
    """The total under the model preferred among those with a sound estimate; nan for none."""
    values = np.where(candidates.status == 0, preference, np.inf)
    values[list(refused_before_best(candidates.fits, values, table))] = np.inf
    if not np.isfinite(values).any():
        return float("nan")
    return table.n_observed + float(candidates.fits.unseen[int(np.argmin(values))])


def model_table(candidates: Candidates, table: CaptureTable) -> pd.DataFrame:
    """Every candidate, best first, as `est.models` shows it."""
    fits = candidates.fits
    have = np.isfinite(candidates.criterion)
    return pd.DataFrame(
        {
            "label": labels_of(fits.models, table.lists),
            "population": np.where(have, table.n_observed + fits.unseen, np.nan),
            "criterion": np.where(have, candidates.criterion, np.nan),
            "weight": candidates.weights(),
            "parameters": fits.parameters,
            "deviance": np.where(have, fits.deviance, np.nan),
            "df": fits.degrees_of_freedom,
            "status": candidates.status,
        }
    )


def near_models(candidates: Candidates, table: CaptureTable, units: float = NEAR) -> pd.DataFrame:
    """The models within so many units of the best: label, population, behind (units)."""
    near = candidates.near(units)
    behind = candidates.criterion[near] - candidates.criterion[near].min(initial=np.inf)
    order = np.argsort(behind, kind="stable")
    return pd.DataFrame(
        {
            "label": labels_of(candidates.fits.models[near], table.lists),
            "population": table.n_observed + candidates.fits.unseen[near],
            "behind": behind,
        }
    ).iloc[order]


def none_usable(status: np.ndarray, *, given: bool) -> str:
    """That no model can be used, and why where there is but one.

    Parameters
    ----------
    status : ndarray of int, shape (models,)
        See `STATUS`.
    given : bool
        Whether its terms were given.
    """
    if len(status) > 1:
        return "none of the candidate models has an estimate"
    which = "the model given" if given else "the one candidate model"
    return f"{which} cannot be used: {STATUS[int(status[0])]}"


def why_not(table: CaptureTable) -> str:
    """The lists behind a failure, in words."""
    overlap = table.overlap().to_numpy()
    pairs = [
        f"{a} and {b}"
        for i, a in enumerate(table.lists)
        for j, b in enumerate(table.lists)
        if i < j and overlap[i, j] == 0
    ]
    if not pairs:
        return "some combinations of lists share too few people"
    return f"no one is on both {'; '.join(pairs)}"

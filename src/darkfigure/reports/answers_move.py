"""How far one hidden count moves the totals of models, where there are too many lists to solve."""

import numpy as np

from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.numerics.hierarchy import main_effects
from darkfigure.numerics.log_linear import fit_log_linear
from darkfigure.results.estimate import Estimate
from darkfigure.results.other_models import NEAR
from darkfigure.terms import read_terms

_BEST = 10
"""Models looked at: as many as a page prints one by one."""


def moved_by_hidden_counts(est: Estimate, flat: CaptureTable, threshold: int) -> float:
    """The largest change of a model's total when one hidden count is 1, or one below the threshold.

    Of the best candidates that are log-linear models of the lists, those kept beside the estimate,
    or else independence, all by maximum likelihood, the other counts held.

    Parameters
    ----------
    est : Estimate
    flat : CaptureTable
        With exact counts, without strata.
    threshold : int

    Returns
    -------
    float
        Of the logarithm of the total.
    """
    counts, possible = flat.counts().astype(float), flat.possible()
    models = _models_of(est, flat)
    usual = np.log(counts[1:].sum() + fit_log_linear(counts, models, possible).unseen)
    largest = 0.0
    for cell in np.flatnonzero((counts > 0) & (counts < threshold)):
        for number in {1, threshold - 1} - {int(counts[cell])}:
            other = counts.copy()
            other[cell] = number
            total = np.log(other[1:].sum() + fit_log_linear(other, models, possible).unseen)
            change = np.abs(total - usual)
            largest = max(largest, float(change[np.isfinite(change)].max(initial=0.0)))
    return largest


def _models_of(est: Estimate, flat: CaptureTable) -> np.ndarray:
    """The terms of the models looked at, shape (models, 2**k)."""
    for labels in _labels(est):
        try:
            return np.array([read_terms(label, flat.lists) for label in labels[:_BEST]])
        except SettingsError:  # of models of another kind, or with stratum variables
            continue
    return main_effects(flat.n_lists)[None, :]


def _labels(est: Estimate) -> list[list[str]]:
    found = []
    if est.models is not None and "label" in est.models and "stratum" not in est.models:
        found.append(est.models["label"].astype(str).tolist())
    if NEAR in est.draws.children:
        found.append([str(each) for each in est.draws[NEAR].to_dataset()["label"].to_numpy()])
    return [labels for labels in found if labels]

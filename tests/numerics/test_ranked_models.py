"""The best of ranked models in many tables, against fits of every model to every table."""

import numpy as np
import pytest

from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.numerics.log_linear import fit_log_linear, refit_log_linear, take
from darkfigure.numerics.ranked_models import RankedModels
from darkfigure.numerics.resampling import resample_people
from numerics.tables import KOSOVO, counts


def everywhere(y):
    return np.ones(len(y), dtype=bool)


@pytest.mark.parametrize("table", [KOSOVO, {h: max(n // 20, 0) for h, n in KOSOVO.items()}])
def test_the_best_of_ranked_models_is_the_best_of_all(table):
    """Of many tables, with few people too: models left out are not the best of any."""
    y = counts(table)
    fits = fit_log_linear(y, hierarchical_models(4, 3, everywhere(y)), everywhere(y))
    penalty = np.log(y.sum()) * fits.parameters
    criterion = np.where(fits.converged, penalty - 2.0 * fits.log_likelihood, np.inf)
    best = np.argsort(criterion, kind="stable")[:60]
    fits, penalty = take(fits, best), penalty[best]
    tables = resample_people(y, 300, np.random.default_rng(6))
    ranked = RankedModels(y, fits.models, fits.coefficients, penalty, everywhere(y))
    some = ranked.refit(tables)
    every = refit_log_linear(tables, fits.models, fits.coefficients, everywhere(y))
    fitted = np.isfinite(some.unseen)
    assert 0.02 < fitted.mean() < 0.5  # most are left out, or nothing is won
    np.testing.assert_array_equal(some.unseen[fitted], every.unseen[fitted])
    chosen, all_chosen = (
        np.where(np.isfinite(found.unseen), penalty - 2.0 * found.log_likelihood, np.inf)
        for found in (some, every)
    )
    for allowed in (2, 10, 60):  # the best of the first so many
        same = chosen[:, :allowed].argmin(axis=1) == all_chosen[:, :allowed].argmin(axis=1)
        assert same.mean() > 0.99

"""The compiled lattice Newton, against scipy's optimiser and published fits."""

import numpy as np
import pytest
from scipy.optimize import minimize

from darkfigure.numerics.existence import check_model
from darkfigure.numerics.hierarchy import closure, hierarchical_models
from darkfigure.numerics.log_linear import fit_log_linear, refit_log_linear
from darkfigure.numerics.resampling import resample_people
from numerics.tables import ARTIFICIAL, KOSOVO, PALEMBANG, counts

# MultipleSystemsEstimation 1.2.0 and Chan, Silverman & Vincent (2021), Table 4:
# (terms, N, BIC with n people)
PALEMBANG_FITS = [([0b011, 0b110], 157.1667, 57.14081), ([0b011], 268.7778, 58.96860)]
KOSOVO_FITS = [
    ([0b0111, 0b1001, 0b1100], 10_356.52, 203.0296),
    ([0b0111, 0b1101], 12_740.97, 203.1134),
    ([0b1101, 0b0011, 0b0110], 18_393.31, 203.9573),
]
PUBLISHED = [(PALEMBANG, *row) for row in PALEMBANG_FITS] + [(KOSOVO, *row) for row in KOSOVO_FITS]


def everywhere(y):
    return np.ones(len(y), dtype=bool)


@pytest.mark.parametrize(("table", "terms", "population", "bic"), PUBLISHED)
def test_published_fits(table, terms, population, bic):
    y = counts(table)
    k = len(y).bit_length() - 1
    fit = fit_log_linear(y, closure(terms, k)[None, :], everywhere(y))
    assert fit.converged.all()
    assert y.sum() + fit.unseen[0] == pytest.approx(population, abs=0.01)
    assert fit.criterion("bic", y.sum())[0] == pytest.approx(bic, abs=1e-4)


def by_optimiser(y, model):
    """Maximise the Poisson likelihood with an explicit design matrix."""
    terms = np.flatnonzero(model)
    cells = np.arange(1, len(y))
    design = ((cells[:, None] & terms) == terms).astype(float)
    observed = y[1:].astype(float)

    def negative(beta):
        eta = design @ beta
        mu = np.exp(eta)
        return mu.sum() - observed @ eta, design.T @ (mu - observed)

    start = np.zeros(len(terms))
    start[0] = np.log(y.sum())
    solved = minimize(negative, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    return np.exp(solved.x[0])


def test_random_tables_against_an_optimiser():
    rng = np.random.default_rng(11)
    for _ in range(5):
        y = rng.integers(3, 60, 16)
        models = hierarchical_models(4, 3, everywhere(y))[rng.integers(0, 113, 4)]
        fits = fit_log_linear(y, models, everywhere(y))
        for model, unseen in zip(models, fits.unseen, strict=True):
            assert unseen == pytest.approx(by_optimiser(y, model), rel=1e-4)


def test_convergence_agrees_with_existence():
    """A fit counts as converged exactly where the linear programme finds an estimate."""
    rng = np.random.default_rng(12)
    for _ in range(40):
        y = rng.poisson(rng.choice([0.5, 1.5, 4.0]), 8)
        if y[1:].sum() == 0:
            continue
        models = hierarchical_models(3, 2, everywhere(y))
        fits = fit_log_linear(y, models, everywhere(y))
        codes = [check_model(y, model, everywhere(y)).code for model in models]
        assert (fits.converged == (np.array(codes) == 0)).all(), (y.tolist(), codes)


def test_zero_margin_is_estimated_at_minus_infinity():
    y = counts(ARTIFICIAL)
    fit = fit_log_linear(y, closure([0b101, 0b110], 3)[None, :], everywhere(y))
    assert fit.converged.all()
    assert np.isneginf(fit.coefficients[0, [0b101, 0b110]]).all()
    # what is left is A against B where C is not: n0 = 40 * 30 / 6
    assert fit.unseen[0] == pytest.approx(200.0)
    assert fit.parameters[0] == 6


def test_structural_zeros_leave_the_likelihood():
    y = counts(PALEMBANG)
    possible = everywhere(y)
    possible[[0b011, 0b111]] = False
    y[[0b011, 0b111]] = 0
    fit = fit_log_linear(y, closure([], 3)[None, :], possible)
    # five observable histories, four parameters
    assert fit.degrees_of_freedom[0] == 1
    assert fit.converged.all()


def test_number_of_workers_never_changes_a_result():
    y = counts(KOSOVO)
    models = np.repeat(hierarchical_models(4, 3, everywhere(y)), 20, axis=0)
    one = fit_log_linear(y, models, everywhere(y), workers=1)
    two = fit_log_linear(y, models, everywhere(y), workers=2)
    assert (one.unseen == two.unseen).all()
    tables = resample_people(y, 200, np.random.default_rng(1))
    first = refit_log_linear(tables, one.models, one.coefficients, everywhere(y), workers=1)
    again = refit_log_linear(tables, one.models, one.coefficients, everywhere(y), workers=2)
    assert np.array_equal(first.unseen, again.unseen, equal_nan=True)


def test_refit_is_the_same_as_fitting_each_table():
    y = counts(KOSOVO)
    models = hierarchical_models(4, 2, everywhere(y))
    fits = fit_log_linear(y, models, everywhere(y))
    tables = resample_people(y, 10, np.random.default_rng(2))
    refits = refit_log_linear(tables, fits.models, fits.coefficients, everywhere(y))
    for table, unseen in zip(tables, refits.unseen, strict=True):
        alone = fit_log_linear(table, models, everywhere(y))
        assert (np.isfinite(unseen) == alone.converged).all()
        np.testing.assert_allclose(
            unseen[alone.converged], alone.unseen[alone.converged], rtol=1e-8
        )

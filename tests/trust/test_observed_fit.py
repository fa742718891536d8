"""The fit of averages to the observed counts, on the scale of single models."""

import math

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.trust.observed_fit import ObservedFit, fit_of, fit_of_chances
from darkfigure.verbs import fitted

KOSOVO = dk.load("kosovo")
POSSIBLE = np.ones(16, dtype=bool)


def fit_by(model, table=KOSOVO, draws=4000):
    return fit_of(fitted(table, model, seed=1, draws=draws, plainly=True))


def test_draws_that_do_not_spread_have_the_deviance_of_their_model():
    # independent lists on Kosovo: chances from the model's own expected counts
    est = dk.estimate(KOSOVO, dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1)
    on = np.arange(16)[:, None] >> np.arange(4) & 1 == 1
    share = KOSOVO.totals().to_numpy() / est.estimate
    mean = est.estimate * np.where(on, share, 1 - share).prod(axis=1)
    mean[0] = 0.0
    found = fit_of_chances(KOSOVO.counts(), np.tile(mean / mean.sum(), (3, 1)), POSSIBLE)
    assert found.deviance == pytest.approx(float(est.models["deviance"].iloc[0]), rel=1e-6)
    assert found.parameters == pytest.approx(1.0)
    assert found.df == pytest.approx(14.0)


def test_every_chance_free_is_worth_as_many_parameters_as_cells():
    """A Dirichlet posterior on many people: deviance next to nothing, a parameter per cell."""
    counts = np.append(0, np.random.default_rng(1).integers(5_000, 9_000, 15))
    chances = np.zeros((4_000, 16))
    chances[:, 1:] = np.random.default_rng(2).dirichlet(counts[1:], 4_000)
    found = fit_of_chances(counts, chances, POSSIBLE)
    assert found.deviance == pytest.approx(0.0, abs=0.05)
    # standard error of a mean deviance from 4,000 draws: √(2 · 14 / 4,000) = 0.08
    assert found.parameters == pytest.approx(15.0, abs=0.35)


def test_a_posterior_under_a_wide_prior_counts_as_maximum_likelihood_does():
    terms = "[EXH ABA OSCE][EXH HRW][OSCE HRW]"
    likelihood = fit_by(dk.LogLinear(terms=terms, uncertainty=dk.Delta()))
    wide = dk.BayesianLogLinear(terms=terms, interactions=dk.prior.Normal(20.0))
    posterior = fit_by(wide)
    assert not likelihood.effective
    assert likelihood.parameters == 11
    assert posterior.effective
    # means of 4,000 predictive tables: standard error √(4 · 9 / 4,000), here five times
    assert posterior.deviance == pytest.approx(likelihood.deviance, abs=0.5)
    assert posterior.parameters == pytest.approx(11.0, abs=0.5)


def test_one_class_is_independence():
    one = dk.LatentClass(classes=1, sweeps=500, most=1500)
    independent = fit_by(dk.LogLinear(order=1, uncertainty=dk.Delta()))
    found = fit_by(one)
    # of a deviance of 270: the standard error of the mean tables is √(4 · 270 / 4,000) = 0.5
    assert found.deviance == pytest.approx(independent.deviance, abs=2.5)
    assert found.parameters == pytest.approx(5.0, abs=0.8)


def test_log_linear_models_averaged_by_weight():
    """The weighted mean of fitted tables, and deviances about as much larger as parameters."""
    model = dk.LogLinear(select="average", uncertainty=dk.Delta())
    found = fit_by(model)
    candidates = model.candidates(KOSOVO)
    weight = candidates.averaged_weights()
    counts, rng = KOSOVO.counts().astype(float), np.random.default_rng(1)
    tables, deviances = np.zeros(16), 0.0
    for row, share in enumerate(weight):
        terms = np.nan_to_num(candidates.fits.coefficients[row])  # nan: not in the model
        mean = np.array(
            [math.exp(sum(terms[t] for t in range(16) if t & c == t)) for c in range(16)]
        )
        tables += share * mean
        own = 2 * sum(counts[c] * math.log(counts[c] / mean[c]) for c in range(1, 16))
        # χ² with as many degrees of freedom as parameters: Wilks, around the maximum
        p = candidates.fits.parameters[row]
        deviances += share * (own + rng.chisquare(p, 200_000).mean())
    at_mean = 2 * sum(counts[c] * math.log(counts[c] / tables[c]) for c in range(1, 16))
    assert found.deviance == pytest.approx(at_mean, abs=1e-6)
    assert found.parameters == pytest.approx(deviances - at_mean, abs=0.05)


def test_two_lists_are_fitted_exactly_whatever_the_odds_ratio():
    table = dk.CaptureTable.from_counts({"a": [1, 1, 0], "b": [1, 0, 1], "count": [30, 80, 60]})
    assert fit_by(dk.TwoList(), table) == ObservedFit(0.0, 0.0, 3.0)


def test_equal_fits():
    one = ObservedFit(20.0, 50.0, 10.0)
    by_aic = ObservedFit(17.0, 49.0, 11.0)  # AIC 1 unit lower
    by_bic = ObservedFit(11.5, 49.0, 11.0)  # BIC with 4,400 people 0.1 unit lower, AIC 6.5
    worse = ObservedFit(40.0, 50.0, 10.0)
    assert one.is_like(by_aic, 4_400, 2.0)
    assert one.is_like(by_bic, 4_400, 2.0)
    assert not one.is_like(worse, 4_400, 2.0)
    # an average has no maximum for BIC to be of
    average = ObservedFit(11.5, 49.0, 11.0, effective=True)
    assert not one.is_like(average, 4_400, 2.0)
    assert not average.is_like(one, 4_400, 2.0)
    assert not one.is_like(ObservedFit(), 4_400, 2.0)

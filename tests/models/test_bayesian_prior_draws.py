"""What Bayesian log-linear models say before looking, against direct simulation."""

import numpy as np
import pytest
from scipy.stats import chi2, ks_2samp

import darkfigure as dk
from darkfigure.models.bayesian_log_linear.prior_draws import walk_to_models
from darkfigure.numerics.hierarchy import hierarchical_models

SIZE = 20_000
THREE = dk.CaptureTable.from_counts(
    {
        "a": [1, 1, 1, 0, 0, 0, 1],
        "b": [1, 1, 0, 1, 1, 0, 0],
        "c": [1, 0, 1, 1, 0, 1, 0],
        "count": [5, 20, 20, 20, 60, 60, 60],
    }
)


def log_odds_of(effects, interactions):
    """log(π0 / (1 − π0)) of three lists, cell by cell: effects are a, b, c, ab, ac, bc."""
    a, b, c = effects.T
    ab, ac, bc = interactions.T
    cells = [a, b, c, a + b + ab, a + c + ac, b + c + bc, a + b + c + ab + ac + bc]
    return -np.logaddexp.reduce(cells, axis=0)


def draws_of(model, table=THREE, size=SIZE):
    return model.draw_prior_odds(table, size, np.random.default_rng(1))


def test_normal_effects_of_every_model():
    """Each of the eight models of three lists as often: every interaction by the toss of a coin."""
    rng = np.random.default_rng(2)
    interactions = rng.normal(0, 2, (SIZE, 3)) * (rng.random((SIZE, 3)) < 0.5)
    expected = log_odds_of(rng.normal(0, 10, (SIZE, 3)), interactions)
    model = dk.BayesianLogLinear(interactions=dk.prior.Normal(2.0))
    assert ks_2samp(draws_of(model), expected).pvalue > 1e-3


def test_unit_information_of_one_model():
    """In sum-to-zero coding, effects of a model with all interactions are standard normal.

    The precision XᵀX/8 of the 0/1 coding with the three-list interaction left out is that of
    seven orthonormal columns without the last: independent normals.
    """
    rng = np.random.default_rng(3)
    signs = 2.0 * ((np.arange(8)[:, None] >> np.arange(3)) & 1) - 1.0
    pairs = signs[:, [0, 0, 1]] * signs[:, [1, 2, 2]]
    predictor = rng.standard_normal((SIZE, 6)) @ np.hstack([signs, pairs]).T
    expected = predictor[:, 0] - np.logaddexp.reduce(predictor[:, 1:], axis=1)
    model = dk.BayesianLogLinear(terms="a*b + a*c + b*c", interactions=dk.prior.UnitInformation())
    assert ks_2samp(draws_of(model), expected).pvalue > 1e-3


def test_hyper_g_mixes_scales():
    """Inverse gamma (2, 2): the prior of its own scale, seen in the spread of two draws' ratio."""
    rng = np.random.default_rng(4)
    signs = 2.0 * ((np.arange(8)[:, None] >> np.arange(3)) & 1) - 1.0
    scale = np.sqrt(2.0 / rng.gamma(2.0, size=(SIZE, 1)))
    predictor = scale * rng.standard_normal((SIZE, 3)) @ signs.T
    expected = predictor[:, 0] - np.logaddexp.reduce(predictor[:, 1:], axis=1)
    model = dk.BayesianLogLinear(terms="a + b + c", interactions=dk.prior.HyperG(2.0, 2.0))
    # the grid of scales has steps of 0.3 in log s²: far below what so many draws can tell
    assert ks_2samp(draws_of(model), expected).pvalue > 1e-3


def test_horseshoe_and_r2d2_by_hand():
    rng = np.random.default_rng(5)
    main = rng.normal(0, 1, (SIZE, 3))
    deviation = np.sqrt(3 / 16)  # of a column that is 1 in two of eight cells
    overall = 0.25 / 0.75 / np.sqrt(245) * np.abs(rng.standard_cauchy((SIZE, 1)))
    wide = overall * np.abs(rng.standard_cauchy((SIZE, 3))) / deviation
    pairs = rng.standard_normal((SIZE, 3)) * (wide**-2.0 + 2.0**-2.0) ** -0.5
    model = dk.BayesianLogLinear(
        interactions=dk.prior.RegularizedHorseshoe(main=1.0), inference="nuts"
    )
    assert ks_2samp(draws_of(model), log_odds_of(main, pairs)).pvalue > 1e-3
    explained = rng.random((SIZE, 1))
    share = rng.gamma(0.5, size=(SIZE, 3))
    share /= share.sum(axis=1, keepdims=True)
    variance = explained / (1 - explained) * share / deviation**2
    pairs = rng.standard_normal((SIZE, 3)) * np.sqrt(variance)
    model = dk.BayesianLogLinear(interactions=dk.prior.R2D2(main=1.0), inference="nuts")
    assert ks_2samp(draws_of(model), log_odds_of(main, pairs)).pvalue > 1e-3


def test_an_identifying_assumption_takes_the_place_of_extrapolation():
    """No three-list interaction is what the models assume anyway."""
    model = dk.BayesianLogLinear(interactions=dk.prior.Normal(1.0, main=1.0))
    same = dk.BayesianLogLinear(
        interactions=dk.prior.Normal(1.0, main=1.0), identify=dk.NoHighestOrderInteraction()
    )
    np.testing.assert_allclose(draws_of(model), draws_of(same), atol=1e-9)


@pytest.mark.parametrize(("k", "order"), [(3, 2), (4, 3)])
def test_the_walk_visits_every_model_as_often(k, order):
    possible = np.ones(1 << k, dtype=bool)
    every = {row.tobytes(): i for i, row in enumerate(hierarchical_models(k, order, possible))}
    found = walk_to_models(k, order, possible, SIZE, np.random.default_rng(6))
    counts = np.bincount([every[row.tobytes()] for row in found], minlength=len(every))
    expected = SIZE / len(every)
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert chi2.sf(statistic, len(every) - 1) > 1e-3


def test_more_models_than_can_be_listed():
    """Seven lists, pairs and triples: drawn by the walk."""
    names = [f"L{j}" for j in range(7)]
    frame = {name: np.eye(7, dtype=int)[j] for j, name in enumerate(names)}
    table = dk.CaptureTable.from_counts({**frame, "count": np.full(7, 10)})
    odds = draws_of(dk.BayesianLogLinear(order=3), table, size=200)
    assert odds.shape == (200,)
    assert np.isfinite(odds).all()

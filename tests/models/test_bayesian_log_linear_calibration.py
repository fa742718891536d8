"""Simulation-based calibration of averaged log-linear models: `make slow`."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.numerics.hierarchy import hierarchical_models
from models.simulated import rank_test
from models.test_calibration import RUNS, draw_population, rank_of, table_of

pytestmark = pytest.mark.slow

POPULATION = dk.prior.GammaPoisson(3.0, 100.0)


def draw_effects(k, order, prior, rng):
    """A hierarchical model at random and its effects from the prior, shape (2**k,)."""
    models = hierarchical_models(k, order, np.ones(1 << k, dtype=bool))
    model = models[rng.integers(len(models))]
    sizes = np.bitwise_count(np.arange(1 << k))
    deviation = np.where(sizes == 1, prior.main, prior.scale)
    effects = np.where(model, rng.normal(size=1 << k) * deviation, 0.0)
    effects[0] = 0.0
    return effects


def log_means(effects):
    cells = np.arange(len(effects))
    return ((cells[:, None] & cells) == cells) @ effects


@pytest.mark.parametrize("k", [3, 4])
def test_averaged_log_linear_ranks_are_uniform(k, keep):
    rng = np.random.default_rng(400 + k)
    prior = dk.prior.Normal(1.0, main=1.0)
    model = dk.BayesianLogLinear(interactions=prior, prior=POPULATION)
    ranks = []
    while len(ranks) < RUNS:
        eta = log_means(draw_effects(k, k - 1, prior, rng))
        chances = np.exp(eta - np.logaddexp.reduce(eta))
        population = draw_population(POPULATION, rng)
        frame = table_of(chances, population, rng)
        if np.sum(frame["count"]) == 0:
            continue
        fit = model.fit(dk.CaptureTable.from_counts(frame), draws=400, rng=rng)
        ranks.append(rank_of(population, fit, rng))
    statistic, p_value = rank_test(np.array(ranks))
    keep(
        f"BayesianLogLinear, {k} lists: {RUNS} simulations, chi-square {statistic:.1f} on 19 "
        f"degrees of freedom, p = {p_value:.2f}",
        ranks=ranks,
    )
    assert p_value > 1e-3


def test_identified_by_a_pair_ranks_are_uniform(keep):
    """The odds ratio of a pair among people on no other list is drawn from its prior too."""
    rng = np.random.default_rng(410)
    prior, ratio = dk.prior.Normal(1.0, main=1.0), dk.prior.LogNormal(1.0, 0.5)
    pair = dk.ConditionalPair("L0", "L1", odds_ratio=ratio)
    model = dk.BayesianLogLinear(interactions=prior, prior=POPULATION, identify=pair)
    ranks = []
    while len(ranks) < RUNS:
        eta = log_means(draw_effects(3, 2, prior, rng))
        seen = np.exp(eta[1:] - np.logaddexp.reduce(eta[1:]))
        odds = seen[0] * seen[1] / seen[2] * np.exp(0.5 * rng.normal())
        population = draw_population(POPULATION, rng)
        frame = table_of(np.append(odds, seen) / (1 + odds), population, rng)
        if np.sum(frame["count"]) == 0:
            continue
        fit = model.fit(dk.CaptureTable.from_counts(frame), draws=400, rng=rng)
        ranks.append(rank_of(population, fit, rng))
    statistic, p_value = rank_test(np.array(ranks))
    keep(
        f"BayesianLogLinear identified by a pair, 3 lists: {RUNS} simulations, chi-square "
        f"{statistic:.1f} on 19 degrees of freedom, p = {p_value:.2f}",
        ranks=ranks,
    )
    assert p_value > 1e-3

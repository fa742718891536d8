"""Simulation-based calibration of the latent-class sampler: `make slow`."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.models.latent_class import LatentClass
from models.simulated import rank_test

pytestmark = pytest.mark.slow
RUNS = 400


def draw_cells(model, k, rng):
    """Cell probabilities from the prior of α, sticks and capture probabilities."""
    shape, rate = model.concentration
    alpha = rng.gamma(shape, 1 / rate)
    left = np.append(rng.random(model.classes - 1) ** (1 / max(alpha, 1e-300)), 0.0)  # 1 − V
    weight = (1 - left) * np.concatenate([[1.0], np.cumprod(left[:-1])])
    chances = rng.beta(*model.capture, size=(model.classes, k))
    histories = (np.arange(1 << k)[:, None] >> np.arange(k)) & 1
    by_class = np.where(histories[None], chances[:, None], 1 - chances[:, None]).prod(axis=2)
    return weight @ by_class


@pytest.mark.parametrize("k", [3, 4])
def test_latent_class_ranks_are_uniform(k, keep):
    rng = np.random.default_rng(400 + k)
    prior = dk.prior.GammaPoisson(3.0, 100.0)
    model = LatentClass(
        classes=4, concentration=(1.0, 1.0), prior=prior, chains=4, sweeps=500, most=16_000
    )
    histories = (np.arange(1, 1 << k)[:, None] >> np.arange(k)) & 1
    names = {f"L{j}": histories[:, j] for j in range(k)}
    ranks = []
    while len(ranks) < RUNS:
        population = rng.poisson(rng.gamma(prior.a, prior.b))
        counts = rng.multinomial(population, draw_cells(model, k, rng))[1:]
        if counts.sum() == 0:
            continue  # refused as no data; the prior gives it hardly any weight
        table = dk.CaptureTable.from_counts({**names, "count": counts})
        fit = model.fit(table, draws=200, rng=rng)
        draws = fit.unseen.ravel() + fit.seen
        below, equal = (draws < population).sum(), (draws == population).sum()
        ranks.append((below + rng.uniform() * (equal + 1)) / (len(draws) + 1))
    statistic, p_value = rank_test(np.array(ranks))
    keep(
        f"LatentClass, {k} lists: {RUNS} simulations, chi-square {statistic:.1f} on 19 "
        f"degrees of freedom, p = {p_value:.2f}",
        ranks=ranks,
    )
    assert p_value > 1e-3

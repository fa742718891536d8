import math

import numpy as np
import pytest
from scipy.optimize import minimize

import darkfigure as dk
from darkfigure.numerics.behaviour import fit_behaviour

HARE = dk.load("hare").counts()


@pytest.mark.parametrize(
    ("first_apart", "total", "stderr", "deviance", "df"),
    # printed beside Mbh is 14.6, whose derivative for ρ lacks the factor 1 + e^η q / (1 - q) in its
    # first term; with it, the same formula gives 4.65 (and the simulation below agrees)
    [(False, 81.1, 8.3, 67.027, 60), (True, 74.2, 4.65, 63.257, 59)],
    ids=["Mb", "Mbh"],
)
def test_hares_of_baillargeon_and_rivest(first_apart, total, stderr, deviance, df):
    # Baillargeon & Rivest (2007), J. Stat. Softw. 19:5: snowshoe hares, as Rcapture prints them
    found = fit_behaviour(HARE, first_apart=first_apart)
    assert HARE[1:].sum() + found.unseen == pytest.approx(total, abs=0.05)
    assert found.deviance == pytest.approx(deviance, abs=5e-4)
    assert found.degrees_of_freedom == df
    sd = found.unseen * math.sqrt(found.log_variance + 1 / found.unseen)
    assert sd == pytest.approx(stderr, abs=0.06)


def test_two_occasions_are_a_removal():
    # Seber (1982, p. 107): 948 fish, then 254 new ones; 948² / (948 − 254) = 1,295
    found = fit_behaviour(np.array([0, 781, 254, 167]), first_apart=False)
    assert 1_202 + found.unseen == pytest.approx(948**2 / (948 - 254))


def test_first_captures_alone_tell_the_total():
    """Maximum of the removal likelihood, found otherwise; later captures make no difference."""
    first = np.array([40.0, 26.0, 19.0, 11.0])
    rng = np.random.default_rng(1)
    counts = np.zeros(16)
    for at, people in enumerate(first.astype(int)):
        for _ in range(people):
            later = sum(1 << j for j in range(at + 1, 4) if rng.random() < 0.3)
            counts[(1 << at) | later] += 1

    def minus_log_likelihood(logit):
        p = 1 / (1 + math.exp(-logit[0]))
        chances = p * (1 - p) ** np.arange(4)
        return -float(first @ np.log(chances / chances.sum()))

    best = minimize(minus_log_likelihood, [0.0], method="Nelder-Mead", options={"xatol": 1e-9}).x
    seen = 1 - (1 / (1 + math.exp(best[0]))) ** 4
    found = fit_behaviour(counts, first_apart=False)
    assert counts.sum() + found.unseen == pytest.approx(counts.sum() / seen, rel=1e-6)


@pytest.mark.parametrize("first_apart", [False, True])
def test_it_finds_a_population_that_behaves_so(first_apart):
    """Expected counts of 500 people, a first chance of 0.3 (0.5 on the first day), then 0.6."""
    mean = np.zeros(32)
    for history in range(1, 32):
        chance, caught = 1.0, False
        for day in range(5):
            first = 0.5 if first_apart and day == 0 else 0.3
            now = 0.6 if caught else first
            on = bool(history >> day & 1)
            chance *= now if on else 1 - now
            caught |= on
        mean[history] = 500 * chance
    found = fit_behaviour(mean, first_apart=first_apart)
    assert mean.sum() + found.unseen == pytest.approx(500)
    assert found.deviance == pytest.approx(0.0, abs=1e-8)
    rng = np.random.default_rng(2)
    totals = [
        fit_behaviour(np.append(0, rng.poisson(mean[1:])), first_apart=first_apart).unseen
        for _ in range(300)
    ]
    # standard error of a standard deviation from 300 tables: 4 %, here taken three times
    assert np.nanstd(np.log(totals)) == pytest.approx(math.sqrt(found.log_variance), rel=0.13)


def test_first_captures_that_do_not_fall_off_have_no_total():
    counts = np.zeros(8)
    counts[[1, 2, 4, 3, 6]] = 10, 20, 40, 5, 5
    assert not fit_behaviour(counts, first_apart=False).converged

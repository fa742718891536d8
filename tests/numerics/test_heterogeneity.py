import numpy as np
import pytest

import darkfigure as dk
from darkfigure.numerics.heterogeneity import fit_heterogeneity
from darkfigure.numerics.lattice import popcount

HARE = dk.load("hare").counts()
ROME = dk.load("rome_hiv").counts()


@pytest.mark.parametrize(
    ("differences", "alike", "total"),
    [
        ("none", True, 75.43),
        ("none", False, 75.07),
        ("chao", True, 79.84),
        ("poisson", True, 81.53),
        ("darroch", True, 90.40),
    ],
)
def test_hares_of_baillargeon_and_rivest(differences, alike, total):
    # Baillargeon & Rivest (2007), J. Stat. Softw. 19:5, snowshoe hares
    found = fit_heterogeneity(HARE, differences, alike=alike)
    assert HARE[1:].sum() + found.unseen == pytest.approx(total, abs=0.006)


@pytest.mark.parametrize(
    ("differences", "total", "tolerance"),
    [
        # published 11,701: they estimate the effect of a history that nobody has
        ("chao", 11_701, 25),
        ("poisson", 14_850, 0.5),
        ("darroch", 21_327, 0.5),
        ("gamma", 30_623, 0.5),
    ],
)
def test_rome_fits_alike_and_says_something_else(differences, total, tolerance):
    found = fit_heterogeneity(ROME, differences, alike=False)
    assert ROME[1:].sum() + found.unseen == pytest.approx(total, abs=tolerance)
    assert found.deviance == pytest.approx(10.5, abs=0.6)
    assert found.degrees_of_freedom == 9


def test_chao_of_alike_lists_has_a_closed_form():
    # Rivest & Baillargeon (2007): f1² (k − 1) / (2 k f2), where no effect is below 0
    frequency = np.bincount(popcount(6)[1:], weights=HARE[1:], minlength=7)
    by_hand = frequency[1] ** 2 / frequency[2] * 5 / 12
    assert fit_heterogeneity(HARE, "chao", alike=True).unseen == pytest.approx(by_hand)


def test_independence_is_the_log_linear_model():
    est = dk.estimate("kosovo", dk.LogLinear(order=1, uncertainty=dk.Delta()), seed=1)
    found = fit_heterogeneity(dk.load("kosovo").counts(), "none", alike=False)
    assert 4_400 + found.unseen == pytest.approx(est.estimate, rel=1e-8)
    assert found.deviance == pytest.approx(float(est.models["deviance"].iloc[0]), abs=1e-6)
    assert found.degrees_of_freedom == 10


def test_variance_is_that_of_repeated_tables():
    mean = 400 * np.exp(-0.9 * popcount(4))
    rng = np.random.default_rng(4)
    unseen = [
        fit_heterogeneity(y, "none", alike=False).unseen for y in rng.poisson(mean, (400, 16))
    ]
    found = fit_heterogeneity(mean, "none", alike=False)
    # standard error of a standard deviation from 400 tables: 3.5 %, here taken three times
    assert np.std(np.log(unseen)) == pytest.approx(np.sqrt(found.log_variance), rel=0.11)
    assert found.deviance == pytest.approx(0.0, abs=1e-8)


def test_a_table_without_overlap_has_no_maximum():
    y = np.array([0, 20, 30, 0, 25, 0, 0, 0])
    assert not fit_heterogeneity(y, "none", alike=True).converged

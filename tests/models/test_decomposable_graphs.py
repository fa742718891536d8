"""Averaging over decomposable graphs on the published tables.

Values: dga 2.0.2 where its grid is wide enough, else our own grid, whose widening is tested in
tests/numerics. Medians and 95 % limits at delta = 2**-k and p(N) ∝ 1/N.
"""

import math

import numpy as np
import pytest

import darkfigure as dk

ANSWERS = [
    ("netherlands_five_lists", 50_400, 41_700, 210_200),
    ("netherlands", 145_500, 116_600, 187_100),
    ("uk_five_lists", 22_990, 10_400, 33_500),
    ("uk", 12_340, 10_210, 26_180),
    ("kosovo", 12_595, 9_827, 16_544),
    ("palembang", 159, 123, 496),
]


def estimate(name, model=None):
    return dk.estimate(dk.load(name), model or dk.DecomposableGraphs(), seed=1)


@pytest.mark.parametrize(("name", "median", "low", "high"), ANSWERS)
def test_published_tables(name, median, low, high):
    est = estimate(name)
    assert est.median == pytest.approx(median, rel=0.02)
    assert est.interval(0.95) == pytest.approx((low, high), rel=0.02)


def test_dutch_five_lists_have_two_modes():
    modes = estimate("netherlands_five_lists").modes()
    assert modes["location"].tolist() == pytest.approx([48_000, 163_000], rel=0.02)
    assert modes["weight"].sum() == pytest.approx(1.0)


# Madigan & York (1997); dga 2.0.2 gives 733.45 on its grid 1..300
def test_spina_bifida_with_the_gamma_poisson_prior():
    est = estimate(
        "spina_bifida", dk.DecomposableGraphs(delta=1.0, prior=dk.prior.GammaPoisson(13.14, 55.17))
    )
    # 4,000 stratified draws: the mean's error is far below sd / sqrt(4000) = 0.5
    assert est.mean == pytest.approx(733.68, abs=0.5)
    assert est.interval() == pytest.approx((682, 797), abs=1.0)
    weights = est.models.set_index("label")["weight"]
    published = {
        "[L2 L3][L1]": 0.3733,
        "[L1 L2][L2 L3]": 0.3095,
        "[L1 L3][L2 L3]": 0.2814,
        "[L1 L2 L3]": 0.0359,
    }
    for label, weight in published.items():
        assert weights[label] == pytest.approx(weight, abs=1e-4)


def test_infinite_mean_is_said_and_never_printed():
    est = estimate("palembang")
    assert est.mean == math.inf
    assert "mean_infinite" in [c.kind for c in est.cautions]
    assert "the mean of the posterior is infinite" in repr(est)
    assert np.isinf(est.summary()["mean"]["population"])


def test_mean_exists_with_a_larger_delta():
    # finite iff delta > 1 / (2**k - 1) under 1/N
    assert math.isfinite(estimate("palembang", dk.DecomposableGraphs(delta=0.5)).mean)


# methods: UK five lists, posterior means 2,835.5 / 2,847.5 / 14,505 at delta = 1, 1/2, 1/8
@pytest.mark.parametrize(("delta", "mean"), [(1.0, 2_835.5), (0.5, 2_847.5), (0.125, 14_505)])
def test_delta_decides_on_sparse_tables(delta, mean):
    est = estimate("uk_five_lists", dk.DecomposableGraphs(delta=delta))
    # the mean of 4,000 stratified draws; sd is up to 6,000 at delta = 1/8
    assert est.mean == pytest.approx(mean, rel=0.005)


def test_sensitivity_to_delta_is_cautioned():
    found = [c for c in estimate("uk_five_lists").cautions if c.kind == "prior_sensitivity"]
    assert len(found) == 1
    assert "2**-7" in found[0].text
    assert "2**-3" in found[0].text


def test_improper_posterior_is_refused():
    with pytest.raises(dk.NotEstimable, match="improper"):
        estimate("kosovo", dk.DecomposableGraphs(prior=dk.prior.Flat()))


def test_eight_lists_are_too_many():
    with pytest.raises(dk.NotEstimable, match="2 to 7 lists"):
        estimate("new_orleans")


def test_a_prior_of_another_study_moves_the_answer():
    before = estimate("netherlands_five_lists")
    after = estimate(
        "netherlands_five_lists",
        dk.DecomposableGraphs(prior=dk.prior.Between(30_000, 60_000, prob=0.95)),
    )
    assert after.interval()[1] < before.interval()[1]
    assert math.isfinite(after.mean)

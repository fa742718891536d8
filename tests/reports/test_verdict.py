"""Whether a figure can be published: the rule, and what it says of published tables."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.reports.verdict import medians_by_setting, setting_used, verdict_of


@pytest.fixture(scope="module")
def estimates():
    names = ("palembang", "artificial", "netherlands_five_lists", "kosovo", "spina_bifida")
    return {name: dk.estimate(name, seed=1) for name in names}


@pytest.mark.parametrize(
    ("name", "level", "reason"),
    [
        # 157 or 269 by models 1.8 BIC units apart
        ("palembang", "range", "why_near_models"),
        # constructed so that the data hardly identify anything
        ("artificial", "none", "why_interval"),
        # the two clouds of the public Dutch table, near 47,500 and 133,000
        ("netherlands_five_lists", "none", "why_modes"),
        # 10,357 to 18,393 by models within 1 BIC unit
        ("kosovo", "range", "why_near_models"),
        # 621 seen; all models say 720 to 760
        ("spina_bifida", "figure", None),
    ],
)
def test_verdicts_of_published_tables(estimates, name, level, reason):
    verdict = verdict_of(estimates[name])
    assert verdict.level == level
    assert (reason is None) == (verdict.reasons == ())
    if reason is not None:
        assert reason in [each.name for each in verdict.reasons]


def test_reasons_of_the_verdict_stand_first(estimates):
    verdict = verdict_of(estimates["netherlands_five_lists"])
    levels = [each.level for each in verdict.reasons]
    assert levels == sorted(levels)  # "none" before "range"
    assert {"none", "range"} == set(levels)


def test_no_overlap_leaves_no_estimate():
    table = dk.CaptureTable.from_counts({"a": [1, 0], "b": [0, 1], "count": [40, 50]})
    found = verdict_of(dk.estimate(table, dk.TwoList(), seed=1))
    assert found.level == "none"
    assert "why_no_overlap" in [each.name for each in found.reasons]


def test_chains_that_disagree_leave_no_estimate():
    short = dk.LatentClass(sweeps=1000, most=3000)
    est = dk.estimate("netherlands_five_lists", short, seed=1)
    assert not est.settled
    assert verdict_of(est).reasons[0].name == "why_not_mixed"


def test_few_people_leave_a_range():
    counts = {"a": [1, 0, 1], "b": [0, 1, 1], "count": [4, 3, 9]}
    est = dk.estimate(dk.CaptureTable.from_counts(counts), dk.TwoList(), seed=1)
    assert "why_few_people" in [each.name for each in verdict_of(est).reasons]


def test_a_comparison_can_only_lower_the_verdict(estimates):
    est = estimates["kosovo"]
    compared = dk.compare("netherlands", [dk.DecomposableGraphs(), dk.BayesianLogLinear()], seed=1)
    assert compared.disagreement > 3
    found = verdict_of(est, compared)
    assert found.level == "none"
    assert found.reasons[0].ratio == pytest.approx(compared.disagreement)


def test_medians_by_setting_are_those_of_the_caution(estimates):
    est = estimates["netherlands_five_lists"]
    medians = dict(medians_by_setting(est))
    assert medians[setting_used(est)] == est.median
    other = dk.estimate(
        "netherlands_five_lists",
        dk.BayesianLogLinear(interactions=dk.prior.Normal(1)),
        seed=1,
    )
    assert np.log(medians["normal with sd 1"] / other.median) == pytest.approx(0, abs=0.05)

"""Cautions that any estimate gets, whatever its model."""

import re

import numpy as np
import pytest

import darkfigure as dk


def kinds(est):
    return [c.kind for c in est.cautions]


def two(both, first, second):
    return {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, first, second]}


def test_sensitivity_names_the_value_used_and_both_others():
    est = dk.estimate("uk_five_lists", dk.DecomposableGraphs(), seed=1)
    found = next(c for c in est.cautions if c.kind == "prior_sensitivity")
    # medians at 2**-7, 2**-5, 2**-3: not in one direction
    pattern = r"13,2\d\d at 2\*\*-7, 22,99\d at 2\*\*-5 \(used here\), 11,7\d\d at 2\*\*-3"
    assert re.search(pattern, found.text)


@pytest.mark.parametrize("name", ["palembang", "kosovo", "netherlands"])
def test_models_that_fit_badly_are_said_to(name):
    model = dk.LogLinear(select=None, uncertainty=dk.Bootstrap(50))
    assert "poor_fit" in kinds(dk.estimate(name, model, seed=1))


def test_bootstrap_groups_are_told_apart_or_not_named():
    frame = {
        "A": [1, 0, 0, 1, 1, 0],
        "B": [0, 1, 0, 1, 0, 1],
        "C": [0, 0, 1, 0, 1, 1],
        "count": [0, 0, 0, 5, 6, 7],
    }
    est = dk.estimate(frame, dk.LogLinear(uncertainty=dk.Bootstrap(200)), seed=1)
    places = est.modes()["location"].to_numpy()
    assert (places[1:] >= 1.1 * places[:-1]).all()
    assert "several_modes" not in kinds(est)


def test_stratified_estimates_are_not_held_against_pooled_models():
    assert "models_disagree" not in kinds(dk.estimate("scotland_pwid", seed=1))


def test_the_tables_own_caveats_reach_the_answer():
    est = dk.estimate("scotland_pwid", strata="pooled", seed=1)
    text = " ".join(repr(est).split())
    assert all(caveat in text for caveat in est.table.about.caveats)
    assert len(est.table.about.caveats) > 0


def test_no_overlap_sets_no_upper_limit_but_a_lower_one():
    est = dk.estimate(two(0, 50, 30), dk.TwoList(), seed=1)
    assert est.interval()[0] > 3 * 80
    assert "set no upper limit" in repr(est)


@pytest.mark.parametrize("model", [dk.TwoList(), dk.BayesianLogLinear(), dk.DecomposableGraphs()])
def test_two_lists_without_overlap_are_said_to_be_once(model):
    found = kinds(dk.estimate(two(0, 40, 60), model, seed=1))
    assert found.count("no_overlap") == 1
    assert "sparse" not in found


@pytest.mark.parametrize("least", [15_000, 20_000])
@pytest.mark.parametrize("model", [dk.BayesianLogLinear, dk.DecomposableGraphs])
def test_a_smallest_number_that_the_lists_contradict_is_said(model, least):
    est = dk.estimate("kosovo", model(prior=dk.prior.AtLeast(least)), seed=1)
    (found,) = [c for c in est.cautions if c.kind == "prior_excludes"]
    alone = dk.estimate("kosovo", model(), seed=1)
    # the lists alone are estimated again with 1,000 draws
    assert found.values["share"] == pytest.approx((alone.totals < least).mean(), abs=0.03)
    loose = dk.estimate("kosovo", model(prior=dk.prior.AtLeast(10_000)), seed=1)
    assert "prior_excludes" not in kinds(loose)


@pytest.mark.parametrize(
    "prior",
    [dk.prior.Between(700, 800), dk.prior.AtLeast(700), dk.prior.NegativeBinomial(740, 100)],
)
@pytest.mark.parametrize("model", [dk.BayesianLogLinear, dk.DecomposableGraphs])
def test_strata_estimated_apart_take_no_prior_on_the_whole(model, prior):
    """700 to 800 people in all, put into three strata, came to 2,210."""
    with pytest.raises(dk.NotEstimable, match="each of the 3 strata") as caught:
        dk.estimate("spina_bifida_by_ethnicity", model(prior=prior), seed=1, strata="separate")
    assert "strata='pooled'" in caught.value.hint
    assert ("strata='joint'" in caught.value.hint) == (model is dk.BayesianLogLinear)
    jointly = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(prior=prior), seed=1)
    assert 690 < jointly.median < 790


def test_a_single_stratum_is_the_whole():
    table = dk.load("spina_bifida_by_ethnicity").select(ethnicity="Caucasian")
    model = dk.DecomposableGraphs(prior=dk.prior.Between(650, 700))
    assert dk.estimate(table, model, seed=1).median == pytest.approx(675, abs=15)


def test_each_stratum_estimated_apart_is_looked_at():
    est = dk.estimate(
        "spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1, strata="separate"
    )
    found = {c.kind: c for c in est.cautions}
    assert found["few_people"].text.startswith("in stratum other: only 2 people")
    assert found["few_people"].values["strata"] == ["other"]
    jointly = dk.estimate("spina_bifida_by_ethnicity", dk.BayesianLogLinear(), seed=1)
    assert "few_people" not in kinds(jointly)


def test_a_prior_on_the_population_is_told():
    prior = dk.prior.Between(8_000, 12_000, prob=0.9)
    est = dk.estimate("kosovo", dk.BayesianLogLinear(), seed=1)
    assert "before looking" not in repr(est)
    words = "population between 8,000 and 12,000 with probability 0.9 before looking"
    for told in (
        est.with_prior(prior),
        dk.estimate("kosovo", dk.BayesianLogLinear(prior=prior), seed=1),
        dk.estimate("kosovo", dk.DecomposableGraphs(prior=prior), seed=1),
    ):
        assert words in " ".join(repr(told).split())
        assert "with probability 0.9 before looking" in told.to_json()
        assert told.assumes[-1] == type(told.model).assumes[-1]


def test_contained_lists_and_few_people_are_said():
    est = dk.estimate(two(50, 30, 0), dk.TwoList(), seed=1)
    found = next(c for c in est.cautions if c.kind == "list_inside")
    assert found.values == {"inner": "B", "outer": "A"}
    assert "few_people" in kinds(dk.estimate(two(1, 1, 1), dk.TwoList(), seed=1))


def test_no_figure_per_year_from_less_than_a_year_or_a_stock():
    for name in ("kosovo", "diabetes"):
        est = dk.estimate(name, dk.DecomposableGraphs(), seed=1)
        with pytest.raises(dk.NotEstimable, match="year"):
            est.per("year")
        assert '"per_year": null' in est.to_json()


def test_almost_everyone_on_one_list_is_not_everyone():
    frame = {"A": [1, 0, 0, 1], "B": [0, 1, 0, 1], "C": [0, 0, 1, 0], "count": [900, 900, 900, 2]}
    assert "100% of people" not in repr(dk.estimate(frame, seed=1))


def test_nearly_improper_posteriors_are_refused():
    with pytest.raises(dk.NotEstimable, match="nearly improper"):
        dk.estimate("palembang", dk.DecomposableGraphs(delta=1e-6), seed=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: dk.DecomposableGraphs(delta=1e300),
        lambda: dk.DecomposableGraphs(delta=True),
        lambda: dk.DecomposableGraphs(prior=3),
        lambda: dk.TwoList(prior=dk.prior.Flat),
        lambda: dk.TwoList(odds_ratio=1e300),
        lambda: dk.TwoList(odds_ratio=dk.prior.LogNormal(1, 50)),
        lambda: dk.TwoList(capture=1),
        lambda: dk.LogLinear(order=2.5),
        lambda: dk.LogLinear(order="2"),
        lambda: dk.LogLinear(uncertainty=None),
        lambda: dk.LogLinear(threshold=2),
    ],
)
def test_impossible_settings_are_refused_at_once(make):
    with pytest.raises(dk.SettingsError):
        make()


def test_a_billion_people_in_every_cell():
    """A peak of relative width 1e-5 must not fall between the nodes."""
    histories = (np.arange(1, 8)[:, None] >> np.arange(3)) & 1
    columns = dict(zip("ABC", histories.T, strict=True))
    est = dk.estimate({**columns, "count": [10**8] * 7}, dk.DecomposableGraphs(), seed=1)
    assert est.median == pytest.approx(8e8, rel=1e-3)
    with pytest.raises(dk.NotEstimable, match="narrower"):
        dk.estimate({**columns, "count": [10**11] * 7}, dk.DecomposableGraphs(), seed=1)


def test_an_uncertain_odds_ratio_keeps_its_range():
    """Two lists hold no information on it: the answer is the average over its prior."""
    table = two(40, 160, 60)
    sure = dk.estimate(table, dk.TwoList(odds_ratio=10.0), seed=1)
    wide = dk.estimate(table, dk.TwoList(odds_ratio=dk.prior.Between(1, 100)), seed=1)
    assert wide.median == pytest.approx(sure.median, rel=0.03)
    # the spread is the prior's: n0 is proportional to the odds ratio
    low, high = np.quantile(wide.totals - 260, [0.1, 0.9])
    given = dk.prior.Between(1, 100)
    assert high / low > 0.9 * given.quantile(0.9) / given.quantile(0.1)


HISTORIES = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]


def counted(counts, **how):
    rows = [dict(zip("ABC", on, strict=True)) for on in HISTORIES]
    rows = [row | {"count": count} for row, count in zip(rows, counts, strict=True)]
    return dk.CaptureTable.from_counts(rows, lists=list("ABC"), **how)


@pytest.mark.parametrize("how", [{}, {"rounding": 10}, {"rounding": "down to 10"}])
@pytest.mark.parametrize("counts", [[0, 0, 0, 100, 100, 100, 300], [10, 0, 0, 100, 100, 100, 300]])
def test_nobody_missed_is_never_said_without_a_caution(counts, how):
    # found by a stranger: the width of the number seen hid that the unseen had none
    est = dk.estimate(counted(counts, **how), seed=1)
    said = {each.kind for each in est.cautions}
    if np.median(est.totals - est.seen_totals) < 1:
        assert said & {"boundary", "no_width"}
    else:
        assert how == {}
        assert counts[0] == 10


@pytest.mark.parametrize("how", [{"rounding": 10}, {"threshold": 5}])
def test_overlaps_that_may_all_be_empty_are_cautioned(how):
    hidden, exact = (counted([40, 50, 60, 0, 0, 0, 0], **more) for more in (how, {}))
    said, known = (
        {each.kind for each in dk.estimate(table, seed=1).cautions} for table in (hidden, exact)
    )
    assert "overlap_not_certain" in said
    assert "no_overlap" in known

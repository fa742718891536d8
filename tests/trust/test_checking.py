"""Each case of a check is the estimate that the case says it is."""

import itertools
import json
import math
import os

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk
from darkfigure.data.tasks import internal_tasks
from darkfigure.progress import listening
from darkfigure.trust.answering import Pace, pilots, seed_of, workers_for
from darkfigure.trust.cases import (
    Plan,
    as_people_accrue,
    as_years_accrue,
    base_case,
    cells_lowered,
    each_pair_merged,
)
from darkfigure.trust.checked_case import Case

QUICK = dk.LogLinear(order=2, uncertainty=dk.Delta())
"""Deterministic: its estimate is a maximum of a likelihood."""


def checked(data, model=QUICK, **more):
    return dk.check(data, model, **{"seed": 1, "draws": 400, "cache": False, **more})


def rows_of(found, name):
    frame = found.summary()
    return frame[frame["check"] == name].set_index("case")


def two_lists(both, only_a, only_b):
    rows = {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, only_a, only_b]}
    return dk.CaptureTable.from_counts(rows)


def test_merging_pf_and_nca_nearly_doubles_the_british_answer():
    """Pairwise models by BIC: 12,350 on six lists and 22,991 on the five of Silverman (2020)."""
    found = checked("uk", checks="merge")
    assert round(found.base.estimate) == 12_350
    merged = rows_of(found, "merge")
    assert len(merged) == 15
    assert round(merged.loc["PF + NCA", "estimate"]) == 22_991
    five = dk.estimate(dk.load("uk_five_lists"), QUICK, seed=1)
    assert merged.loc["PF + NCA", "estimate"] == pytest.approx(five.estimate, rel=1e-6)
    assert merged.loc["PF + NCA", "log_change"] == pytest.approx(math.log(22_991.33 / 12_349.59))


def test_every_list_is_a_population_of_known_size():
    table, model = dk.load("kosovo"), dk.BayesianLogLinear()
    found = checked(table, model, checks="internal")
    rows = rows_of(found, "internal")
    assert rows["truth"].to_dict() == table.totals().to_dict()
    for task in internal_tasks(table).tasks:
        seed = seed_of(1, "internal", task.list_name)
        alone = dk.estimate(task.table, model, seed=seed, draws=400)
        row = rows.loc[task.list_name]
        assert row["estimate"] == alone.estimate
        assert (row["low"], row["high"]) == alone.interval()
        assert row["log_error"] == math.log(alone.estimate / task.size)
        assert row["covered"] == (row["low"] <= task.size <= row["high"])
    assert math.isnan(rows["log_change"].iloc[0])


def test_three_lists_leave_two_others():
    found = checked("spina_bifida", dk.LogLinear(uncertainty=dk.Delta()), checks="internal")
    table = dk.load("spina_bifida")
    rows = rows_of(found, "internal")
    assert set(rows.index) == set(table.lists)
    for name, others in zip(table.lists, itertools.combinations(table.lists[::-1], 2), strict=True):
        assert name not in others
        inside = table.to_frame().query(f"{name} == 1").groupby(list(others))["count"].sum()
        n1 = inside[1].sum()
        n2 = inside.xs(1, level=1).sum()
        # independence of two lists: Lincoln and Petersen's estimate
        assert rows.loc[name, "estimate"] == pytest.approx(n1 * n2 / inside[1, 1], rel=1e-6)


def test_each_list_is_left_out():
    table = dk.load("kosovo")
    rows = rows_of(checked(table, checks="drop"), "drop")
    for name in table.lists:
        alone = dk.estimate(table.drop(name), QUICK, seed=1)
        assert rows.loc[name, "estimate"] == pytest.approx(alone.estimate, rel=1e-9)
        assert rows.loc[name, "seen"] == table.drop(name).n_observed


def test_the_table_as_it_is_gives_what_estimate_gives():
    model = dk.BayesianLogLinear()
    found = checked("palembang", model, checks="drop", draws=1000)
    alone = dk.estimate("palembang", model, seed=1, draws=1000)
    assert found.base.estimate == alone.estimate
    assert (found.base.low, found.base.high) == alone.interval()
    narrow = checked("palembang", model, checks="drop", draws=1000, prob=0.5)
    assert (narrow.base.low, narrow.base.high) == alone.interval(0.5)


def test_people_accrue_in_one_random_order():
    table = dk.load("kosovo")
    plan = Plan(table, QUICK, None, "year", 10, 30)
    first = []
    for seed in range(200):
        parts = [each.table for each in as_people_accrue(plan, np.random.default_rng(seed))]
        seen = [part.n_observed for part in parts]
        assert seen == [round(step / 10 * 4400) for step in range(1, 10)]
        grown = [part.counts() for part in parts]
        for less, more in itertools.pairwise([*grown, table.counts()]):
            assert (less <= more).all()
        first.append(grown[0])
    # the first tenth is hypergeometric: its mean over 200 orders within five standard errors
    share = table.counts() / 4400
    sd = np.sqrt(440 * share * (1 - share) * (4400 - 440) / (4400 - 1))
    assert (np.abs(np.mean(first, axis=0) - 440 * share) <= 5 * sd / np.sqrt(200) + 1e-12).all()


def test_as_people_accrue_the_change_is_that_of_the_total_per_person_seen():
    found = checked("kosovo", checks="accrual", steps=4)
    rows = rows_of(found, "accrual")
    assert rows.index.tolist() == ["25%", "50%", "75%"]
    ratio = (rows["estimate"] / rows["seen"]) / (found.base.estimate / found.base.seen)
    assert rows["log_change"].to_numpy() == pytest.approx(np.log(ratio))


def test_a_cell_is_lowered_by_its_standard_deviation():
    """On two lists N = (m + a)(m + b) / m: worked out by hand for each cell."""
    both, only_a, only_b = 50, 400, 900
    found = checked(two_lists(both, only_a, only_b), checks="cells")
    rows = rows_of(found, "cells")
    total = lambda m, a, b: (m + a) * (m + b) / m  # noqa: E731
    expected = {
        "A + B: 50 to 43": total(43, 400, 900),
        "A: 400 to 380": total(50, 380, 900),
        "B: 900 to 870": total(50, 400, 870),
    }
    assert rows.index.tolist() == list(expected)
    assert rows["estimate"].to_numpy() == pytest.approx(list(expected.values()), rel=1e-6)


def test_every_cell_lowered_by_brute_force():
    """Each table written out with fewer people in one row, and estimated by itself."""
    table = dk.load("kosovo")
    frame = table.to_frame()
    expected = {}
    for row in frame.index:
        people = int(frame.loc[row, "count"])
        if not people:
            continue
        changed = frame.copy()
        changed.loc[row, "count"] = people - max(1, round(people**0.5))
        alone = dk.CaptureTable.from_counts(changed, lists=table.lists, count="count")
        names = " + ".join(name for name in table.lists if frame.loc[row, name])
        name = f"{names}: {people:,} to {changed.loc[row, 'count']:,}"
        expected[name] = dk.estimate(alone, QUICK, seed=1).estimate
    rows = rows_of(checked(table, checks="cells"), "cells")
    assert len(expected) == 15
    assert set(rows.index) == set(expected)
    for name, value in expected.items():
        assert rows.loc[name, "estimate"] == pytest.approx(value, rel=1e-9)
    first = min(expected, key=lambda name: int(name.split(": ")[1].split()[0].replace(",", "")))
    assert rows.index[0] == first


def test_the_changes_of_the_cells_add_up_to_the_variance_of_the_estimate():
    """Each change is nearly √n ∂N/∂n, whose squares sum to the delta method's variance.

    With Poisson counts that of N = (m + a)(m + b) / m is (a + m)² (1 + b / m) b / m ... found by
    simulation here. Large counts, so that the steps are nearly infinitesimal.
    """
    both, only_a, only_b = 10_000, 30_000, 50_000
    found = checked(two_lists(both, only_a, only_b), checks="cells")
    changes = rows_of(found, "cells")["estimate"] - found.base.estimate
    m, a, b = np.random.default_rng(1).poisson([both, only_a, only_b], (200_000, 3)).T
    simulated = np.std((m + a) * (m + b) / m)
    assert np.sqrt((changes**2).sum()) == pytest.approx(simulated, rel=0.02)


def test_the_fewest_people_come_first_and_the_rest_is_counted():
    plan = Plan(dk.load("netherlands"), QUICK, None, "year", 10, 5)
    *lowered, rest = cells_lowered(plan, np.random.default_rng(1))
    assert [each.name for each in lowered[:3]] == [
        "P + R + Z: 1 to 0",
        "I + O: 1 to 0",
        "K + O: 1 to 0",
    ]
    assert rest.name == "19 more cells"
    assert all(each.table.n_observed < 8_234 for each in lowered)


def test_other_priors_are_those_of_sensitivity():
    table, model = dk.load("palembang"), dk.DecomposableGraphs()
    rows = rows_of(checked(table, model, checks="prior"), "prior")
    others = [each for each in model.varied(3) if each != model]
    assert len(rows) == len(others) == 2
    for (name, row), other in zip(rows.iterrows(), others, strict=True):
        assert name == f"delta={other.delta!r}"
        alone = dk.estimate(table, other, seed=seed_of(1, "prior", name), draws=400)
        assert row["estimate"] == alone.estimate


def test_existence():
    """Kosovo without highest-order interaction: 16,942 (Ball et al. 2002, all 15 cells)."""
    rows = rows_of(checked("kosovo", checks="existence"), "existence")
    assert round(rows["estimate"].iloc[2]) == 16_942
    independent = dk.estimate("kosovo", dk.LogLinear(select=None, uncertainty=dk.Delta()), seed=1)
    assert rows.loc["independent lists", "estimate"] == pytest.approx(independent.estimate)
    uk = rows_of(checked("uk", checks="existence"), "existence")
    assert uk["outcome"].tolist() == ["estimated", "estimated", "no estimate"]
    assert "does not exist" in uk["note"].iloc[2]
    assert "LA and GP" in uk["note"].iloc[2]


def test_years_accrue_with_their_truths():
    people = {2014: 900, 2015: 1_000, 2016: 1_100}
    lists = dict.fromkeys("ABC", 0.3)
    table = dk.simulate(people=people, lists=lists, covariates={}, seed=1)
    found = checked(table, dk.LogLinear(uncertainty=dk.Delta()), checks="years", strata="pooled")
    rows = rows_of(found, "years")
    assert rows.index.tolist() == ["2014", "2014-2015"]
    truth = table.about.truth
    assert rows["truth"].tolist() == [900, 1_900]
    assert found.base.truth == truth.total == 3_000
    alone = dk.estimate(table.select(year=2014).collapse(), QUICK, seed=1)
    assert rows.loc["2014", "estimate"] == pytest.approx(alone.estimate)


@pytest.mark.parametrize("model", [QUICK, dk.BayesianLogLinear()], ids=["likelihood", "posterior"])
def test_workers_change_nothing(model):
    one = checked("palembang", model, workers=1)
    three = checked("palembang", model, workers=3)
    pd.testing.assert_frame_equal(one.summary(), three.summary(), check_exact=True)


def test_a_case_does_not_depend_on_the_other_cases():
    model = dk.BayesianLogLinear()
    whole = checked("palembang", model)
    for name in ("drop", "accrual", "prior"):
        alone = checked("palembang", model, checks=name)
        pd.testing.assert_frame_equal(rows_of(alone, name), rows_of(whole, name), check_exact=True)


def test_a_case_without_an_estimate_is_listed_and_holds_nothing():
    model = dk.LogLinear(terms="EXH*ABA", uncertainty=dk.Delta())
    found = checked("kosovo", model, checks=("internal", "drop"))
    frame = found.summary()
    rows = frame[(frame["check"] == "internal")].set_index("case")
    assert len(rows) == 4
    assert rows.loc["EXH", "outcome"] == "no estimate"
    assert "EXH" in rows.loc["EXH", "note"]
    assert not rows.loc["EXH", "covered"]
    assert rows.loc["HRW", "outcome"] == "estimated"
    text = repr(found)
    assert "two have no estimate" in text
    printed = [line.split()[0] for line in text.splitlines()[4:8]]
    assert set(printed[2:]) == {"EXH", "ABA"}  # those without an estimate last
    assert "no number internal, EXH" in " ".join(text.split())


def test_two_lists_are_told_what_can_still_be_done():
    found = checked(two_lists(50, 400, 900))
    outcomes = found.summary().groupby("check")["outcome"].unique()
    for name in ("internal", "drop", "merge", "prior"):
        assert list(outcomes[name]) == ["left out"]
    for name in ("accrual", "cells", "existence"):
        assert list(outcomes[name]) == ["estimated"]
    assert repr(found).startswith("No list can serve as a population of known size")


def test_counts_within_limits_are_merged_and_left_out_all_the_same():
    table = dk.load("kosovo").disclose(threshold=50)
    some = ("internal", "drop", "merge", "accrual", "existence")
    found = checked(table, dk.LogLinear(select=None, uncertainty=dk.Delta()), checks=some)
    frame = found.summary()
    outcomes = frame.groupby("check")["outcome"].unique()
    assert list(outcomes["internal"]) == list(outcomes["accrual"]) == ["left out"]
    assert list(outcomes["existence"]) == ["left out"]
    assert list(outcomes["drop"]) == list(outcomes["merge"]) == ["estimated"]
    assert "not counted exactly" in repr(found)


def test_impossible_pairs_are_merged():
    frame = dk.load("kosovo").to_frame()
    frame = frame[~((frame["EXH"] == 1) & (frame["HRW"] == 1))]
    table = dk.CaptureTable.from_counts(frame, impossible=[("EXH", "HRW")])
    plan = Plan(table, QUICK, None, "year", 10, 30)
    assert len(each_pair_merged(plan, np.random.default_rng(1))) == 6
    rows = rows_of(checked(table, checks="merge"), "merge")
    assert (rows["outcome"] == "estimated").all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": dk.TwoList()}, dk.NotEstimable, "exactly 2 lists"),
        ({"checks": "merges"}, dk.SettingsError, "'merge'"),
        ({"checks": ()}, dk.SettingsError, "at least one"),
        ({"steps": 1}, dk.SettingsError, "steps is 1"),
        ({"cells": 0}, dk.SettingsError, "cells is 0"),
        ({"workers": 0}, dk.SettingsError, "workers is 0"),
        ({"draws": 30}, dk.SettingsError, "draws is 30"),
        ({"prob": 95}, dk.SettingsError, "prob is 95"),
        ({"cache": None}, dk.SettingsError, "cache is None"),
        ({"year": "zz"}, dk.SettingsError, "year is 'zz', which is no stratum variable"),
        ({"year": None}, dk.SettingsError, "year is None"),
    ],
)
def test_what_cannot_be_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        checked("kosovo", **arguments)


def test_a_few_cases_of_each_size_are_timed():
    table = dk.load("kosovo")
    plan = Plan(table, QUICK, None, "year", 10, 30)
    rng = np.random.default_rng(1)
    cases = [*cells_lowered(plan, rng), *as_people_accrue(plan, rng), *each_pair_merged(plan, rng)]
    cases = [each for each in cases if isinstance(each, Case)]
    alike, fewer = pilots(base_case(plan), cases, already={0}, workers=2)
    assert 0 not in alike
    assert [len(alike), len(fewer)] == [4, 4]
    assert {cases[at].table.n_lists for at in alike} == {4}
    assert {cases[at].check for at in alike} == {"cells", "accrual"}
    assert {cases[at].check for at in fewer} == {"merge"}


def test_the_forecast_is_the_time_of_each_size_by_their_number():
    plan = Plan(dk.load("kosovo"), QUICK, None, "year", 10, 30)
    base = base_case(plan)
    pace = Pace(base, {(4, False): 2.0}, alone=3.0)
    assert pace.foretold(plan.case("cells", "any", plan.table)) == 2.0
    merged = each_pair_merged(plan, np.random.default_rng(1))[0]
    assert pace.foretold(merged) == 1.5  # not timed: a list less, half the time of one alone
    years = dk.CaptureTable.from_counts(
        {"A": [1, 1] * 4, "B": [0, 1] * 4, "year": [1, 1, 2, 2, 3, 3, 4, 4], "count": [9] * 8},
        lists=["A", "B"],
        by=["year"],
    )
    of_years = Plan(years, dk.TwoList(), None, "year", 10, 30)
    pace = Pace(base_case(of_years), {(2, True): 4.0}, alone=9.0)
    found = [pace.foretold(each) for each in as_years_accrue(of_years, np.random.default_rng(1))]
    assert found == [1.0, 2.0, 3.0]  # as many cells less


def test_a_prior_over_many_scales_is_foretold_to_take_longer():
    table = dk.load("netherlands")
    plain, learned = dk.BayesianLogLinear(), dk.BayesianLogLinear(interactions=dk.prior.HyperG())
    base = Case("estimate", "", table, plain)
    pace = Pace(base, {(6, False): 1.0}, alone=1.0)
    # timed on six lists: 9 to 20 times the other priors
    assert 8 < pace.foretold(Case("prior", "", table, learned)) < 20
    assert pace.foretold(Case("prior", "", table, plain)) == 1.0
    palembang = dk.load("palembang")  # nine models: what all fits need is most of it
    base = Case("estimate", "", palembang, plain)
    pace = Pace(base, {(3, False): 1.0}, alone=1.0)
    assert pace.foretold(Case("prior", "", palembang, learned)) < 1.2


def test_progress_tells_the_forecast_and_every_step():
    told = []
    with listening(lambda *step: told.append(step)):
        found = checked("palembang", checks=("drop", "accrual"), workers=2)
    number = len(found.answers)
    names = list(dict.fromkeys(name for name, _, total in told if total))
    assert names[0] == f"timing the first of {number} estimates"
    assert names[1].startswith(f"checking: {number} estimates, about ")
    assert len(names) == 2
    steps = [done for _, done, total in told if total]
    assert steps == sorted(steps)
    assert set(steps) == set(range(2, number + 1))
    assert 0 <= found.forecast < 100 * found.seconds
    assert found.seconds > 0


def test_the_call_gives_the_same_again():
    found = checked("palembang", checks=("drop", "cells"), cells=3)
    again = eval(found.call.replace(")", ")", 1)[:-1] + ", cache=False)", {"dk": dk})
    pd.testing.assert_frame_equal(found.summary(), again.summary(), check_exact=True)


def test_models_that_threads_may_harm_get_one():
    assert workers_for(QUICK, None) == os.cpu_count()
    assert workers_for(dk.BayesianLogLinear(inference="nuts"), None) == 1
    assert workers_for(dk.BayesianLogLinear(inference="nuts"), 3) == 3


def three_lists_by_year(variable="year"):
    """Three lists in two years."""
    people, lists = {2020: 2_000, 2021: 2_000}, {"A": 0.3, "B": 0.25, "C": 0.2}
    table = dk.simulate(people=people, lists=lists, covariates={}, seed=4)
    if variable != "year":
        frame = table.to_frame().rename(columns={"year": variable})
        table = dk.CaptureTable.from_counts(frame, lists=table.lists, by=[variable], count="count")
    return table


def test_years_of_another_name_are_those_of_the_model_too():
    table = three_lists_by_year("jaar")
    found = dk.check(table, seed=1, draws=400, cache=False, year="jaar", checks="years")
    assert found.model == dk.HierarchicalLogLinear(year="jaar")
    assert len(found.of("years")) == 1
    with pytest.raises(dk.SettingsError, match="it has 'jaar'"):
        dk.check(table, seed=1, year="jaren")


def test_the_headline_says_what_could_not_be_checked():
    table = three_lists_by_year().disclose(threshold=50)
    asked = ("internal", "drop", "merge", "accrual", "existence")
    found = dk.check(table, seed=1, draws=400, cache=False, checks=asked)
    assert isinstance(found.model, dk.HierarchicalLogLinear)
    rows = found.summary().set_index("check").drop(index="estimate")
    assert (rows["outcome"] == "left out").all()  # a model that needs three lists was not asked
    known, not_made = json.loads(found.to_json())["verdict"]
    assert known.startswith("No list can serve as a population of known size: its people are not")
    assert not_made == (
        "Not checked: leaving lists out and merging lists (HierarchicalLogLinear needs 3 lists, "
        "and 2 are left); people as they accrue (its people are not counted exactly); whether "
        "models by maximum likelihood have an estimate (counts within limits, or lists that were "
        "not at work)."
    )
    assert not_made in repr(found)


def test_where_all_was_checked_the_headline_is_silent():
    assert "Not checked" not in repr(checked("kosovo", checks=("internal", "drop", "existence")))
    found = checked("spina_bifida", dk.BayesianLogLinear(), checks=("internal", "drop"))
    assert "Not checked" not in repr(found)


def test_a_known_size_that_the_model_cannot_be_asked_for_is_no_miss():
    """Three lists leave two, which the model refuses: not three sizes that it did not hold."""
    found = dk.check(
        "spina_bifida", dk.HierarchicalLogLinear(), seed=1, draws=400, cache=False,
        checks="internal",
    )  # fmt: skip
    assert [each.covered for each in found.of("internal")] == [None] * 3
    assert "needs 3 lists, and 2 are left" in repr(found).splitlines()[0]


def test_a_model_that_corrects_linkage_is_not_asked_for_known_sizes():
    """Links to the dropped list stay uncorrected, so that a right model would seem wrong."""
    model = dk.LinkageError(QUICK, missed=0.1, imputations=10)
    for each in (model, dk.Stacked([model, dk.DecomposableGraphs()])):
        found = checked("kosovo", each, checks=["internal", "drop"])
        (row,) = [one for one in found.answers if one.check == "internal"]
        assert row.outcome == "left out"
        assert "links to the list itself" in str(found)
    perfect = checked("kosovo", dk.LinkageError(QUICK), checks="internal")
    assert (rows_of(perfect, "internal")["outcome"] == "estimated").all()


def test_two_lists_say_how_many_others_saw_people():
    found = checked(two_lists(150, 2_000, 800), dk.TwoList(), checks="internal")
    assert "1 other list saw people on it; 2 are needed" in str(found)


def test_a_model_of_sixteen_chains_is_checked_with_the_usual_draws():
    quick = dk.LatentClass(sweeps=100, most=300)
    found = dk.check("spina_bifida", quick, seed=1, cache=False, checks="internal")
    assert found.base.high > found.base.low > 0
    assert "multiple" not in str(found)


def test_settings_that_are_wrong_are_no_finding(monkeypatch):
    def refuse(self, table, *, draws, rng):
        raise dk.SettingsError("such draws are none of mine.")

    monkeypatch.setattr(dk.TwoList, "fit", refuse)
    with pytest.raises(dk.SettingsError, match="none of mine"):
        checked(two_lists(150, 2_000, 800), dk.TwoList(), checks="cells")


def test_a_folder_for_answers_is_the_one_that_a_shell_would_take(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    checked("palembang", checks="existence", cache="~/answers")
    assert checked("palembang", checks="existence", cache="~/answers").cached
    assert len(list((tmp_path / "answers").glob("*.json"))) == 1
    with pytest.raises(dk.SettingsError, match="expected True, False or a folder"):
        checked("palembang", checks="existence", cache="")


def test_a_folder_that_can_have_no_name_is_left_alone():
    assert not checked("palembang", checks="existence", cache="a\0b").cached

"""Tables of an estimate by one and by several stratum variables."""

import numpy as np
import pandas as pd
import pytest

import darkfigure as dk

SEX, FORM, YEAR = ("m", "f"), ("sexual", "labour"), (2015, 2014, 2016)


def table_on(lists, left_out=()):
    """Counts of every history, sex, form and year; one combination may be left out."""
    rows = [
        (*history, sex, form, year, 20 + 7 * number % 41 - 9 * (sum(history) - 1))
        for number, (*history, sex, form, year) in enumerate(
            (*history, sex, form, year)
            for sex in SEX
            for form in FORM
            for year in YEAR
            for history in np.ndindex(*(2,) * len(lists))
            if any(history)
        )
        if (sex, form, year) != left_out
    ]
    frame = pd.DataFrame(rows, columns=[*lists, "sex", "form", "year", "count"])
    return dk.CaptureTable.from_counts(frame, by=["sex", "form", "year"])


@pytest.fixture(scope="module")
def est():
    return dk.estimate(table_on("ABC"), dk.HierarchicalLogLinear(), seed=1, draws=400)


def test_rows_of_two_variables_are_sums_of_joint_draws(est):
    frame = est.summary(0.9, by=["sex", "form"])
    assert frame.index.names == ["sex", "form"]
    assert set(frame.index) == {(sex, form) for sex in SEX for form in FORM}
    assert frame.attrs["prob"] == 0.9
    # two conventions for a quantile of 400 draws differ by less than a draw: a hundredth at most
    draws = est.population.to_numpy().reshape(400, -1)
    coords = est.population.coords
    for sex, form in frame.index:
        at = (coords["stratum_sex"] == sex) & (coords["stratum_form"] == form)
        total = draws[:, at.to_numpy()].sum(axis=1)
        assert frame.loc[(sex, form), "median"] == pytest.approx(np.median(total), rel=1e-3)
        assert frame.loc[(sex, form), "mean"] == pytest.approx(total.mean())
        low, high = np.quantile(total, [0.05, 0.95])
        assert frame.loc[(sex, form), "low"] == pytest.approx(low, rel=0.01)
        assert frame.loc[(sex, form), "high"] == pytest.approx(high, rel=0.01)


def test_totals_agree_whichever_variables_they_are_taken_by(est):
    means = [
        est.summary(by=by)["mean"].sum()
        for by in ("sex", ["form"], ["sex", "form"], ["year", "form"], ["sex", "form", "year"])
    ]
    assert means == pytest.approx(5 * [est.totals.mean()])
    pairs = est.summary(by=["form", "sex"])["mean"].groupby("sex").sum()
    assert dict(pairs) == pytest.approx(dict(est.summary(by="sex")["mean"]))


def test_only_combinations_that_the_estimate_has_are_rows():
    table = table_on("AB", left_out=("f", "sexual", 2016))
    est = dk.estimate(table, dk.TwoList(), seed=1, draws=400)
    frame = est.summary(by=["sex", "form", "year"])
    assert len(frame) == 11
    assert ("f", "sexual", "2016") not in frame.index
    years = list(dict.fromkeys(est.summary(by=["year", "sex"]).index.get_level_values("year")))
    assert years == list(est.summary(by="year").index)


def test_one_name_in_a_list_is_that_name(est):
    assert est.summary(by=["sex"]).equals(est.summary(by="sex"))
    assert est.summary(by=("sex", "form")).equals(est.summary(by=["sex", "form"]))


@pytest.mark.parametrize(
    ("by", "problem", "hint"),
    [
        ("sexx", "by='sexx' is not a stratum variable of this estimate (sex, form, year)", '"sex"'),
        (["sex", "from"], "by='from' is not a stratum variable", 'Did you mean "form"?'),
        (["sex", 3], "by=3 is not a stratum variable", "by=[...]"),
        (7, "by=7 is not a stratum variable", "by=[...]"),
        ([], "expected one or more different stratum variables", "by=['sex', 'form', 'year']"),
        (["sex", "sex"], "expected one or more different", "by=['sex', 'form', 'year']"),
    ],
)
def test_unknown_variables_are_refused(est, by, problem, hint):
    with pytest.raises(dk.SettingsError, match="by") as caught:
        est.summary(by=by)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_without_strata_there_is_nothing_to_go_by():
    est = dk.estimate("palembang", dk.DecomposableGraphs(), seed=1)
    with pytest.raises(dk.SettingsError, match="it has none"):
        est.summary(by=["sex", "form"])


def test_points_of_likelihood_models_are_added_up():
    frame = pd.DataFrame(
        {
            "A": [1, 0, 1] * 4,
            "B": [0, 1, 1] * 4,
            "sex": ["m"] * 6 + ["f"] * 6,
            "form": (["x"] * 3 + ["y"] * 3) * 2,
            "count": [40, 30, 12, 50, 20, 10, 70, 60, 15, 80, 40, 16],
        }
    )
    table = dk.CaptureTable.from_counts(frame, by=["sex", "form"])
    model = dk.LogLinear(terms="A*sex*form + B*sex*form", uncertainty=dk.Bootstrap(50))
    est = dk.estimate(table, model, seed=1, draws=400)
    pairs = est.summary(by=["sex", "form"])["estimate"]
    # lists that are independent in each stratum: n1 n2 / m
    assert pairs[("m", "x")] == pytest.approx(52 * 42 / 12, rel=1e-4)
    assert pairs.sum() == pytest.approx(est.estimate)

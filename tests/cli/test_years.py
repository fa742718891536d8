"""Totals by year and by several strata on the command line."""

import json
import re

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.calls import write_call
from darkfigure.cli import main

FAST = ("--seed", "1", "--draws", "400")


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def written(path, year="year", suppressed=False):
    """A file of counts on three lists by sex and year, which are twice as many in the last year."""
    lines = [f"A,B,C,sex,{year},people"]
    for sex in ("m", "f"):
        for at, level in enumerate((2016, 2014, 2015)):
            for a, b, c in np.ndindex(2, 2, 2):
                if a + b + c:
                    count = (200, 100, 100)[at] // 4 ** (a + b + c - 1)
                    shown = "<7" if suppressed and count < 7 else str(5 * round(count / 5))
                    lines.append(f"{a},{b},{c},{sex},{level},{shown if suppressed else count}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def block(out, word):
    """The printed table whose index has this name."""
    return next(
        part
        for part in out.rstrip().split("\n\n")
        if len(part.splitlines()) > 2 and part.splitlines()[1].split() == word.split()
    )


@pytest.mark.parametrize("year", ["year", "jaar"])
def test_totals_by_year_and_whether_they_rise(capsys, tmp_path, year):
    path, numbers, picture = (
        written(tmp_path / "c.csv", year),
        tmp_path / "a.json",
        tmp_path / "t.png",
    )
    files = ("--json", str(numbers), "--plot-trend", str(picture))
    options = ("--count", "people", "--by", "sex", "--year", year)
    status, out, _ = run(capsys, "estimate", path, *options, *FAST, *files)
    assert status == 0
    assert "HierarchicalLogLinear" in out
    assert f"people by {year}: more in 2016 than in 2014 (probability >99%)" in out
    rows = block(out, year).splitlines()
    assert rows[0].split()[:3] == ["estimate", "low", "high"]
    assert "P(increase)" in rows[0]
    assert "P(more than in 2014)" in rows[0]
    assert [row.split()[0] for row in rows[2:]] == ["2014", "2015", "2016"]
    assert rows[-1].split()[-3:-1] == [">99%", ">99%"]
    again = dk.estimate(
        dk.read(path, by=["sex", year], count="people"),
        dk.HierarchicalLogLinear(year=year),
        seed=1,
        draws=400,
    )
    expected = again.trend(by=year)
    assert [row.split()[1] for row in rows[2:]] == [f"{n:,.0f}" for n in expected["estimate"]]
    content = json.loads(numbers.read_text(encoding="utf-8"))
    assert [each["level"] for each in content["trend"]] == ["2014", "2015", "2016"]
    assert content["trend"][0]["increase"] is None
    assert content["trend"][2]["increase"] == expected["increase"].iloc[2]
    assert [each["level"] for each in content["by"]["sex"]] == ["m", "f"]
    assert picture.stat().st_size > 5_000


def test_a_model_without_years_and_a_bootstrap_have_trends_too(capsys, tmp_path):
    path = written(tmp_path / "c.csv", "jaar")
    options = ("--count", "people", "--by", "sex", "--year", "jaar", *FAST)
    model = ("--model", "LogLinear(terms='A*jaar + B*jaar + C*jaar', uncertainty=Bootstrap(50))")
    status, out, _ = run(capsys, "estimate", path, *options, *model)
    assert status == 0
    assert "share of draws(increase)" in out.replace(" (increase", "(increase")
    model = ("--model", "DecomposableGraphs")
    status, out, _ = run(capsys, "estimate", path, *options, *model)
    assert status == 0
    assert "P(increase)" in block(out, "jaar")


def test_years_of_a_file_of_suppressed_and_rounded_counts(capsys, tmp_path):
    path = written(tmp_path / "c.csv", suppressed=True)
    options = ("--count", "people", "--by", "sex", "--year", "year", "--zeros", "shown")
    gaps = ("--threshold", "7", "--rounding", "5")
    status, out, _ = run(capsys, "estimate", path, *options, *gaps, *FAST)
    assert status == 0
    assert "by the limits of the counts" in out
    assert "threshold=7, rounding=5" in " ".join(out.split())
    rows = block(out, "year").splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["2014", "2015", "2016"]


@pytest.mark.parametrize("by", [("--by", "sex,year"), ("--by", "sex", "--by", "year")])
def test_strata_named_at_once_or_one_by_one(capsys, tmp_path, by):
    options = ("--count", "people", *by, *FAST)
    status, out, _ = run(capsys, "estimate", written(tmp_path / "c.csv"), *options)
    assert status == 0
    assert [row.split()[0] for row in block(out, "sex").splitlines()[2:]] == ["m", "f"]
    pairs = block(out, "sex year").splitlines()[2:]
    assert len(pairs) == 6
    assert re.match(r"m +2016 ", pairs[0])


def test_more_combinations_than_are_read_are_not_printed(capsys, tmp_path):
    rows = [
        f"{a},{b},{region},{year},{30 - 9 * a * b}"
        for region in range(8)
        for year in range(2010, 2018)
        for a, b in ((1, 0), (0, 1), (1, 1))
    ]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["A,B,region,year,count", *rows]) + "\n", encoding="utf-8")
    options = ("--by", "region", "--year", "year", "--model", "TwoList", *FAST)
    status, out, _ = run(capsys, "estimate", str(path), *options)
    assert status == 0
    assert (
        "(64 combinations of region and year: in Python est.summary(by=['region', 'year'])" in out
    )


def test_compared_by_year(capsys, tmp_path):
    path = written(tmp_path / "c.csv", "jaar")
    models = ("--model", "HierarchicalLogLinear", "--model", "BayesianLogLinear")
    options = ("--count", "people", "--by", "sex", "--year", "jaar", *FAST)
    numbers = tmp_path / "a.json"
    status, out, _ = run(capsys, "compare", path, *options, *models, "--json", str(numbers))
    assert status == 0
    for model in json.loads(numbers.read_text("utf-8"))["models"]:
        assert [each["level"] for each in model["trend"]] == ["2014", "2015", "2016"]
        assert all(each["low"] < each["estimate"] < each["high"] for each in model["trend"])
    assert "HierarchicalLogLinear(year='jaar')" in out
    rows = block(out, "jaar").splitlines()
    assert rows[0].split() == ["HierarchicalLogLinear", "BayesianLogLinear"]
    assert [row.split()[0] for row in rows[2:]] == ["2014", "2015", "2016"]


def test_settings_of_one_model_are_compared_by_year(capsys, tmp_path):
    path = written(tmp_path / "c.csv")
    options = ("--count", "people", "--by", "sex", "--year", "year", *FAST)
    status, out, _ = run(capsys, "sensitivity", path, *options, "--model", "DecomposableGraphs")
    assert status == 0
    heads = block(out, "year").splitlines()[0].split()
    model = dk.DecomposableGraphs()
    others = [each for each in model.varied(3) if each != model]
    assert heads == [write_call(each) for each in (model, *others)]


def test_models_that_suit_a_table_with_years_by_another_name(capsys, tmp_path):
    path = written(tmp_path / "c.csv", "jaar")
    options = ("--count", "people", "--by", "sex", "--year", "jaar")
    status, out, _ = run(capsys, "describe", path, *options)
    assert status == 0
    assert out.split("models that suit it, best first:\n")[1].startswith("  HierarchicalLogLinear")
    suggested = dk.suggest(dk.read(path, by=["sex", "jaar"], count="people"), year="jaar")
    assert suggested[0].model == dk.HierarchicalLogLinear(year="jaar")
    assert suggested[-1].model == dk.DutchWorkflow(year="jaar")


@pytest.mark.parametrize(
    ("data", "options", "message", "hint"),
    [
        ("{}", ("--year", "jear", "--by", "sex"), "no column 'jear'", 'Did you mean "year"?'),
        ("{}", ("--year", "year", "--strata", "pooled"), "--strata pooled", "one of the two"),
        ("{}", ("--year", "year,sex"), "--year is 'year,sex'", "--year year --by sex"),
        ("{}", ("--year", ""), "--year is ''", "--year year --by sex"),
        ("{}", ("--plot-trend", "x.png"), "--plot-trend needs the column", "--year year"),
        (
            "palembang",
            ("--year", "year"),
            "no stratum variable of palembang (it has none)",
            "leave",
        ),
        ("practice_register", ("--year", "yeer"), "no stratum variable", 'Did you mean "year"?'),
    ],
)
def test_years_that_cannot_be(capsys, tmp_path, data, options, message, hint):
    path = written(tmp_path / "c.csv")
    status, out, err = run(capsys, "estimate", data.format(path), *options)
    assert (status, out) == (2, "")
    problem, _, advice = err.partition("Hint: ")
    assert message in problem
    assert hint in advice

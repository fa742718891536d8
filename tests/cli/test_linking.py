import json

import pytest

import darkfigure as dk
from darkfigure.cli import main

CELLS = """register,survey,signs,count
1,1,none,5
1,0,none,195
1,1,few,60
1,0,few,140
1,1,many,135
1,0,many,265
0,1,,400
"""


@pytest.fixture
def cells(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text(CELLS)
    return str(path)


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def test_missed_links_are_those_of_the_verb(capsys, tmp_path):
    numbers, picture = tmp_path / "a.json", tmp_path / "a.png"
    status, out, err = run(
        capsys,
        *("missed-links", "kosovo", "--total", "8,000", "--model", "DecomposableGraphs"),
        *("--seed", "1", "--json", str(numbers), "--plot", str(picture)),
    )
    assert (status, err) == (0, "")
    assert "8,000 killings instead of 12,600 if 25% of the links" in " ".join(out.split())
    found = dk.missed_links("kosovo", dk.DecomposableGraphs(), total=8_000, seed=1)
    told = json.loads(numbers.read_text())
    assert told["share"] == pytest.approx(found.share)
    assert told["target"] == 8_000
    assert picture.stat().st_size > 5_000


def test_missed_links_by_a_factor(capsys):
    options = ("--factor", "0.9", "--model", "DecomposableGraphs", "--seed", "1")
    status, out, _ = run(capsys, "missed-links", "kosovo", *options)
    assert status == 0
    assert "11,300 killings instead of 12,600" in " ".join(out.split())


def test_trimming_is_that_of_the_verb(capsys, tmp_path, cells):
    numbers, picture = tmp_path / "a.json", tmp_path / "a.png"
    status, out, err = run(
        capsys,
        *("trimming", cells, "--list", "register", "--doubt", "signs", "--order", "none,few"),
        *("--model", "TwoList", "--seed", "1", "--json", str(numbers), "--plot", str(picture)),
    )
    assert (status, err) == (0, "")
    assert "with 200 doubtful records taken off register" in " ".join(out.split())
    steps = json.loads(numbers.read_text())["steps"]
    assert [step["trimmed"] for step in steps] == [0, 200, 400]
    # n (x - k) / (m - k1), Zhang & Dunne: the survey has 600 people
    exact = [600 * 800 / 200, 600 * 600 / 195, 600 * 400 / 135]
    assert [step["estimate"] for step in steps] == pytest.approx(exact, rel=0.02)
    assert picture.stat().st_size > 5_000


def test_levels_that_are_numbers_are_found(capsys, tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text(CELLS.replace("none", "1").replace("few", "2").replace("many", "3"))
    options = ("--list", "register", "--doubt", "signs", "--order", "1", "--model", "TwoList")
    status, out, err = run(capsys, "trimming", str(path), *options, "--seed", "1")
    assert (status, err) == (0, "")
    assert "200 doubtful records" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missed-links", "kosovo", "--total", "many"), "'many' is asked about; expected a number"),
        (("missed-links", "kosovo", "--total", "8.000"), "'8.000' is asked about"),
        (("missed-links", "kosovo", "--total", "1e300"), "missed links make an estimate too large"),
        (
            ("missed-links", "kosovo", "--total", "8000", "--factor", "0.5"),
            "which say the same in two ways",
        ),
        (("missed-links", "kosovo", "--factor", "2"), "factor is 2.0; expected a number between"),
        (("missed-links", "kosovo", "--json", "-"), "--json is -"),
        (("trimming", "kosovo"), "--list is missing"),
        (("trimming", "kosovo", "--list", "EXH"), "--doubt is missing"),
        (("trimming", "kosovo", "--list", "EXH", "--doubt", "signs"), "no stratum variable"),
    ],
)
def test_refused_in_words(capsys, arguments, message):
    status, out, err = run(capsys, *arguments, "--model", "DecomposableGraphs", "--seed", "1")
    assert (status, out) == (2, "")
    assert message in err

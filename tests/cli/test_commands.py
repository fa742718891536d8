import json
import os
import subprocess
import sys

import pytest

import darkfigure as dk
from darkfigure.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def test_estimate_a_dataset(capsys):
    model = ("--model", "DecomposableGraphs")
    status, out, err = run(capsys, "estimate", "palembang", *model, "--seed", "1")
    assert status == 0
    assert out.startswith("159 ")
    assert "posterior interval 123 to 49" in out
    assert err == ""


def test_estimate_a_file_with_options(capsys, tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("A;B;aantal\n1;1;20\n1;0;80\n0;1;60\n", encoding="utf-8")
    picture, numbers, kept = (tmp_path / name for name in ("a.png", "a.json", "a.nc"))
    status, out, _ = run(
        capsys,
        *("estimate", str(path), "--lists", "A,B", "--count", "aantal", "--prob", "0.9"),
        *("--model", "TwoList(odds_ratio=2)", "--seed", "3", "--draws", "400"),
        *("--json", str(numbers), "--plot", str(picture), "--save", str(kept)),
    )
    assert status == 0
    assert "90% posterior interval" in out
    assert "odds ratio 2" in out
    content = json.loads(numbers.read_text(encoding="utf-8"))
    assert content["prob"] == 0.9
    assert content["seen"] == 160
    assert picture.stat().st_size > 5_000
    assert kept.exists()


def test_candidate_models_are_printed_and_drawn(capsys, tmp_path):
    cloud = tmp_path / "cloud.png"
    model = "LogLinear(uncertainty=Delta())"
    status, out, _ = run(
        capsys,
        *("estimate", "kosovo", "--model", model, "--models", "3", "--plot-models", str(cloud)),
    )
    assert status == 0
    assert "12741.0" in out
    assert cloud.stat().st_size > 5_000


def test_strata_are_shown_by_level(capsys):
    status, out, _ = run(capsys, "estimate", "spina_bifida_by_ethnicity", "--seed", "1")
    assert status == 0
    assert "Afro-American" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["estimate", "netherland"], 'Did you mean "netherlands"?'),
        (["estimate", "absent.csv"], "absent.csv"),
        (["estimate", "uk", "--model", "LogLiner"], 'Did you mean "LogLinear"?'),
        (["estimate", "uk", "--prob", "95"], "prob is 95"),
        (["estimate", "uk", "--lists", "LA,NG"], "leave --lists"),
        (["estimate", "uk", "--json", "no/such/folder/a.json"], "folder"),
        (["estimate", "uk", "--draws", "7"], "draws is 7"),
        (["compare", "palembang", "--model", "TwoList"], "exactly 2 lists"),
    ],
)
def test_bad_input_gets_one_message_and_status_2(capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_describe(capsys, tmp_path):
    picture = tmp_path / "upset.png"
    status, out, _ = run(capsys, "describe", "netherlands", "--plot", str(picture))
    assert status == 0
    assert "8,234 people on 6 lists" in out
    assert "models that suit it" in out
    assert picture.exists()


def test_compare(capsys, tmp_path):
    numbers = tmp_path / "c.json"
    status, out, _ = run(
        capsys,
        *("compare", "palembang", "--model", "DecomposableGraphs", "--model"),
        *("LogLinear(uncertainty=Bootstrap(50))", "--seed", "1", "--json", str(numbers)),
    )
    assert status == 0
    assert "2 models agree within a tenth" in out
    assert len(json.loads(numbers.read_text(encoding="utf-8"))["models"]) == 2


def test_datasets(capsys):
    status, out, _ = run(capsys, "datasets")
    assert status == 0
    assert "netherlands_five_lists" in out


@pytest.mark.parametrize("command", ["estimate", "describe", "compare"])
def test_help_shows_an_example(capsys, command):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"darkfigure {command}" in capsys.readouterr().out.split("example:")[1]


def test_as_a_program_in_a_pipe():
    done = subprocess.run(
        [sys.executable, "-m", "darkfigure.cli", "estimate", "palembang", "--seed", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert " people (95% posterior interval " in done.stdout.splitlines()[0]
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("option", "name", "message"),
    [
        *((option, ".", "is a folder") for option in ("--json", "--save", "--plot")),
        *((option, "", "is empty") for option in ("--json", "--save", "--plot", "--plot-models")),
        *((option, "/dev/null", "not a regular file") for option in ("--json", "--save")),
        ("--plot", "x.bmp", "ends in '.bmp'; expected a picture"),
        ("--plot", "x.txt", "ends in '.txt'; expected a picture"),
        ("--plot", "x", "has no ending; expected a picture"),
        ("--save", "no/such/folder/x.nc", "there is no folder"),
    ],
)
def test_outputs_are_checked_before_the_work(capsys, monkeypatch, option, name, message):
    worked = "darkfigure.cli.asked.estimate"
    monkeypatch.setattr(worked, lambda *_, **__: pytest.fail("worked first"))
    status, out, err = run(capsys, "estimate", "palembang", option, name)
    assert (status, out) == (2, "")
    assert message in err
    assert option in err


def test_saving_says_what_is_wrong_in_words(tmp_path):
    est = dk.estimate("palembang", dk.DecomposableGraphs(), seed=1)
    for path in ("/nope/x.nc", tmp_path, "/dev/null"):
        with pytest.raises(dk.SettingsError, match=r"folder|regular"):
            est.save(path)
    est.save(tmp_path / "x.nc")
    assert [path.name for path in tmp_path.iterdir()] == ["x.nc"]


def test_rows_that_are_people(capsys, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("A,B,n\n1,0,5\n0,1,6\n1,1,7\n", encoding="utf-8")
    status, _, err = run(capsys, "describe", str(path), "--lists", "A,B")
    assert status == 2
    assert "count='n'" in err
    _, out, _ = run(capsys, "describe", str(path), "--lists", "A,B", "--count", "none")
    assert out.startswith("3 people")


def test_signs_that_the_terminal_lacks_are_written_as_codes(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("Šé,B,count\n1,0,5\n0,1,6\n1,1,7\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "darkfigure.cli", "describe", str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert r"\u0160\xe9" in done.stdout


PRINTED = """A,F,year,count
1,0,2014,15
1,0,2016,30
0,1,2016,<5
1,1,2016,10
"""


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("--threshold 5", "  cells    3 exact, 3 known only between limits"),
        ("--threshold 5", "  counts   counts below 5 suppressed (zeros among them)"),
        ("--threshold 5 --omitted zero", "  cells    3 exact, 1 known only between limits"),
        ("--threshold 5 --zeros shown", "56 to 67 people on 2 lists"),
        ("--threshold 5 --rounding 5", "the others rounded to 5"),
        ("--threshold 5 --rounding down_to_5", "the others rounded down to 5"),
        (
            "--inactive F:year=2010-2015",
            "  cells    3 exact, 1 known only between limits; 1 of them summed over what is blank",
        ),
        ("--threshold 5", "LogLinear: the field's habit"),
    ],
)
def test_gaps_of_a_file_are_said(capsys, tmp_path, options, found):
    path = tmp_path / "cells.csv"
    path.write_text(PRINTED, encoding="utf-8")
    words = [word.replace("_", " ") for word in options.split()]
    status, out, _ = run(capsys, "describe", str(path), "--by", "year", *words)
    assert status == 0
    assert found in out
    assert "people on both lists (at least)" in out


def test_blanks_and_pairs_of_a_file_are_said(capsys, tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("A,B,C,low,high\n1,0,,1,4\n0,1,0,2,2\n0,0,1,3,3\n", encoding="utf-8")
    apart = ("--impossible", "A,B", "--impossible", "B,C")
    status, out, _ = run(capsys, "describe", str(path), "--blank", "inactive", *apart)
    assert status == 0
    assert "never    on both, by their nature: A-B, B-C" in out
    assert "blank    not at work everywhere: C" in out
    status, out, _ = run(capsys, "describe", str(path), "--blank", "0", "--count", "low,high")
    assert "6 to 9 people" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "uk", "--threshold", "5"], "uk is a dataset"),
        (["describe", "{}", "--by", "year", "--threshold", "1"], "threshold is 1"),
        (["describe", "{}", "--by", "year", "--inactive", "F 2014"], "inactive is 'F 2014'"),
        (["describe", "{}", "--by", "year", "--inactive", "F:year=2020"], "has no level 2020"),
        (["describe", "{}", "--by", "year", "--impossible", "A"], "expected pairs of two lists"),
        (["estimate", "{}", "--by", "year", "--threshold", "5"], "has an estimate"),
        (["compare", "{}", "--by", "year", "--threshold", "5"], "has an estimate"),
    ],
)
def test_gaps_that_cannot_be_get_one_message(capsys, tmp_path, arguments, message):
    path = tmp_path / "cells.csv"
    path.write_text(PRINTED, encoding="utf-8")
    status, out, err = run(capsys, *(each.format(path) for each in arguments))
    assert (status, out) == (2, "")
    assert message in err


def test_a_calibrated_answer_is_printed_beside_the_other(capsys, tmp_path):
    numbers = tmp_path / "a.json"
    model = ("--model", "DecomposableGraphs", "--seed", "1", "--json", str(numbers))
    status, out, err = run(capsys, "estimate", "palembang", *model, "--calibrate")
    assert (status, err) == (0, "")
    assert "95% calibrated interval" in out.splitlines()[0]
    assert "uncalibrated 159 people (95% posterior interval" in out
    assert json.loads(numbers.read_text(encoding="utf-8"))["kind"] == "calibrated"
    other = ("--model", "DecomposableGraphs(delta=0.5)", "--calibrate")
    status, out, err = run(capsys, "estimate", "palembang", *other)
    assert (status, out) == (2, "")
    assert "dk.make_reference(dk.DecomposableGraphs(delta=0.5)" in err


def test_tables_not_to_learn_from_are_named_between_commas(capsys):
    asked = ("estimate", "palembang", "--model", "DecomposableGraphs", "--seed", "1")
    status, out, err = run(capsys, *asked, "--calibrate", "--exclude", "uk, kosovo")
    assert status == 0, err
    assert "exclude=('uk', 'kosovo')" in " ".join(out.split())
    status, _, err = run(capsys, *asked, "--exclude", "uk")
    assert status == 2
    assert "without --calibrate" in err
    status, _, err = run(capsys, *asked, "--calibrate", "--exclude", "ukk")
    assert status == 2
    assert "no table" in err

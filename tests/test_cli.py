import json
import subprocess
import sys

import pytest

from darkfigure.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def test_estimate_a_dataset(capsys):
    status, out, err = run(capsys, "estimate", "palembang", "--seed", "1")
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
    assert done.stdout.startswith("159 ")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""

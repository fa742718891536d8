"""The command check: verdict, forecast, files, refusals."""

import json

import pytest

from darkfigure.cli import main

QUICK = ("--model", "LogLinear(order=2, uncertainty=Delta())", "--draws", "400", "--seed", "1")


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def test_the_verdict_goes_out_and_the_forecast_beside_it(capsys, tmp_path):
    picture, numbers = tmp_path / "k.png", tmp_path / "k.json"
    some = ("--checks", "internal, merge", "--workers", "1", "--no-cache")
    files = ("--plot", str(picture), "--json", str(numbers))
    status, out, err = run(capsys, "check", "kosovo", *QUICK, *some, *files)
    assert status == 0
    assert out.startswith("Of four lists of known size the 95% asymptotic interval held two")
    timing, forecast = err.splitlines()
    assert timing == "darkfigure: timing the first of 11 estimates"
    assert forecast.startswith("darkfigure: checking: 11 estimates, about ")
    assert picture.stat().st_size > 20_000
    content = json.loads(numbers.read_text(encoding="utf-8"))
    assert {each["check"] for each in content["cases"]} == {"estimate", "internal", "merge"}
    assert content["draws"] == 400


def test_every_case_is_printed_when_asked(capsys):
    some = ("--checks", "merge", "--no-cache")
    _, out, _ = run(capsys, "check", "uk", *QUICK, *some)
    assert "PF + NCA" not in out
    _, out, _ = run(capsys, "check", "uk", *QUICK, *some, "--rows")
    (line,) = [line for line in out.splitlines() if "PF + NCA" in line]
    assert "22,991" in line


def test_a_second_call_is_kept(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("darkfigure.trust.kept.sys.platform", "linux")
    arguments = ("check", "palembang", *QUICK, "--checks", "drop")
    _, first, err = run(capsys, *arguments)
    assert "about" in err
    _, second, err = run(capsys, *arguments)
    assert err == ""
    assert "kept from an earlier call" in second
    assert first.splitlines()[:4] == second.splitlines()[:4]


def test_years_by_another_name(capsys, tmp_path):
    path = tmp_path / "cells.csv"
    rows = [(a, b, year, 10 + 5 * year) for year in (1, 2) for a, b in ((1, 1), (1, 0), (0, 1))]
    lines = [f"{a},{b},{2013 + year},{count}" for a, b, year, count in rows]
    path.write_text("\n".join(["A,B,jaar,count", *lines]), encoding="utf-8")
    model = ("--model", "LogLinear(uncertainty=Delta())", "--draws", "400", "--no-cache")
    asked = ("--year", "jaar", "--checks", "years")
    status, out, _ = run(capsys, "check", str(path), *model, *asked)
    assert status == 0
    assert "in 2014" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--checks", "merges"), "'merge'"),
        (("--steps", "1"), "steps is 1"),
        (("--json", "no/such/folder/a.json"), "folder"),
        (("--model", "TwoList"), "exactly 2 lists"),
    ],
)
def test_bad_input_gets_one_message_and_status_2(capsys, arguments, message):
    status, out, err = run(capsys, "check", "kosovo", *arguments, "--no-cache")
    assert status == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err

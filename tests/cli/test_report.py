"""The report on the command line."""

import json

import pytest

import darkfigure as dk
from darkfigure.cli import main


def test_report_beside_an_estimate(tmp_path, capsys):
    page = tmp_path / "page.html"
    asked = ["estimate", "spina_bifida", "--seed", "1", "--report", str(page), "--language", "nl"]
    assert main(asked) == 0
    assert "Hoeveel in totaal?" in page.read_text("utf-8")
    assert "children (95%" in capsys.readouterr().out


def test_report_of_a_saved_estimate(tmp_path, capsys):
    saved, page = tmp_path / "a.nc", tmp_path / "page.json"
    est = dk.estimate("spina_bifida", seed=1)
    est.save(saved)
    assert main(["report", str(saved), str(page), "--disclose", "--compare"]) == 0
    assert f"report: {page}" in capsys.readouterr().out
    found = json.loads(page.read_text("utf-8"))
    assert found["answer"]["estimate"] == est.estimate
    assert len(found["models"]["compared"]["models"]) > 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["report", "spina_bifida", "page.txt"], "expected a report"),
        (["report", "a.nc", "page.html", "--model", "LogLinear"], "--model cannot stand"),
        (["estimate", "spina_bifida", "--report", "page.doc"], "--report: 'page.doc'"),
        (["estimate", "spina_bifida", "--report", "-"], "--report is -"),
    ],
)
def test_refusals_come_before_the_work(options, problem, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(options) == 2
    assert problem in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

"""The report on the command line."""

import json
import re

import pytest

import darkfigure as dk
from darkfigure.cli import main


def test_report_beside_an_estimate(tmp_path, capsys):
    page = tmp_path / "page.html"
    asked = ["estimate", "spina_bifida", "--seed", "1", "--report", str(page), "--language", "nl"]
    assert main(asked) == 0
    assert "Hoeveel in totaal?" in page.read_text("utf-8")
    said = capsys.readouterr().out
    assert "children (95%" in said
    assert f"report: {page}" in said
    verdict = re.search(r"^oordeel: (.+)$", said, re.MULTILINE)[1]
    assert verdict in page.read_text("utf-8")


def test_report_of_a_saved_estimate(tmp_path, capsys):
    saved, page = tmp_path / "a.nc", tmp_path / "page.json"
    est = dk.estimate("spina_bifida", seed=1)
    est.save(saved)
    assert main(["report", str(saved), str(page), "--disclose", "--compare"]) == 0
    said = capsys.readouterr().out
    found = json.loads(page.read_text("utf-8"))
    assert f"verdict: {found['verdict']['in_words']}\nreport: {page}" in said
    assert found["answer"]["estimate"] == est.estimate
    assert len(found["models"]["compared"]["models"]) > 1


def test_what_is_asked_for_stands_in_the_report(tmp_path):
    saved, page = tmp_path / "a.nc", tmp_path / "page.json"
    est = dk.estimate("kosovo", dk.LogLinear(order=2, uncertainty=dk.Delta()), seed=1)
    est.save(saved)
    asked = ["--claim", "30000", "8,000", "--check", "--identify", "--bounds", "1,5", "--disclose"]
    assert main(["report", str(saved), str(page), *asked]) == 0
    found = json.loads(page.read_text("utf-8"))
    claims = found["claims"]["claims"]
    assert [each["total"] for each in claims] == [30_000, 8_000]
    # xi as published for these totals: Aleshin-Guendel, Sadinle & Wakefield 2024
    assert [each["needs"][0]["needed"] for each in claims] == pytest.approx([0.49, 3.48], abs=0.005)
    [bounds] = found["identified"]["bounds"]
    assert bounds["exact"] == pytest.approx([9_691, 18_320], abs=1)
    assert found["identified"]["assumptions"][0]["estimate"] == pytest.approx(16_941.88, abs=0.01)
    assert {each["check"] for each in found["checks"]["cases"]} >= {"internal", "drop", "merge"}


def test_a_claim_per_year_beside_an_estimate(tmp_path):
    page = tmp_path / "page.json"
    asked = ["estimate", "netherlands", "--model", "DecomposableGraphs", "--seed", "1"]
    asked += ["--report", str(page), "--claim", "6250", "--per", "year"]
    asked += ["--bounds", "1", "5", "--among", "everyone"]
    assert main(asked) == 0
    found = json.loads(page.read_text("utf-8"))
    assert [each["total"] for each in found["claims"]["claims"]] == [6 * 6_250]
    assert found["identified"]["bounds"][0]["odds_ratios"] == [1, 5]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["report", "kosovo", "page.html", "--claim", "many"], "expected a number of people"),
        (["report", "kosovo", "page.html", "--bounds", "1"], "--bounds is '1'; expected two"),
        (["report", "kosovo", "page.html", "--per", "year"], "--per is given without --claim"),
        (["estimate", "kosovo", "--identify"], "--identify belongs to a report"),
        (["estimate", "kosovo", "--claim", "3000"], "--claim belongs to a report"),
        (["estimate", "kosovo", "--language", "nl"], "--language belongs to a report"),
        (["estimate", "kosovo", "--disclose"], "--disclose belongs to a report"),
        (["estimate", "kosovo", "--small", "10"], "--small belongs to a report"),
        (["report", "kosovo", "page.html", "--disclose", "--small", "9"], "--small hides some"),
        (["report", "spina_bifida", "."], "'' has no ending"),
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


def test_a_report_of_a_calibrated_answer(tmp_path, capsys):
    page = tmp_path / "page.json"
    model = ("--model", "DecomposableGraphs", "--seed", "1")
    asked = ["report", "palembang", str(page), *model, "--calibrate", "--exclude", "uk"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "uncalibrated 159 people" in said
    est = dk.calibrate(dk.estimate("palembang", dk.DecomposableGraphs(), seed=1), "uk")
    assert json.loads(page.read_text("utf-8"))["answer"]["kind"] == "calibrated"
    assert est.text().splitlines()[0] in said
    assert main(["report", "palembang", str(page), *model, "--exclude", "uk"]) == 2
    assert "without --calibrate" in capsys.readouterr().err

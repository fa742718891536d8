"""What a check says in words, as JSON and on one page."""

import json
import math
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import darkfigure as dk
from darkfigure.trust.durations import in_words

mpl.use("Agg")


@pytest.fixture(scope="module")
def kosovo():
    model = dk.LogLinear(order=2, uncertainty=dk.Delta())
    return dk.check("kosovo", model, seed=1, draws=400, cache=False)


def test_the_verdict_comes_first(kosovo):
    frame = kosovo.summary()
    known = frame[frame["check"] == "internal"]
    held = int(known["covered"].sum())
    first, second, *_ = repr(kosovo).splitlines()
    assert first.startswith("Of four lists of known size the 95% asymptotic interval held ")
    assert {0: "none", 1: "one", 2: "two", 3: "three", 4: "all"}[held] in first
    assert (known["log_error"] < 0).sum() == 3
    assert "three estimates were too low" in first
    moved = frame[frame["check"].isin(["drop", "merge", "cells"])]
    most = moved.loc[moved["log_change"].abs().idxmax()]
    assert f"gives {most['estimate']:,.0f} instead of {kosovo.base.estimate:,.0f}" in second


def test_the_printed_form_names_every_check(kosovo):
    text = repr(kosovo)
    for label in ("answer", "lists", "merged", "accrual", "cells", "left out", "exists", "again"):
        assert f"\n  {label}" in text
    assert "LogLinear has no prior to vary" in text
    assert "16,942" in text
    assert "<strong>Of four lists" in kosovo._repr_html_()


def test_json_holds_every_case(kosovo, tmp_path):
    path = tmp_path / "check.json"
    content = json.loads(kosovo.to_json(path))
    assert content == json.loads(path.read_text(encoding="utf-8"))
    assert len(content["cases"]) == len(kosovo.answers)
    first = content["cases"][1]
    assert (first["check"], first["case"], first["truth"]) == ("internal", "EXH", 1910)
    assert content["verdict"][0] in repr(kosovo)
    assert {each["covered"] for each in content["cases"]} <= {True, False, None}


def test_one_page_of_plots(kosovo):
    figure = kosovo.plot()
    figure.canvas.draw()  # a layout that fails warns
    assert len(figure.axes) == 6
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles[0] == "people on each list, from the other lists"
    names = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert names == ["without EXH", "without ABA", "without OSCE", "without HRW"]
    assert "no prior to vary" in figure.axes[5].texts[0].get_text().replace("\n", " ")
    plt.close(figure)


def test_an_interval_without_an_end_is_marked(kosovo):
    answers = list(kosovo.answers)
    at = next(i for i, each in enumerate(answers) if (each.check, each.case) == ("drop", "OSCE"))
    answers[at] = replace(answers[at], high=math.inf)
    endless = replace(kosovo, timed=replace(kosovo.timed, answers=tuple(answers)))
    figure = endless.plot()
    figure.canvas.draw()
    marked = [
        (axes, list(line.get_ydata()))
        for axes in figure.axes
        for line in axes.lines
        if line.get_marker() == ">"
    ]
    assert marked == [(figure.axes[1], [2])]
    plt.close(figure)


def test_a_page_of_what_cannot_be_estimated():
    """A table without overlap: the answers are refusals, and they are drawn as such."""
    rows = {"A": [1, 0, 0], "B": [0, 1, 0], "C": [0, 0, 1], "count": [50, 60, 70]}
    table = dk.CaptureTable.from_counts(rows)
    model = dk.LogLinear(order=2, uncertainty=dk.Delta())
    found = dk.check(table, model, seed=1, draws=400, cache=False)
    assert found.base.outcome == "no estimate"
    assert "The table as it is has no estimate" in repr(found)
    figure = found.plot()
    figure.canvas.draw()
    plt.close(figure)


def test_likelihoods_without_end_are_no_estimates():
    """[b c][b d] on Palembang runs off: it keeps a lower limit, and holds nothing."""
    table = dk.load("palembang").with_about(known_unseen=10**6)
    model = dk.LogLinear(terms="[b c][b d]", uncertainty=dk.Profile())
    found = dk.check(table, model, seed=1, draws=400, cache=False, checks="existence")
    assert found.base.outcome == "no estimate"
    assert 123 < found.base.low < 10**6 < found.base.high
    assert found.base.covered is False
    assert "no estimate" in found.base.note


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "a second"),
        (7.4, "7 seconds"),
        (43, "45 seconds"),
        (200, "3 minutes"),
        (9e3, "2 hours"),
    ],
)
def test_durations(seconds, words):
    assert in_words(seconds) == words

"""The UpSet plot: what it shows, and that nothing overlaps."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from darkfigure.data.datasets import load
from darkfigure.data.table import CaptureTable


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def panels(figure: Figure) -> list[plt.Axes]:
    return figure.axes[0].child_axes


def texts(figure: Figure) -> list[str]:
    outer = figure.axes[0]
    return [text.get_text() for ax in (outer, *panels(figure)) for text in ax.texts]


def many(k: int, share: float) -> CaptureTable:
    rng = np.random.default_rng(1)
    on = rng.random((5000, k)) < share
    on[:, 0] |= ~on.any(axis=1)
    lists = [f"organisation number {j}" for j in range(k)]
    return CaptureTable.from_records(pd.DataFrame(on, columns=lists), lists=lists)


def test_the_dutch_table_shows_twenty_histories_and_says_what_is_left_out() -> None:
    figure = load("netherlands").plot()
    bars, dots, sizes = panels(figure)
    assert len(bars.patches) == 20
    assert bars.get_yscale() == "log"
    assert bars.get_ylabel() == "people (log scale)"
    assert [label.get_text() for label in dots.get_yticklabels()] == list("IKOPRZ")
    assert "4,466" in texts(figure)
    assert "4,812" in texts(figure)
    note = "The largest 20 of 24 histories; the other 4 have 5 people (0.1%)."
    assert note in texts(figure)
    assert len(sizes.patches) > 6


def test_counts_of_the_same_order_stand_on_a_plain_scale() -> None:
    bars = panels(load("kosovo").plot())[0]
    assert bars.get_yscale() == "linear"
    assert bars.get_ylim()[0] == 0


def _shown_ticks(ax: plt.Axes) -> list[plt.Text]:
    low, high = sorted(ax.get_ylim())
    ticks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    return [label for at, label in ticks if low <= at <= high]


@pytest.mark.parametrize(
    "make",
    [
        lambda: load("netherlands"),
        lambda: load("kosovo"),
        lambda: load("palembang"),
        lambda: load("hare"),
        lambda: many(14, 0.1),
        lambda: many(4, 0.5),
    ],
    ids=["netherlands", "kosovo", "palembang", "hare", "fourteen lists", "four lists"],
)
def test_no_label_overlaps_another(make) -> None:
    figure = make().plot()
    figure.canvas.draw()
    outer = figure.axes[0]
    found = [outer.title, outer._left_title, *outer.texts]
    for ax in panels(figure):
        found += [*ax.texts, *_shown_ticks(ax), ax.yaxis.label, ax._right_title]
        if ax.get_legend():
            found += ax.get_legend().get_texts()
    boxes = [
        (each.get_text(), each.get_window_extent())
        for each in found
        if each.get_visible() and each.get_text()
    ]
    width, height = figure.get_size_inches() * figure.dpi
    for (name, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.padded(-0.5).overlaps(second), (name, other)
    for name, box in boxes:
        assert box.x0 >= 0, name
        assert box.x1 <= width, name
        assert box.y0 >= 0, name
        assert box.y1 <= height, name


def test_blanks_and_limits_are_marked() -> None:
    table = CaptureTable.from_counts(
        {"A": [1, 0, 1], "B": [0, 1, None], "low": [12, 30, 0], "high": [12, 30, 97]},
        count=("low", "high"),
        blank="inactive",
    )
    shown = texts(table.plot())
    assert "0-97" in shown
    assert any("the list was not at work" in text for text in shown)


def test_it_draws_where_it_is_told() -> None:
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))
    assert load("kosovo").plot(ax=axes[1]) is figure
    assert len(axes[1].child_axes) == 3
    assert not axes[0].child_axes


def test_a_dollar_sign_begins_no_formula():
    frame = {"cost $5 $x^{$": [1, 0, 1], "B": [0, 1, 1], "count": [5, 6, 7]}
    figure = CaptureTable.from_counts(frame).with_about(people="$a$ people").plot()
    figure.canvas.draw()
    labels = [
        label.get_text() for axes in figure.findobj(plt.Axes) for label in axes.get_yticklabels()
    ]
    assert r"cost \$5 \$x^{\$" in labels
    plt.close(figure)


def test_numbers_stay_below_the_title():
    on = np.array([row for row in itertools.product([0, 1], repeat=12) if 0 < sum(row) < 3])
    frame = pd.DataFrame(on, columns=[f"L{j}" for j in range(12)]).assign(count=1_200_000)
    figure, outer = plt.subplots(figsize=(6, 3))
    CaptureTable.from_counts(frame).plot(outer)
    figure.canvas.draw()
    top = figure.axes[0].get_window_extent().y1
    numbers = [text for axes in figure.findobj(plt.Axes) for text in axes.texts]
    assert max(text.get_window_extent().y1 for text in numbers) <= top
    plt.close(figure)

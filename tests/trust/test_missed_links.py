"""The share of missed links that makes a figure another, against closed forms and the way back."""

import json
import math

import matplotlib as mpl
import numpy as np
import pytest

import darkfigure as dk
from darkfigure.numerics.linkage import expected_counts
from darkfigure.trust.repaired_totals import repaired_table

mpl.use("Agg")


def two_lists(both=200, first=1_800, second=1_300):
    return dk.CaptureTable.from_counts(
        {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, first, second]}
    )


@pytest.mark.parametrize("factor", [0.5, 0.7, 0.9])
def test_two_independent_lists_fall_as_the_share_found(factor):
    """m1 m2 / m12 with m12 / (1 − missed): Lincoln & Petersen, exactly."""
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    found = dk.missed_links(two_lists(), model, factor=factor, seed=1)
    assert found.share == pytest.approx(1 - factor, abs=0.02)  # the total is met within 2 %
    assert found.missed == pytest.approx(200 * (1 - factor) / factor, rel=0.15)
    assert found.target == pytest.approx(factor * found.estimate)


def test_links_taken_away_are_found_again():
    """Independent lists, then 30 % of the links missed as expected: 30 % must be the answer."""
    people, chances = 40_000, np.array([0.2, 0.15, 0.1])
    on = (np.arange(8)[:, None] >> np.arange(3)) & 1
    true = people * np.prod(np.where(on, chances, 1 - chances), axis=1)
    linked = np.rint(expected_counts(true * (np.arange(8) > 0), missed=0.3, false=0.0))
    table = dk.CaptureTable.from_counts(
        [{**dict(zip("ABC", row, strict=True)), "count": int(n)}
         for row, n in zip(on[1:].tolist(), linked[1:], strict=True)]
    )  # fmt: skip
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    found = dk.missed_links(table, model, total=people, seed=1)
    assert found.share == pytest.approx(0.3, abs=0.02)


def test_a_repaired_table_keeps_every_list():
    table = dk.load("uk_five_lists")
    repaired = repaired_table(table, 0.2)
    assert (repaired.totals() == table.totals()).all()
    assert repaired.n_observed < table.n_observed
    assert repaired_table(table, 0.0).content_hash == table.content_hash


def test_a_repaired_table_has_as_many_links_as_expected():
    """Half of the 60 single people on two lists: each rounded for itself, none would be found."""
    counts = np.zeros(64, dtype=int)
    counts[1 << np.arange(6)] = 300
    pairs = [h for h in range(64) if h.bit_count() == 2]
    counts[pairs] = 1
    frame = [{**{f"l{j}": h >> j & 1 for j in range(6)}, "count": int(counts[h])}
             for h in range(1, 64)]  # fmt: skip
    table = dk.CaptureTable.from_counts(frame)
    repaired = repaired_table(table, 0.25).counts()
    sizes = np.bitwise_count(np.arange(64))
    assert repaired[sizes > 1].sum() == pytest.approx(len(pairs) / 0.75, abs=1)


def test_printed_drawn_and_written():
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    found = dk.missed_links(two_lists(), model, seed=1)
    text = repr(found)
    assert text.startswith(("7,", "6,"))
    assert "50% of the links between lists were missed" in text.replace("\n", " ")
    assert (found.to_frame()["share"].diff().dropna() > 0).all()
    assert (found.to_frame()["estimate"].diff().dropna() < 0).all()
    assert json.loads(found.to_json())["links_found"] == 200
    assert "missed" in found.plot().axes[0].get_title(loc="left")


def test_where_no_share_will_do_it_says_so():
    """Nearly all of C are on A too, so that next to no link of C can have been missed."""
    frame = {"A": [1, 0, 1, 1, 0], "B": [0, 1, 1, 0, 0], "C": [0, 0, 0, 1, 1]}
    frame["count"] = [1_000, 900, 100, 50, 1]
    table = dk.CaptureTable.from_counts(frame)
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    found = dk.missed_links(table, model, factor=0.6, seed=1)
    assert math.isnan(found.share)
    assert "too few people on one list alone" in found.reason
    assert repr(found).startswith("No share of missed links")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factor": 1.5}, "factor is 1.5"),
        ({"total": 50_000}, "missed links make an estimate too large"),
        ({"total": 100}, "A alone holds 2,000: missed links cannot make it smaller than that"),
        ({"total": 5_000, "factor": 0.5}, "which say the same in two ways"),
        ({"total": math.nan}, "total is nan; expected a number of people"),
        ({"total": "5000"}, "total is '5000'; expected a number of people"),
        ({"factor": True}, "factor is True"),
        ({"model": dk.LinkageError(dk.TwoList())}, "corrects errors of linkage already"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings, message):
    with pytest.raises(dk.SettingsError) as caught:
        dk.missed_links(two_lists(), **{"model": dk.TwoList(), "seed": 1, **settings})
    assert message in str(caught.value)


def test_intervals_of_counts_are_refused():
    with pytest.raises(dk.NotEstimable, match="interval"):
        dk.missed_links(dk.load("uk_five_lists").disclose(threshold=5), dk.LogLinear(), seed=1)

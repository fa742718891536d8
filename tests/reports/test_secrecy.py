"""Small counts cannot be worked out from what a page prints: against every table there is."""

import json
from itertools import combinations, product

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.reports.printed_counts import Count, Printing, in_print
from darkfigure.reports.secrecy import keeps_secrets, printed_safely

HISTORIES = [h for h in product((0, 1), repeat=3) if any(h)]


def table_of(counts):
    rows = {f"L{j}": [h[j] for h in HISTORIES] for j in range(3)}
    return dk.CaptureTable.from_counts(rows | {"count": list(counts)})


def told(counts, printing):
    """What a page prints of all sums and cells, as a key: the independent form of the print."""
    counts = np.asarray(counts)
    on = np.array(HISTORIES).T == 1
    single = on.sum(axis=0) == 1

    def said(number, total=False):
        if number == 0 or (total and printing.total_exact):
            return number if number == 0 or number >= printing.threshold else "small"
        if number < printing.threshold:
            return "small"
        return (number + printing.base // 2) // printing.base * printing.base

    sums = [said(int(counts.sum()), total=True)]
    sums += [said(int(counts[row].sum())) for row in on]
    sums += [said(int(counts[row & single].sum())) for row in on]
    sums += [said(int(counts[a & b].sum())) for a, b in combinations(on, 2)]
    cells = [said(int(c)) if c >= printing.threshold else "hidden" for c in counts]
    return (*sums, *cells)


def secret_by_enumeration(counts, printing):
    """Every small count takes every small value among all tables that print alike."""
    on = np.array(HISTORIES).T == 1
    groups = [np.arange(7) == cell for cell in range(7)]
    groups += [*on, *(a & b for a, b in combinations(on, 2))]
    at_risk = [g for g in groups if 0 < np.asarray(counts)[g].sum() < printing.threshold]
    key = told(counts, printing)
    ranges = [
        range(max(c - printing.base, 0), c + printing.base + 1)
        if c >= printing.threshold
        else range(printing.threshold)
        for c in counts
    ]
    found = [set() for _ in at_risk]
    for other in product(*ranges):
        if told(other, printing) == key:
            for values, group in zip(found, at_risk, strict=True):
                values.add(int(np.asarray(other)[group].sum()))
    return all({1, printing.threshold - 1} <= values for values in found)


TABLES = (
    (9, 8, 1, 0, 0, 0, 0),
    (9, 8, 1, 4, 1, 2, 1),
    (2, 3, 0, 4, 1, 0, 0),
    (1, 1, 1, 1, 1, 1, 1),
    (8, 0, 0, 0, 0, 0, 2),
    (0, 3, 0, 0, 8, 1, 0),
    (7, 2, 9, 0, 3, 0, 1),
    (3, 3, 0, 1, 0, 0, 0),
)


@pytest.fixture(scope="module")
def truths():
    """By listing them all: threshold and base 3, few enough tables."""
    return {
        (counts, exact): secret_by_enumeration(counts, Printing(3, 3, exact))
        for counts in TABLES
        for exact in (True, False)
    }


def test_enumeration_finds_both_kinds(truths):
    assert set(truths.values()) == {True, False}


@pytest.mark.parametrize("counts", TABLES)
@pytest.mark.parametrize("total_exact", [True, False])
def test_audit_agrees_with_every_table_that_prints_alike(truths, counts, total_exact):
    printed = in_print(table_of(counts), Printing(3, 3, total_exact))
    assert keeps_secrets(table_of(counts), printed) is truths[counts, total_exact]


@pytest.mark.parametrize(
    ("number", "base", "expected"),
    [
        (0, 5, Count(0, 0, 0)),
        (1, 5, Count(1, 4)),
        (4, 5, Count(1, 4)),
        (5, 5, Count(5, 7, 5)),
        (8, 5, Count(8, 12, 10)),
        (12, 5, Count(8, 12, 10)),
        (7, 10, Count(5, 14, 10)),
        (14, 10, Count(5, 14, 10)),
        (15, 10, Count(15, 24, 20)),
    ],
)
def test_counts_in_print(number, base, expected):
    printed = Printing(5, base, total_exact=False).of(number, number)
    assert printed == expected
    assert printed.low <= number <= printed.high


def test_published_tables_keep_their_details():
    for name in ("netherlands", "kosovo", "uk", "new_orleans", "palembang"):
        printed = printed_safely(dk.load(name), threshold=5, disclose=False)
        assert printed.printing.details, name
        flat = dk.load(name)
        assert keeps_secrets(flat, printed), name


def test_an_exact_total_is_rounded_where_it_would_tell():
    table = dk.CaptureTable.from_counts({"a": [1, 0, 1], "b": [0, 1, 1], "count": [23, 8, 2]})
    printed = printed_safely(table, threshold=5, disclose=False)
    assert not printed.printing.total_exact
    everything = printed_safely(table, threshold=5, disclose=True)
    assert everything.pairs["a", "b"] == Count(2, 2, 2)


def test_limits_of_a_published_table_stay_limits():
    table = dk.load("kosovo").disclose(threshold=20, rounding=5)
    printed = printed_safely(table, threshold=5, disclose=False)
    assert printed.total.value is None
    assert printed.total.low <= table.n_observed <= int(table.high.sum()) <= printed.total.high


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_two_lists_that_share_a_few_do_not_tell_how_many(tmp_path, ending):
    # found by a stranger: the exact share on one list, the top interaction and estimates by maximum
    # likelihood each gave the number of people on both away
    rows = {"A": [1, 0, 1], "B": [0, 1, 1], "count": [40, 50, 3]}
    table = dk.CaptureTable.from_counts(rows)
    est = dk.estimate(table, dk.TwoList(), seed=1)
    check = dk.check(table, dk.TwoList(), seed=1, cache=False, checks=("drop", "existence"))
    page = tmp_path / f"page.{ending}"
    dk.report(est, page, claims=dk.claim(est, [2_000]), check=check)
    text = page.read_text(encoding="utf-8")
    assert "97%" not in text
    assert "maximum likelihood" not in text
    if ending == "json":
        assert [each["needs"] for each in json.loads(text)["claims"]["claims"]] == [[]]

"""Tables that look suppressed or rounded are cautioned; exact ones are not."""

import warnings

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.as_printed import looks_printed

SUPPRESSED = [5, 6, 6, 7, 9, 11, 14, 17, 23, 40, 41, 77, 102, 310, 998]
ROUNDED = [5 * count for count in SUPPRESSED]


def kinds(counts):
    counts = np.array(counts, dtype=np.int64)
    return [each.kind for each in looks_printed(counts, counts)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (SUPPRESSED, ["perhaps_suppressed"]),
        ([0, 0, 0, *SUPPRESSED], ["perhaps_suppressed"]),
        ([2 * count + 1 for count in SUPPRESSED], ["perhaps_suppressed"]),  # from 11 up
        (SUPPRESSED[1:], []),  # fourteen cells
        ([4, *SUPPRESSED], []),
        ([5, *SUPPRESSED[5:], 11, 12, 13, 14, 15], []),  # one count below ten
        (ROUNDED, ["perhaps_rounded"]),
        ([3 * count for count in SUPPRESSED], ["perhaps_rounded"]),
        ([2 * count for count in range(1, 20)], []),
        (ROUNDED[1:], []),
        ([0] * 20, []),
    ],
)
def test_what_looks_printed(counts, expected):
    assert kinds(counts) == expected


def frame(counts):
    """These counts as the first cells of a table on four lists."""
    histories = np.array([h for h in np.ndindex(2, 2, 2, 2) if any(h)])
    return {**{name: histories[:, j] for j, name in enumerate("ABCD")}, "count": counts}


def test_the_caution_says_what_was_found_and_what_to_say():
    table = dk.CaptureTable.from_counts(frame(SUPPRESSED))
    assert "no count is from 1 to 4, while 5 of 15 are from 5 to 9" in table.cautions[0].text
    assert "threshold=5" in table.cautions[0].remedy
    assert "may have been suppressed" in " ".join(repr(table).split())
    table = dk.CaptureTable.from_counts(frame(ROUNDED))
    assert "all 15 counts are multiples of 5" in table.cautions[0].text
    assert "rounding=5" in table.cautions[0].remedy


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (SUPPRESSED, {"threshold": 5}),
        (ROUNDED, {"rounding": 5}),
        (["<5", *SUPPRESSED[1:]], {}),
    ],
)
def test_tables_that_say_how_they_were_printed_are_not_cautioned(counts, said):
    assert dk.CaptureTable.from_counts(frame(counts), **said).cautions == ()


def test_a_published_table_read_without_its_threshold_is_cautioned(tmp_path):
    exact = dk.load("scotland_pwid")
    exact.disclose(threshold=5).to_csv(tmp_path / "marked.csv")
    lines = (tmp_path / "marked.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.endswith("<5")]
    assert len(kept) < len(lines)
    (tmp_path / "absent.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    table = dk.read(tmp_path / "absent.csv", by=list(exact.strata))
    assert [each.kind for each in table.cautions] == ["perhaps_suppressed"]
    model = dk.LogLinear(uncertainty=dk.Delta())
    est = dk.estimate(table, model, seed=1, strata="pooled")
    assert "perhaps_suppressed" in [each.kind for each in est.cautions]
    assert dk.read(tmp_path / "absent.csv", by=list(exact.strata), threshold=5).cautions == ()


def test_exact_tables_are_not_cautioned():
    looks = {"perhaps_suppressed", "perhaps_rounded"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = [dk.load(name) for name, kind in dk.datasets()[["name", "kind"]].to_numpy()]
    tables = [table for table in tables if isinstance(table, dk.CaptureTable)]
    assert len(tables) >= 20
    for table in tables:
        assert not {each.kind for each in table.cautions} & looks
        assert not {each.kind for each in looks_printed(table.low, table.high)} & looks


def test_false_alarms_are_rare_on_registers_of_all_sizes():
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(2_000):
        size = np.exp(rng.uniform(np.log(30), np.log(30_000)))
        shares = rng.dirichlet(np.full(31, 0.3))
        counts = rng.poisson(size * shares)
        alarms += bool(looks_printed(counts, counts))
    assert alarms <= 4

"""Linkage averaging: draws of the linkage in, one estimate out (Sadinle 2018)."""

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.assumptions import LINKAGE, LINKAGE_DRAWN

LISTS = ["police", "police", "police", "shelter", "shelter"]
LABELS = np.array([[1, 2, 3, 1, 4], [1, 2, 3, 1, 2], [7, 8, 9, 5, 6]])


def tables(*overlaps):
    """Two lists of 150 and 100 people, linked in several ways."""
    return [
        dk.CaptureTable.from_counts(
            {"A": [1, 1, 0], "B": [1, 0, 1], "count": [both, 150 - both, 100 - both]}
        )
        for both in overlaps
    ]


def test_labels_are_counted_by_hand():
    linkages = dk.LinkageDraws.from_labels(LISTS, LABELS)
    assert len(linkages) == 3
    assert [t.counts().tolist() for t in linkages.tables] == [
        [0, 2, 1, 1],
        [0, 1, 0, 2],
        [0, 3, 2, 0],
    ]
    assert repr(linkages) == "3 linkages of 2 lists (police, shelter): 3 to 5 people seen"
    assert linkages.typical is linkages.tables[0]


def test_records_of_one_list_with_the_same_label_are_one_person():
    linkages = dk.LinkageDraws.from_labels(LISTS, [[1, 1, 3, 1, 4]])
    assert linkages.tables[0].counts().tolist() == [0, 1, 1, 1]


def test_the_average_is_the_mixture_of_the_estimates():
    """Its distribution function is the mean of those of the draws of the linkage."""
    given = tables(20, 40, 40, 60)
    est = dk.estimate(dk.LinkageDraws(given), dk.TwoList(), seed=1)
    alone = zip((20, 40, 60), (given[0], given[1], given[3]), strict=True)
    apart = {both: dk.estimate(table, dk.TwoList(), seed=2) for both, table in alone}
    for total in (230, 280, 350, 450, 600, 900):
        mixed = np.mean([(apart[both].totals <= total).mean() for both in (20, 40, 40, 60)])
        # 4,000 draws on both sides: four errors
        assert (est.totals <= total).mean() == pytest.approx(mixed, abs=0.045)
    seen = np.sort(np.unique(est.seen_totals, return_counts=True)[1])
    assert seen.tolist() == [1_000, 1_000, 2_000]


def test_it_widens_the_interval_and_says_what_it_assumes(tmp_path):
    est = dk.estimate(dk.LinkageDraws(tables(20, 40, 60)), dk.TwoList(), seed=1)
    alone = dk.estimate(tables(40)[0], dk.TwoList(), seed=1)
    assert est.interval()[0] < alone.interval()[0] < alone.interval()[1] < est.interval()[1]
    assert LINKAGE in alone.assumes
    assert LINKAGE not in est.assumes
    assert LINKAGE_DRAWN in est.assumes
    assert "averaged over 3 linkages" in est.label
    again = dk.open(est.save(tmp_path / "a.nc"))
    assert repr(again) == repr(est)
    same = eval(est.call, {"dk": dk, "linkages": dk.LinkageDraws(tables(20, 40, 60))})
    assert (same.totals == est.totals).all()


def test_one_linkage_is_the_plain_estimate():
    (table,) = tables(40)
    est = dk.estimate(dk.LinkageDraws([table, table]), dk.DecomposableGraphs(), seed=1)
    plain = dk.estimate(table, dk.DecomposableGraphs(), seed=1)
    assert est.median == pytest.approx(plain.median, rel=0.02)


def test_linkages_without_an_estimate_are_said():
    """With a linkage that shares no one, the likelihood of independence has no maximum."""
    model = dk.LogLinear(order=1, uncertainty=dk.Delta())
    est = dk.estimate(dk.LinkageDraws(tables(20, 0, 40)), model, seed=1)
    assert np.isnan(est.draws["linkage"]["population"].to_numpy()).sum() == 1
    assert "linkages_failed" in [each.kind for each in est.cautions]
    with pytest.raises(dk.NotEstimable):
        dk.estimate(dk.LinkageDraws(tables(0)), model, seed=1)


def test_strata_are_kept_apart_or_pooled():
    register = {"people": {2014: 500, 2015: 600}, "covariates": {}, "lists": {"A": 0.5, "B": 0.4}}
    drawn = [dk.simulate(**register, missed_links=m, seed=1) for m in (0.0, 0.1)]
    est = dk.estimate(dk.LinkageDraws(drawn), dk.TwoList(), seed=1)
    assert est.population.sizes["stratum"] == 2
    pooled = dk.estimate(dk.LinkageDraws(drawn), dk.TwoList(), seed=1, strata="pooled")
    assert "stratum" not in pooled.population.dims


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dk.LinkageDraws([]), "there is no linkage draw"),
        (lambda: dk.LinkageDraws([{"A": [1]}]), "a linkage draw is dict"),
        (lambda: dk.LinkageDraws(tables(3)[0]), "one table is given; expected several"),
        (lambda: dk.LinkageDraws(5), "linkage draws are int; expected several tables"),
        (lambda: dk.LinkageDraws(None), "linkage draws are NoneType"),
        (lambda: dk.LinkageDraws.from_labels(5, [[1]]), "lists is 5; expected the name of a list"),
        (lambda: dk.LinkageDraws([dk.load("kosovo"), *tables(3)]), "linkage draw 2 has the lists"),
        (lambda: dk.LinkageDraws.from_labels(LISTS, [[1, 2]]), "labels have the shape (1, 2)"),
        (lambda: dk.LinkageDraws.from_labels(LISTS, [1.5] * 5), "labels have the shape (5,)"),
        (lambda: dk.compare(dk.LinkageDraws(tables(3)), dk.TwoList()), "several linkages"),
    ],
)
def test_what_is_no_set_of_linkages_is_refused(make, message):
    with pytest.raises(dk.DataError) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize("lists", [[], ["A", None], ["A", float("nan")], "AB", 5, None])
def test_records_without_the_name_of_a_list_are_refused(lists):
    with pytest.raises(dk.DataError, match="the name of a list for each record"):
        dk.LinkageDraws.from_labels(lists, [[1, 2]])


def test_names_of_lists_may_come_one_by_one():
    made = dk.LinkageDraws.from_labels(iter(["A", "B"]), [[1, 1], [1, 2]])
    assert [each.n_observed for each in made.tables] == [1, 2]

"""What is observed, as sums over complete cells."""

import itertools

import numpy as np
import pytest

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.errors import NotEstimable


def by_hand(table, observation) -> np.ndarray:
    """B as a dense matrix, from the names of what each cell is: shape (rows, cells)."""
    dense = np.zeros((observation.rows, observation.cells))
    dense[observation.row_of, observation.cell] = observation.weight[observation.row_of]
    return dense


def two_periods(**settings):
    """Lists A, B, C in two years, C away in the first."""
    rows = []
    for year, a, b, c in itertools.product((1, 2), (0, 1), (0, 1), (0, 1)):
        if a + b + c and not (year == 1 and c):
            rows.append({"A": a, "B": b, "C": c, "year": year, "count": 10 * a + 5 * b + c + year})
    return dk.CaptureTable.from_counts(
        rows, by="year", inactive={"C": {"year": 1}}, lists=["A", "B", "C"], **settings
    )


def test_exact_table_is_every_history_once() -> None:
    table = dk.load("kosovo")
    observation = observe(table)
    assert observation.is_complete
    assert observation.is_exact
    counts = np.zeros(16, dtype=int)
    counts[observation.history[observation.cell]] = observation.low
    assert (counts == table.counts()).all()
    assert observation.history[observation.unseen].tolist() == [0]


def test_list_away_is_summed_over() -> None:
    observation = observe(two_periods())
    first = observation.stratum == 0
    assert observation.at_work.tolist() == [[True, True, False], [True, True, True]]
    rows_of_first = np.unique(observation.row_of[first[observation.cell]])
    assert len(rows_of_first) == 3  # A, B, A + B; each with and without C
    assert (np.diff(observation.start)[rows_of_first] == 2).all()
    unseen = observation.history[observation.unseen & first]
    assert sorted(unseen.tolist()) == [0, 0b100]  # on no list, or on C had it been at work
    assert observation.row_name(int(rows_of_first[0])) == "A (year 1)"


def test_sums_are_the_operator() -> None:
    observation = observe(two_periods())
    means = np.random.default_rng(1).gamma(2.0, size=(3, observation.cells))
    assert np.allclose(
        observation.expected(means), means @ by_hand(two_periods(), observation).T, rtol=1e-14
    )
    totals = observation.total_in(means).sum(axis=1)
    assert np.allclose(totals, means.sum(axis=1))
    seen = observation.expected(means).sum(axis=1)
    assert np.allclose(observation.unseen_in(means).sum(axis=1), totals - seen)


def test_variable_that_one_list_does_not_record() -> None:
    rows = [
        {"A": a, "B": b, "sex": sex if a else None, "count": 4 + a + 2 * b}
        for a, b in ((1, 0), (0, 1), (1, 1))
        for sex in (("f", "m") if a else (None,))
    ]
    observation = observe(dk.CaptureTable.from_counts(rows, by="sex"))
    sizes = np.diff(observation.start)
    assert sorted(sizes.tolist()) == [1, 1, 1, 1, 2]  # those on B alone, of either sex
    assert (observation.weight == 1).all()
    assert observation.unseen.sum() == 2


def test_variable_recorded_for_some_people_of_a_history() -> None:
    """Coarsening at random: the shares add up to one, and so do the expected counts."""
    rows = [
        {"A": 1, "B": 0, "sex": "f", "count": 30},
        {"A": 1, "B": 0, "sex": "m", "count": 10},
        {"A": 1, "B": 0, "sex": None, "count": 20},
        {"A": 0, "B": 1, "sex": "f", "count": 7},
        {"A": 1, "B": 1, "sex": "m", "count": 3},
    ]
    observation = observe(dk.CaptureTable.from_counts(rows, by="sex"))
    a_alone = observation.history[observation.cell[observation.start[:-1]]] == 1
    assert sorted(observation.weight[a_alone].tolist()) == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    means = np.ones(observation.cells)
    assert observation.expected(means).sum() == pytest.approx((~observation.unseen).sum())


def test_list_at_work_for_some_only_is_refused() -> None:
    table = two_periods().collapse("year")
    with pytest.raises(NotEstimable, match="list 'C' is blank in some rows in this table and 0 or"):
        observe(table)


def test_limits_and_some_without_the_variable_are_refused() -> None:
    rows = [
        {"A": 1, "B": 0, "sex": "f", "count": "<5"},
        {"A": 1, "B": 0, "sex": None, "count": 20},
        {"A": 0, "B": 1, "sex": "f", "count": 7},
        {"A": 1, "B": 1, "sex": "m", "count": 3},
    ]
    table = dk.CaptureTable.from_counts(rows, by="sex")
    with pytest.raises(NotEstimable, match="history A are known only between limits"):
        observe(table)


def test_stratum_without_rows_has_the_lists_of_its_year() -> None:
    rows = [
        {"A": 1, "B": 0, "C": None, "year": 1, "sex": "f", "count": 5},
        {"A": 0, "B": 1, "C": None, "year": 1, "sex": "f", "count": 5},
        {"A": 1, "B": 0, "C": 0, "year": 2, "sex": "f", "count": 5},
        {"A": 1, "B": 0, "C": 1, "year": 2, "sex": "m", "count": 5},
    ]
    table = dk.CaptureTable.from_counts(rows, by=["year", "sex"], blank="inactive")
    observation = observe(table)
    assert observation.strata.to_numpy().tolist()[1] == [1, "m"]
    assert observation.at_work[1].tolist() == [True, True, False]


def test_suppression_is_done_again() -> None:
    table = dk.load("netherlands").disclose(threshold=5)
    observation = observe(table)
    counts = np.arange(observation.rows)
    low, high = observation.reported(counts[None, :], observation.low)
    assert (low[0, :5].tolist(), high[0, :5].tolist()) == ([0] * 5, [4] * 5)
    assert (low[0, 5:] == counts[5:]).all()
    exact = dk.load("netherlands").counts()
    again = observation.reported(exact[observation.history[observation.cell]], observation.low)
    assert (again[0] == observation.low).all()
    assert (again[1] == observation.high).all()


def test_upper_bound_moves_with_its_count() -> None:
    rows = [
        {"A": 1, "B": 0, "count": "<=97"},
        {"A": 0, "B": 1, "count": "20"},
        {"A": 1, "B": 1, "count": "6"},
    ]
    observation = observe(dk.CaptureTable.from_counts(rows))
    given = np.where(observation.low == observation.high, observation.low, 60)
    low, high = observation.reported(given + 5, given)
    bound = observation.high == 97
    assert (low[bound].tolist(), high[bound].tolist()) == ([0], [102])
    assert (low[~bound] == observation.low[~bound] + 5).all()

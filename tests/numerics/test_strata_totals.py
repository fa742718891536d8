import numpy as np
import pytest

from darkfigure.numerics.strata_totals import at_least_seen

SEEN = np.array([5, 15, 0, 30])
GROUP = np.array([0, 0, 0, 1])


def test_totals_above_the_seen_are_left_alone():
    totals = np.array([[6.0, 20.0, 1.0, 31.0]])
    assert at_least_seen(totals, SEEN, GROUP) == pytest.approx(totals)


def test_what_is_raised_is_taken_from_the_group():
    totals = np.array([[3.0, 20.0, 5.0, 40.0], [4.0, 16.0, 0.5, 29.0]])
    found = at_least_seen(totals, SEEN, GROUP)
    assert (found >= SEEN).all()
    assert found[:, :3].sum(axis=1) == pytest.approx(totals[:, :3].sum(axis=1))
    assert found[0, :3] == pytest.approx([5, 19, 4])
    assert list(found[:, 3]) == [40, 30]


def test_a_group_below_its_seen_is_raised_as_a_whole():
    found = at_least_seen(np.array([3.0, 15.5, 1.0, 31.0]), SEEN, GROUP)
    assert list(found) == [5, 15, 0, 31]

"""Totals of strata that are never below the people seen in them."""

import numpy as np


def at_least_seen(totals: np.ndarray, seen: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Raise totals to the people seen, at the expense of the other strata of the same group.

    A model smooths: in a small stratum it may expect fewer people than were seen there. What is
    added is taken from the group's other strata in proportion to their unseen, so that the
    group's total stays; where the whole group is below the people seen, all of it is raised.

    Parameters
    ----------
    totals : ndarray of float, shape (..., strata)
    seen : ndarray of int, shape (strata,)
    group : ndarray of int, shape (strata,)

    Returns
    -------
    ndarray of float, shape (..., strata)

    Examples
    --------
    >>> import numpy as np
    >>> at_least_seen(np.array([3.0, 21.0, 40.0]), np.array([5, 15, 20]), np.array([0, 0, 1]))
    array([ 5., 19., 40.])
    """
    unseen = np.asarray(totals, dtype=float) - seen
    raised = np.maximum(unseen, 0.0)
    for each in np.unique(group):
        inside = group == each
        before = np.maximum(unseen[..., inside].sum(axis=-1, keepdims=True), 0.0)
        after = raised[..., inside].sum(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(after > 0, before / after, 0.0)
        raised[..., inside] *= share
    return raised + seen

"""People seen in each stratum: as the table says it, or drawn where it does not."""

import numpy as np

from darkfigure.data.observation import Observation
from darkfigure.errors import NotEstimable

_FLOOR = 1e-300


def refuse_nobody(observation: Observation) -> None:
    """Refuse a table of which it may be that nobody was seen.

    A flat prior on the log of the size has no end there.

    Raises
    ------
    NotEstimable
        If every count may be 0.
    """
    if not observation.low.any():
        raise NotEstimable(
            f"all {observation.rows} counts may be 0 (together they are at most "
            f"{observation.high.sum():,}): it may be that nobody was seen.",
            "give some count exactly, or add strata up with table.collapse(...) before small "
            "counts are suppressed.",
        )


def known_seen(observation: Observation) -> np.ndarray | None:
    """People seen in each stratum, shape (strata,); None where the table does not say it.

    It does not where counts lie between limits, or a row is of people of several strata.
    """
    stratum = observation.stratum[observation.cell]
    first = stratum[observation.start[:-1]]
    if not observation.is_exact or (stratum != first[observation.row_of]).any():
        return None
    strata = len(observation.at_work)
    return np.bincount(first, weights=observation.low, minlength=strata).astype(np.int64)


def shared_out(
    observation: Observation, counts: np.ndarray, means: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Counts of the rows by stratum, those of rows over several strata drawn.

    Parameters
    ----------
    counts : ndarray of int64, shape (draws, rows)
    means : ndarray of float, shape (draws, cells)
        Expected counts of the complete cells.

    Returns
    -------
    ndarray of float, shape (draws, strata)
    """
    found = np.zeros((len(means), len(observation.at_work)))
    length = np.diff(observation.start)
    for cells in np.unique(length):
        which = np.flatnonzero(length == cells)
        at = observation.cell[observation.start[which][:, None] + np.arange(cells)]
        if cells == 1:
            shared = counts[:, which, None]
        else:
            share = np.maximum(means[:, at], _FLOOR)
            shared = rng.multinomial(counts[:, which], share / share.sum(axis=-1, keepdims=True))
        stratum = observation.stratum[at].ravel()
        for draw, each in enumerate(shared.reshape(len(means), -1)):
            found[draw] += np.bincount(stratum, weights=each, minlength=found.shape[1])
    return found

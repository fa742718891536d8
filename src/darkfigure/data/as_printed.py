"""Counts that look as an office prints them, suppressed or rounded, though nothing says so."""

import numpy as np

from darkfigure.cautions import Caution, caution

_FEWEST_CELLS = 15
_FEWEST_SMALL = 5
_THRESHOLDS = range(5, 12)  # what offices use; all cells of a large register may be larger
_LEAST_BASE = 3


def looks_printed(low: np.ndarray, high: np.ndarray) -> tuple[Caution, ...]:
    """Caution of counts that all are multiples of one number, or none of which is small.

    Small counts are missing where the least count t is from 5 to 11, and five counts or more lie
    below 2t. Were counts spread evenly on a log scale, five below 10 would all be from 5 to 9 once
    in a thousand tables. Fifteen counts are multiples of 3 by chance once in fourteen million.

    Parameters
    ----------
    low, high : ndarray of int64, shape (cells,)
        Only exact counts are looked at.
    """
    counts = low[low > 0]
    if counts.size < _FEWEST_CELLS or (low != high).any():
        return ()
    base, least = int(np.gcd.reduce(counts)), int(counts.min())
    if base >= _LEAST_BASE:
        return (caution("perhaps_rounded", cells=f"{counts.size:,}", base=base),)
    small = int((counts < 2 * least).sum())
    if least not in _THRESHOLDS or small < _FEWEST_SMALL:
        return ()
    return (
        caution(
            "perhaps_suppressed",
            below=least - 1,
            number=small,
            cells=f"{counts.size:,}",
            least=least,
            most=2 * least - 1,
        ),
    )

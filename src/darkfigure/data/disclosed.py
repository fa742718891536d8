"""Cells made fit to publish: small counts suppressed, the others rounded."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from darkfigure.data.cells import Cells
from darkfigure.data.disclosure import Disclosure, Limits
from darkfigure.data.omitted import filled


def with_every_history(cells: Cells, impossible: Sequence[tuple[int, int]]) -> Cells:
    """Add a cell of nobody for every possible history and stratum that has none."""
    return filled(cells, impossible, (0, 0))


def disclosed(cells: Cells, impossible: Sequence[tuple[int, int]], printing: Disclosure) -> Cells:
    """What a reader of the printed table knows of exact cells, those of nobody among them."""
    cells = with_every_history(cells, impossible)
    low, high = limits_as_printed(cells.low, printing)
    return replace(cells, low=low, high=high)


def limits_as_printed(counts: np.ndarray, printing: Disclosure) -> tuple[np.ndarray, np.ndarray]:
    """Limits of true counts once they are printed; those of nobody are 0 where left out as 0.

    Parameters
    ----------
    counts : ndarray of int64, any shape
    printing : Disclosure

    Returns
    -------
    tuple of ndarray of int64
        Low and high, each of the shape of `counts`.
    """
    numbers, position = np.unique(counts, return_inverse=True)
    known = np.array([_known(number, printing) for number in numbers.tolist()], dtype=np.int64)
    if printing.omitted == "zero":
        known[numbers == 0] = 0
    low, high = np.moveaxis(known[position.reshape(np.shape(counts))], -1, 0)
    return low.copy(), high.copy()


def printed_counts(cells: Cells, printing: Disclosure) -> list[str]:
    """How disclosed cells are printed: "<5", "10"."""
    limits = list(zip(cells.low.tolist(), cells.high.tolist(), strict=True))
    texts = {each: _printed(each, printing) for each in dict.fromkeys(limits)}
    return [texts[each] for each in limits]


def _known(count: int, printing: Disclosure) -> Limits:
    """Limits of a true count, once it is printed."""
    text = printing.printed(count)
    limits = printing.suppressed if text.startswith("<") else printing.limits(int(text))
    assert limits is not None
    return limits


def _printed(limits: Limits, printing: Disclosure) -> str:
    low, high = limits
    counts = (count for count in range(low, high + 1) if _known(count, printing) == limits)
    return printing.printed(next(counts))

"""Whether a table counts people whom a public table counts too, by its counts alone."""

from functools import cache
from itertools import combinations

import numpy as np

from darkfigure.data.known_sizes import public_tables
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import FEWEST_LISTS, FEWEST_SEEN

type Signature = tuple[tuple[int, int], ...]
"""How many lists, and how many people were on just these: sorted, without their names."""


def people_of(table: CaptureTable) -> frozenset[str]:
    """Whom a table counts: as it says, and whom the public tables with its counts count.

    A public table is known again with its lists renamed, in another order or some left out, and
    with strata; not with lists merged or counts changed.

    Returns
    -------
    frozenset of str
        Values of `population_id`.
    """
    stated = {table.about.population_id} - {""}
    counts = _counts(table)
    if counts is None or table.n_lists < FEWEST_LISTS or counts.sum() < FEWEST_SEEN:
        return frozenset(stated)
    return frozenset(stated) | _public(table.n_lists).get(_signature(counts), frozenset())


def _counts(table: CaptureTable) -> np.ndarray | None:
    """People by history, strata added up; None where they are not known, or not public so."""
    unknown = {"intervals", "blank lists"} & set(table.needs)
    if unknown or table.n_lists > max(each.n_lists for each in public_tables()):
        return None
    return table.counts()


@cache
def _public(n_lists: int) -> dict[Signature, frozenset[str]]:
    """Whom the public tables count, by the signature of every choice of so many of their lists."""
    found: dict[Signature, frozenset[str]] = {}
    for table in public_tables():
        counts = _counts(table)
        if counts is None:
            continue
        for lists in combinations(range(table.n_lists), n_lists):
            signature = _signature(_marginal(counts, lists))
            found[signature] = found.get(signature, frozenset()) | {table.about.population_id}
    return found


def _marginal(counts: np.ndarray, lists: tuple[int, ...]) -> np.ndarray:
    """The counts on some of the lists; bit j of the index is the j-th of them."""
    history = np.arange(len(counts))
    at = sum(((history >> one) & 1) << bit for bit, one in enumerate(lists))
    return np.bincount(at, weights=counts, minlength=1 << len(lists)).astype(np.int64)


def _signature(counts: np.ndarray) -> Signature:
    held = np.flatnonzero(counts[1:]) + 1
    size = np.bitwise_count(held).tolist()
    return tuple(sorted(zip(size, counts[held].tolist(), strict=True)))

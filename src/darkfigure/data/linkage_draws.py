"""Several linkages of the same lists, as a posterior on the linkage gives them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from darkfigure.data.about import About
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError


@dataclass(frozen=True, eq=False, repr=False)
class LinkageDraws:
    """The same lists, linked again and again: one table per draw of the linkage.

    A **linkage draw** says which records are of the same person. Bayesian record linkage gives
    many, each as probable as the others; `estimate` fits the model to every one and mixes the
    draws (linkage averaging, Sadinle 2018).

    Parameters
    ----------
    tables : sequence of CaptureTable or CaptureRecords
        With the same lists and strata, whatever linked them.

    References
    ----------
    Sadinle (2018), Ann. Appl. Stat. 12:1013.

    Examples
    --------
    >>> import darkfigure as dk
    >>> on = ["police", "police", "shelter", "shelter"]  # four records
    >>> labels = [[1, 2, 1, 3], [1, 2, 4, 3]]  # equal numbers: the same person
    >>> dk.LinkageDraws.from_labels(on, labels)
    2 linkages of 2 lists (police, shelter): 3 to 4 people seen
    """

    tables: tuple[CaptureTable, ...]

    def __post_init__(self) -> None:
        hint = "dk.LinkageDraws([table, table, ...]), or dk.LinkageDraws.from_labels(...)."
        if isinstance(self.tables, CaptureTable | CaptureRecords):
            raise DataError(
                "one table is given; expected several, one per draw of the linkage.", hint
            )
        if not isinstance(self.tables, Iterable):
            raise DataError(
                f"linkage draws are {type(self.tables).__name__}; expected several tables.", hint
            )
        given = tuple(self.tables)
        for each in given:
            if not isinstance(each, CaptureTable | CaptureRecords):
                raise DataError(
                    f"a linkage draw is {type(each).__name__}; expected a CaptureTable or "
                    "CaptureRecords.",
                    hint,
                )
        if not given:
            raise DataError("there is no linkage draw; expected at least one table.", hint)
        tables = tuple(t.to_table() if isinstance(t, CaptureRecords) else t for t in given)
        first = tables[0]
        for number, table in enumerate(tables[1:], start=2):
            if table.lists != first.lists or _strata(table) != _strata(first):
                raise DataError(
                    f"linkage draw {number} has the lists {', '.join(table.lists)}{_of(table)}, "
                    f"the first {', '.join(first.lists)}{_of(first)}.",
                    "Give the same lists, in the same order, and the same strata in every draw.",
                )
        object.__setattr__(self, "tables", tables)

    @classmethod
    def from_labels(
        cls, lists: Sequence[str], labels: object, *, about: About | None = None
    ) -> "LinkageDraws":
        """Tabulate draws of labels: records with the same label are the same person.

        Parameters
        ----------
        lists : sequence of str, shape (records,)
            The list that each record stands on.
        labels : array of int, shape (draws, records)
            As programs for Bayesian record linkage give them. Records of one list with the same
            label are counted as one person.
        about : About, optional
        """
        several = isinstance(lists, Iterable) and not isinstance(lists, str)
        lists = [*lists] if several else lists
        if not several or not lists or any(name is None or name != name for name in lists):
            raise DataError(
                f"lists is {lists!r}; expected the name of a list for each record.",
                'dk.LinkageDraws.from_labels(["police", "police", "shelter"], labels).',
            )
        names = tuple(dict.fromkeys(str(name) for name in lists))
        found = np.asarray(labels)
        if found.ndim != 2 or found.shape[1] != len(lists) or found.dtype.kind not in "iu":
            raise DataError(
                f"labels have the shape {found.shape} and hold {found.dtype}; expected whole "
                f"numbers, a row per draw and a column for each of the {len(lists)} records."
            )
        bits = np.array([1 << names.index(str(name)) for name in lists])
        return cls(tuple(_table(names, bits, row, about or About()) for row in found))

    @property
    def typical(self) -> CaptureTable:
        """The draw whose number of people seen is the median."""
        order = np.argsort([table.n_observed for table in self.tables], kind="stable")
        return self.tables[int(order[(len(order) - 1) // 2])]

    def __len__(self) -> int:
        return len(self.tables)

    def __repr__(self) -> str:
        seen = [table.n_observed for table in self.tables]
        first = self.tables[0]
        return (
            f"{len(self):,} linkages of {first.n_lists} lists ({', '.join(first.lists)}): "
            f"{min(seen):,} to {max(seen):,} {first.about.people} seen"
        )


def _table(
    names: tuple[str, ...], bits: np.ndarray, labels: np.ndarray, about: About
) -> CaptureTable:
    """Count one draw of the labels."""
    person = np.unique(labels, return_inverse=True)[1]
    history = np.zeros(person.max() + 1, dtype=np.int64)
    np.bitwise_or.at(history, person, bits)
    codes, counts = np.unique(history, return_counts=True)
    return CaptureTable(
        lists=names,
        histories=((codes[:, None] >> np.arange(len(names))) & 1).astype(np.int8),
        low=counts.astype(np.int64),
        high=counts.astype(np.int64),
        about=about,
    )


def _strata(table: CaptureTable) -> dict[str, set[object]]:
    return {name: set(levels) for name, levels in table.strata.items()}


def _of(table: CaptureTable) -> str:
    return f" by {', '.join(table.strata)}" if table.strata else ""

"""The design of a log-linear model: the columns of its terms over the complete cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_ENTRIES_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False)
class Design:
    """Terms over complete cells, their columns held cell by cell.

    The columns of cell c are ``column[start[c]:start[c + 1]]``, in increasing order, with
    ``value`` in them; all others are 0. A model is a set of terms; term 0 is the constant, whose
    one column is column 0.

    Attributes
    ----------
    start : ndarray of int64, shape (cells + 1,)
    column : ndarray of int32, shape (start[-1],)
    value : ndarray of float, shape (start[-1],)
    term : ndarray of int64, shape (columns,)
        The term of each column; the columns of a term stand together.
    factors : tuple of frozenset of str
        Lists and stratum variables in each term; those of the constant are none.
    names : tuple of str, shape (columns,)
        What each column stands for: "police:year[2011]".
    parts : tuple of tuple of str
        Each term as it is written: ("police", "poly(year, 2)").
    dropped : tuple of str
        Columns left out, by name, because the lists of their term were never at work together
        where the column would differ from others.
    """

    start: np.ndarray
    column: np.ndarray
    value: np.ndarray
    term: np.ndarray
    factors: tuple[frozenset[str], ...]
    names: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def cells(self) -> int:
        """Number of complete cells."""
        return len(self.start) - 1

    @property
    def columns(self) -> int:
        """Number of columns, all terms in."""
        return len(self.term)

    @property
    def terms(self) -> int:
        """Number of terms."""
        return len(self.factors)

    @cached_property
    def size(self) -> np.ndarray:
        """Columns of each term, shape (terms,)."""
        return np.bincount(self.term, minlength=self.terms)

    @cached_property
    def within(self) -> np.ndarray:
        """Whether a term's factors are all in another's, and not alike: shape (terms, terms)."""
        return np.array([[a < b for b in self.factors] for a in self.factors])

    @property
    def full(self) -> np.ndarray:
        """The model with every term, shape (terms,)."""
        return np.ones(self.terms, dtype=bool)

    @property
    def main(self) -> np.ndarray:
        """The model of the constant and the main effects, shape (terms,)."""
        return np.array([len(factors) < 2 for factors in self.factors])

    def columns_of(self, model: np.ndarray) -> np.ndarray:
        """Whether each column is in a model, shape (columns,)."""
        return np.asarray(model, dtype=bool)[self.term]

    def matrix(self, model: np.ndarray | None = None) -> np.ndarray:
        """The dense design matrix of a model, shape (cells, columns of the model)."""
        dense = np.zeros((self.cells, self.columns))
        dense[np.repeat(np.arange(self.cells), np.diff(self.start)), self.column] = self.value
        return dense if model is None else dense[:, self.columns_of(model)]


def design_of(blocks: list[np.ndarray], factors: list[frozenset[str]], names: list[str]) -> Design:
    """Hold the columns of each term cell by cell.

    Parameters
    ----------
    blocks : list of ndarray of float, shape (cells, columns of the term)
        The constant first: a column of ones.
    factors : list of frozenset of str
    names : list of str
        Of all columns.
    """
    dense = np.column_stack(blocks)
    cell, column = np.nonzero(dense)
    start = np.searchsorted(cell, np.arange(len(dense) + 1))
    term = np.repeat(np.arange(len(blocks)), [block.shape[1] for block in blocks])
    return Design(
        start.astype(np.int64),
        column.astype(np.int32),
        dense[cell, column],
        term,
        tuple(factors),
        tuple(names),
    )


def design_by_stratum(
    history: np.ndarray,
    stratum: np.ndarray,
    lists: np.ndarray,
    values: np.ndarray,
    term: np.ndarray,
    factors: Sequence[frozenset[str]],
    names: Sequence[str],
    *,
    parts: Sequence[tuple[str, ...]] = (),
    dropped: Sequence[str] = (),
) -> Design:
    """Hold columns that are a product of lists and of a value per stratum cell by cell.

    A cell has a column's value where its people are on all lists of the column.

    Parameters
    ----------
    history, stratum : ndarray of int64, shape (cells,)
        The lists of each cell as bits, and its stratum.
    lists : ndarray of int64, shape (columns,)
        The lists of each column as bits.
    values : ndarray of float, shape (strata, columns)
    term : ndarray of int64, shape (columns,)
        In increasing order.
    factors, names, parts, dropped
        See `Design`.
    """
    counts, columns, entries = [], [], []
    step = max(1, _ENTRIES_AT_ONCE // max(1, len(term)))
    for first in range(0, len(history), step):
        here = slice(first, first + step)
        inside = (history[here, None] & lists) == lists
        inside &= (values != 0)[stratum[here]]
        counts.append(inside.sum(axis=1))
        cell, column = np.nonzero(inside)
        columns.append(column.astype(np.int32))
        entries.append(values[stratum[here][cell], column])
    return Design(
        np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
        np.concatenate(columns),
        np.concatenate(entries),
        np.asarray(term, dtype=np.int64),
        tuple(factors),
        tuple(names),
        tuple(parts),
        tuple(dropped),
    )

"""Which columns of a matrix are not linear combinations of others."""

from collections.abc import Iterable

import numpy as np

_RELATIVE = 1e-9


def independent_columns(
    given: np.ndarray, columns: np.ndarray, order: Iterable[int] | None = None
) -> np.ndarray:
    """Say which columns are needed, beside those given, to span what all of them span.

    By Gram-Schmidt, done twice: a column of which less than 1e-9 is left is not needed.

    Parameters
    ----------
    given : ndarray of float, shape (rows, p)
    columns : ndarray of float, shape (rows, q)
    order : iterable of int, optional
        The order in which columns are tried: of dependent ones, the first is kept.

    Returns
    -------
    ndarray of bool, shape (q,)
    """
    rows, number = columns.shape
    basis = np.zeros((rows, min(rows, given.shape[1] + number)))
    rank, needed = 0, np.zeros(number, dtype=bool)
    beside = [(column, -1) for column in given.T]
    tried = [(columns[:, c], c) for c in (range(number) if order is None else order)]
    for column, c in beside + tried:
        rest = column
        for _ in range(2):
            rest = rest - basis[:, :rank] @ (basis[:, :rank].T @ rest)
        left, norm = np.linalg.norm(rest), np.linalg.norm(column)
        if rank == rows or left <= _RELATIVE * norm:
            continue
        basis[:, rank] = rest / left
        rank += 1
        if c >= 0:
            needed[c] = True
    return needed

"""Models of a design as text."""

import numpy as np

from darkfigure.numerics.design import Design


def label_of(design: Design, model: np.ndarray | None = None) -> str:
    """A model by the terms that are in no other of its terms, largest first.

    "[P R][P poly(year, 2)][sex]"; `read_formula` reads it back to the same model.

    Parameters
    ----------
    design : Design
    model : ndarray of bool, shape (terms,), optional
        Every term by default.
    """
    chosen = np.flatnonzero(design.full if model is None else model)
    terms = [design.parts[t] for t in chosen]
    sets = [frozenset(term) for term in terms]
    largest = [
        term
        for term, inside in zip(terms, sets, strict=True)
        if term and not any(inside < other for other in sets)
    ]
    return "".join(f"[{' '.join(term)}]" for term in sorted(largest, key=len, reverse=True))

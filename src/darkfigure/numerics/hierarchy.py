"""Hierarchical log-linear models as sets of terms: enumeration, neighbours, generators."""

from itertools import combinations

import numpy as np


def main_effects(k: int) -> np.ndarray:
    """The independence model as a row over subsets, shape (2**k,)."""
    terms = np.zeros(1 << k, dtype=bool)
    terms[0] = True
    terms[1 << np.arange(k)] = True
    return terms


def allowed_terms(k: int, order: int, possible: np.ndarray) -> list[int]:
    """Interactions of at most `order` lists that are not structural zeros, by order."""
    return [
        sum(1 << j for j in chosen)
        for size in range(2, order + 1)
        for chosen in combinations(range(k), size)
        if possible[sum(1 << j for j in chosen)]
    ]


def hierarchical_models(
    k: int, order: int, possible: np.ndarray, *, most: int | None = None
) -> np.ndarray | None:
    """Every hierarchical model with all main effects, up to an order of interaction.

    With k = 3, 4, 5, 6 lists there are 8, 64, 1,024, 32,768 models of order 2; of order 3 there
    are 9, 113, 6,212, 3,702,013.

    Parameters
    ----------
    k : int
        Number of lists.
    order : int
        Most lists in an interaction.
    possible : ndarray of bool, shape (2**k,)
        False for histories with an impossible pair: such interactions do not exist.
    most : int, optional
        Give up above so many models.

    Returns
    -------
    ndarray of bool, shape (models, 2**k), or None
        None if there are more than `most`.
    """
    models = main_effects(k)[None, :]
    for term in allowed_terms(k, order, possible):
        eligible = models[:, _faces(term)].all(axis=1)
        if most is not None and len(models) + int(eligible.sum()) > most:
            return None
        extended = models[eligible]
        extended[:, term] = True
        models = np.concatenate([models, extended])
    return models


def neighbours(model: np.ndarray, order: int, possible: np.ndarray) -> np.ndarray:
    """Models one interaction away in the lattice of hierarchical models."""
    k = len(model).bit_length() - 1
    found = []
    for term in allowed_terms(k, order, possible):
        if model[term]:
            larger = [t for t in np.flatnonzero(model) if t & term == term and t != term]
            if larger:
                continue
        elif not model[_faces(term)].all():
            continue
        other = model.copy()
        other[term] = not model[term]
        found.append(other)
    return np.array(found, dtype=bool).reshape(-1, len(model))


def closure(interactions: list[int], k: int) -> np.ndarray:
    """The smallest hierarchical model with all main effects that holds these interactions."""
    model = main_effects(k)
    for term in interactions:
        subset = term
        while subset:
            model[subset] = True
            subset = (subset - 1) & term
    return model


def generators(model: np.ndarray) -> list[int]:
    """The terms not contained in another, which name the model: largest lists first."""
    terms = np.flatnonzero(model)
    return [int(t) for t in terms if t and not any(t != u and (t & u) == t for u in terms.tolist())]


def _faces(term: int) -> list[int]:
    bits = [1 << j for j in range(term.bit_length()) if term >> j & 1]
    return [term ^ bit for bit in bits]

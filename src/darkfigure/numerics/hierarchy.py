"""Hierarchical log-linear models as sets of terms: enumeration, number, neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

_MOST_PAIRS_COUNTED = 21


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
    if most is not None and 2 ** len(allowed_terms(k, 2, possible)) > most:
        return None
    models = main_effects(k)[None, :]
    for term in allowed_terms(k, order, possible):
        eligible = models[:, _faces(term)].all(axis=1)
        if most is not None and len(models) + int(eligible.sum()) > most:
            return None
        extended = models[eligible]
        extended[:, term] = True
        models = np.concatenate([models, extended])
    return models


@dataclass(frozen=True)
class ModelCount:
    """How many hierarchical models there are; at least so many, where it is not `exact`."""

    number: int
    exact: bool

    def __str__(self) -> str:
        if self.number < 1_000_000:
            text = f"{self.number:,}"
        elif self.number < 1_000_000_000:
            text = f"{self.number / 1e6:,.1f} million"
        else:
            power = len(str(self.number)) - 1
            text = f"about {round(self.number / 10**power)} × 10^{power}"
        return text if self.exact else f"more than {text.removeprefix('about ')}"


def count_models(k: int, order: int, possible: np.ndarray) -> ModelCount:
    """Count the hierarchical models with all main effects, without making them.

    Of order 2 they are the sets of pairs. Of order 3 a set of pairs goes with any of its
    triangles, which are counted for up to 21 pairs (seven lists); higher orders only add models.
    """
    pairs = allowed_terms(k, 2, possible)
    if order <= 2 or len(pairs) > _MOST_PAIRS_COUNTED:
        return ModelCount(2 ** len(pairs), exact=order <= 2)
    graphs = np.arange(1 << len(pairs))
    triangles = np.zeros(len(graphs), dtype=np.int8)
    at = {pair: 1 << i for i, pair in enumerate(pairs)}
    for term in allowed_terms(k, 3, possible)[len(pairs) :]:
        sides = sum(at[face] for face in _faces(term))
        triangles += (graphs & sides) == sides
    number = sum(int(times) << held for held, times in enumerate(np.bincount(triangles)))
    return ModelCount(number, exact=order == 3 or k == 3)


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


def without_lists(model: np.ndarray, gone: Sequence[int]) -> np.ndarray:
    """What a model says of the other lists, shape (2**(k − gone),)."""
    terms = np.arange(len(model))
    return model[(terms & sum(1 << j for j in gone)) == 0]


def _faces(term: int) -> list[int]:
    bits = [1 << j for j in range(term.bit_length()) if term >> j & 1]
    return [term ^ bit for bit in bits]

"""Hierarchical models as text: generators in brackets, and formulas."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.lattice import superset_sums

type Terms = str | Iterable[str | Iterable[str]]
"""A formula "P*R + O*Z", a label "[P R][O Z]", or tuples of list names."""


def labels_of(models: np.ndarray, lists: Sequence[str]) -> list[str]:
    """Name each hierarchical model by its generators, largest first: "[A B C][C D]".

    Parameters
    ----------
    models : ndarray of bool, shape (models, 2**k)
        Terms of each model; those contained in another of its terms are left out of the name.
    lists : sequence of str
        Names of the k lists.
    """
    within = superset_sums(models.astype(np.int16))
    generating = models & (within == 1)
    generating[:, 0] = False
    order = sorted(range(1, models.shape[1]), key=_by_size)
    between = ", " if any(" " in name for name in lists) else " "
    names = np.array(
        [f"[{between.join(lists[j] for j in _members(term))}]" for term in order], dtype=object
    )
    return ["".join(names[row]) for row in generating[:, order]]


def read_terms(terms: Terms, lists: Sequence[str]) -> np.ndarray:
    """The hierarchical model with these terms, all they contain, and all main effects.

    Parameters
    ----------
    terms : str or iterable
        "P*R + O*Z" (a formula; names that are not identifiers in backticks), "[P R][O Z]" (as
        printed), or tuples of list names.
    lists : sequence of str

    Returns
    -------
    ndarray of bool, shape (2**k,)

    Raises
    ------
    SettingsError
        If a name is not a list of the table, or the formula cannot be read.
    """
    if isinstance(terms, str):
        groups = _read_brackets(terms) if terms.lstrip().startswith("[") else _read_formula(terms)
    else:
        groups = [[term] if isinstance(term, str) else list(term) for term in terms]
    masks = []
    for group in groups:
        mask = 0
        for name in group:
            if name not in lists:
                raise SettingsError(
                    f"terms name {name!r}, which is not a list of this table ({', '.join(lists)}).",
                    did_you_mean(name, lists),
                )
            mask |= 1 << list(lists).index(name)
        masks.append(mask)
    return closure(masks, len(lists))


def _read_formula(formula: str) -> list[list[str]]:
    from formulaic.errors import FormulaParsingError
    from formulaic.parser import DefaultFormulaParser

    try:
        parsed = list(DefaultFormulaParser(include_intercept=False).get_terms(formula))
    except FormulaParsingError as error:
        raise SettingsError(
            f"the formula {formula!r} cannot be read.",
            'write it like terms="P*R + O*Z", with names that have spaces in backticks, '
            'or give tuples: terms=[("P", "R"), ("O", "Z")].',
        ) from error
    return [[factor.expr for factor in term.factors] for term in parsed]


def _read_brackets(label: str) -> list[list[str]]:
    inside = re.findall(r"\[([^\[\]]*)\]", label)
    if "".join(f"[{group}]" for group in inside) != re.sub(r"\]\s+\[", "][", label.strip()):
        raise SettingsError(
            f"the label {label!r} cannot be read.", 'write it as it is printed: "[P R][O Z]".'
        )
    split = r"\s*,\s*" if any("," in group for group in inside) else r"\s+"
    return [re.split(split, group.strip()) for group in inside]


def _members(term: int) -> list[int]:
    return [j for j in range(term.bit_length()) if term >> j & 1]


def _by_size(term: int) -> tuple[int, list[int]]:
    return -term.bit_count(), _members(term)

"""Hierarchical models as text: generators in brackets, and formulas."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.lattice import superset_sums

_QUOTED = r"`(?:[^`]|``)*`"
_INSIDE = rf"(?:{_QUOTED}|[^`\[\]])*"
_GROUP = re.compile(rf"\[({_INSIDE})\]")
_LABEL = re.compile(rf"\s*(?:\[{_INSIDE}\]\s*)+")
_BETWEEN_COMMAS = re.compile(rf"(?:{_QUOTED}|[^`,])+")
_BETWEEN_BLANKS = re.compile(rf"(?:{_QUOTED}|[^`\s])+")

type Terms = str | Iterable[str | Iterable[str]]
"""A formula "P*R + O*Z", a label "[P R][O Z]", or tuples of list names."""


def labels_of(models: np.ndarray, lists: Sequence[str]) -> list[str]:
    """Name each hierarchical model by its generators, largest first: "[A B C][C D]".

    Names that hold blanks, commas or brackets stand in backticks: "[`border police` shelter]".

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
    written = [_written(name) for name in lists]
    names = np.array(
        [f"[{' '.join(written[j] for j in _members(term))}]" for term in order], dtype=object
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
        groups = _read_groups(terms)
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


def freeze_terms(terms: Terms | None) -> Terms | None:
    """Terms as a setting that can be hashed: text or None as it is, else tuples of names.

    Raises
    ------
    SettingsError
        If they are neither text nor names of lists.
    """
    if terms is None or isinstance(terms, str):
        return terms
    if not isinstance(terms, Iterable) or isinstance(terms, Mapping | bytes):
        raise _not_terms(terms)
    given = list(terms)
    return tuple(
        each if isinstance(each, str) else tuple(group)
        for each, group in zip(given, _read_groups(given), strict=True)
    )


def _read_groups(terms: object) -> list[list[str]]:
    if not isinstance(terms, Iterable) or isinstance(terms, Mapping | bytes):
        raise _not_terms(terms)
    groups = []
    for term in terms:
        group = [term] if isinstance(term, str) else term
        if not isinstance(group, Iterable) or isinstance(group, Mapping | bytes):
            raise _not_terms(terms)
        names = list(group)
        if not all(isinstance(name, str) for name in names):
            raise _not_terms(terms)
        groups.append(names)
    return groups


def _not_terms(terms: object) -> SettingsError:
    return SettingsError(
        f"terms is {terms!r}; expected a formula, a label, or tuples of list names.",
        'terms="P*R + O*Z", or terms=[("P", "R"), ("O", "Z")].',
    )


def _read_formula(formula: str) -> list[list[str]]:
    from formulaic.parser import DefaultFormulaParser
    from formulaic.parser.types import Factor, Term

    try:
        parsed = list(DefaultFormulaParser(include_intercept=False).get_terms(formula))
    except Exception as error:  # its parser raises errors of many kinds
        raise _unreadable(formula) from error
    groups = []
    for term in parsed:
        if not isinstance(term, Term):  # two sides, or parts
            raise _unreadable(formula)
        factors = [f for f in term.factors if f.expr != "1"]  # the constant is always there
        if any(f.eval_method is not Factor.EvalMethod.LOOKUP for f in factors):
            raise _unreadable(formula)
        groups.append([factor.expr for factor in factors])
    return [group for group in groups if group]


def _unreadable(formula: str) -> SettingsError:
    return SettingsError(
        f"the formula {formula!r} cannot be read: it may hold names of lists, +, *, : and ().",
        'write it like terms="P*R + O*Z", with names that have spaces in backticks, '
        'or give tuples: terms=[("P", "R"), ("O", "Z")].',
    )


def _read_brackets(label: str) -> list[list[str]]:
    if not _LABEL.fullmatch(label):
        raise SettingsError(
            f"the label {label!r} cannot be read.", 'write it as it is printed: "[P R][O Z]".'
        )
    groups = []
    for inside in _GROUP.findall(label):
        parts = [part.strip() for part in _BETWEEN_COMMAS.findall(inside)]
        if len(parts) == 1:
            parts = _BETWEEN_BLANKS.findall(inside)
        groups.append([_read_name(part) for part in parts])
    return groups


def _written(name: str) -> str:
    """A name as it stands in a label: in backticks where it would not be read back."""
    if name and not re.search(r"[\s,`\[\]]", name):
        return name
    return "`" + name.replace("`", "``") + "`"


def _read_name(text: str) -> str:
    if re.fullmatch(_QUOTED, text):
        return text[1:-1].replace("``", "`")
    return text


def _members(term: int) -> list[int]:
    return [j for j in range(term.bit_length()) if term >> j & 1]


def _by_size(term: int) -> tuple[int, list[int]]:
    return -term.bit_count(), _members(term)

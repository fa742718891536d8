"""Hierarchical models as text: generators in brackets, and formulas."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.numerics.hierarchy import closure
from darkfigure.numerics.lattice import superset_sums

_QUOTED = r"`(?:[^`]|``)*`"
_OUTSIDE = re.compile(rf"{_QUOTED}|.", re.DOTALL)
_IN_CALL = re.compile(rf"{_QUOTED}|'[^']*'|\"[^\"]*\"|.", re.DOTALL)

type Terms = str | Iterable[str | Iterable[str]]
"""A formula "P*R + O*Z", a label "[P R][O Z]", or tuples of names."""


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
    order = sorted(np.flatnonzero(generating.any(axis=0)).tolist(), key=_by_size)
    names_written = [written(name) for name in lists]
    names = np.array(
        [f"[{' '.join(names_written[j] for j in _members(term))}]" for term in order], dtype=object
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
    masks = []
    for group in groups_of(terms):
        mask = 0
        for name in map(name_in, group):
            if name not in lists:
                raise SettingsError(
                    f"terms name {name!r}, which is not a list of this table ({', '.join(lists)}).",
                    did_you_mean(name, lists),
                )
            mask |= 1 << list(lists).index(name)
        masks.append(mask)
    return closure(masks, len(lists))


def groups_of(terms: Terms) -> list[list[str]]:
    """The factors of each term as text: names, in backticks or not, and calls: "poly(year, 2)".

    Parameters
    ----------
    terms : str or iterable
        As in `read_terms`. Names in a formula come back in backticks.

    Raises
    ------
    SettingsError
        If the terms cannot be read.
    """
    if isinstance(terms, str):
        return _in_label(terms) if terms.lstrip().startswith("[") else _in_formula(terms)
    return _in_tuples(terms)


def written(name: str) -> str:
    """A name as it stands in a label: in backticks where it would not be read back."""
    if name and not re.search(r"[\s,`\[\]()]", name):
        return name
    return _quoted(name)


def name_in(text: str) -> str:
    """The name that a text in a label is, out of its backticks."""
    return text[1:-1].replace("``", "`") if is_quoted(text) else text


def is_quoted(text: str) -> bool:
    """Whether a text is a name in backticks."""
    return re.fullmatch(_QUOTED, text) is not None


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
        for each, group in zip(given, _in_tuples(given), strict=True)
    )


def _in_tuples(terms: object) -> list[list[str]]:
    if not isinstance(terms, Iterable) or isinstance(terms, Mapping | bytes):
        raise _not_terms(terms)
    groups = []
    for term in terms:
        group = [term] if isinstance(term, str) else term
        if not isinstance(group, Iterable) or isinstance(group, Mapping | bytes):
            raise _not_terms(terms)
        groups.append(list(group))
        if not all(isinstance(name, str) for name in groups[-1]):
            raise _not_terms(terms)
    return groups


def _not_terms(terms: object) -> SettingsError:
    return SettingsError(
        f"terms is {terms!r}; expected a formula, a label, or tuples of list names.",
        'terms="P*R + O*Z", or terms=[("P", "R"), ("O", "Z")].',
    )


def _in_formula(formula: str) -> list[list[str]]:
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
        if any(f.eval_method is Factor.EvalMethod.LITERAL for f in factors):
            raise _unreadable(formula)
        named = Factor.EvalMethod.LOOKUP
        groups.append([_quoted(f.expr) if f.eval_method is named else f.expr for f in factors])
    return [group for group in groups if group]


def _unreadable(formula: str) -> SettingsError:
    return SettingsError(
        f"the formula {formula!r} cannot be read: it may hold names, +, -, *, : and (), and calls "
        "such as poly(year, 2) where the table has strata.",
        'write it like terms="P*R + O*Z", with names that have spaces in backticks, '
        'or give tuples: terms=[("P", "R"), ("O", "Z")].',
    )


def _in_label(label: str) -> list[list[str]]:
    """Texts in brackets, separated by commas, or by blanks where there are none."""
    groups: list[list[str]] = []
    open_signs, inside, position = "", [""], 0
    while position < len(label):
        found = (_IN_CALL if "(" in open_signs else _OUTSIDE).match(label, position)
        sign = found.group() if found else label[position]
        position += len(sign)
        if not open_signs and not sign.isspace():
            if sign != "[":
                raise _no_label(label)
            open_signs, inside = "[", [""]
        elif open_signs == "[" and sign == "]":
            groups.append(_separated(inside))
            open_signs = ""
        elif open_signs == "[" and (sign == "," or sign.isspace()):
            inside += [sign, ""]
        elif open_signs:
            inside[-1] += sign
            open_signs = _nested(open_signs, sign, label)
    if open_signs:
        raise _no_label(label)
    return groups


def _nested(open_signs: str, sign: str, label: str) -> str:
    """The brackets open after a sign; square ones only within a call."""
    if sign == "(" or (sign == "[" and "(" in open_signs):
        return open_signs + sign
    if sign in ("[", "]", ")"):
        if open_signs[-1] + sign not in ("()", "[]") or len(open_signs) == 1:
            raise _no_label(label)
        return open_signs[:-1]
    return open_signs


def _separated(inside: list[str]) -> list[str]:
    """The texts among texts and, at odd places, the separators between them."""
    if "," not in inside[1::2]:
        return [text for text in inside[::2] if text]
    texts = [""]
    for i, part in enumerate(inside):
        if i % 2 and part == ",":
            texts.append("")
        else:
            texts[-1] += part
    return [text.strip() for text in texts]


def _no_label(label: str) -> SettingsError:
    return SettingsError(
        f"the label {label!r} cannot be read.", 'write it as it is printed: "[P R][O Z]".'
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _members(term: int) -> list[int]:
    return [j for j in range(term.bit_length()) if term >> j & 1]


def _by_size(term: int) -> tuple[int, list[int]]:
    return -term.bit_count(), _members(term)

"""Formulas, labels and tuples of terms over lists and stratum variables, read into a design."""

from itertools import combinations

from darkfigure.data.observation import Observation
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.formulas.designs import Term, closed, design_of_terms, known_parts
from darkfigure.formulas.parts import Part, part_of
from darkfigure.numerics.design import Design
from darkfigure.terms import Terms, groups_of


def read_formula(terms: Terms, observation: Observation) -> Design:
    """The hierarchical model with these terms: a design of which every term is in the model.

    Terms are products of lists, stratum variables, and functions of one stratum variable. The
    model also has all that its terms contain, the constant, the main effects of all lists, and
    those of all stratum variables with more than one level: without it, the strata of a variable
    would be claimed to be of equal size. To leave a variable out, add the table up over it.

    A variable that stands alone has a parameter for each level but the first, numbers too:
    "year" is the year by level. "poly(year, 2)" is a polynomial of degree 2, orthogonal over the
    levels; C, I, log, log2, log10, exp, scale, center, bs, cr, cs and cc are those of formulaic,
    worked out on the levels, each level once. "I(year >= 2013)" is a step, "I(year)" a line.

    Parameters
    ----------
    terms : str or iterable
        A formula, "(P + R + O) * poly(year, 2) + sex", with names that are not identifiers in
        backticks; a label, "[P R][P poly(year, 2)][sex]"; or tuples, [("P", "R"), ("P", "year")].
    observation : Observation

    Returns
    -------
    Design
        The model is ``design.full``. Parameters that no observed row tells, because the lists of
        their term were not at work there, are left out, and named in ``design.dropped``.

    Raises
    ------
    SettingsError
        If the terms cannot be read, name what the table does not have, or hold an interaction
        between lists that cannot overlap.
    NotEstimable
        If they hold the interaction of all lists, or a function that has no value at some level,
        or more columns than the levels can tell apart.

    References
    ----------
    Wilkinson & Rogers (1973), Appl. Stat. 22:392 (formulas); Zwane, van der Pal & van der Heijden
    (2004), Stat. Med. 23:2267 (lists that were not at work).
    """
    parts = known_parts(observation)
    found: list[Term] = []
    for group in groups_of(terms):
        here = [part_of(text, observation) for text in group]
        here = _one_per_variable(here)
        _check_lists({part.factor for part in here if part.is_list}, observation)
        parts |= {part.text: part for part in here}
        found.append(frozenset(part.text for part in here))
    return design_of_terms(closed(found, parts, observation), parts, observation)


def overlap(lists: set[str], observation: Observation) -> bool:
    """Whether people can be on all of these lists at once."""
    bits = sum(1 << observation.lists.index(name) for name in lists)
    return bool(((observation.history & bits) == bits).any())


def _one_per_variable(parts: list[Part]) -> list[Part]:
    """A term's parts: a variable by level says all that a function of it could add."""
    plain = {part.factor for part in parts if part.is_plain}
    kept = {p.text: p for p in parts if p.is_plain or p.factor not in plain}
    by_variable: dict[str, str] = {}
    for part in kept.values():
        if part.factor in by_variable:
            raise SettingsError(
                f"a term holds two functions of {part.factor!r}: {by_variable[part.factor]} and "
                f"{part.text}.",
                "write their product as one function, such as I(year ** 3).",
            )
        by_variable[part.factor] = part.text
    return list(kept.values())


def _check_lists(lists: set[str], observation: Observation) -> None:
    if len(lists) < 2:
        return
    if not overlap(lists, observation):
        names = [name for name in observation.lists if name in lists]
        apart = (pair for pair in combinations(names, 2) if not overlap(set(pair), observation))
        names = list(next(apart, names))
        raise SettingsError(
            f"terms hold an interaction between {' and '.join(names)}, which cannot overlap "
            "(impossible=...).",
            "leave it out: what cannot happen needs no parameter.",
        )
    if len(lists) == len(observation.lists):
        raise NotEstimable(
            "the model holds the interaction between all lists: it fits any table, and the "
            "unseen cannot be estimated.",
            "leave the interaction of all lists out of terms.",
        )

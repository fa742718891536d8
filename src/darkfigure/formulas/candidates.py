"""Designs with every term that a selection may choose from."""

from itertools import combinations

from darkfigure.data.names import did_you_mean
from darkfigure.data.observation import Observation
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.formulas.designs import Term, closed, design_of_terms, known_parts
from darkfigure.formulas.parts import part_of
from darkfigure.formulas.reading import overlap
from darkfigure.numerics.design import Design
from darkfigure.terms import written


def design_up_to(
    observation: Observation,
    order: int = 2,
    *,
    order_of_lists: int | None = None,
    degree: int | None = None,
    year: str | None = None,
) -> Design:
    """All main effects and all interactions up to an order, among lists and stratum variables.

    Interactions between lists that cannot overlap, and those of all lists, are left out. Variables
    have a parameter for each level but the first; an interaction is one term.

    Parameters
    ----------
    observation : Observation
    order : int, default 2
        Most lists and variables in one interaction; 1 for main effects.
    order_of_lists : int, optional
        Most lists in an interaction between lists alone; as `order` by default.
    degree : int, optional
        The year is a polynomial of this degree, orthogonal over its levels, and not by level.
    year : str, optional
        The stratum variable of the year, where a degree is given; "year" by default.

    Returns
    -------
    Design
        Its smallest model is ``design.main``. Parameters that no observed row tells are left out,
        and named in ``design.dropped`` (see `read_formula`).

    Raises
    ------
    SettingsError
        If an order is not a whole number, 1 or more.
    NotEstimable
        If there is no such variable, its levels are no numbers, or too few.
    """
    for name, value in (("order", order), ("order_of_lists", order_of_lists)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and value >= 1):
            raise SettingsError(f"{name} is {value!r}; expected a whole number, 1 or more.")
    parts = known_parts(observation)
    texts = {part.factor: part.text for part in parts.values()}
    if degree is not None:
        polynomial = part_of(_polynomial(observation, degree, year), observation)
        parts[polynomial.text] = polynomial
        texts[polynomial.factor] = polynomial.text
    most = order if order_of_lists is None else order_of_lists
    found: list[Term] = []
    for size in range(1, max(order, most) + 1):
        for chosen in combinations(texts, size):
            lists = {name for name in chosen if name in observation.lists}
            if size > (most if len(lists) == size else order):
                continue
            if size > 1 and (
                len(lists) == len(observation.lists) or not overlap(lists, observation)
            ):
                continue
            found.append(frozenset(texts[name] for name in chosen))
    return design_of_terms(closed(found, parts, observation), parts, observation)


def two_way_design(
    observation: Observation, degree: int | None = None, year: str | None = None
) -> Design:
    """All main effects and two-way interactions among lists and stratum variables.

    The candidates of the Dutch workflow; see `design_up_to`.

    References
    ----------
    van Dijk, Cruyff, van der Heijden & Kragten-Heerdink (2017), Monitoring Target 16.2, UNODC.
    """
    return design_up_to(observation, 2, degree=degree, year=year)


def _polynomial(observation: Observation, degree: int, year: str | None) -> str:
    name = "year" if year is None else year
    if name not in observation.levels:
        known = ", ".join(map(repr, observation.levels)) or "none"
        raise NotEstimable(
            f"degree={degree!r} is the degree of a polynomial of the year, and {name!r} is not a "
            f"stratum variable of this table ({known}).",
            did_you_mean(name, observation.levels)
            or f"make the table with by=[{name!r}, ...], or name the variable: year=...",
        )
    return f"poly({written(name)}, {degree!r})"

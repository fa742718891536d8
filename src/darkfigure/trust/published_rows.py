"""Rows of published figures: what each measures, and whether a table measures the same."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from darkfigure.data.about import NOT_STATED, About
from darkfigure.errors import DataError

COLUMNS = ("concept", "per", "unit")
_OF_METHOD = ("lists", "model", "order")  # words of a stratum that say how, not of whom


@dataclass(frozen=True)
class Row:
    """A published figure that measures what a table measures.

    Attributes
    ----------
    name : str
        Who published it, of whom and when.
    figures : tuple of float
        Its estimate, or the ends of its range.
    yearly : bool
    years : str
        Its years, where they are only some of the table's; else "".
    country : str
        Its country, where the table does not state its own; else "".
    """

    name: str
    figures: tuple[float, ...]
    yearly: bool
    years: str
    country: str


def read_row(row: "pd.Series[Any]", about: About, selected: str = "") -> Row:
    """Read a published row.

    Parameters
    ----------
    row : Series
    about : About
    selected : str, default ""
        The strata that the table was cut down to: "sex='f'".

    Raises
    ------
    DataError
        If it is no estimate of people, or of another concept, country, stratum or other years than
        the table.
    """
    named = _name_of(row)
    if missing := [name for name in COLUMNS if name not in row.index]:
        raise DataError(
            f"a row of claims lacks {', '.join(missing)}; expected the columns of dk.published()."
        )
    _check_unit(row, named)
    hint = _as_a_number(row)
    _check_concept(row, about, named, hint)
    country = _country(row, about, named)
    _check_stratum(row, about, named, hint, selected)
    years = _years(row, about, named, hint)
    numbers = {name: float(row.get(name, math.nan)) for name in ("estimate", "low", "high")}
    chosen = ["estimate"] if math.isfinite(numbers["estimate"]) else ["low", "high"]
    found = tuple(numbers[name] for name in chosen if math.isfinite(numbers[name]))
    if not found:
        raise DataError(f"{named} has no estimate and no range.")
    return Row(named, found, row["per"] == "year", years, country)


def _as_a_number(row: "pd.Series[Any]") -> str:
    figure = row.get("estimate", math.nan)
    number = f"{figure:_.0f}" if math.isfinite(figure) else "30_000"
    return f"To set it beside this table all the same, claim the number: dk.claim(table, {number})."


def _check_unit(row: "pd.Series[Any]", named: str) -> None:
    """Refuse what is no total of people, or only of those registered."""
    if row["unit"] != "people":
        raise DataError(
            f"{named} is in {row['unit']}, not in people: it is no total.",
            "take rows with unit == 'people'.",
        )
    if row["concept"] == "registered":
        raise DataError(
            f"{named} counts the people who were registered: it is no claim about those who were "
            "not.",
            "take rows with concept 'flow' or 'stock'.",
        )


def _check_concept(row: "pd.Series[Any]", about: About, named: str, hint: str) -> None:
    """Refuse a stock on a day beside a flow, and a figure that does not say which it is."""
    if row["concept"] not in ("flow", "stock"):
        raise DataError(
            f"{named} does not say whether it is a flow over a period or a stock on a day.", hint
        )
    if about.concept not in ("flow", "stock"):
        raise DataError(
            f"{named} is a {_concept(row['concept'])}, and this table does not state what it "
            "measures.",
            f'table = table.with_about(concept="{row["concept"]}"), if that is what it measures.',
        )
    if row["concept"] != about.concept:
        raise DataError(
            f"{named} is a {_concept(row['concept'])}, and this table measures a "
            f"{_concept(about.concept)}: they are not the same people.",
            hint,
        )


def _country(row: "pd.Series[Any]", about: About, named: str) -> str:
    """The figure's country where the table states none; refused where it states another."""
    country = _text(row.get("country", ""))
    if not country or about.country == country:
        return ""
    if about.country in ("", NOT_STATED):
        return country
    raise DataError(
        f"{named} is of {country}, and this table of {about.country}.",
        f"take rows with country == {about.country!r}.",
    )


def _check_stratum(
    row: "pd.Series[Any]", about: About, named: str, hint: str, selected: str
) -> None:
    """Refuse a figure of some of the people, unless the table's title says that it is of them.

    And one of all people beside a table that was cut down to some of its strata.
    """
    stratum = _text(row.get("stratum", ""))
    if not stratum or stratum == "all" or stratum.startswith(("all,", "all ")):
        if selected:
            raise DataError(
                f"{named} is of all people, and this table was cut down to {selected}.",
                "claim it of the whole table. " + hint,
            )
        return
    parts = [part.strip() for part in stratum.split(",")]
    of_whom = [part for part in parts if not any(word in part for word in _OF_METHOD)]
    title = about.title.lower()
    if of_whom and all(part.lower() in title for part in of_whom):
        return
    raise DataError(
        f"{named} is of one stratum ({', '.join(of_whom) or stratum}), and this table is of all "
        f"{about.people} it counts.",
        hint,
    )


def _years(row: "pd.Series[Any]", about: About, named: str, hint: str) -> str:
    """The figure's years where they are some of the table's; refused where they are others."""
    first, last = row.get("year_from"), row.get("year_to")
    period = about.period
    if first is None or last is None or pd.isna(first) or pd.isna(last):
        raise DataError(f"{named} does not say of which years it is.", hint)
    if period is None:
        raise DataError(
            f"the period of this table is not stated, so that {named} cannot be set beside it.",
            "table = table.with_about(period=(2010, 2015)).",
        )
    if (first, last) == (period.year_from, period.year_to):
        return ""
    years = f"{first}" if first == last else f"{first}-{last}"
    if row["per"] == "period":
        raise DataError(
            f"{named} is a total over its own period, which is not that of this table "
            f"({period.text}).",
            hint,
        )
    if first < period.year_from or last > period.year_to:
        raise DataError(
            f"{named} is of {years}, and this table of {period.text}: they are not the same "
            "people.",
            hint,
        )
    return years


def _concept(concept: str) -> str:
    return {"flow": "flow over a period", "stock": "stock on a day"}[concept]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _name_of(row: "pd.Series[Any]") -> str:
    """Who published it, of whom and when: "UNODC/National Rapporteur 2017, NL 2014-2015, all"."""
    first, last = row.get("year_from"), row.get("year_to")
    known = not (first is None or last is None or pd.isna(first) or pd.isna(last))
    years = "" if not known else f"{first}" if first == last else f"{first}-{last}"
    study = str(row.get("study", "the figure")).split(" (")[0]
    parts = [study, f"{_text(row.get('country', ''))} {years}".strip(), _text(row.get("stratum"))]
    return ", ".join(part for part in parts if part and part != "all")

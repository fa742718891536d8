"""What is claimed: numbers, and rows of published figures, on the scale of a table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from darkfigure.data.about import NOT_STATED, About, Period
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, SettingsError
from darkfigure.literals import Per, check_choice

_COLUMNS = ("concept", "per", "unit")


@dataclass(frozen=True)
class Claim:
    """A figure that someone has named.

    Attributes
    ----------
    label : str
        "30,000 a year".
    figure : float
        As it was claimed.
    total : float
        On the scale of the table: people over its whole period.
    source : str
        Who claimed it; "" for a number.
    """

    label: str
    figure: float
    total: float
    source: str = ""


def read_claims(totals: Any, table: CaptureTable, per: Per | None) -> tuple[Claim, ...]:
    """Read one number or several, or rows of `published`.

    Raises
    ------
    SettingsError
        If a number is no number of people, or `per` stands beside published rows.
    DataError
        If a published row measures something else than the table.
    """
    if per is not None:
        check_choice(per, Per, "per")
    claims: list[Claim] = []
    for each in _items(totals):
        if isinstance(each, pd.Series):
            if per is not None:
                raise SettingsError(
                    f"per is {per!r}, but a published row says itself what it is per.",
                    "leave per out, or claim the numbers.",
                )
            claims += _of_row(each, table)
        else:
            claims.append(_of_number(each, table.about, per))
    if not claims:
        raise SettingsError("nothing is claimed; expected at least one total.", "30_000")
    return tuple(claims)


def _items(totals: Any) -> list[Any]:
    if isinstance(totals, pd.DataFrame):
        return [row for _, row in totals.iterrows()]
    if isinstance(totals, pd.Series) and not set(_COLUMNS) <= set(totals.index):
        return totals.tolist()
    if isinstance(totals, Iterable) and not isinstance(totals, str | pd.Series):
        return [item for each in totals for item in _items(each)]
    return [totals]


def _of_number(value: Any, about: About, per: Per | None) -> Claim:
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not (math.isfinite(value) and value > 0):
        raise SettingsError(
            f"{value!r} is claimed; expected a number of people, several, or rows of "
            "dk.published().",
            "dk.claim(table, [8_000, 30_000]).",
        )
    figure = float(value)
    if per != "year":
        return Claim(f"{figure:,.0f}", figure, figure)
    return Claim(f"{figure:,.0f} a year", figure, figure * _years_of_flow(about))


def _years_of_flow(about: About) -> float:
    """The length of the table's period, where a figure per year means something."""
    if about.concept == "stock":
        raise DataError(
            "this table measures a stock on a day, which has no figure per year.",
            "leave per out: the claim is then of people on that day.",
        )
    period = _stated(about)
    if period.years < 1:
        raise DataError(
            f"this table covers {period.text}, less than a year: a claim per year would be an "
            "extrapolation.",
            "claim the total of the period, and leave per out.",
        )
    return period.years


def _stated(about: About) -> Period:
    if about.period is None:
        raise DataError(
            "the period of this table is not stated, so that a figure per year cannot be set "
            "beside it.",
            "table = table.with_about(period=(2010, 2015)).",
        )
    return about.period


def _of_row(row: "pd.Series[Any]", table: CaptureTable) -> list[Claim]:
    """The claims of one published row: its estimate, or the ends of its range."""
    named = _name_of(row)
    if missing := [name for name in _COLUMNS if name not in row.index]:
        raise DataError(
            f"a row of claims lacks {', '.join(missing)}; expected the columns of dk.published()."
        )
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
    _check_concept(row, table.about, named)
    _check_country(row, table.about, named)
    numbers = {name: float(row.get(name, math.nan)) for name in ("estimate", "low", "high")}
    chosen = ["estimate"] if math.isfinite(numbers["estimate"]) else ["low", "high"]
    found = [numbers[name] for name in chosen if math.isfinite(numbers[name])]
    if not found:
        raise DataError(f"{named} has no estimate and no range.")
    yearly = row["per"] == "year"
    scale = _years_of_flow(table.about) if yearly else 1.0
    unit = " a year" if yearly else ""
    return [Claim(f"{each:,.0f}{unit}", each, each * scale, named) for each in found]


def _check_concept(row: "pd.Series[Any]", about: About, named: str) -> None:
    """Refuse a stock on a day beside a flow, and a figure that does not say which it is."""
    figure = row.get("estimate", math.nan)
    number = f"{figure:_.0f}" if math.isfinite(figure) else "30_000"
    hint = f"To set it beside this table all the same, claim the number: dk.claim(table, {number})."
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
    if row["per"] == "period" and not _same_period(row, about):
        raise DataError(
            f"{named} is a total over its own period, which is not that of this table.", hint
        )


def _check_country(row: "pd.Series[Any]", about: About, named: str) -> None:
    """Refuse a figure of another country, where the table states its own."""
    country = str(row.get("country", ""))
    if country and about.country not in ("", NOT_STATED, country):
        raise DataError(
            f"{named} is of {country}, and this table of {about.country}.",
            f"take rows with country == {about.country!r}.",
        )


def _same_period(row: "pd.Series[Any]", about: About) -> bool:
    period = about.period
    if period is None:
        return False
    return (row.get("year_from"), row.get("year_to")) == (period.year_from, period.year_to)


def _concept(concept: str) -> str:
    return {"flow": "flow over a period", "stock": "stock on a day"}[concept]


def _name_of(row: "pd.Series[Any]") -> str:
    """Who published it, of whom and when: "UNODC/National Rapporteur 2017, NL 2014-2015, all"."""
    first, last = row.get("year_from"), row.get("year_to")
    years = f"{first}" if first == last else f"{first}-{last}"
    study = str(row.get("study", "the figure")).split(" (")[0]
    parts = [study, f"{row.get('country', '')} {years}".strip(), str(row.get("stratum", ""))]
    return ", ".join(part for part in parts if part and part != "all")

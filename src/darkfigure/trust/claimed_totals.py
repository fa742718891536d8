"""What is claimed: numbers, and rows of published figures, on the scale of a table."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from darkfigure.data.about import About, Period
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, SettingsError
from darkfigure.literals import Per, check_choice
from darkfigure.trust.published_rows import COLUMNS, Row, read_row

_MOST = 1e12  # people


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
    years : str
        Of which years a published figure is, where they are only some of the table's.
    country : str
        Of which country it is, where the table does not state its own.
    """

    label: str
    figure: float
    total: float
    source: str = ""
    years: str = ""
    country: str = ""


@dataclass(frozen=True)
class Claimed:
    """What is set beside a table, and what is not.

    Attributes
    ----------
    claims : tuple of Claim
    aside : tuple of str
        For each published row that measures something else than the table, a sentence why.
    """

    claims: tuple[Claim, ...]
    aside: tuple[str, ...]


def read_claims(totals: Any, table: CaptureTable, per: Per | None) -> Claimed:
    """Read one number or several, or rows of `published`.

    Rows that measure something else than the table are set aside, if others do not.

    Raises
    ------
    SettingsError
        If a number is no number of people, or `per` stands beside published rows.
    DataError
        If no published row measures what the table does: what the first measures.
    """
    if per is not None:
        check_choice(per, Per, "per")
    claims: list[Claim] = []
    refused: list[DataError] = []
    for each in _items(totals):
        if not isinstance(each, pd.Series):
            claims.append(_of_number(each, table.about, per))
            continue
        if per is not None:
            raise SettingsError(
                f"per is {per!r}, but a published row says itself what it is per.",
                "leave per out, or claim the numbers.",
            )
        try:
            claims += _of_row(read_row(each, table.about, _selected(table)), table.about)
        except DataError as error:
            refused.append(error)
    if refused and not claims:
        raise refused[0]
    if not claims:
        raise SettingsError("nothing is claimed; expected at least one total.", "30_000")
    return Claimed(tuple(claims), tuple(dict.fromkeys(error.problem for error in refused)))


def _selected(table: CaptureTable) -> str:
    """The strata that a table was cut down to, but for years, which its period says."""
    cuts = re.findall(r"\.select\((.*?)\)(?=\.|$)", table.origin)
    parts = [part for cut in cuts for part in re.split(r", (?=\w+=)", cut)]
    return ", ".join(part for part in parts if part and not part.casefold().startswith("year="))


def _items(totals: Any) -> list[Any]:
    if isinstance(totals, pd.DataFrame):
        return [row for _, row in totals.iterrows()]
    if isinstance(totals, pd.Series) and not set(COLUMNS) & set(totals.index):
        return totals.tolist()
    if isinstance(totals, Iterable) and not isinstance(totals, str | pd.Series):
        return [item for each in totals for item in _items(each)]
    return [totals]


def _of_number(value: Any, about: About, per: Per | None) -> Claim:
    figure = _people(value)
    if per != "year":
        return Claim(f"{figure:,.0f}", figure, figure)
    return Claim(f"{figure:,.0f} a year", figure, figure * _years_of_flow(about))


def _people(value: Any) -> float:
    """A number of people as a float, or refused."""
    hint = "dk.claim(table, [8_000, 30_000])."
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 1 <= value < math.inf:
        raise SettingsError(
            f"{value!r} is claimed; expected a number of people, several, or rows of "
            "dk.published().",
            hint,
        )
    if value > _MOST:
        raise SettingsError(
            f"{float(min(value, 10**300)):.3g} is claimed: more than a hundred times as many as "
            "there are people on earth.",
            hint,
        )
    return float(value)


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


def _of_row(row: Row, about: About) -> list[Claim]:
    """The claims of one published row: its estimate, or the ends of its range."""
    scale = _years_of_flow(about) if row.yearly else 1.0
    unit = " a year" if row.yearly else ""
    return [
        Claim(f"{each:,.0f}{unit}", each, each * scale, row.name, row.years, row.country)
        for each in map(_people, row.figures)
    ]

"""The captures that the options name, as `read` takes them."""

import argparse
from pathlib import Path
from typing import Any

from darkfigure.data.captures import as_table
from darkfigure.data.datasets import datasets
from darkfigure.data.inactive import read_inactive
from darkfigure.data.names import did_you_mean
from darkfigure.data.reading import read
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError


def table_of(options: argparse.Namespace) -> CaptureTable:
    """The captures that the options name."""
    lists = None if options.lists is None else names_in(options.lists)
    by = list(dict.fromkeys(name for text in options.by or () for name in names_in(text)))
    gaps = _gaps(options)
    if lists is None and not by and options.count is None and not gaps and is_dataset(options):
        return _with_years(as_table(options.data), options.year)
    if options.year is not None and options.year not in by:
        by.append(options.year)
    if lists is None and not by and options.count is None and not gaps:
        return as_table(options.data)
    if is_dataset(options):
        raise SettingsError(
            f"{options.data} is a dataset: its columns are known, and its counts exact.",
            "leave --lists, --count and --by out, and what says how a file was written.",
        )
    if options.count is None:
        return read(options.data, lists=lists, by=by, **gaps)
    names = names_in(options.count)
    if names in ([], ["none"], ["None"]):
        return read(options.data, lists=lists, by=by, count=None, **gaps)
    count = names[0] if len(names) == 1 else names
    return read(options.data, lists=lists, by=by, count=count, **gaps)


def is_dataset(options: argparse.Namespace) -> bool:
    """Whether the data are a table that comes along, and no file of that name."""
    return options.data in set(datasets()["name"]) and not Path(options.data).exists()


def _with_years(table: CaptureTable, year: str | None) -> CaptureTable:
    """A dataset, which has the years asked for among its strata."""
    if year is not None and year not in table.strata:
        raise SettingsError(
            f"--year is {year!r}, which is no stratum variable of {table.about.name} "
            f"({', '.join(table.strata) or 'it has none'}).",
            did_you_mean(year, table.strata) or "leave --year out: this dataset has no years.",
        )
    return table


def _gaps(options: argparse.Namespace) -> dict[str, Any]:
    """What was said of suppressed, rounded and missing cells, as `read` takes it."""
    said = {
        "threshold": options.threshold,
        "rounding": _whole_if_it_is(options.rounding),
        "zeros": options.zeros,
        "omitted": options.omitted,
        "blank": 0 if options.blank == "0" else options.blank,
        "inactive": None if options.inactive is None else read_inactive(options.inactive),
        "impossible": None
        if options.impossible is None
        else [names_in(pair) for pair in options.impossible],
    }
    return {name: value for name, value in said.items() if value is not None}


def names_in(text: str) -> list[str]:
    """Names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _whole_if_it_is(text: str | None) -> int | str | None:
    """A base alone as a number: "5" as 5, while "down to 5" stays text."""
    return int(text) if text is not None and text.strip().isdecimal() else text

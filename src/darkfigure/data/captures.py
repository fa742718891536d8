"""Whatever holds captures, made into one table: what every verb, and `build`, takes."""

from pathlib import Path
from typing import Any

import pandas as pd

from darkfigure.data.datasets import datasets, load
from darkfigure.data.frequencies import CaptureFrequencies
from darkfigure.data.linkage_draws import LinkageDraws
from darkfigure.data.names import did_you_mean
from darkfigure.data.reading import read
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, NotEstimable

type Captures = CaptureTable | CaptureRecords | CaptureFrequencies | pd.DataFrame | str | Path | Any
"""A table, records, frequencies, a data frame, a file's path, or a dataset's name."""


def as_table(data: Captures) -> CaptureTable:
    """Make a capture table of whatever holds captures."""
    if isinstance(data, str | Path):
        data = _named(str(data))
    if isinstance(data, LinkageDraws):
        raise DataError(
            "these are several linkages of the same lists; expected one table.",
            "dk.estimate(linkages, model) averages over them; linkages.tables holds each.",
        )
    if isinstance(data, CaptureRecords):
        data = data.to_table()
    if isinstance(data, CaptureFrequencies):
        raise NotEstimable(
            "these are counts of how often one list saw people; this version estimates from "
            "two or more overlapping lists only.",
            "tabulate who is on which list: dk.CaptureTable.from_lists({...}, key=...).",
        )
    if isinstance(data, CaptureTable):
        return data
    return CaptureTable.from_counts(data)


def _named(text: str) -> CaptureTable | CaptureRecords | CaptureFrequencies:
    """Load a dataset by name, or read a file."""
    names = list(datasets()["name"])
    if text in names:
        return load(text)
    if Path(text).suffix or text == "-" or Path(text).exists():
        return read(text)
    raise DataError(
        f"{text!r} is neither a dataset nor a file.",
        did_you_mean(text, names) or f"datasets are {', '.join(names)}; a file has an ending.",
    )

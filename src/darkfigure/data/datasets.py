"""The tables that come along, loaded by name, and the published estimates to set beside them."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkfigure.data.about import About, Period
from darkfigure.data.frequencies import CaptureFrequencies
from darkfigure.data.names import did_you_mean
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DataError, briefly

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("table", "records", "frequencies", "simulated")
"""What a dataset can be, in the order they are listed: counts, one row per unit, captures, and a
table of counts that a program made up."""

_PUBLISHED_NUMBERS = ("observed", "estimate", "low", "high")


def load(name: str) -> CaptureTable | CaptureRecords | CaptureFrequencies:
    """Return a published table, or a simulated one, by its name, with its codebook on `.about`.

    Parameters
    ----------
    name : str
        A name from `datasets()`, such as "netherlands".

    Returns
    -------
    CaptureTable, CaptureRecords or CaptureFrequencies
        Counts per capture history; one row per captured unit; or how many units were captured
        once, twice, ... by one list.

    Raises
    ------
    DataError
        If there is no dataset of that name.
    """
    full_name = _full_name(name)
    is_records = _codebook(full_name)["kind"] == "records"
    return _load_records(full_name) if is_records else _load(full_name)


def datasets() -> "pd.DataFrame":
    """List the tables that come with the library: published ones, and simulated ones last.

    Returns
    -------
    DataFrame
        One row per dataset: `name` (for `load`), `kind` (table, records, frequencies, or
        simulated: a table whose people a program made up), `people` (how many were seen), `lists`
        (how many there are), `strata` (their names), `period` and `source`. Unknown periods are
        "not stated".
    """
    import pandas as pd

    rows = [_listing(name) for name in _names()]
    rows.sort(key=lambda row: (KINDS.index(row["kind"]), row["name"]))
    return pd.DataFrame(rows)


def published() -> "pd.DataFrame":
    """Return published estimates and registration counts, each with what it measures.

    A flow counts people over a period, a stock people on one day, and registrations only those
    who were seen: figures of different `concept` or `per` never belong on one axis unsaid.

    Returns
    -------
    DataFrame
        One row per figure: `study`, `country`, `year_from`, `year_to`, `concept` (flow, stock,
        registered), `per` (year, day or the whole period), `unit` (people, reports, rate per
        100,000, share in percent, ratio), `stratum`, `observed`, `estimate`, `low`, `high`,
        `level` of the interval in percent, `model`, `source`, `note`. What is unknown is
        "not stated", or missing in a column of numbers.
    """
    import pandas as pd

    path = tables_folder() / "published.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("year_from", "year_to"):
        frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    for column in _PUBLISHED_NUMBERS:
        frame[column] = pd.to_numeric(frame[column]).astype("float64")
    return frame


def tables_folder() -> Path:
    """Return the folder of the published tables: inside the package, or beside its sources."""
    installed = Path(__file__).parent / "tables"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[3] / "data"
    if (checkout / "published.csv").is_file():
        return checkout
    raise DataError(
        f"the published tables are missing: they should be in {installed}.",
        "Install darkfigure again.",
    )


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in tables_folder().glob("*.toml")))


@cache
def _codebook(name: str) -> dict[str, Any]:
    with (tables_folder() / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _full_name(name: str) -> str:
    """Return the name if there is such a dataset, else say which was probably meant."""
    if not isinstance(name, str):
        raise DataError(
            f"{briefly(name)} was given; expected the name of a dataset.",
            f"dk.datasets() lists all {len(_names())}. A frame goes to "
            "dk.CaptureTable.from_counts(frame), a file to dk.read(path).",
        )
    if name in _names():
        return name
    hint = did_you_mean(str(name), _names())
    raise DataError(
        f"there is no dataset {name!r}.", f"{hint} dk.datasets() lists all {len(_names())}.".strip()
    )


@cache
def _load(name: str) -> CaptureTable | CaptureFrequencies:
    codebook = _codebook(name)
    columns = codebook["columns"]
    frame, about = _frame(name), _about(name, codebook)
    by, count = columns.get("by", ()), columns["count"]
    if codebook["kind"] == "frequencies":
        often = columns["captures"]
        frequencies = CaptureFrequencies.from_counts(
            frame, captures=often, count=count, by=by, about=about
        )
        return replace(frequencies, origin=_origin(name))
    table = CaptureTable.from_counts(
        frame,
        lists=columns["lists"],
        count=count,
        by=by,
        blank=columns.get("blank", "error"),
        about=about,
    )
    return replace(table, origin=_origin(name))


def _load_records(name: str) -> CaptureRecords:
    """Load records anew: their covariates are a DataFrame, which a user can change."""
    codebook = _codebook(name)
    columns, about = codebook["columns"], _about(name, codebook)
    records = CaptureRecords.from_frame(
        _frame(name), lists=columns["lists"], by=columns["by"], about=about
    )
    return replace(records, origin=_origin(name))


def _origin(name: str) -> str:
    return f'dk.load("{name}")'


def _frame(name: str) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_csv(tables_folder() / f"{name}.csv", keep_default_na=False)


def _about(name: str, codebook: Mapping[str, Any]) -> About:
    """The entries that the codebook has; of others the defaults of `About` say "not stated"."""
    stated = {each.name: codebook[each.name] for each in fields(About) if each.name in codebook}
    if "period" in stated:
        stated["period"] = Period(**stated["period"])
    stated["caveats"] = tuple(stated["caveats"])
    return About(**stated | {"name": name, "simulated": codebook["kind"] == "simulated"})


def _listing(name: str) -> dict[str, Any]:
    """Say in one row what a dataset holds, without building it."""
    codebook = _codebook(name)
    count = codebook["columns"].get("count")
    with (tables_folder() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        people = sum(int(row[count]) if count else 1 for row in csv.DictReader(file))
    return {
        "name": name,
        "kind": codebook["kind"],
        "people": people,
        "lists": len(codebook["lists"]),
        "strata": ", ".join(codebook["columns"].get("by", ())),
        "period": codebook.get("period", {}).get("text", "not stated"),
        "source": codebook["source"],
    }

"""How models did on populations of known size: files, one per model, that come with the library.

A file begins with the model's call, the version and how its draws were made; then a row per task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from darkfigure.data.datasets import datasets, load, tables_folder
from darkfigure.data.records import CaptureRecords
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import Task, internal_tasks
from darkfigure.errors import DataError
from darkfigure.numerics.known_errors import LEVELS, Known

HALF = 0.5
"""Added to a number of people before its logarithm is taken: nobody may be on no list."""

_LEVELS = len(LEVELS)
_COLUMNS = ("table", "population_id", "list", "lists", "seen", "unseen", "median")
_QUANTILES = tuple(f"q{100 * level:g}" for level in LEVELS)


@dataclass(frozen=True)
class Outcome:
    """What a model made of one population of known size.

    Attributes
    ----------
    table, population_id, list_name : str
        The table, whom it counts, and the list whose people are the population.
    lists, seen, unseen : int
        Lists left, people on them, and people on none of them in truth.
    median : float
        Of the draws of log(unseen + 1/2); nan without an estimate.
    quantiles : tuple of float
        Of the same, at `LEVELS`; empty without an estimate.
    why : str
        Why there is no estimate.
    """

    table: str
    population_id: str
    list_name: str
    lists: int
    seen: int
    unseen: int
    median: float = np.nan
    quantiles: tuple[float, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        """The table and the list: "netherlands, P"."""
        return f"{self.table}, {self.list_name}"

    @property
    def estimated(self) -> bool:
        """Whether the model had an estimate."""
        return not self.why


@dataclass(frozen=True)
class Reference:
    """The outcomes of one model on all tasks of the public tables.

    Attributes
    ----------
    call : str
        The model's settings, as `write_call` writes them.
    version : str
        Of darkfigure.
    outcomes : tuple of Outcome
    """

    call: str
    version: str
    outcomes: tuple[Outcome, ...]


def outcome_of(task: Task, unseen: np.ndarray | None, why: str = "") -> Outcome:
    """Keep the quantiles of a model's draws of the unseen; None where it had no estimate."""
    facts = (
        task.table_name,
        task.population_id,
        task.list_name,
        task.table.n_lists,
        task.table.n_observed,
        task.unseen,
    )
    if unseen is None:
        return Outcome(*facts, why=why)
    logs = np.log(np.quantile(unseen, [0.5, *LEVELS]) + HALF)
    if not np.isfinite(logs).all():
        return Outcome(*facts, why="its draws have no upper limit")
    return Outcome(*facts, float(logs[0]), tuple(logs[1:].tolist()))


def as_known(outcomes: tuple[Outcome, ...]) -> Known:
    """The errors of the outcomes with an estimate, as arrays.

    Tasks of a population that n of the tables count are worth 1/n each: they share people.
    """
    kept = [each for each in outcomes if each.estimated]
    whom = [each.population_id or each.table for each in kept]
    distinct = sorted(set(whom))
    tables = {
        one: len({each.table for each, who in zip(kept, whom, strict=True) if who == one})
        for one in distinct
    }
    return Known(
        truth=np.log(np.array([each.unseen for each in kept], dtype=float) + HALF),
        quantiles=np.array([each.quantiles for each in kept], dtype=float).reshape(-1, _LEVELS),
        median=np.array([each.median for each in kept], dtype=float),
        log_seen=np.log(np.array([each.seen for each in kept], dtype=float)),
        group=np.array([distinct.index(who) for who in whom], dtype=np.int64),
        weight=np.array([1.0 / tables[who] for who in whom], dtype=float),
    )


@cache
def public_tables() -> tuple[CaptureTable, ...]:
    """The public tables with four lists or more."""
    found = []
    for name in datasets().query("lists >= 4 and kind != 'simulated'")["name"]:
        table = load(name)
        if isinstance(table, CaptureRecords):
            table = table.to_table()
        if isinstance(table, CaptureTable):
            found.append(table)
    return tuple(found)


@cache
def public_tasks() -> tuple[Task, ...]:
    """The tasks that the public tables with four lists or more set."""
    return tuple(task for table in public_tables() for task in internal_tasks(table).tasks)


def write_reference(reference: Reference, path: Path) -> None:
    """Write a reference as text."""
    import pandas as pd

    rows = [
        (
            each.table,
            each.population_id,
            each.list_name,
            each.lists,
            each.seen,
            each.unseen,
            each.median,
            *(each.quantiles or (np.nan,) * _LEVELS),
            each.why,
        )
        for each in reference.outcomes
    ]
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, *_QUANTILES, "why"])
    head = (
        f"# model: {reference.call}\n# version: {reference.version}\n"
        "# log(unseen + 1/2): median and quantiles of the draws on populations of known size\n"
    )
    path.write_text(
        head + frame.to_csv(index=False, float_format="%.4f", lineterminator="\n"),
        encoding="utf-8",
    )


def read_reference(path: Path) -> Reference:
    """Read what `write_reference` wrote.

    Raises
    ------
    DataError
        If there is no such file, or it is no reference.
    """
    import pandas as pd

    if not path.is_file():
        raise DataError(
            f"there is no file {str(path)!r}.", "dk.make_reference(model, path) writes one."
        )
    call, version = _head_of(path)
    try:
        frame = pd.read_csv(path, comment="#", keep_default_na=False, dtype={"list": str})
        outcomes = tuple(_outcome(row) for row in frame.to_dict("records"))
    except (KeyError, ValueError) as error:
        raise _no_reference(path) from error
    return Reference(call, version, outcomes)


def shipped() -> dict[str, Path]:
    """The references that come with the library, by the model's call."""
    folder = tables_folder() / "calibration"
    return {_head_of(path)[0]: path for path in sorted(folder.glob("*.csv"))}


def _head_of(path: Path) -> tuple[str, str]:
    try:
        with path.open(encoding="utf-8") as file:
            lines = [file.readline().rstrip("\n") for _ in range(2)]
    except UnicodeDecodeError as error:
        raise _no_reference(path) from error
    if not (lines[0].startswith("# model: ") and lines[1].startswith("# version: ")):
        raise _no_reference(path)
    return lines[0].removeprefix("# model: "), lines[1].removeprefix("# version: ")


def _no_reference(path: Path) -> DataError:
    return DataError(
        f"{str(path)!r} holds no errors on populations of known size.",
        "dk.make_reference(model, path) writes such a file.",
    )


def _outcome(row: Mapping[Any, Any]) -> Outcome:
    why = str(row["why"])
    return Outcome(
        table=str(row["table"]),
        population_id=str(row["population_id"]),
        list_name=str(row["list"]),
        lists=int(row["lists"]),
        seen=int(row["seen"]),
        unseen=int(row["unseen"]),
        median=np.nan if why else float(row["median"]),
        quantiles=() if why else tuple(float(row[name]) for name in _QUANTILES),
        why=why,
    )

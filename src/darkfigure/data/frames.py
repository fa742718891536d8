"""Any frame a user may hold, as one kind of frame whose columns have been chosen and checked."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from darkfigure.data.names import did_you_mean
from darkfigure.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_INDEX = re.compile(r"Unnamed: \d+(_level_\d+)?|__index_level_\d+__")

MOST_LISTS = 60
"""A capture history is packed into the bits of one 64-bit integer."""

type Names = str | Sequence[str]
type AnyFrame = Any
"""What narwhals reads (pandas, polars, DuckDB, ...), a list of dicts, or a dict of columns."""


@dataclass(frozen=True)
class Rows:
    """How the rows of the data are named in a message.

    Parameters
    ----------
    lines : sequence of int, optional
        The line of the file that each row came from.
    place : str
        What the lines belong to.
    """

    lines: Sequence[int] | None = None
    place: str = "the file"

    def name(self, index: int) -> str:
        """Name the row at a position: "row 3 (line 4 of the file)"; the first is row 1."""
        if self.lines is None:
            return f"row {index + 1}"
        return f"row {index + 1} (line {self.lines[index]} of {self.place})"


@dataclass(frozen=True)
class Chosen:
    """The columns to use: lists, strata and counts, each known to be there, none used twice."""

    lists: tuple[str, ...]
    by: tuple[str, ...] = ()
    count: tuple[str, ...] = ()


def as_frame(data: AnyFrame) -> "nw.DataFrame[Any] | nw.LazyFrame[Any]":
    """Wrap whatever frame the user holds; its columns have different names, all of them text.

    Raises
    ------
    DataError
        If it is no frame, or two of its columns have the same name.
    """
    if isinstance(data, nw.DataFrame | nw.LazyFrame):
        return data
    if isinstance(data, list | tuple) and not data:
        raise no_rows()
    if isinstance(data, Mapping) or _holds_dicts(data):
        data = _from_plain(data)
    if type(data).__module__.split(".")[0] == "pandas" and hasattr(data, "columns"):
        data = _with_text_names(data)
    try:
        return nw.from_native(data)
    except TypeError as error:
        raise DataError(
            f"captures cannot be read from {_a(type(data).__name__)}; expected a frame (pandas, "
            "polars, DuckDB, pyarrow), a list of dicts or a dict of columns.",
            "pandas.DataFrame(data, columns=[...]) makes a frame of an array.",
        ) from error
    except Exception as error:
        if "uplicate" not in str(error):
            raise
        raise DataError(
            f"two columns have the same name: {str(error).splitlines()[0]}", "Rename one of them."
        ) from error


def no_rows() -> DataError:
    """Say that there is nothing to read."""
    return DataError(
        "there are no rows; expected one per capture history, or one per person.",
        "Check that the file or the query is the right one.",
    )


def nobody() -> DataError:
    """Say that nobody is left to estimate from."""
    return DataError(
        "nobody is on any list: all counts are 0; expected at least one person.",
        "Check the count column and the strata chosen.",
    )


def collected(frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]") -> "nw.DataFrame[Any]":
    """Fetch the rows of a lazy frame."""
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def refuse_repeated_names(names: Iterable[object]) -> None:
    """Say which two columns have the same name, if any do."""
    seen: dict[object, int] = {}
    for position, name in enumerate(names, start=1):
        if name in seen:
            raise DataError(
                f"columns {seen[name]} and {position} have the same name, {name!r}.",
                "Rename one of them.",
            )
        seen[name] = position


def as_names(names: Names | None) -> tuple[str, ...]:
    """Read one name or several as a tuple."""
    if names is None:
        return ()
    if isinstance(names, str):
        return (names,)
    if not isinstance(names, Iterable):
        raise DataError(
            f"found {names!r} for the names of columns; expected one name, or a list of them.",
            'Say by="year", or lists=["police", "shelter"].',
        )
    return tuple(str(name) for name in names)


def choose_columns(
    available: Sequence[str],
    *,
    lists: Names | None,
    by: Names = (),
    count: str | Sequence[str] = (),
) -> Chosen:
    """Check the names of the columns to use; without `lists`, all that remain are lists.

    Raises
    ------
    DataError
        If a name is unknown or used twice, or there are too few or too many lists.
    """
    chosen_by, chosen_count = as_names(by), as_names(count)
    for role, names in (("by=", chosen_by), ("count=", chosen_count)):
        for name in names:
            _must_be_known(name, available, role)
    if lists is None:
        used = {*chosen_by, *chosen_count}
        chosen_lists = tuple(name for name in available if name not in used)
    else:
        chosen_lists = as_names(lists)
        for name in chosen_lists:
            _must_be_known(name, available, "lists=")
    refuse_double_use(("lists=", chosen_lists), ("by=", chosen_by), ("count=", chosen_count))
    _refuse_nameless(chosen_lists, available, named=lists is not None)
    check_number_of_lists(chosen_lists)
    return Chosen(chosen_lists, chosen_by, chosen_count)


def choose_strata(available: Sequence[str], captures: str, count: str, by: Sequence[str]) -> None:
    """Check the names of the columns of a frame of frequencies."""
    roles = (("captures=", (captures,)), ("count=", (count,)), ("by=", tuple(by)))
    for role, names in roles:
        for name in names:
            _must_be_known(name, available, role)
    refuse_double_use(*roles)


def check_number_of_lists(lists: Sequence[str]) -> None:
    """Refuse fewer than two lists, and more than fit in a history.

    Raises
    ------
    DataError
    """
    if len(lists) < 2:
        found = f"is only one list, {lists[0]!r}" if lists else "are no list columns"
        raise DataError(
            f"there {found}; expected at least two, because the estimate rests on who is on "
            "several.",
            "Name them with lists=[...]. For one list that saw people more than once, use "
            "dk.CaptureFrequencies.from_counts({1: ..., 2: ...}).",
        )
    if len(lists) > MOST_LISTS:
        raise DataError(
            f"there are {len(lists):,} list columns (from {lists[0]!r} to {lists[-1]!r}); expected "
            f"at most {MOST_LISTS}.",
            "Name the lists to use, lists=[...]; or join lists of one kind beforehand.",
        )


def check_table_names(lists: Sequence[str], strata: Sequence[str], *, exact: bool) -> None:
    """Refuse names of lists and strata that would make `to_frame` and `to_csv` ambiguous.

    Raises
    ------
    DataError
    """
    kept = ("count",) if exact else ("count", "low", "high")
    refuse_double_use(("lists=", tuple(lists)), ("by=", tuple(strata)))
    for role, names in (("list", lists), ("stratum variable", strata)):
        for name in names:
            if name in kept:
                raise DataError(
                    f"a {role} is called {name!r}, which is the name of the column of counts.",
                    f"Give it another name, such as {name + '_list'!r}."
                    if role == "list"
                    else f"Rename the column, for instance to {name + '_level'!r}.",
                )
            if len(name.splitlines()) > 1:
                raise DataError(
                    f"a {role} is called {name!r}; expected a name on one line.",
                    "Rename it.",
                )


def _refuse_nameless(lists: Sequence[str], available: Sequence[str], *, named: bool) -> None:
    """Refuse a column without a name as a list: it is mostly the index of a frame."""
    for name in lists:
        if not name.strip() or (not named and _INDEX.fullmatch(name)):
            at = list(available).index(name) + 1
            found = f", {name!r}, is the index of a frame" if name.strip() else " has no name"
            raise DataError(
                f"column {at}{found}; expected a name for each list.",
                "Write the file without the index, frame.to_csv(path, index=False); give the "
                "column a name; or name the lists: lists=[...].",
            )


def _must_be_known(name: str, available: Sequence[str], role: str) -> None:
    if name in available:
        return
    shown = ", ".join(repr(each) for each in available[:12])
    more = f", ... ({len(available):,} in all)" if len(available) > 12 else ""
    raise DataError(
        f"there is no column {name!r} (named in {role}); the columns are {shown}{more}.",
        _as_several(name, available, role) or did_you_mean(name, available) or _naming(role),
    )


def _as_several(name: str, available: Sequence[str], role: str) -> str:
    """Names in one text, separated by commas, as a list to paste."""
    names = [part.strip() for part in re.split(r"[,;]", name)]
    if len(names) < 2 or not set(names) & set(available):
        return ""
    return f"Say {role}[{', '.join(map(_quoted, names))}]."


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _naming(role: str) -> str:
    if role != "count=":
        return f"Name a column that is there in {role}"
    return (
        "Name the column of counts in count=. Where every row is a person, use "
        "dk.CaptureTable.from_records(frame, lists=[...])."
    )


def refuse_double_use(*used: tuple[str, tuple[str, ...]]) -> None:
    """Refuse a column that is named for two purposes, or twice for one."""
    roles: dict[str, str] = {}
    for role, names in used:
        for name in names:
            if name in roles:
                where = (
                    f"twice in {role}" if roles[name] == role else f"in {roles[name]} and {role}"
                )
                raise DataError(
                    f"column {name!r} is named {where}; expected each column once.",
                    f"Take {name!r} out of {role}",
                )
            roles[name] = role


def _holds_dicts(data: object) -> bool:
    return isinstance(data, list | tuple) and all(isinstance(row, Mapping) for row in data)


def _from_plain(data: Any) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.DataFrame(data if isinstance(data, Mapping) else list(data))
    except ValueError as error:
        raise DataError(
            f"the columns cannot be put side by side: {error}.",
            "Give every column the same number of values.",
        ) from error


def _with_text_names(data: "pd.DataFrame") -> "pd.DataFrame":
    refuse_repeated_names(data.columns)
    if all(isinstance(name, str) for name in data.columns):
        return data
    return data.set_axis([str(name) for name in data.columns], axis=1)


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeio' or noun == 'ndarray' else 'a'} {noun}"


def as_numpy(series: "nw.Series[Any]") -> np.ndarray:
    """Return the values as an array, without a copy where that is possible."""
    return np.asarray(series.to_numpy())

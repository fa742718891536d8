"""Frequencies: how many people one list saw once, twice, and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.data.about import About, check_about
from darkfigure.data.cells import stratum_codes
from darkfigure.data.columns import similar_levels, stratum_values
from darkfigure.data.count_columns import count_values, refuse_huge_total
from darkfigure.data.counted import warn_of
from darkfigure.data.frames import (
    AnyFrame,
    Names,
    Rows,
    as_frame,
    as_names,
    choose_strata,
    collected,
    no_rows,
    nobody,
)
from darkfigure.errors import DataError


@dataclass(frozen=True, eq=False)
class CaptureFrequencies:
    """How often one list saw people: so many once, so many twice.

    Made by `from_counts` or `dk.load`.

    Parameters
    ----------
    captures : ndarray of int64, shape (cells,)
        How often people were seen, 1 or more; in order within each stratum.
    counts : ndarray of int64, shape (cells,)
        How many people were seen so often.
    labels : mapping of str to ndarray of object, shape (cells,)
        Per stratum variable the value of each cell, None where blank.
    about : About
        Codebook.
    cautions : tuple of Caution
        What was mended in the data.
    origin : str
        Python text that makes these frequencies.
    """

    captures: np.ndarray
    counts: np.ndarray
    labels: Mapping[str, np.ndarray] = field(default_factory=dict)
    about: About = field(default_factory=About)
    cautions: tuple[Caution, ...] = ()
    origin: str = "frequencies"

    def __post_init__(self) -> None:
        for array in (self.captures, self.counts, *self.labels.values()):
            array.setflags(write=False)

    @classmethod
    def from_counts(
        cls,
        data: Mapping[int, int] | AnyFrame,
        *,
        captures: str = "captures",
        count: str = "count",
        by: Names = (),
        about: About | None = None,
    ) -> "CaptureFrequencies":
        """Read a mapping ``{1: 1645, 2: 183}``, or a frame with such columns.

        Parameters
        ----------
        data : mapping of int to int, or frame
        captures, count : str
            Columns of the frame: how often, and how many people.
        by : str or sequence of str
            Stratum variables.
        about : About, optional

        Raises
        ------
        DataError
            Naming the row, the column and the value that cannot be read.
        """
        if isinstance(data, Mapping) and not all(isinstance(name, str) for name in data):
            data = {captures: list(data), count: list(data.values())}
        wrapped, rows, names = as_frame(data), Rows(), as_names(by)
        choose_strata(wrapped.collect_schema().names(), captures, count, names)
        frame = collected(wrapped.select([captures, count, *names]))
        if len(frame) == 0:
            raise no_rows()
        how_often = count_values(frame[captures], rows)
        people = count_values(frame[count], rows)
        refuse_huge_total(people, count)
        _refuse_never_seen(how_often, people, captures, rows)
        labels = {name: stratum_values(frame[name]).labels for name in names}
        return _in_order(how_often, people, labels, check_about(about))

    @property
    def n_observed(self) -> int:
        """People seen at least once."""
        return int(self.counts.sum())

    def __repr__(self) -> str:
        frequencies = dict.fromkeys(np.unique(self.captures).tolist(), 0)
        for often, people in zip(self.captures.tolist(), self.counts.tolist(), strict=True):
            frequencies[often] += people
        period = "" if self.about.period is None else f", {self.about.period.text}"
        seen = ", ".join(f"{people:,} {_times(often)}" for often, people in frequencies.items())
        lines = [f"{self.n_observed:,} {self.about.people} seen by one list{period}"]
        lines.append(f"  seen     {seen}")
        lines += [f"  stratum  {name}" for name in self.labels]
        lines += [f"  caution  {each.text}" for each in self.cautions]
        return "\n".join(lines)


def _times(often: int) -> str:
    return {1: "once", 2: "twice"}.get(often, f"{often} times")


def _refuse_never_seen(captures: np.ndarray, counts: np.ndarray, column: str, rows: Rows) -> None:
    wrong = (captures == 0) & (counts > 0)
    if wrong.any():
        index = int(wrong.argmax())
        raise DataError(
            f"{rows.name(index)}, column {column!r}: found 0 captures of {counts[index]:,} people; "
            "expected 1 or more, because people never seen are what is estimated.",
            "Leave the row out; a number really known belongs in About(known_unseen=...).",
        )


def _in_order(
    captures: np.ndarray, counts: np.ndarray, labels: Mapping[str, np.ndarray], about: About
) -> CaptureFrequencies:
    """Add up rows of the same captures and stratum, and leave out those of nobody."""
    kept = counts > 0
    if not kept.any():
        raise nobody()
    positions = np.flatnonzero(kept)
    labels = {name: values[kept] for name, values in labels.items()}
    keys = np.column_stack([stratum_codes(labels, len(positions)), captures[kept]])
    unique, first, cell_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    total = np.zeros(len(unique), dtype=np.int64)
    np.add.at(total, cell_of.reshape(-1), counts[kept])
    cautions: tuple[Caution, ...] = ()
    if len(unique) < len(positions):
        again = np.ones(len(positions), dtype=bool)
        again[first] = False
        row = int(again.argmax())
        cautions = (
            caution(
                "duplicate_histories",
                rows=int(again.sum()),
                row=int(positions[row]) + 1,
                history=f"{int(captures[kept][row])} captures",
            ),
        )
    cautions += similar_levels(labels)
    warn_of(cautions)
    own: dict[str, Any] = {name: values[first] for name, values in labels.items()}
    return CaptureFrequencies(unique[:, 1].copy(), total, own, about, cautions)

"""Records: one row per person, with covariates."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.about import About, check_about
from darkfigure.data.cells import on_no_list
from darkfigure.data.columns import BLANK, list_values
from darkfigure.data.counted import on_none_of_the_lists
from darkfigure.data.frames import (
    AnyFrame,
    Names,
    Rows,
    as_frame,
    as_names,
    choose_columns,
    collected,
    no_rows,
)
from darkfigure.data.overlooked import COUNTS_AMONG_RECORDS, refuse_named_counts
from darkfigure.data.table import CaptureTable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CaptureRecords:
    """Who was on which lists, person by person.

    Made by `from_frame` or `dk.load`.

    Parameters
    ----------
    lists : tuple of str
        Names of the k lists.
    histories : ndarray of int8, shape (people, k)
        1 on the list, 0 not.
    covariates : DataFrame, shape (people, covariates)
        What else is known of each person.
    about : About
        Codebook.
    origin : str
        Python text that makes these records.
    """

    lists: tuple[str, ...]
    histories: np.ndarray
    covariates: "pd.DataFrame"
    about: About = field(default_factory=About)
    origin: str = "records"

    def __post_init__(self) -> None:
        histories = np.array(self.histories, dtype=np.int8)
        histories.setflags(write=False)
        object.__setattr__(self, "histories", histories)

    @classmethod
    def from_frame(
        cls, frame: AnyFrame, *, lists: Names, by: Names = (), about: About | None = None
    ) -> "CaptureRecords":
        """Read a frame with a row per person.

        Parameters
        ----------
        frame : frame
            pandas, polars, DuckDB, pyarrow, ..., a list of dicts or a dict of columns.
        lists : sequence of str
            Columns that hold 0 and 1; a missing value is 0.
        by : str or sequence of str
            Covariates to keep.
        about : About, optional

        Raises
        ------
        DataError
            Naming the row, the column and the value that cannot be read.
        """
        import pandas as pd

        wrapped, rows = as_frame(frame), Rows()
        chosen = choose_columns(wrapped.collect_schema().names(), lists=lists, by=by)
        refuse_named_counts(wrapped, chosen, COUNTS_AMONG_RECORDS)
        data = collected(wrapped.select([*chosen.lists, *chosen.by]))
        if len(data) == 0:
            raise no_rows()
        histories = np.column_stack([list_values(data[name], rows) for name in chosen.lists])
        histories[histories == BLANK] = 0
        unseen = on_no_list(histories)
        if unseen.any():
            raise on_none_of_the_lists(rows.name(int(unseen.argmax())), 1, None)
        covariates = pd.DataFrame(
            {name: pd.Series(data[name].to_list()) for name in chosen.by}, index=range(len(data))
        )
        return cls(chosen.lists, histories, covariates, check_about(about))

    @property
    def n_people(self) -> int:
        """Number of people seen."""
        return len(self.histories)

    def to_table(self, *, by: Names = ()) -> CaptureTable:
        """Count people per capture history, and per stratum of the covariates in `by`.

        Raises
        ------
        DataError
            If a name in `by` is no covariate.
        """
        names = as_names(by)
        columns = dict(zip(self.lists, self.histories.T, strict=True))
        known = tuple(map(str, self.covariates))
        used = names if set(names) <= set(known) else known  # a message names all there are
        columns |= {name: self.covariates[name].to_numpy() for name in used}
        table = CaptureTable.from_records(columns, lists=self.lists, by=names, about=self.about)
        arguments = f"by={list(names)!r}" if names else ""
        return replace(table, origin=f"{self.origin}.to_table({arguments})")

    def __repr__(self) -> str:
        period = "" if self.about.period is None else f", {self.about.period.text}"
        text = (
            f"{self.n_people:,} {self.about.people} on {len(self.lists)} lists "
            f"({', '.join(self.lists)}), one row each{period}"
        )
        known = ", ".join(map(str, self.covariates)) or "nothing else"
        return f"{text}\n  known    {known}\n  next     .to_table(by=[...]) counts them"

"""Counts per capture history and stratum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from darkfigure.cautions import Caution
from darkfigure.data import cells as arrays
from darkfigure.data import not_recorded, regrouped
from darkfigure.data.about import About, changed, check_about
from darkfigure.data.cells import Cells
from darkfigure.data.columns import BLANK, similar_levels
from darkfigure.data.counted import Tabulated, tabulate_counts, warn_of
from darkfigure.data.disclosed import disclosed, printed_counts, with_every_history
from darkfigure.data.disclosure import Disclosure, disclosure_of
from darkfigure.data.frames import (
    AnyFrame,
    Names,
    check_number_of_lists,
    check_table_names,
)
from darkfigure.data.inactive import Inactive, blanked
from darkfigure.data.linking import link_lists
from darkfigure.data.names import did_you_mean
from darkfigure.data.omitted import filled, without_impossible
from darkfigure.data.overlooked import COUNTS_AMONG_RECORDS
from darkfigure.data.tabulate import tabulate_records
from darkfigure.errors import DataError, SettingsError
from darkfigure.literals import AllZero, Blank, Limit, Omitted, Zeros, check_choice

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Need = Literal["impossible", "intervals", "blank lists", "blank strata"]

_MOST_DENSE = 20


@dataclass(frozen=True, eq=False)
class CaptureTable:
    """How many people were seen on which lists.

    A **list** is a register that people can be on. A **capture history** says, for one person, on
    which lists they are. A **cell** is a row of the table: each list 1, 0 or blank (the list was
    not at work there, so the row is the sum over both), each stratum variable a value or blank
    (not recorded), and a count known to lie in [low, high].

    Made by `from_counts`, `from_records`, `from_lists`, `dk.read` or `dk.load`.

    Parameters
    ----------
    lists : tuple of str
        Names of the k lists.
    histories : ndarray of int8, shape (cells, k)
        1 on the list, 0 not, -1 blank.
    low, high : ndarray of int64, shape (cells,)
        People in the cell; equal where the count is exact.
    labels : mapping of str to ndarray of object, shape (cells,)
        Per stratum variable the value of each cell, None where blank.
    impossible : tuple of pairs of str
        Lists that no one can be on together (structural zeros).
    about : About
        Codebook.
    cautions : tuple of Caution
        What was mended in the data.
    origin : str
        Python text that makes this table.
    disclosure : Disclosure, optional
        How the counts were suppressed and rounded, where the cells are still those printed.

    Examples
    --------
    >>> import darkfigure as dk
    >>> counts = {"police": [1, 0, 1], "shelter": [0, 1, 1], "count": [120, 45, 9]}
    >>> dk.CaptureTable.from_counts(counts)
    174 people on 2 lists (police, shelter)
      lists    police 129, shelter 54
      overlap  94.8% on one list only
    >>> people = {"police": ["ann", "bo", "cy"], "shelter": ["cy", "di"]}
    >>> frames = {name: {"person": keys} for name, keys in people.items()}
    >>> dk.CaptureTable.from_lists(frames, key="person").overlap()
             police  shelter
    police        3        1
    shelter       1        2
    """

    lists: tuple[str, ...]
    histories: np.ndarray
    low: np.ndarray
    high: np.ndarray
    labels: Mapping[str, np.ndarray] = field(default_factory=dict)
    impossible: tuple[tuple[str, str], ...] = ()
    about: About = field(default_factory=About)
    cautions: tuple[Caution, ...] = ()
    origin: str = "table"
    disclosure: Disclosure | None = None

    def __post_init__(self) -> None:
        check_table_names(self.lists, tuple(self.labels), exact=self.is_exact)
        ordered = arrays.without_empty(arrays.add_up(self._cells).cells)
        for array in (ordered.histories, ordered.low, ordered.high, *ordered.labels.values()):
            array.setflags(write=False)
        for name in ("histories", "low", "high", "labels"):
            object.__setattr__(self, name, getattr(ordered, name))

    # -- made from data ---------------------------------------------------------------------

    @classmethod
    def from_counts(
        cls,
        frame: AnyFrame,
        *,
        lists: Names | None = None,
        count: str | Sequence[str] = "count",
        by: Names = (),
        impossible: Sequence[Sequence[str]] = (),
        inactive: Inactive | None = None,
        threshold: int | None = None,
        rounding: int | str | None = None,
        zeros: Zeros = "suppressed",
        omitted: Omitted | None = None,
        blank: Blank = "error",
        all_zero: AllZero = "error",
        about: About | None = None,
    ) -> "CaptureTable":
        """Read a frame with one row per capture history (and stratum).

        A count may be written as limits: "<5", "<= 97", "1-4"; or as "suppressed", "*" or "x"
        where `threshold` says below which count.

        Parameters
        ----------
        frame : frame
            pandas, polars, DuckDB, pyarrow, ..., a list of dicts or a dict of columns. Histories
            that it leaves out have count 0, unless `threshold` or `rounding` is given; those that
            stand in it twice are added up.
        lists : sequence of str, optional
            Columns that hold 0 and 1; by default all but the counts and the strata.
        count : str or pair of str, default "count"
            Column of counts; or two, ("low", "high"), between which each count lies.
        by : str or sequence of str
            Stratum variables.
        impossible : sequence of pairs of str
            Lists that no one can be on together.
        inactive : mapping of str to mapping, optional
            Strata in which a list was not at work: ``{"FairWork": {"year": range(2010, 2016)}}``;
            a sequence of such mappings names several places. The list is blank there.
        threshold : int, optional
            Counts below it were suppressed in the whole frame.
        rounding : int or str, optional
            What counts were rounded to: 5 (the nearest), "down to 10" or "up to 10".
        zeros : {"suppressed", "shown"}
            Whether cells of nobody were suppressed with the small ones, so that "<5" is 0 to 4,
            or printed as 0, so that it is 1 to 4.
        omitted : {"suppressed", "zero"}, optional
            What a history that is left out means where `threshold` or `rounding` is given: too few
            to be printed (by default), or nobody.
        blank : {"error", "inactive", 0}
            What a blank under a list means: the list was not at work there, or not on it.
        all_zero : {"error", "truth"}
            What to do with people on no list: refuse them, or keep their number as known.
        about : About, optional

        Raises
        ------
        DataError
            Naming the row, the column and the value that cannot be read.
        """
        tabulated = tabulate_counts(
            frame,
            lists=lists,
            count=count,
            by=by,
            blank=blank,
            all_zero=all_zero,
            inactive=inactive,
            printing=disclosure_of(
                threshold=threshold, rounding=rounding, zeros=zeros, omitted=omitted
            ),
        )
        return cls.from_tabulated(tabulated, impossible=impossible, about=about)

    @classmethod
    def from_records(
        cls,
        frame: AnyFrame,
        *,
        lists: Names,
        by: Names = (),
        inactive: Inactive | None = None,
        all_zero: AllZero = "error",
        about: About | None = None,
    ) -> "CaptureTable":
        """Count a frame with a row per person.

        Parameters
        ----------
        frame : frame
            As in `from_counts`. A lazy frame is counted by its own engine.
        lists : sequence of str
            Columns that hold 0 and 1; a missing value is 0.
        by : str or sequence of str
            Stratum variables.
        inactive : mapping of str to mapping, optional
            Strata in which a list was not at work, as in `from_counts`.
        all_zero : {"error", "truth"}
            What to do with people on no list: refuse them, or keep their number as known.
        about : About, optional

        Raises
        ------
        DataError
            Naming the row, the column and the value that cannot be read.
        """
        tabulated = tabulate_records(
            frame,
            lists=lists,
            by=by,
            inactive=inactive,
            all_zero=all_zero,
            if_counts=COUNTS_AMONG_RECORDS,
            doubt=True,
        )
        return cls.from_tabulated(tabulated, about=about)

    @classmethod
    def from_lists(
        cls,
        frames: Mapping[str, AnyFrame],
        *,
        key: str,
        by: Names = (),
        inactive: Inactive | None = None,
        about: About | None = None,
    ) -> "CaptureTable":
        """Link lists that come as one frame each.

        Parameters
        ----------
        frames : mapping of str to frame
            Each list by its name.
        key : str
            Column that names the person, in every frame; equal keys are the same person.
        by : str or sequence of str
            Stratum variables; a list may lack them, and its people's strata are then those that
            other lists give, or blank.
        inactive : mapping of str to mapping, optional
            Strata in which a list was not at work, as in `from_counts`.
        about : About, optional

        Raises
        ------
        DataError
            If keys are missing or of different types, or lists disagree on a person's stratum.
        """
        linked = link_lists(frames, key=key, by=by)
        cells = blanked(linked.cells, linked.lists, inactive)
        return cls.from_tabulated(replace(linked, cells=cells), about=about)

    @classmethod
    def from_tabulated(
        cls,
        tabulated: Tabulated,
        *,
        impossible: Sequence[Sequence[str]] = (),
        about: About | None = None,
        origin: str = "table",
    ) -> "CaptureTable":
        """Make a table of what a reader found, and warn of what it mended."""
        about = check_about(about)
        if tabulated.known_unseen is not None:
            about = replace(about, known_unseen=tabulated.known_unseen)
        pairs = regrouped.as_pairs(impossible, tabulated.lists)
        regrouped.refuse_people_in(pairs, tabulated.cells, tabulated.lists)
        at = regrouped.positions_of(pairs, tabulated.lists)
        cells, printing = without_impossible(tabulated.cells, at), tabulated.printing
        if printing.fills:
            cells = filled(cells, at, printing.left_out)
        cautions = (*tabulated.cautions, *similar_levels(cells.labels))
        warn_of(cautions)
        return cls(
            lists=tabulated.lists,
            histories=cells.histories,
            low=cells.low,
            high=cells.high,
            labels=cells.labels,
            impossible=pairs,
            about=about,
            cautions=(*cautions, *tabulated.doubts),
            origin=origin,
            disclosure=printing if printing.hides else None,
        )

    # -- facts ------------------------------------------------------------------------------

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @property
    def n_observed(self) -> int:
        """People on at least one list (at least so many, where counts are intervals)."""
        return int(self.low.sum())

    @property
    def strata(self) -> dict[str, tuple[object, ...]]:
        """Per stratum variable its levels, in order of first appearance."""
        return {name: arrays.levels_in_order(values) for name, values in self.labels.items()}

    @property
    def is_exact(self) -> bool:
        """True where every count is known, not only limits."""
        return bool((self.low == self.high).all())

    @property
    def known_unseen(self) -> int | None:
        """People on no list, where that is really known."""
        return self.about.known_unseen

    @property
    def needs(self) -> tuple[Need, ...]:
        """What a model must be able to handle to take this table."""
        has: dict[Need, bool] = {
            "impossible": bool(self.impossible),
            "intervals": not self.is_exact,
            "blank lists": bool((self.histories == BLANK).any()),
            "blank strata": any(None in v.tolist() for v in self.labels.values()),
        }
        return tuple(need for need, present in has.items() if present)

    @property
    def needs_observation(self) -> bool:
        """Whether some count is between limits, or a sum over what is blank."""
        return any(need != "impossible" for need in self.needs)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the lists and cells; the order of rows and empty cells do not matter."""
        return arrays.content_hash(self._cells, self.lists, self.impossible)

    def counts(self) -> np.ndarray:
        """People per capture history, strata added up.

        Returns
        -------
        ndarray of int64, shape (2**k,)
            Bit j of the index is set where the history holds list j; entry 0 is 0.

        Raises
        ------
        DataError
            If counts are intervals, lists have blanks, or there are more than 20 lists.
        """
        for need in ("intervals", "blank lists"):
            if need in self.needs:
                raise DataError(
                    f"the table has {need}: it has no single count per capture history.",
                    "Use a model that handles them, or table.to_frame().",
                )
        if self.n_lists > _MOST_DENSE:
            raise DataError(
                f"{self.n_lists} lists have {2.0**self.n_lists:.0e} capture histories; expected at "
                f"most {_MOST_DENSE} lists.",
                "Join lists with table.merge({...}) or leave some out with table.drop(...).",
            )
        return arrays.dense_counts(self._cells)

    def possible(self) -> np.ndarray:
        """Say which histories can occur: False where one holds an impossible pair.

        Returns
        -------
        ndarray of bool, shape (2**k,)
        """
        return arrays.possible_histories(self.n_lists, self._impossible_at)

    def totals(self, limit: Limit = "low") -> "pd.Series[Any]":
        """People on each list: at least so many, or with ``limit="high"`` at most."""
        import pandas as pd

        people = np.diagonal(self._overlaps(limit)).copy()
        return pd.Series(people, index=pd.Index(self.lists, name="list"), name="people")

    def overlap(self, limit: Limit = "low") -> "pd.DataFrame":
        """People on both of two lists; on the diagonal the people on each list.

        Where counts are known only between limits: at least so many, or with ``limit="high"`` at
        most. Nobody is counted on a list that was not at work.
        """
        import pandas as pd

        names = list(self.lists)
        return pd.DataFrame(self._overlaps(limit), index=names, columns=names)

    def kinds_of_cells(self) -> "pd.Series[Any]":
        """Number of cells by what is known of their count.

        Returns
        -------
        Series
            `exact`, `between limits`, `summed` (blank under a list or a stratum variable; among
            the two before as well) and `impossible` histories (where pairs of lists are).
        """
        from darkfigure.data.described import kinds_of_cells

        return kinds_of_cells(self)

    def describe(self) -> "pd.DataFrame":
        """One row per list: people, share of all, only here, share only here, with others.

        Where counts are known only between limits: people and those only here, at least and at
        most.
        """
        from darkfigure.data.described import per_list

        return per_list(self)

    # -- other tables -----------------------------------------------------------------------

    def split(self) -> dict[tuple[object, ...], "CaptureTable"]:
        """One table per stratum, keyed by its level of each stratum variable.

        Raises
        ------
        DataError
            If a stratum variable is blank somewhere.
        """
        if "blank strata" in self.needs:
            raise DataError(
                f"the table cannot be split into strata: {not_recorded.in_words(self)}.",
                not_recorded.remedy(self),
            )
        return {
            levels: self._with(
                part,
                about=self._about_stratum(levels),
                origin=self.origin + _selection(self.labels, levels),
                disclosure=self.disclosure,
            )
            for levels, part in regrouped.split(self._cells).items()
        }

    def _about_stratum(self, levels: Sequence[object]) -> About:
        """The codebook of one stratum: what is known of the whole is not known of it."""
        if not self.labels:
            return self.about
        wanted = {name: (level,) for name, level in zip(self.labels, levels, strict=True)}
        about = regrouped.selected_about(self.about, wanted)
        return replace(about, population_id=self.about.population_id)

    def merge(self, groups: Mapping[str, Sequence[str]]) -> "CaptureTable":
        """Join lists: on the new list is who was on any of its members.

        Parameters
        ----------
        groups : mapping of str to sequence of str
            New name to members: ``{"PFNCA": ["PF", "NCA"]}``.
        """
        groups = {str(name): tuple(members) for name, members in groups.items()}
        plan = regrouped.plan_merge(self.lists, groups)
        check_number_of_lists(plan.lists)
        shown = {name: list(members) for name, members in groups.items()}
        return self._with(
            regrouped.merged(self._cells, plan),
            lists=plan.lists,
            impossible=regrouped.merged_pairs(self.impossible, self.lists, plan),
            about=regrouped.merged_about(self.about, plan, self.lists),
            origin=f"{self.origin}.merge({shown!r})",
        )

    def drop(self, *lists: str) -> "CaptureTable":
        """Leave lists out; people on no other list are then unseen."""
        for name in lists:
            self._list_position(name)
        kept = tuple(name for name in self.lists if name not in lists)
        check_number_of_lists(kept)
        cells, lost = regrouped.only_lists(self._cells, [self.lists.index(n) for n in kept])
        return self._with(
            cells,
            lists=kept,
            impossible=tuple(p for p in self.impossible if not set(p) & set(lists)),
            about=regrouped.about_without(self.about, lists, lost),
            origin=f"{self.origin}.drop({', '.join(map(repr, lists))})",
        )

    def censor(self, *lists: str) -> "CaptureTable":
        """Take the counts of people on these lists alone as upper bounds.

        For lists that also hold people outside the population, whom no other list can hold: those
        on one of these lists and on another are in the population, those on these lists alone
        may not be (Overstall, King, Bird, Hutchinson & Hay 2014, Stat. Med. 33:1564).

        Examples
        --------
        >>> import darkfigure as dk
        >>> table = dk.load("scotland_pwid").censor("S4")  # S4 also holds people who stopped
        >>> int((table.low < table.high).sum()), int(table.n_observed)
        (8, 4986)
        """
        positions = [self._list_position(name) for name in lists]
        if not lists or len(set(lists)) == self.n_lists:
            raise DataError(
                f"censor({', '.join(map(repr, lists))}): expected some of the lists, "
                f"not {'all of them' if lists else 'none'}.",
                'Name the lists that also hold people outside the population: censor("S4").',
            )
        return self._with(
            regrouped.censored(self._cells, positions),
            origin=f"{self.origin}.censor({', '.join(map(repr, lists))})",
        )

    def trim(self, list_name: str, **levels: object) -> "CaptureTable":
        """Take people of doubtful strata off one list; those on no other list leave the table.

        For a list that also holds people outside the population, some of whom can be told by how
        doubtful their records are: ``trim("register", last_contact="over a year ago")``. People on
        other lists stay on those (the trimmed dual-system estimator: Zhang & Dunne 2017).
        `dk.trimming` goes through the strata one by one.

        Parameters
        ----------
        list_name : str
        **levels
            Per stratum variable the level, or levels, that are taken off the list.

        Examples
        --------
        >>> import darkfigure as dk
        >>> counts = {
        ...     "A": [1, 1, 1, 1, 0],
        ...     "B": [1, 0, 1, 0, 1],
        ...     "signs_of_life": ["yes", "yes", "no", "no", None],
        ...     "count": [90, 110, 3, 97, 60],
        ... }
        >>> table = dk.CaptureTable.from_counts(counts, by="signs_of_life")
        >>> table.trim("A", signs_of_life="no").collapse()
        263 people on 2 lists (A, B)
          lists    A 200, B 153
          overlap  65.8% on one list only
        """
        position = self._list_position(list_name)
        wanted = {name: regrouped.as_levels(value) for name, value in levels.items()}
        if not wanted:
            raise DataError(
                f"trim({list_name!r}): no stratum is named.",
                f'Say whom to take off the list: trim({list_name!r}, score="low").',
            )
        for name, values in wanted.items():
            self._check_stratum(name)
            regrouped.check_levels(name, values, self.labels[name])
        arguments = ", ".join(f"{name}={value!r}" for name, value in levels.items())
        return self._with(
            regrouped.trimmed(self._cells, position, wanted),
            about=replace(self.about, known_unseen=None),
            origin=f"{self.origin}.trim({list_name!r}, {arguments})",
        )

    def select(self, **levels: object) -> "CaptureTable":
        """Keep some strata: ``select(year=2014)`` or ``select(year=[2014, 2015])``."""
        wanted = {name: regrouped.as_levels(value) for name, value in levels.items()}
        for name, values in wanted.items():
            self._check_stratum(name)
            regrouped.check_levels(name, values, self.labels[name])
        arguments = ", ".join(f"{name}={value!r}" for name, value in levels.items())
        return self._with(
            regrouped.selected(self._cells, wanted),
            about=regrouped.selected_about(self.about, wanted) if wanted else self.about,
            origin=f"{self.origin}.select({arguments})",
            disclosure=self.disclosure,
        )

    def collapse(self, *strata: str) -> "CaptureTable":
        """Add up over stratum variables; over all of them if none is named."""
        for name in strata:
            self._check_stratum(name)
        gone = strata or tuple(self.labels)
        kept = {name: values for name, values in self.labels.items() if name not in gone}
        return self._with(
            replace(self._cells, labels=kept),
            origin=f"{self.origin}.collapse({', '.join(map(repr, strata))})",
        )

    def disclose(
        self,
        *,
        threshold: int | None = None,
        rounding: int | str | None = None,
        zeros: Zeros = "suppressed",
    ) -> "CaptureTable":
        """Make a table fit to publish: counts below the threshold suppressed, others rounded.

        Each count becomes the limits that a reader of the printed table knows; `to_csv` prints it,
        to be read again with the same settings.

        Parameters
        ----------
        threshold : int, optional
            Counts below it are printed as "<5".
        rounding : int or str, optional
            5 (to the nearest, halves up), "down to 10" or "up to 10".
        zeros : {"suppressed", "shown"}
            Whether cells of nobody are suppressed too, or printed.

        Raises
        ------
        DataError
            If the table is not exact, or was disclosed with other settings.
        """
        printing = replace(
            disclosure_of(threshold=threshold, rounding=rounding, zeros=zeros), own=True
        )
        if not printing.hides:
            raise SettingsError(
                "nothing is to be hidden: neither threshold= nor rounding= is given.",
                "table.disclose(threshold=5, rounding=5)",
            )
        if self.disclosure == printing:
            return self
        if not self.is_exact:
            raise DataError(
                "only a table of exact counts can be disclosed; counts of this one are known only "
                "between limits.",
                "Disclose the table that these counts come from.",
            )
        caveat = f"made fit to publish: {printing}"
        given = {"threshold": threshold, "rounding": rounding}
        said = [f"{name}={value!r}" for name, value in given.items() if value is not None]
        said += [] if zeros == "suppressed" else [f"zeros={zeros!r}"]
        return self._with(
            disclosed(self._cells, self._impossible_at, printing),
            about=replace(self.about, caveats=(*self.about.caveats, caveat)),
            origin=f"{self.origin}.disclose({', '.join(said)})",
            disclosure=printing,
        )

    def with_about(self, **changes: Any) -> "CaptureTable":
        """Change the codebook: ``with_about(period=(2010, 2015), concept="flow")``."""
        about = changed(self.about, changes)
        arguments = ", ".join(f"{name}={value!r}" for name, value in changes.items())
        return replace(self, about=about, origin=f"{self.origin}.with_about({arguments})")

    # -- shown ------------------------------------------------------------------------------

    def to_frame(self) -> "pd.DataFrame":
        """Return the cells as a frame: lists, strata, and `count` (or `low` and `high`)."""
        from darkfigure.data.described import cells_frame

        return cells_frame(self)

    def to_csv(self, path: "str | Path") -> None:
        """Write the cells to a CSV file that `dk.read` reads.

        Exact counts stand in a column `count`, limits in `low` and `high`. A table that `disclose`
        made is printed instead: `count` holds "<5" and rounded numbers, and every history has a
        row.
        """
        if self.disclosure is None or not self.disclosure.own:
            self.to_frame().to_csv(path, index=False)
            return
        from darkfigure.data.described import frame_of

        cells = with_every_history(self._cells, self._impossible_at)
        counts = {"count": printed_counts(cells, self.disclosure)}
        frame_of(self.lists, cells, counts).to_csv(path, index=False)

    def plot(self, ax: "Axes | None" = None) -> "Figure":
        """Draw a compact UpSet plot: the histories and how many people have each."""
        from darkfigure.data.upset import draw

        return draw(self, ax)

    def __repr__(self) -> str:
        from darkfigure.data.described import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from darkfigure.data.described import as_html

        return as_html(self)

    @property
    def _cells(self) -> Cells:
        return Cells(self.histories, self.low, self.high, self.labels)

    @property
    def _impossible_at(self) -> tuple[tuple[int, int], ...]:
        return regrouped.positions_of(self.impossible, self.lists)

    def _overlaps(self, limit: Limit) -> np.ndarray:
        check_choice(limit, Limit, "limit")
        return arrays.overlaps(self._cells, self.low if limit == "low" else self.high)

    def _with(self, cells: Cells, **changes: Any) -> "CaptureTable":
        """The table with other cells, which are then no longer those printed."""
        changes = {"disclosure": None} | changes
        return replace(
            self,
            histories=cells.histories,
            low=cells.low,
            high=cells.high,
            labels=cells.labels,
            **changes,
        )

    def _list_position(self, name: str) -> int:
        return regrouped.position(name, self.lists)

    def _check_stratum(self, name: str) -> None:
        if name not in self.labels:
            shown = ", ".join(map(repr, self.labels)) or "none"
            raise DataError(
                f"there is no stratum variable {name!r}; the table has {shown}.",
                did_you_mean(name, self.labels) or "Name it when the table is made: by=[...].",
            )


def _selection(labels: Mapping[str, np.ndarray], levels: Sequence[object]) -> str:
    if not labels:
        return ""
    chosen = ", ".join(f"{n}={v!r}" for n, v in zip(labels, levels, strict=True))
    return f".select({chosen}).collapse()"

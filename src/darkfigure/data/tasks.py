"""Populations of known size inside a table: the people on one list, for the other lists to find."""

from dataclasses import dataclass

import pandas as pd

from darkfigure.data.about import About
from darkfigure.data.table import CaptureTable

FEWEST_SEEN = 30
"""People on the list who are on others too, below which there is too little to learn from."""
FEWEST_LISTS = 3


@dataclass(frozen=True)
class Task:
    """The people on one list, without that list: how many they are is known.

    Attributes
    ----------
    table_name : str
        The name of the whole table.
    population_id : str
        Whom the whole table counts; tables with the same one share people.
    list_name : str
        The list whose people are the population.
    table : CaptureTable
        Those people on the other lists, strata added up; lists that hold none of them left out.
        `known_unseen` are on no other list.
    """

    table_name: str
    population_id: str
    list_name: str
    table: CaptureTable

    @property
    def name(self) -> str:
        """The table and the list: "netherlands, P"."""
        return f"{self.table_name}, {self.list_name}"

    @property
    def unseen(self) -> int:
        """People on this list alone, whom the task asks for."""
        return self.table.known_unseen or 0

    @property
    def size(self) -> int:
        """People on the list: the truth."""
        return self.table.n_observed + self.unseen


@dataclass(frozen=True)
class InternalTasks:
    """The tasks that a table sets, and the lists that set none.

    Attributes
    ----------
    tasks : tuple of Task
    left_out : dict of str to str
        Per list that sets no task, why.
    """

    tasks: tuple[Task, ...]
    left_out: dict[str, str]


def internal_tasks(
    table: CaptureTable, *, fewest_seen: int = FEWEST_SEEN, fewest_lists: int = FEWEST_LISTS
) -> InternalTasks:
    """Make every list of a table a population of known size (Binette & Steorts 2022).

    Keep the people on the list, drop the list, and ask the others how many they are.

    Parameters
    ----------
    table : CaptureTable
        Strata are added up first.
    fewest_seen : int, default 30
        People on the list whom another list saw, at least.
    fewest_lists : int, default 3
        Lists left that saw some of them, at least.

    Returns
    -------
    InternalTasks
    """
    flat = table.collapse(*table.strata) if table.strata else table
    if flat.needs_observation:
        why = "its people are not counted exactly"
        return InternalTasks((), dict.fromkeys(flat.lists, why))
    tasks: list[Task] = []
    left_out: dict[str, str] = {}
    for name in flat.lists:
        inside = _inside(flat, name)
        saw = {each: (inside[each] * inside["count"]).any() for each in flat.lists if each != name}
        others = [each for each, some in saw.items() if some]
        if len(others) < fewest_lists:
            number = f"{len(others)} other list{'' if len(others) == 1 else 's'}"
            left_out[name] = f"{number} saw people on it; {fewest_lists} are needed"
            continue
        task = _task(flat, name, others)
        seen = task.table.n_observed
        if seen < fewest_seen:
            left_out[name] = f"{seen} people on it are on another list; {fewest_seen} are needed"
        else:
            tasks.append(task)
    return InternalTasks(tuple(tasks), left_out)


def _inside(table: CaptureTable, name: str) -> pd.DataFrame:
    """The people on one list, by the other lists."""
    frame = table.to_frame()
    return frame[frame[name] == 1].drop(columns=name)


def _task(table: CaptureTable, name: str, lists: list[str]) -> Task:
    """The people on one list, on the lists that saw some of them."""
    counts = _inside(table, name).groupby(lists)["count"].sum().reset_index()
    seen = counts[lists].to_numpy().any(axis=1)
    pairs = [pair for pair in table.impossible if set(pair) <= set(lists)]
    about = table.about
    part = CaptureTable.from_counts(
        counts[seen],
        lists=lists,
        impossible=pairs,
        about=About(
            name=f"{about.name}, {name}",
            title=f"people on {name}" + (f": {about.title}" if about.title else ""),
            people=about.people,
            concept=about.concept,
            population_id=about.population_id,
            lists={each: about.lists[each] for each in lists if each in about.lists},
            source=about.source,
            known_unseen=int(counts["count"].to_numpy()[~seen].sum()),
        ),
    )
    return Task(about.name, about.population_id, name, part)

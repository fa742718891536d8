"""The cases of each check: other tables, or another prior, for the same model to answer."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from darkfigure.calls import write_call
from darkfigure.contract import Model, Varied
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import FEWEST_LISTS, internal_tasks
from darkfigure.errors import DarkfigureError, NotEstimable
from darkfigure.literals import CheckName, StrataHandling
from darkfigure.models.linkage_error import LinkageError
from darkfigure.models.stacked import Stacked
from darkfigure.trust.checked_case import BASE, Case, LeftOut
from darkfigure.verbs import as_taken

type Found = list[Case | LeftOut]

NOT_EXACT = "its people are not counted exactly"
NOT_LINKED = (
    "links to the list itself may be wrong too, which LinkageError does not correct once it is "
    "dropped; ask the model inside"
)
TWO_LISTS = "two lists are the fewest that can be estimated from"


@dataclass(frozen=True)
class Plan:
    """What is varied, and how finely.

    Attributes
    ----------
    table : CaptureTable
    model : Model
    strata : str, optional
    year : str
        The stratum variable that holds the years.
    steps : int
        Into how many parts the people are divided as they accrue.
    cells : int
        How many cells are lowered at most.
    """

    table: CaptureTable
    model: Model
    strata: StrataHandling | None
    year: str
    steps: int
    cells: int

    def case(self, check: str, name: str, table: CaptureTable, truth: float = math.nan) -> Case:
        """The model on another table."""
        return Case(check, name, table, self.model, truth, self.strata)

    def varied(self, check: str, name: str, vary: Callable[[], CaptureTable]) -> Case | LeftOut:
        """The model on a table that can perhaps not be made."""
        try:
            return self.case(check, name, vary())
        except DarkfigureError as error:
            return LeftOut(check, name, error.problem)


def if_taken(case: Case | LeftOut) -> Case | LeftOut:
    """The case, or why its table is none that its model takes: there is nothing to ask then."""
    if isinstance(case, LeftOut):
        return case
    model, lists = case.model, case.table.n_lists
    if lists < model.fewest_lists:
        needs = f"{type(model).__name__} needs {model.fewest_lists} lists, and {lists} are left"
        return LeftOut(case.check, case.name, needs)
    try:
        as_taken(case.table, model, case.strata)
    except NotEstimable as error:
        return LeftOut(case.check, case.name, error.problem)
    return case


def base_case(plan: Plan) -> Case:
    """The table as it is, with the truth where it is known."""
    return plan.case(BASE, "the table as it is", plan.table, truth_of(plan.table))


def truth_of(table: CaptureTable) -> float:
    """How many people there are, where that is known."""
    if table.about.truth is not None:
        return float(table.about.truth.total)
    if table.known_unseen is not None and table.is_exact:
        return float(table.n_observed + table.known_unseen)
    return math.nan


def people_on_each_list(plan: Plan, rng: np.random.Generator) -> Found:
    """Every list as a population of known size (Binette & Steorts 2022)."""
    if _corrects_linkage(plan.model):
        return [LeftOut("internal", "", NOT_LINKED)]
    fewest = min(FEWEST_LISTS, max(plan.table.n_lists - 1, 2))
    found = internal_tasks(plan.table, fewest_lists=fewest)
    cases: Found = [
        Case("internal", each.list_name, each.table, plan.model, float(each.size))
        for each in found.tasks
    ]
    return cases + [LeftOut("internal", name, why) for name, why in found.left_out.items()]


def without_each_list(plan: Plan, rng: np.random.Generator) -> Found:
    """The table without each of its lists."""
    table = plan.table
    if table.n_lists == 2:
        return [LeftOut("drop", "", TWO_LISTS)]
    return [plan.varied("drop", name, partial(table.drop, name)) for name in table.lists]


def each_pair_merged(plan: Plan, rng: np.random.Generator) -> Found:
    """The table with every two of its lists joined into one."""
    table = plan.table
    if table.n_lists == 2:
        return [LeftOut("merge", "", TWO_LISTS)]
    return [
        plan.varied("merge", f"{a} + {b}", partial(table.merge, {f"{a} + {b}": [a, b]}))
        for a, b in combinations(table.lists, 2)
    ]


def as_people_accrue(plan: Plan, rng: np.random.Generator) -> Found:
    """Ever more of the people seen, in one random order (without replacement)."""
    table, steps = plan.table, plan.steps
    if not table.is_exact:
        return [LeftOut("accrual", "", NOT_EXACT)]
    counts = table.low
    cases: Found = []
    for step in range(steps - 1, 0, -1):
        size = max(1, round(step / steps * table.n_observed))
        if size >= counts.sum():
            continue
        counts = rng.multivariate_hypergeometric(counts, size, method="marginals")
        part = _with_counts(table, counts, counts)
        cases.append(plan.case("accrual", f"{100 * step / steps:g}%", part))
    return cases[::-1] or [LeftOut("accrual", "", "there are too few people to leave some out")]


def as_years_accrue(plan: Plan, rng: np.random.Generator) -> Found:
    """The years up to each of them."""
    table, year = plan.table, plan.year
    if year not in table.strata:
        return []
    levels = [level for level in table.strata[year] if level is not None]
    numbers = pd.to_numeric(pd.Series([str(level) for level in levels]), errors="coerce")
    if not numbers.isna().any():
        levels = [levels[i] for i in np.argsort(numbers.to_numpy(), kind="stable")]
    found: Found = []
    for last in range(1, len(levels)):
        name = f"{levels[0]}-{levels[last - 1]}" if last > 1 else str(levels[0])
        until = levels[:last]
        each = plan.varied("years", name, partial(table.select, **{year: until}))
        found.append(replace(each, truth=truth_of(each.table)) if isinstance(each, Case) else each)
    return found


def cells_lowered(plan: Plan, rng: np.random.Generator) -> Found:
    """Each cell with fewer people: by the square root of its count, its standard deviation.

    Those of the fewest people come first, which hold most of what is known of the overlaps.
    """
    table = plan.table
    exact = np.flatnonzero((table.low == table.high) & (table.low > 0))
    if table.n_observed < 2 or not len(exact):
        return [LeftOut("cells", "", NOT_EXACT)]
    lists_of = (table.histories[exact] == 1).sum(axis=1)
    order = exact[np.lexsort((exact, -lists_of, table.low[exact]))]
    found: Found = []
    for cell in order[: plan.cells]:
        people = int(table.low[cell])
        fewer = max(1, round(math.sqrt(people)))
        change = np.zeros_like(table.low)
        change[cell] = fewer
        name = f"{_cell_name(table, int(cell))}: {people:,} to {people - fewer:,}"
        found.append(
            plan.case("cells", name, _with_counts(table, table.low - change, table.high - change))
        )
    rest = len(order) - len(found)
    if rest > 0:
        found.append(LeftOut("cells", f"{rest} more cells", f"of more people; cells={plan.cells}"))
    return found


def other_priors(plan: Plan, rng: np.random.Generator) -> Found:
    """The same model under other settings of its prior, which the data cannot choose."""
    model = plan.model
    if not isinstance(model, Varied):
        return [LeftOut("prior", "", f"{type(model).__name__} has no prior to vary")]
    return [
        Case("prior", _settings(each, model), plan.table, each, truth_of(plan.table), plan.strata)
        for each in model.varied(plan.table.n_lists)
        if each != model
    ]


BY_CHECK: Mapping[CheckName, Callable[[Plan, np.random.Generator], Found]] = {
    "internal": people_on_each_list,
    "drop": without_each_list,
    "merge": each_pair_merged,
    "accrual": as_people_accrue,
    "years": as_years_accrue,
    "cells": cells_lowered,
    "prior": other_priors,
}
"""What each check asks the model; existence asks no model."""


def _corrects_linkage(model: Model) -> bool:
    """Whether errors of linkage are undone, in the model or in one of those that it stacks.

    Whom a missed link keeps off the list is not among its people as the other lists see them. Of
    independent lists the model would find (1 - missed)**1.5 of them, however right its rates are.
    """
    members = model.models if isinstance(model, Stacked) else (model,)
    return any(
        isinstance(each, LinkageError) and not each.missed == each.false == 0 for each in members
    )


def _settings(other: Model, model: Model) -> str:
    """The settings in which one model differs from another."""
    return ", ".join(
        f"{each.name}={write_call(getattr(other, each.name)).removeprefix('prior.')}"
        for each in fields(other)  # type: ignore[arg-type]
        if getattr(other, each.name) != getattr(model, each.name)
    )


def _with_counts(table: CaptureTable, low: np.ndarray, high: np.ndarray) -> CaptureTable:
    """The table with other people in its cells: what is known of the whole is not known of it."""
    about = replace(table.about, known_unseen=None, truth=None)
    return replace(table, low=low, high=high, about=about, disclosure=None)


def _cell_name(table: CaptureTable, cell: int) -> str:
    """The lists of a cell, and its level of each stratum variable."""
    on = table.histories[cell] == 1
    names = " + ".join(name for name, is_on in zip(table.lists, on, strict=True) if is_on)
    levels = [str(values[cell]) for values in table.labels.values() if values[cell] is not None]
    return ", ".join([names or "no list", *levels])

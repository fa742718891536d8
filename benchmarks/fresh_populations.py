"""Populations of known size that no form of the model of errors was tried on before.

The protocol, set down before any of them was estimated: form C (the model's own spread counts in
proportion) and form E (it counts by a power that is learned) are compared on the public ones, by
the mean interval score of the default, averaged within each group of people and then over groups.
The form with the smaller one is used. Simulated registers with seeds of their own are reported.
"""

from collections.abc import Iterator
from itertools import combinations

from darkfigure.data.known_sizes import public_tables
from darkfigure.data.tasks import Task, internal_tasks
from simulated_populations import EACH, LISTS, register

_KNOWN = {("netherlands", "I+O"), ("uk", "PF+NCA")}
"""Pairs that are one list in another public table, and so have been estimated before."""


def fresh_tasks() -> tuple[Task, ...]:
    """All of them: people on either of two lists, lists within a stratum, simulated registers."""
    return (*pairs_of_lists(), *lists_within_strata(), *new_registers())


def pairs_of_lists() -> Iterator[Task]:
    """The people on either of two lists, for three others or more to find."""
    for table in public_tables():
        flat = table.collapse(*table.strata) if table.strata else table
        for pair in combinations(flat.lists, 2) if flat.n_lists > 4 else ():
            name = "+".join(pair)
            if (table.about.name, name) not in _KNOWN:
                merged = flat.merge({name: pair})
                yield from (t for t in internal_tasks(merged).tasks if t.list_name == name)


def lists_within_strata() -> Iterator[Task]:
    """The people on one list within one level of one variable of a table with strata."""
    for table in public_tables():
        whom = table.about.population_id
        for variable, levels in table.strata.items():
            for level in levels:
                part = table.select(**{variable: level})
                for task in internal_tasks(part).tasks:
                    name = f"{task.list_name} ({variable} {level})"
                    yield Task(task.table_name, whom, name, task.table)


def new_registers() -> Iterator[Task]:
    """Simulated registers of the same kinds with other seeds."""
    for number, kind in enumerate(LISTS):
        for i in range(EACH):
            name = f"{kind}, new {i + 1}"
            seed = 10_000 + 100 * (number + 1) + i
            table = register(kind, seed).with_about(name=name, population_id=name)
            yield Task(name, name, "all", table)


def with_inner(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """The tasks, and the lists inside each as tasks of their own."""
    return (*tasks, *(inner for each in tasks for inner in internal_tasks(each.table).tasks))

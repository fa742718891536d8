"""Populations of known size that no form of errors was tried on: fresh_populations.txt.

    python benchmarks/fresh_populations.py [--fits FOLDER]

The protocol, set down before any of them was estimated: form C (the model's own spread counts in
proportion) and form E (it counts by a power that is learned) are compared on the public ones, by
the mean interval score of the default, averaged within each group of people and then over groups.
The form with the smaller one is used. Simulated registers with seeds of their own are reported.
"""

import sys
import warnings
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import darkfigure as dk
from calibrated_sizes import (
    CHOSEN,
    CHOSEN_BEFORE,
    FORMS,
    HEAD,
    QUICK,
    Outcomes,
    Scored,
    corrected,
    learned_from,
    measures,
)
from darkfigure.calls import read_model
from darkfigure.data.known_sizes import Outcome, public_tables, read_reference, shipped
from darkfigure.data.tasks import Task, internal_tasks
from darkfigure.numerics.known_errors import Form
from known_size_fits import fits_of, with_inner
from simulated_populations import EACH, LISTS, register

REGISTERS = "simulated registers"

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


def scored(name: str, every: tuple[Outcome, ...], form: Form) -> dict[str, list[Scored]]:
    """One model on each group of people, corrected by what other people's tables teach."""
    public = Outcomes(read_reference(shipped()[name.replace('"', "'")]).outcomes).public
    wanted = {each.name for each in fresh_tasks()}
    found: dict[str, list[Scored]] = {}
    for each in every:
        if each.name not in wanted:
            continue
        simulated = each.list_name == "all"
        whom = "" if simulated else each.population_id
        group = REGISTERS if simulated else whom
        table = each.table if simulated else each.name
        inside = [o for o in every if o.table == table and o.name not in wanted]
        learned = learned_from(tuple(public), whom, form)
        found.setdefault(group, []).append(corrected(each, learned, inside))
    return found


def lines_of(by_group: dict[str, list[Scored]]) -> Iterator[str]:
    """The groups of people, their mean, and the simulated registers."""
    public = [name for name in sorted(by_group) if name != REGISTERS]
    rows = {name: measures(by_group[name]) for name in (*public, REGISTERS)}
    mean = np.mean([rows[name] for name in public], axis=0)
    for name in (*public, REGISTERS):
        yield _line(name, by_group[name], rows[name])
        if name == public[-1]:
            yield _line("mean of these", [e for g in public for e in by_group[g]], mean)


def _line(name: str, of: list[Scored], values: np.ndarray) -> str:
    failed = sum(each.limits is None for each in of)
    parts = [f"{len(of):9d}", f"{failed:9d}", *(f"{value:9.2f}" for value in values)]
    return f"{name:34s} " + " ".join(parts)


def main() -> int:
    warnings.simplefilter("ignore", dk.DataWarning)
    folder = Path(sys.argv[sys.argv.index("--fits") + 1] if "--fits" in sys.argv else mkdtemp())
    tasks = with_inner(fresh_tasks())
    head = " " * 35 + " ".join(f"{name:>9s}" for name in ("number", "failed", *HEAD))
    text = [
        "Populations of known size that no form of the model of errors was tried on before.",
        "",
    ]
    text += [" ".join(line.split()) for line in (__doc__ or "").split("\n\n")[2:]]
    for name in QUICK:
        every = fits_of(read_model(name), folder, tasks)
        for form in (CHOSEN_BEFORE, CHOSEN):
            text += ["", f"{name}, form {form}", "", head]
            text += lines_of(scored(name, every, FORMS[form]))
    print("\n".join(text))
    Path(__file__).with_suffix(".txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What each model makes of every population of known size, and of those inside them: kept files."""

import re
import sys
from functools import cache
from pathlib import Path

import darkfigure as dk
from darkfigure.calls import write_call
from darkfigure.data.known_sizes import (
    Outcome,
    Reference,
    public_tasks,
    read_reference,
    write_reference,
)
from darkfigure.data.tasks import Task, internal_tasks
from darkfigure.refit import fit_known_sizes
from darkfigure.version import __version__
from simulated_populations import simulated_tasks


@cache
def all_tasks() -> tuple[Task, ...]:
    """Lists of public tables, lists inside those, simulated registers, and lists inside those."""
    return with_inner((*public_tasks(), *simulated_tasks()))


def with_inner(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """The tasks, and the lists inside each as tasks of their own."""
    return (*tasks, *(inner for each in tasks for inner in internal_tasks(each.table).tasks))


def fits_of(model: dk.Model, folder: Path, tasks: tuple[Task, ...]) -> tuple[Outcome, ...]:
    """The model on all of them: read from the folder where it has been there before."""
    folder.mkdir(parents=True, exist_ok=True)
    words = re.findall(r"[a-z0-9.]+", write_call(model).lower())
    path = folder / f"{'_'.join(words)}.csv"
    if path.is_file():
        return read_reference(path).outcomes
    print(f"estimating with {write_call(model)} ...", file=sys.stderr, flush=True)
    outcomes = fit_known_sizes(model, tasks)
    write_reference(Reference(write_call(model), __version__, outcomes), path)
    return outcomes

"""A bar on the terminal once something takes longer than a second."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from darkfigure.progress import listening


@contextmanager
def progress_bar() -> Iterator[None]:
    """Show a bar on a terminal once something takes longer than a second."""
    if not sys.stderr.isatty():
        yield
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import Progress, TaskID

    started = monotonic()
    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bars:

        def show(task: str, done: int, total: int) -> None:
            if task not in tasks:
                if total and monotonic() - started < 1:
                    return
                for other in tasks.values():  # one line: the task at hand
                    bars.remove_task(other)
                tasks.clear()
                tasks[task] = bars.add_task(task, total=total or None)
            bars.update(tasks[task], completed=done)

        with listening(show):
            yield


@contextmanager
def forecast_told() -> Iterator[None]:
    """Say once on standard error how long it will take, where no bar can be shown."""
    if sys.stderr.isatty():
        yield
        return
    said: set[str] = set()

    def tell(task: str, done: int, total: int) -> None:
        if total and task not in said:
            print(f"darkfigure: {task}", file=sys.stderr, flush=True)
            said.add(task)

    with listening(tell):
        yield

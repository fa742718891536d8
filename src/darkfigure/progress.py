"""How far a long task has come, told to whoever listens.

Library code reports; only a front end (the command line) shows. Without a listener a report
costs one look-up.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

type Listener = Callable[[str, int, int], None]
"""Called with the task's name, the steps done and the steps in all."""

_listener: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


def report(task: str, done: int, total: int) -> None:
    """Tell the listener, if there is one, that `done` of `total` steps are finished."""
    listener = _listener.get()
    if listener is not None:
        listener(task, done, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the reports made inside the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)

"""Settings: frozen dataclasses whose values are plain Python, whatever they were given as."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def takes_numpy[T: type](cls: T) -> T:
    """Let a class of settings take NumPy's numbers: they become Python's before they are checked.

    To be applied before `dataclass`. A setting is then the same, written and saved the same,
    whether it came from an array or was typed in.
    """
    check = cls.__dict__.get("__post_init__")

    def post_init(self: Any) -> None:
        for field in fields(self) if is_dataclass(self) else ():
            value = getattr(self, field.name)
            plain = as_python(value)
            if plain is not value:
                object.__setattr__(self, field.name, plain)
        if check is not None:
            check(self)

    if check is not None or not hasattr(cls, "__post_init__"):
        setattr(cls, "__post_init__", post_init)  # noqa: B010 - mypy knows no such attribute
    return cls


def as_python(value: object) -> object:
    """A NumPy scalar as the Python number it holds, also inside tuples and lists."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        plain = [as_python(each) for each in value]
        if any(new is not old for new, old in zip(plain, value, strict=True)):
            return type(value)(plain)
    return value

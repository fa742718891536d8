"""Numbers of people as they are written on a command line."""

import re

from darkfigure.errors import SettingsError

_TWO_WAYS = re.compile(r"\d{1,3}(\.\d{3})+|.*,(?!\d{3}(,|\.|$)).*")
"""A point or a comma that is a thousands separator in one country and a decimal one in another."""


def number_of_people(text: str, doing: str, example: str) -> float:
    """A figure as it may be written: 30000, 30_000 or 30,000; not 30.000, which is also thirty.

    Parameters
    ----------
    text : str
    doing, example : str
        What is done with it ("is claimed"), and how it is written, for the refusal.
    """
    try:
        if _TWO_WAYS.fullmatch(text.strip()):
            raise ValueError(text)
        return float(text.replace(",", ""))
    except ValueError:
        raise SettingsError(f"{text!r} {doing}; expected a number of people.", example) from None


def range_between(option: str, text: str) -> tuple[float, float]:
    """Two numbers with a comma between them."""
    parts = text.split(",")
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        raise SettingsError(
            f"{option} is {text!r}; expected two numbers with a comma between them.",
            f"{option} 1,5",
        ) from None
    return low, high

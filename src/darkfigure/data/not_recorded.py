"""People whose value of a stratum variable was not recorded, in words."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from darkfigure.data.table import CaptureTable


def blank_variables(table: "CaptureTable") -> dict[str, np.ndarray]:
    """Stratum variables that are blank somewhere, each with the positions of its blank cells."""
    blanks = {
        name: np.flatnonzero([value is None for value in values.tolist()])
        for name, values in table.labels.items()
    }
    return {name: at for name, at in blanks.items() if at.size}


def in_words(table: "CaptureTable") -> str:
    """Where blanks are: "column 'sex' is blank in 2 rows (30 people; first: A=0, B=0, C=1)"."""
    return " and ".join(
        f"column {name!r} is blank in {at.size:,} row{'s' if at.size > 1 else ''} "
        f"({_people(table, at)}; first: {_row(table, int(at[0]), name)})"
        for name, at in blank_variables(table).items()
    )


def remedy(table: "CaptureTable") -> str:
    """What to do where a blank cannot be used."""
    names = [repr(name) for name in blank_variables(table)]
    return (
        "A blank means that nobody recorded the value: fill the column in where it is known, or "
        f"leave it out with table.collapse({', '.join(names)}) or strata='pooled'."
    )


def _people(table: "CaptureTable", at: np.ndarray) -> str:
    low, high = int(table.low[at].sum()), int(table.high[at].sum())
    return f"{low:,} people" if low == high else f"{low:,} to {high:,} people"


def _row(table: "CaptureTable", at: int, blank: str) -> str:
    """A row as its file has it: the lists, then the other stratum variables."""
    values = {name: int(on) for name, on in zip(table.lists, table.histories[at], strict=True)}
    lists = [f"{name}={value if value >= 0 else 'blank'}" for name, value in values.items()]
    others = [
        f"{name}={'blank' if labels[at] is None else labels[at]}"
        for name, labels in table.labels.items()
        if name != blank
    ]
    return ", ".join([*lists, *others])

"""Tables whose histories have one count each: what claims and identifying assumptions need."""

from darkfigure.contract import NEED_IN_WORDS
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable


def without_strata(table: CaptureTable, verb: str) -> CaptureTable:
    """The table with its strata added up, refused where its histories have no single count.

    Raises
    ------
    NotEstimable
    """
    for need in ("intervals", "blank lists"):
        if need in table.needs:
            raise NotEstimable(
                f"dk.{verb} cannot use this table: it has {NEED_IN_WORDS[need]}, so that its "
                "capture histories have no single count.",
                "take the strata in which all lists were at work with table.select(...), leave a "
                "list out with table.drop(...), or use the counts as they were before "
                "suppression.",
            )
    return table.collapse(*table.strata) if table.strata else table


def note_of_strata(table: CaptureTable) -> str:
    """Say that strata were added up; "" for a table without."""
    if not table.strata:
        return ""
    return f"strata ({', '.join(table.strata)}) were added up"


def histories_in_words(histories: tuple[int, ...], lists: tuple[str, ...]) -> str:
    """Name the histories that nobody has: "nobody was on exactly K and R"."""
    if not histories:
        return ""
    first = " and ".join(name for j, name in enumerate(lists) if histories[0] >> j & 1)
    if len(histories) == 1:
        return f"nobody was on exactly {first}"
    return f"nobody was on exactly {first}, and so for {len(histories) - 1} more of the histories"

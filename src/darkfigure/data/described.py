"""A table in words: what is on which list, and what a reader should know before estimating."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.cells import Cells, possible_histories
from darkfigure.data.columns import BLANK
from darkfigure.data.paragraphs import as_html_table, paragraph
from darkfigure.data.regrouped import positions_of

if TYPE_CHECKING:
    import pandas as pd

    from darkfigure.data.table import CaptureTable

_MOST_NAMED = 12


def per_list(table: "CaptureTable") -> "pd.DataFrame":
    """One row per list, with the columns of `CaptureTable.describe`."""
    import pandas as pd

    alone = (table.histories == 1).sum(axis=1) == 1
    on_one = ((table.histories == 1) & alone[:, None]).astype(np.int64).T
    people, only = table.totals(), on_one @ table.low
    if not table.is_exact:
        return pd.DataFrame(
            {
                "people at least": people,
                "at most": table.totals("high"),
                "only here at least": only,
                "only here at most": on_one @ table.high,
            }
        )
    with np.errstate(invalid="ignore"):
        share_alone = only / people.to_numpy()
    return pd.DataFrame(
        {
            "people": people,
            "share of all": people / max(table.n_observed, 1),
            "only here": only,
            "share only here": share_alone,
            "with others": people - only,
        }
    )


def kinds_of_cells(table: "CaptureTable") -> "pd.Series[int]":
    """Number of cells that are exact, between limits, summed and impossible."""
    import pandas as pd

    blank = (table.histories == BLANK).any(axis=1)
    for values in table.labels.values():
        blank |= np.array([value is None for value in values.tolist()], dtype=bool)
    exact = int((table.low == table.high).sum())
    impossible = _impossible_histories(table)
    number = {
        "exact": exact,
        "between limits": len(table.low) - exact,
        "summed": int(blank.sum()),
        "impossible": impossible,
    }
    return pd.Series(number, name="cells")


def _impossible_histories(table: "CaptureTable") -> int:
    """How many histories hold a pair of lists that no one can be on together."""
    paired = [name for name in table.lists if any(name in pair for pair in table.impossible)]
    possible = possible_histories(len(paired), positions_of(table.impossible, paired))
    return int((~possible).sum()) << (table.n_lists - len(paired))


def cells_frame(table: "CaptureTable") -> "pd.DataFrame":
    """The cells as a frame; blanks under a list are missing values."""
    if table.is_exact:
        counts: dict[str, object] = {"count": table.low.copy()}
    else:
        counts = {"low": table.low.copy(), "high": table.high.copy()}
    return frame_of(
        table.lists, Cells(table.histories, table.low, table.high, table.labels), counts
    )


def frame_of(lists: Sequence[str], cells: Cells, counts: Mapping[str, object]) -> "pd.DataFrame":
    """Lists, strata and counts as a frame; blanks under a list are missing values."""
    import pandas as pd

    columns: dict[str, object] = {}
    for j, name in enumerate(lists):
        values = cells.histories[:, j]
        column = pd.Series(values, dtype="Int8")
        column[values == BLANK] = pd.NA
        columns[name] = column if (values == BLANK).any() else values.copy()
    columns |= {name: _inferred(values) for name, values in cells.labels.items()}
    return pd.DataFrame(columns | dict(counts))


def _inferred(values: np.ndarray) -> "pd.Series":
    import pandas as pd

    return pd.Series(values.tolist(), dtype=object).infer_objects()


def people_in_words(table: "CaptureTable") -> str:
    """How many people were seen: "8,234 people", or "20 to 31 people" between limits."""
    people = f"{table.n_observed:,}"
    if not table.is_exact:
        people += f" to {int(table.high.sum()):,}"
    return f"{people} {table.about.people}"


def headline(table: "CaptureTable") -> str:
    """How many people on which lists, when."""
    text = f"{people_in_words(table)} on {table.n_lists} lists ({_shortened(table.lists)})"
    return text if table.about.period is None else f"{text}, {table.about.period.text}"


def facts(table: "CaptureTable") -> list[tuple[str, str]]:
    """What the table holds: label and text."""
    totals = table.totals()
    rows = []
    if table.about.title:
        rows.append(("about", table.about.title))
    each = [f"{name} {people:,}" for name, people in totals.items()]
    rows.append(("lists", ("" if table.is_exact else "at least ") + _shortened(each)))
    rows.append(("overlap", _overlap(table)))
    for name, levels in table.strata.items():
        blank = " (blank for some)" if None in table.labels[name].tolist() else ""
        rows.append(("stratum", f"{name}: {_shortened([str(level) for level in levels])}{blank}"))
    if table.impossible:
        pairs = ", ".join(f"{a}-{b}" for a, b in table.impossible)
        rows.append(("never", f"on both, by their nature: {pairs}"))
    if table.needs:
        rows.append(("cells", _cells_in_words(table)))
    if table.disclosure is not None:
        rows.append(("counts", str(table.disclosure)))
        if table.disclosure.omitted == "zero":
            rows.append(("", "histories left out are nobody"))
    if (table.histories == BLANK).any():
        rows.append(("blank", _blank(table)))
    if table.about.simulated:
        truth = table.about.truth
        known = "no real people" if truth is None else f"truth {truth.total:,}"
        rows.append(("known", f"simulated, {known}"))
    elif table.known_unseen is not None:
        rows.append(("known", f"{table.known_unseen:,} on no list, known and never used"))
    return rows


def as_text(table: "CaptureTable") -> str:
    """The printed form."""
    lines = [headline(table)]
    for label, text in (*facts(table), *_warnings(table)):
        lines += paragraph(label, text)
    return "\n".join(lines)


def as_html(table: "CaptureTable") -> str:
    """The notebook form: the same words as the printed form."""
    rows = [*facts(table), *_warnings(table)]
    return as_html_table(headline(table), rows, "darkfigure-table")


def _warnings(table: "CaptureTable") -> list[tuple[str, str]]:
    rows = []
    for each in table.cautions:
        rows += [("caution", each.text), ("", f"-> {each.remedy}")]
    return rows + [("caveat", caveat) for caveat in table.about.caveats]


def _cells_in_words(table: "CaptureTable") -> str:
    """How many cells there are of each kind: "40 exact, 17 between limits"."""
    number = kinds_of_cells(table)
    text = f"{number['exact']:,} exact"
    if number["between limits"]:
        text += f", {number['between limits']:,} known only between limits"
    if number["summed"]:
        text += f"; {number['summed']:,} of them summed over what is blank"
    if number["impossible"]:
        histories = "history" if number["impossible"] == 1 else "histories"
        text += f"; {number['impossible']:,} impossible {histories}"
    return text


def _overlap(table: "CaptureTable") -> str:
    """The share on one list, and the lists that certainly share no one."""
    alone = int(table.low[(table.histories == 1).sum(axis=1) == 1].sum())
    text = f"{alone / max(table.n_observed, 1):.1%} on one list only"
    if not table.is_exact:
        text = f"at least {alone:,} on one list only"
    both = table.overlap("high").to_numpy()
    ruled_out = {frozenset(pair) for pair in table.impossible}
    apart = [
        f"{a}-{b}"
        for i, a in enumerate(table.lists)
        for j, b in enumerate(table.lists)
        if i < j and both[i, j] == 0 and frozenset((a, b)) not in ruled_out
    ]
    pairs = table.n_lists * (table.n_lists - 1) // 2
    if len(apart) == pairs:
        return f"{text}; no two lists share anyone"
    return f"{text}; lists that share no one: {_shortened(apart)}" if apart else text


def _blank(table: "CaptureTable") -> str:
    away = (table.histories == BLANK).any(axis=0)
    names = [name for name, blank in zip(table.lists, away, strict=True) if blank]
    return f"not at work everywhere: {_shortened(names)}"


def _shortened(items: Sequence[str]) -> str:
    shown = ", ".join(items[:_MOST_NAMED])
    left = len(items) - _MOST_NAMED
    return f"{shown} and {left:,} more" if left > 0 else shown

"""A table in words: what is on which list, and what a reader should know before estimating."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from darkfigure.data.columns import BLANK
from darkfigure.data.paragraphs import as_html_table, paragraph

if TYPE_CHECKING:
    import pandas as pd

    from darkfigure.data.table import CaptureTable

_MOST_NAMED = 12


def per_list(table: "CaptureTable") -> "pd.DataFrame":
    """One row per list, with the columns of `CaptureTable.describe`."""
    import pandas as pd

    people = table.totals()
    alone = (table.histories == 1).sum(axis=1) == 1
    only = ((table.histories == 1) & alone[:, None]).astype(np.int64).T @ table.low
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


def cells_frame(table: "CaptureTable") -> "pd.DataFrame":
    """The cells as a frame; blanks under a list are missing values."""
    import pandas as pd

    columns: dict[str, object] = {}
    for j, name in enumerate(table.lists):
        values = table.histories[:, j]
        column = pd.Series(values, dtype="Int8")
        column[values == BLANK] = pd.NA
        columns[name] = column if (values == BLANK).any() else values.copy()
    columns |= {name: _inferred(values) for name, values in table.labels.items()}
    if table.is_exact:
        columns["count"] = table.low.copy()
    else:
        columns |= {"low": table.low.copy(), "high": table.high.copy()}
    return pd.DataFrame(columns)


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
    rows.append(("lists", _shortened(each)))
    rows.append(("overlap", _overlap(table)))
    for name, levels in table.strata.items():
        blank = " (blank for some)" if None in table.labels[name].tolist() else ""
        rows.append(("stratum", f"{name}: {_shortened([str(level) for level in levels])}{blank}"))
    if table.impossible:
        pairs = ", ".join(f"{a}-{b}" for a, b in table.impossible)
        rows.append(("never", f"on both, by their nature: {pairs}"))
    if not table.is_exact:
        cells = int((table.low != table.high).sum())
        rows.append(("limits", f"{cells:,} of {len(table.low):,} counts known only between limits"))
    if (table.histories == BLANK).any():
        rows.append(("blank", _blank(table)))
    if table.known_unseen is not None:
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


def _overlap(table: "CaptureTable") -> str:
    alone = int(table.low[(table.histories == 1).sum(axis=1) == 1].sum())
    seen = max(table.n_observed, 1)
    text = f"{alone / seen:.1%} on one list only"
    both = table.overlap().to_numpy()
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

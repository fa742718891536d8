"""A figure turned round: how many missed links would make it another."""

import math
from numbers import Real

import numpy as np
import pandas as pd

from darkfigure.contract import Model, check_table
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.models.linkage_error import LinkageError
from darkfigure.results.missed_links import MissedLinks
from darkfigure.seeds import seeded
from darkfigure.trust.repaired_totals import RepairedTotals, share_at
from darkfigure.verbs import chosen_model

_HALF = 0.5


def missed_links(
    data: Captures,
    model: Model | None = None,
    *,
    factor: float | None = None,
    total: float | None = None,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
) -> MissedLinks:
    """Find the share of links that must have been missed for the total to be so much smaller.

    A tipping-point analysis: links between records of one person that were missed make every
    overlap too small and the figure too large. The table is repaired as if links had been missed
    just as expected, at one share after another, until the total is the one asked about.

    Parameters
    ----------
    data : as in `estimate`
    model : Model, optional
        That of the people on no list; by default the first that `suggest` names.
    factor : float, optional
        The total asked about, as a share of the one estimated without errors of linkage; one half
        if neither is given.
    total : float, optional
        The same in people, instead of `factor`.
    seed : int or numpy.random.Generator, optional
    draws : int, default 4000

    Returns
    -------
    MissedLinks
        ``.share``, ``.missed`` (links), ``.tried``, ``.plot()``.

    Raises
    ------
    SettingsError
        If factor and total are both given, or missed links cannot make the total what is asked.
    NotEstimable
        If the model cannot take the table.

    Notes
    -----
    On two independent lists the total falls as 1 − missed: half of all links must have been
    missed to halve it. The share is found to within 2 % of the total, and read off between the
    two nearest shares tried. The intervals are those of the repaired tables; how a share of missed
    links may have fallen out is added by ``dk.LinkageError(model, missed=found.share)``.

    Examples
    --------
    >>> import darkfigure as dk
    >>> counts = {"A": [1, 1, 0], "B": [1, 0, 1], "count": [90, 900, 800]}
    >>> table = dk.CaptureTable.from_counts(counts)
    >>> round(dk.missed_links(table, dk.TwoList(), seed=1).share, 1)
    0.5
    """
    table = as_table(data)
    chosen = chosen_model(table, model, None)
    number, _ = seeded(seed)
    _check(chosen, factor, total)
    check_table(LinkageError(chosen), table)
    curve = RepairedTotals(table, chosen, number, draws).tried(0.0)
    target = _target(table, curve.rows[0]["estimate"], factor, total)
    found = share_at(curve, target)
    curve = found.curve
    last = curve.rows[-1]["share"] if math.isnan(found.value) else found.value
    for part in (1 / 3, 2 / 3):  # for the picture
        try:
            curve = curve.tried(part * last)
        except NotEstimable:
            continue
    frame = pd.DataFrame(list(curve.rows))
    return MissedLinks(table, chosen, target, found.value, found.reason, frame, number)


def _target(
    table: CaptureTable, estimate: float, factor: float | None, total: float | None
) -> float:
    """The total asked about, refused where missed links cannot make it."""
    target = (_HALF if factor is None else factor) * estimate if total is None else float(total)
    sizes = table.totals()
    if target >= estimate:
        raise SettingsError(
            f"the total asked about is {target:,.0f}, and without errors of linkage it is "
            f"{estimate:,.0f}: missed links make an estimate too large, so that correcting them "
            "makes it smaller.",
            "to ask about a larger total, vary the false links: dk.LinkageError(model, false=...).",
        )
    if target <= sizes.max():
        raise SettingsError(
            f"the total asked about is {target:,.0f}, and {sizes.idxmax()} alone holds "
            f"{sizes.max():,}: missed links cannot make it smaller than that.",
            "ask about a larger total.",
        )
    return target


def _check(model: Model, factor: object, total: object) -> None:
    if isinstance(model, LinkageError):
        raise SettingsError(
            "the model corrects errors of linkage already.", "give the model inside: model.model."
        )
    if factor is not None and total is not None:
        raise SettingsError(
            f"factor is {factor!r} and total is {total!r}, which say the same in two ways.",
            "leave one of them out.",
        )
    if factor is not None and not (_is_number(factor) and 0 < factor < 1):  # type: ignore[operator]
        raise SettingsError(
            f"factor is {factor!r}; expected a number between 0 and 1.", "factor=0.5"
        )
    if total is not None and not (_is_number(total) and 0 < total < math.inf):  # type: ignore[operator]
        raise SettingsError(f"total is {total!r}; expected a number of people.", "total=10_000")


def _is_number(value: object) -> bool:
    return isinstance(value, Real | np.number) and not isinstance(value, bool)

"""A list that also holds people outside the population, trimmed of its doubtful records."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.contract import Model
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.results.trimming import Trimming
from darkfigure.seeds import seeded
from darkfigure.verbs import chosen_model, estimate


def trimming(
    data: Captures,
    list_name: str,
    *,
    by: str,
    order: Sequence[object] | None = None,
    model: Model | None = None,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
) -> Trimming:
    r"""Take doubtful records off a list, the most doubtful first, and see what the total does.

    The trimmed dual-system estimator: of x records on a list that also holds people outside the
    population, k doubtful ones are taken off, of whom k1 were among its m links to another list of
    n people,

    .. math:: \hat N_k = n\,\frac{x - k}{m - k_1} .

    It falls as long as those taken off are linked less often than the rest, as people outside the
    population are, and settles when they are like the rest. With other models and more lists the
    same is done with the model's total.

    Parameters
    ----------
    data : as in `estimate`
    list_name : str
        The list that holds people outside the population.
    by : str
        A stratum variable that says how doubtful its records are; blank for people not on it.
    order : sequence, optional
        Levels of `by` in the order in which they are trimmed; by default all but the last, sorted
        upwards.
    model : Model, optional
    seed, draws : as in `estimate`

    Returns
    -------
    Trimming

    Notes
    -----
    The other lists are taken to hold nobody outside the population. Where no record is doubtful
    by itself, ``table.censor(list_name)`` takes all people on this list alone as an upper bound.

    References
    ----------
    Zhang & Dunne (2017), Trimmed dual system estimation, in Böhning, van der Heijden & Bunge
    (eds), Capture-Recapture Methods for the Social and Medical Sciences, CRC Press.
    """
    table = as_table(data)
    _check(table, list_name, by)
    levels = _levels(table, list_name, by, order)
    flat = table.collapse(by)
    chosen = chosen_model(flat, model, None)
    number, _ = seeded(seed)
    rows = [{"level": "", **_numbers(flat, chosen, number, draws), "trimmed": 0, "linked": 0}]
    for at, level in enumerate(levels):
        gone = levels[: at + 1]
        kept = table.trim(list_name, **{by: gone})
        step = _on(table, list_name, by, levels=(level,))
        rest = _on(table, list_name, by, without=gone)
        so_far = _on(table, list_name, by, levels=gone)
        rows.append(
            {
                "level": str(level),
                **_numbers(kept.collapse(by), chosen, number, draws),
                "trimmed": so_far[0],
                "linked": so_far[1],
                "share_linked": step[1] / step[0] if step[0] else math.nan,
                "share_linked_kept": rest[1] / rest[0] if rest[0] else math.nan,
                "p": _so_few(step, rest),
            }
        )
        progress.report("steps of trimming", at + 1, len(levels))
    names = ["level", "trimmed", "linked", "share_linked", "share_linked_kept", "p"]
    frame = pd.DataFrame(rows)[[*names, "estimate", "low", "high"]]
    return Trimming(table, chosen, list_name, by, frame, number)


def _numbers(table: CaptureTable, model: Model, seed: int, draws: int) -> dict[str, float]:
    est = estimate(table, model, seed=seed, draws=draws)
    low, high = est.interval()
    return {"estimate": est.estimate, "low": low, "high": high}


def _check(table: CaptureTable, list_name: str, by: str) -> None:
    if list_name not in table.lists:
        raise SettingsError(
            f"there is no list {list_name!r}; the table has {', '.join(table.lists)}."
        )
    if by not in table.strata:
        shown = ", ".join(table.strata) or "none"
        raise SettingsError(
            f"there is no stratum variable {by!r}; the table has {shown}.",
            "by names the variable that says how doubtful a record is.",
        )


def _levels(
    table: CaptureTable, list_name: str, by: str, order: Sequence[object] | None
) -> tuple[object, ...]:
    """The levels to be trimmed, in order."""
    inside = table.histories[:, table.lists.index(list_name)] == 1
    found = {value for value in table.labels[by][inside].tolist() if value is not None}
    if len(found) < 2:
        raise SettingsError(
            f"everybody on {list_name} has the same level of {by!r}, so that nothing can be "
            "trimmed and something be left.",
            "by names a variable that tells doubtful records from others.",
        )
    if order is None:
        return tuple(sorted(found, key=lambda v: (isinstance(v, str), v)))[:-1]
    if isinstance(order, str) or not isinstance(order, Iterable):
        raise SettingsError(
            f"order is {order!r}; expected several levels of {by!r}.", f"order=[{order!r}]"
        )
    order = tuple(order)
    unknown = [level for level in order if level not in found]
    if not order or unknown or len(set(order)) < len(order):
        raise SettingsError(
            f"order is {list(order)!r}; expected levels of {by!r} on {list_name}, each once: "
            f"{', '.join(map(repr, sorted(found, key=str)))}."
        )
    if set(order) == set(table.labels[by][inside].tolist()):
        raise SettingsError(
            f"order is {list(order)!r}, every level of {by!r} on {list_name}, so that nobody would "
            "be left on it.",
            f"leave out the levels that are not in doubt: order={list(order[:-1])!r}.",
        )
    return order


def _on(
    table: CaptureTable,
    list_name: str,
    by: str,
    *,
    levels: tuple[object, ...] | None = None,
    without: tuple[object, ...] = (),
) -> tuple[int, int]:
    """People on the list in these levels (or in all without some), and those on another too."""
    values = table.labels[by].tolist()
    wanted = np.array([(levels is None or v in levels) and v not in without for v in values])
    inside = wanted & (table.histories[:, table.lists.index(list_name)] == 1)
    several = inside & (table.histories.clip(0).sum(axis=1) > 1)
    return int(table.low[inside].sum()), int(table.low[several].sum())


def _so_few(step: tuple[int, int], rest: tuple[int, int]) -> float:
    """Probability of so few links in a step, if its people were like the rest (Fisher)."""
    from scipy.stats import hypergeom

    return float(hypergeom.cdf(step[1], step[0] + rest[0], step[1] + rest[1], step[0]))

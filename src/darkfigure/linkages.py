"""One model on several tables that linkage may have left: the mixture of their estimates.

Each table is a draw of the linkage; the model is fitted to every different one, and the draws are
mixed (Sadinle 2018, Ann. Appl. Stat. 12:1013).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.cautions import Caution, caution
from darkfigure.contract import CHAINS, Fit, FitsPlainly, Model
from darkfigure.convergence import agreement
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.numerics.convergence import R_HAT, Agreement
from darkfigure.refit import fit_strata

LINKAGE_DRAWS = "linkage"
"""The group with a row per draw of the linkage."""

_FEWEST = 1_000  # draws of each fit: fewer would be no quicker, and their limits noisy
_LOOKED_AT = 5  # linkages whose fit also says what it can beside its draws, if that takes time


@dataclass(frozen=True)
class _Part:
    """The fit of one table, and how often that table was drawn.

    Attributes
    ----------
    fit : Fit
    times : int
    plain : bool
        Fitted without what the model says beside its draws.
    """

    fit: Fit
    times: int
    plain: bool


def fit_each_linkage(
    model: Model,
    tables: Sequence[CaptureTable],
    *,
    draws: int,
    rng: np.random.Generator,
    rates: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> Fit:
    """Fit every draw of the linkage, those alike once, and mix.

    Parameters
    ----------
    model : Model
        Its answers under other priors and the like, where it can leave them out, are asked for on
        five tables alone, from the fewest people seen to the most.
    tables : sequence of CaptureTable
        With the same lists and strata.
    draws : int
        In all.
    rates : mapping of str to ndarray, shape (tables,)
        What else is known of each, to be kept beside it.

    Returns
    -------
    Fit
        `seen` are draws; the group `linkage` holds per table the people seen and the median
        total (nan where there was no estimate). `point` is the median of the tables' own.

    Raises
    ------
    NotEstimable
        That of the first table, if none has an estimate.
    """
    number: dict[str, int] = {}
    of_table = np.array([number.setdefault(t.content_hash, len(number)) for t in tables])
    first = [int(np.argmax(of_table == i)) for i in range(len(number))]
    times = np.bincount(of_table, minlength=len(number))
    streams = [rng, *rng.spawn(len(number) - 1)] if len(number) > 1 else [rng]
    plain = set(range(len(first))) - _looked_at(model, tables, first)
    parts: dict[int, _Part] = {}
    refused: NotEstimable | None = None
    for i, at in enumerate(first):
        size = max(_FEWEST, CHAINS * -(-draws * int(times[i]) // (len(tables) * CHAINS)))
        try:
            fit = fit_strata(model, tables[at], draws=size, rng=streams[i], plainly=i in plain)
            parts[i] = _Part(fit, int(times[i]), i in plain)
        except NotEstimable as error:
            refused = refused or error
        progress.report("linkages", i + 1, len(first))
    if not parts:
        assert refused is not None
        raise refused
    medians = np.full(len(first), np.nan)
    for i, part in parts.items():
        medians[i] = np.median(_totals(part.fit))
    seen = np.array([tables[at].n_observed for at in first], dtype=float)
    mixed = _mixed(list(parts.values()), draws, rng)
    lost = int(times.sum() - sum(part.times for part in parts.values()))
    failed = (
        [caution("linkages_failed", lost=lost, linkages=len(tables), reason=refused.problem)]
        if refused is not None
        else []
    )
    rows = {**rates, "seen": seen[of_table], "population": medians[of_table]}
    return replace(mixed, cautions=(*failed, *mixed.cautions), groups={LINKAGE_DRAWS: rows})


def _looked_at(model: Model, tables: Sequence[CaptureTable], first: list[int]) -> set[int]:
    """Which of the different tables are looked at closely: all, or a few spread over the seen."""
    if not isinstance(model, FitsPlainly) or len(first) <= _LOOKED_AT:
        return set(range(len(first)))
    order = np.argsort([tables[at].n_observed for at in first], kind="stable")
    places = (np.arange(_LOOKED_AT) + 0.5) / _LOOKED_AT * len(first)
    return set(order[places.astype(int)].tolist())


def _mixed(parts: list[_Part], draws: int, rng: np.random.Generator) -> Fit:
    """Draws of all parts, as many of each as its table was drawn."""
    first = parts[0].fit
    times = np.array([part.times for part in parts])
    ends = np.round(np.cumsum(times) / times.sum() * draws).astype(int)
    taken = np.diff(ends, prepend=0)
    unseen, seen = [], []
    for part, number in zip(parts, taken, strict=True):
        own = _flat(part.fit, first.strata)
        # draws come twice where so many linkages gave no estimate that these must stand for them
        kept = np.resize(rng.permutation(len(own[0])), number)
        unseen.append(own[0][kept])
        seen.append(own[1][kept])
    order = rng.permutation(draws)
    points = [part.fit.point for part in parts]
    return replace(
        first,
        label=_label(parts),
        seen=_in_chains(np.concatenate(seen)[order]),
        unseen=_in_chains(np.concatenate(unseen)[order]),
        point=None if None in points else float(np.median(np.repeat(points, times))),  # type: ignore[arg-type]
        models=None,
        density=None,
        tail_exponent=min(part.fit.tail_exponent for part in parts),
        cautions=tuple(_gathered(parts)),
        groups={},
    )


def _label(parts: list[_Part]) -> str:
    """The label of the fits; where they differ, the commonest and how common it is."""
    times: dict[str, int] = {}
    for part in parts:
        times[part.fit.label] = times.get(part.fit.label, 0) + part.times
    label = max(times, key=lambda each: times[each])
    more = f" (so on {times[label]} of {sum(times.values())})" if len(times) > 1 else ""
    return f"{label}{more}"


def _in_chains(draws: np.ndarray) -> np.ndarray:
    return draws.reshape(CHAINS, -1, *draws.shape[1:])


def _flat(fit: Fit, strata: pd.DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Unseen and seen, a row per draw, strata in the order given."""
    seen = np.broadcast_to(np.asarray(fit.seen, dtype=float), fit.unseen.shape)
    unseen, seen = (each.reshape(-1, *each.shape[2:]) for each in (fit.unseen, seen))
    if strata is None or fit.strata is None:
        return unseen, seen
    own = [tuple(row) for row in fit.strata[list(strata.columns)].to_numpy()]
    order = [own.index(tuple(row)) for row in strata.to_numpy()]
    return unseen[:, order], seen[:, order]


def _totals(fit: Fit) -> np.ndarray:
    """Draws of the total, shape (chains, draws)."""
    total = np.asarray(fit.unseen + np.asarray(fit.seen))
    return total.sum(axis=-1) if total.ndim == 3 else total


def _gathered(parts: list[_Part]) -> list[Caution]:
    """Every kind of caution once, saying on how many of the linkages it is given."""
    found: dict[str, list[tuple[_Part, Caution]]] = {}
    for part in parts:
        for each in (*part.fit.cautions, *_of_the_chains(part.fit)):
            found.setdefault(each.kind, []).append((part, each))
    closely = [part for part in parts if not part.plain]
    out = []
    for kind, given in found.items():
        looked_at = len(closely) < len(parts) and not any(part.plain for part, _ in given)
        linkages = sum(part.times for part in (closely if looked_at else parts))
        number = sum(part.times for part, _ in given)
        where = f"each of the {linkages}" if number == linkages else f"{number} of the {linkages}"
        what = "linkages looked at for this" if looked_at else "linkages"
        one = given[0][1]
        text = f"on {where} {what}, as on one of them: {one.text}"
        among = {"on_linkages": number, "of_linkages": linkages, "linkages_looked_at": looked_at}
        out.append(Caution(kind, text, one.remedy, dict(one.values) | among))
    return out


def _of_the_chains(fit: Fit) -> list[Caution]:
    """Whether the chains of a sampler disagree, which the mixture would hide."""
    if "sample_stats" not in fit.groups:
        return []
    totals = _totals(fit)
    kept = fit.groups.get("convergence")
    found = (
        agreement(totals)
        if kept is None
        else Agreement(*(float(kept[name]) for name in ("r_hat", "bulk", "tail")))
    )
    if found.r_hat < R_HAT:
        return []
    medians = np.sort(np.median(totals, axis=1))
    low, high = (f"{each:,.0f}" for each in medians[[0, -1]])
    r_hat = f"{found.r_hat:.3f}"
    return [caution("not_mixed", r_hat=r_hat, chains=len(totals), low=low, high=high)]

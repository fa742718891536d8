"""Fit the same model many times: once per stratum, or on populations of known size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.cautions import Caution
from darkfigure.contract import Fit, Model, check_table, fit_plainly
from darkfigure.data.known_sizes import Outcome, outcome_of
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import Task
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.prior.population import Flat, OneOverN, Prior

SEED, DRAWS = 1, 2_000
"""How populations of known size are estimated, so that errors are those of one procedure."""


@dataclass(frozen=True)
class StratumFit:
    """The fit of one stratum.

    Attributes
    ----------
    levels : tuple
        The stratum's value of each stratum variable.
    table : CaptureTable
    fit : Fit
    """

    levels: tuple[object, ...]
    table: CaptureTable
    fit: Fit


def fit_each_stratum(
    model: Model,
    table: CaptureTable,
    *,
    draws: int,
    rng: np.random.Generator,
    plainly: bool = False,
) -> list[StratumFit]:
    """Fit every stratum apart, with independent draws; plainly as `contract.fit_plainly`.

    Raises
    ------
    NotEstimable
        Naming the first stratum the model cannot estimate; or if the model's prior is on the size
        of the whole.
    """
    parts = table.split()
    _refuse_prior_on_the_whole(model, strata=len(parts))
    streams = rng.spawn(len(parts))
    fits = []
    for done, ((levels, part), stream) in enumerate(zip(parts.items(), streams, strict=True)):
        try:
            check_table(model, part)
            fit = _fit(model, part, draws, stream, plainly)
        except NotEstimable as error:
            name = ", ".join(str(level) for level in levels)
            raise NotEstimable(
                f"stratum {name}: {error.problem}",
                "estimate the strata together with strata='pooled', or join small ones with "
                "table.collapse(...).",
            ) from error
        fits.append(StratumFit(levels, part, fit))
        progress.report("strata", done + 1, len(parts))
    return fits


def _refuse_prior_on_the_whole(model: Model, *, strata: int) -> None:
    """Refuse to put a prior on the size of the population into each of its parts.

    Nor can it be put in afterwards: under 1/N in every stratum the prior of their sum is not
    1/N, so that there is none to exchange it for.
    """
    prior = getattr(model, "prior", None)
    if strata < 2 or not isinstance(prior, Prior) or isinstance(prior, OneOverN | Flat):
        return
    joint = "strata='joint', or " if "strata" in model.handles else ""
    other = "" if joint else "; dk.BayesianLogLinear models strata jointly"
    raise NotEstimable(
        f"the prior says that the whole population is {prior.words}, and each of the {strata} "
        "strata is estimated for itself: it cannot hold for every one of them.",
        f"{joint}strata='pooled' to estimate one total{other}. Or leave the prior out.",
    )


def name_of(levels: tuple[object, ...]) -> str:
    """A stratum by its level of each variable."""
    return ", ".join(str(level) for level in levels)


def seen_in_each(parts: list[StratumFit]) -> np.ndarray:
    """People seen by stratum; as draws for all, where they are uncertain in one."""
    seen = [np.asarray(part.fit.seen) for part in parts]
    if all(each.ndim == 0 for each in seen):
        return np.array(seen)
    return np.stack(
        [
            np.broadcast_to(each, part.fit.unseen.shape)
            for each, part in zip(seen, parts, strict=True)
        ],
        axis=-1,
    )


def gathered(parts: Sequence[tuple[str, Iterable[Caution]]]) -> list[Caution]:
    """The cautions of all strata, each kind once, saying where it holds."""
    where: dict[str, list[tuple[str, Caution]]] = {}
    for name, cautions in parts:
        for each in cautions:
            where.setdefault(each.kind, []).append((name, each))
    return [
        Caution(
            kind,
            f"in stratum {found[0][0]}"
            + (f" and {len(found) - 1} more" if len(found) > 1 else "")
            + f": {found[0][1].text}",
            found[0][1].remedy,
            {**dict(found[0][1].values), "strata": [name for name, _ in found]},
        )
        for kind, found in where.items()
    ]


def _fit(
    model: Model, table: CaptureTable, draws: int, rng: np.random.Generator, plainly: bool
) -> Fit:
    fit = fit_plainly if plainly else type(model).fit
    return fit(model, table, draws=draws, rng=rng)


def fit_strata(
    model: Model,
    table: CaptureTable,
    *,
    draws: int,
    rng: np.random.Generator,
    plainly: bool = False,
) -> Fit:
    """Fit a table, its strata jointly where the model can and else each apart, as one fit.

    Parameters
    ----------
    plainly : bool, default False
        Without what the model says beside its draws, where it can leave that out.

    Raises
    ------
    NotEstimable
        If a stratum has no estimate, or a prior is on the size of the whole and strata are
        estimated apart.
    """
    if not table.strata or "strata" in model.handles:
        check_table(model, table)
        return _fit(model, table, draws, rng, plainly)
    parts = fit_each_stratum(model, table, draws=draws, rng=rng, plainly=plainly)
    points = [part.fit.point for part in parts]
    first = parts[0].fit
    return Fit(
        kind=first.kind,
        seen=seen_in_each(parts),
        unseen=np.stack([part.fit.unseen for part in parts], axis=-1),
        label=f"{type(model).__name__} in each of {len(parts)} strata ({', '.join(table.strata)})",
        point=None if None in points else float(sum(p for p in points if p is not None)),
        tail_exponent=min(part.fit.tail_exponent for part in parts),
        cautions=tuple(gathered([(name_of(p.levels), p.fit.cautions) for p in parts])),
        strata=pd.DataFrame([part.levels for part in parts], columns=list(table.strata)),
    )


def fit_known_sizes(
    model: Model, tasks: Sequence[Task], *, draws: int = DRAWS, seed: int = SEED
) -> tuple[Outcome, ...]:
    """Estimate populations of known size, each from the same seed.

    A task without an estimate counts, with the reason; so does one that lacks a list which the
    model's settings name.
    """
    found = []
    for done, task in enumerate(tasks):
        rng = np.random.default_rng(seed)
        try:
            check_table(model, task.table)
            fit = fit_plainly(model, task.table, draws=draws, rng=rng)
            found.append(outcome_of(task, np.asarray(fit.unseen, dtype=float).ravel()))
        except (NotEstimable, SettingsError) as error:
            found.append(outcome_of(task, None, error.problem))
        progress.report("populations of known size", done + 1, len(tasks))
    return tuple(found)

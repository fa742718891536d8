"""Check an estimate: vary what should not matter, and ask what is known."""

import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np

from darkfigure.calls import write_call, write_python
from darkfigure.contract import Model
from darkfigure.data.captures import Captures, as_table
from darkfigure.data.names import did_you_mean
from darkfigure.data.table import CaptureTable
from darkfigure.errors import SettingsError
from darkfigure.literals import CheckName, StrataHandling, check_choice
from darkfigure.results.estimate import check_prob
from darkfigure.seeds import seeded
from darkfigure.trust import kept
from darkfigure.trust.answering import How, Timed, answer_all, made_here, workers_for
from darkfigure.trust.cases import BY_CHECK, Found, Plan, base_case, if_taken
from darkfigure.trust.checked import Check
from darkfigure.trust.checked_case import Answered, Case, LeftOut
from darkfigure.trust.existence import existence_of_estimates
from darkfigure.verbs import as_taken, check_draws, chosen_model
from darkfigure.version import __version__

ALL: tuple[CheckName, ...] = get_args(CheckName)
DRAWS, STEPS, CELLS, YEAR = 1000, 10, 30, "year"


def check(
    data: Captures,
    model: Model | None = None,
    *,
    seed: int | np.random.Generator | None = None,
    draws: int = DRAWS,
    prob: float = 0.95,
    strata: StrataHandling | None = None,
    year: str = YEAR,
    checks: CheckName | Iterable[CheckName] = ALL,
    steps: int = STEPS,
    cells: int = CELLS,
    workers: int | None = None,
    cache: bool | str | Path = True,
) -> Check:
    """Check an answer against what is known, and against changes that should not matter.

    - **internal**: every list is a population of known size. Keep the people on it, drop it, and
      ask the other lists how many they are (Binette & Steorts 2022).
    - **drop**, **merge**: leave each list out; make one list of each two.
    - **accrual**: ever more of the people seen, in a random order; **years**: ever more years.
    - **cells**: each capture history with fewer people, by the standard deviation of its count
      (its square root, at least one person), those of the fewest people first.
    - **prior**: other settings of the prior, which the data cannot choose.
    - **existence**: whether log-linear models with all interactions of one, two and three lists
      have an estimate by maximum likelihood.

    Parameters
    ----------
    data : as in `estimate`
    model : Model, optional
        By default the first that `suggest` names for the table; it is kept for all cases.
    seed : as in `estimate`
        Each case has its own, which does not depend on the other cases. The table as it is has
        this one, so that `estimate` with as many draws gives the same.
    draws : int, default 1000
        Of each case: enough for its limits, and a quarter of what `estimate` draws.
    prob : float, default 0.95
        Of the intervals.
    strata : as in `estimate`
        Lists as populations of known size are always taken over all strata.
    year : str, default "year"
        The stratum variable that holds the years, if there is one; another name than this must
        be one of the table.
    checks : name or iterable of names, optional
        Some of the above only.
    steps : int, default 10
        Into how many parts the people are divided as they accrue.
    cells : int, default 30
        How many cells are lowered at most.
    workers : int, optional
        How many cases are answered at once, in threads; by default one per core, and one for
        models that are sampled by NUTS or made elsewhere. The answers do not depend on it.
    cache : bool or path, default True
        Keep the answers in the user's cache folder, or in this one, by the content of table and
        settings. Models made elsewhere are never kept: their name does not say what they do.

    Returns
    -------
    Check
        Printed, it says first what share of the known sizes was held, and which checks could not
        be made. A case without an estimate is listed with its reason, and holds nothing.

    Raises
    ------
    NotEstimable
        If the model cannot take the table as it is. (If it takes it and has no estimate, that is
        a finding, and the other cases are answered all the same.)

    References
    ----------
    Binette O, Steorts RC (2022). On the reliability of multiple systems estimation for the
    quantification of modern slavery. J. R. Stat. Soc. A 185:640-676.

    Examples
    --------
    >>> import darkfigure as dk
    >>> found = dk.check("palembang", checks="drop", seed=1, cache=False)
    >>> found.summary()["case"].tolist()[1:3]
    ['b', 'c']
    """
    table = as_table(data)
    _check_year(year, table)
    chosen = chosen_model(table, model, strata, year=year)
    check_draws(draws)
    check_prob(prob)
    _check_whole("steps", steps, 2)
    _check_whole("cells", cells, 1)
    if workers is not None:
        _check_whole("workers", workers, 1)
    as_taken(table, chosen, strata)  # refused here, and not case by case
    plan = Plan(table, chosen, strata, year, steps, cells)
    asked = _as_checks(checks)
    how = How(None if seed is None else seeded(seed)[0], draws, prob, workers_for(chosen, workers))
    folder = _folder(cache, chosen)
    found = None if folder is None else kept.read_kept(folder, _key(plan, asked, how))
    timed = found or _asked(plan, asked, how)
    if folder is not None and found is None:
        for each in {how.seed, timed.seed}:  # without a seed the answers serve again all the same
            kept.keep(folder, _key(plan, asked, replace(how, seed=each)), timed)
    return Check(
        timed=timed,
        table=table,
        model=chosen,
        draws=draws,
        prob=prob,
        cached=found is not None,
        call=_call(plan, asked, how, timed.seed),
        version=__version__,
    )


def _asked(plan: Plan, checks: tuple[CheckName, ...], how: How) -> Timed:
    """Make the cases, answer them, and put those left out where they belong."""
    seed, _ = seeded(how.seed)
    found: Found = []
    for name in checks:
        if name in BY_CHECK:
            rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
            found += [if_taken(each) for each in BY_CHECK[name](plan, rng)]
    base = base_case(plan)
    timed = answer_all(base, [each for each in found if isinstance(each, Case)], how, seed)
    first, *rest = timed.answers
    answered = iter(rest)
    answers = [
        Answered(each.check, each.name, "left out", note=each.why)
        if isinstance(each, LeftOut)
        else next(answered)
        for each in found
    ]
    if "existence" in checks:
        answers += existence_of_estimates(plan.table)
    return replace(timed, answers=(first, *answers))


def _as_checks(checks: object) -> tuple[CheckName, ...]:
    """The checks asked for, each once, in the order in which they are listed."""
    names = [checks] if isinstance(checks, str) or not isinstance(checks, Iterable) else checks
    asked = [check_choice(each, CheckName, "checks") for each in names]
    if not asked:
        raise SettingsError("checks is empty; expected at least one.", f"checks={ALL!r}")
    return tuple(each for each in ALL if each in asked)


def _check_year(year: object, table: CaptureTable) -> None:
    """Refuse years that the table has not, unless none were asked for."""
    if year == YEAR or (isinstance(year, str) and year in table.strata):
        return
    has = f"it has {', '.join(map(repr, table.strata))}" if table.strata else "it has none"
    raise SettingsError(
        f"year is {year!r}, which is no stratum variable of this table; {has}.",
        did_you_mean(str(year), table.strata) or "leave year out, or read the table with by=[...].",
    )


def _check_whole(name: str, value: object, least: int) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:  # type: ignore[operator]
        raise SettingsError(f"{name} is {value!r}; expected a whole number from {least} up.")


def _folder(cache: object, model: Model) -> Path | None:
    """Where answers are kept; None where they are not."""
    if cache is False or not made_here(model):
        return None
    if cache is True:
        return kept.users_cache()
    if isinstance(cache, Path) or (isinstance(cache, str) and cache.strip()):
        return Path(cache).expanduser()
    raise SettingsError(f"cache is {cache!r}; expected True, False or a folder.")


def _key(plan: Plan, checks: tuple[CheckName, ...], how: How) -> str:
    """What the answers depend on, and nothing else: not the workers."""
    table = plan.table
    return kept.key_of(
        {
            "table": table.content_hash,
            "lists": table.lists,
            "levels": {name: [str(each) for each in of] for name, of in table.strata.items()},
            "known": [table.known_unseen, repr(table.about.truth)],
            "model": write_call(plan.model),
            "strata": plan.strata,
            "year": plan.year,
            "steps": plan.steps,
            "cells": plan.cells,
            "checks": checks,
            "seed": how.seed,
            "draws": how.draws,
            "prob": how.prob,
        }
    )


def _call(plan: Plan, checks: tuple[CheckName, ...], how: How, seed: int) -> str:
    """Python text that gives the check again."""
    given = {
        "draws": (how.draws, DRAWS),
        "prob": (how.prob, 0.95),
        "strata": (plan.strata, None),
        "year": (plan.year, YEAR),
        "checks": (checks, ALL),
        "steps": (plan.steps, STEPS),
        "cells": (plan.cells, CELLS),
    }
    more = "".join(
        f", {name}={value!r}" for name, (value, usual) in given.items() if value != usual
    )
    return f"dk.check({plan.table.origin}, {write_python(plan.model)}, seed={seed}{more})"

"""Answer many cases, several at a time; the number of workers changes no answer."""

import math
import os
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import Context
from dataclasses import dataclass, fields, is_dataclass, replace
from time import perf_counter

import numpy as np

from darkfigure import progress
from darkfigure.cautions import Caution
from darkfigure.contract import Model, TellsEffort
from darkfigure.errors import DarkfigureError, SettingsError
from darkfigure.literals import CaseOutcome
from darkfigure.results.draw_cautions import SAMPLER, of_the_sampler
from darkfigure.results.estimate import Estimate
from darkfigure.trust.checked_case import BASE, Answered, Case
from darkfigure.trust.durations import in_words
from darkfigure.verbs import fitted

_SAID = ("no_maximum", "no_upper_limit", "not_mixed", "few_effective")
"""Cautions that are said beside the answer to a case."""


@dataclass(frozen=True)
class How:
    """How cases are answered.

    Attributes
    ----------
    seed : int, optional
        None: one is to be drawn.
    draws : int
        Of each case.
    prob : float
        Of the intervals.
    workers : int
    """

    seed: int | None
    draws: int
    prob: float
    workers: int


@dataclass(frozen=True)
class Timed:
    """The answers, and how long they took.

    Attributes
    ----------
    answers : tuple of Answered
        The table as it is first; then in the order of the cases.
    kind : str
        Where the draws come from; "" where the table as it is has no estimate.
    seed : int
    forecast, seconds : float
        The time foretold, and the time taken.
    """

    answers: tuple[Answered, ...]
    kind: str
    seed: int
    forecast: float
    seconds: float


def workers_for(model: Model, workers: int | None) -> int:
    """Threads: as asked, else one per core where the model's work is compiled and can share.

    Compiled kernels release the interpreter's lock. PyMC is no friend of threads, and of models
    made elsewhere nothing is known: they get one unless more are asked for.
    """
    if workers is not None:
        return workers
    by_nuts = any(getattr(each, "inference", None) == "nuts" for each in _settings_in(model))
    return (os.cpu_count() or 1) if made_here(model) and not by_nuts else 1


def seed_of(seed: int, check: str, name: str) -> int:
    """The seed of one case: the same whatever other cases there are."""
    if check == BASE:
        return seed
    key = (zlib.crc32(check.encode()), zlib.crc32(name.encode()))
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1)[0])


def answer_all(base: Case, cases: Sequence[Case], how: How, seed: int) -> Timed:
    """Answer the table as it is first; then a few cases of each kind, timed; then all others.

    One case is answered before, where there is one of all lists, so that compiling on first use
    is not taken for the time of an estimate.
    """
    started, how = perf_counter(), replace(how, seed=seed)
    total = len(cases) + 1
    warm = next((at for at, each in enumerate(cases) if each.check == "accrual"), None)
    done = {} if warm is None else {warm: _apart(cases[warm], how)[0]}
    begun = perf_counter()
    first, kind = _apart(base, how)
    pace = Pace(base, {}, perf_counter() - begun)
    timing = f"timing the first of {total} estimates"
    for alike in pilots(base, cases, already=set(done), workers=how.workers):
        begun = perf_counter()
        done |= _answered({at: cases[at] for at in alike}, how, timing, len(done) + 1, total)
        each = (perf_counter() - begun) / len(alike)
        pace = replace(pace, each={**pace.each, size_of(cases[alike[0]]): each})
    rest = {at: each for at, each in enumerate(cases) if at not in done}
    forecast = perf_counter() - started + sum(map(pace.foretold, rest.values()))
    number = f"{total} estimates" if total > 1 else "one estimate"
    task = f"checking: {number}, about {in_words(forecast)}"
    done |= _answered(rest, how, task, len(done) + 1, total)
    answers = (first, *(done[at] for at in range(len(cases))))
    return Timed(answers, kind, seed, forecast, perf_counter() - started)


type Size = tuple[int, bool]
"""The number of lists, and whether there are strata: what the time of an estimate hangs on most."""


def size_of(case: Case) -> Size:
    """Cases of one size take much the same time."""
    return case.table.n_lists, bool(case.table.strata)


def pilots(
    base: Case, cases: Sequence[Case], *, already: Container[int], workers: int
) -> list[list[int]]:
    """A few cases of each size to be timed side by side, as many as keep all workers busy twice.

    Of the model as it is, and of tables that hold all the years: the largest sizes first, of each
    some from every kind of change.
    """
    by_size: dict[Size, list[int]] = {}
    for at, each in enumerate(cases):
        if at not in already and each.model == base.model and each.check != "years":
            by_size.setdefault(size_of(each), []).append(at)
    most = 2 * workers
    return [
        [alike[at * len(alike) // most] for at in range(most)] if len(alike) > most else alike
        for _, alike in sorted(by_size.items(), reverse=True)
    ]


@dataclass(frozen=True)
class Pace:
    """How fast cases are answered while all workers are busy.

    Attributes
    ----------
    base : Case
    each : mapping of Size to float
        Seconds per case, of the sizes that were timed.
    alone : float
        Seconds of the table as it is by itself.
    """

    base: Case
    each: Mapping[Size, float]
    alone: float

    def foretold(self, case: Case) -> float:
        """Seconds that a case adds.

        A list fewer halves the capture histories, and years fewer leave so many cells less; other
        settings take as much longer as the model says.
        """
        mine, base = case.table, self.base.table
        seconds = self.each.get(size_of(case))
        if seconds is None:
            seconds = self.alone * 2.0 ** min(mine.n_lists - base.n_lists, 0)
        if case.check == "years":
            seconds *= len(mine.low) / len(base.low)
        return seconds * _effort(case.model, case) / _effort(self.base.model, case)


def _effort(model: Model, case: Case) -> float:
    return model.effort(case.table) if isinstance(model, TellsEffort) else 1.0


def _answered(
    cases: dict[int, Case], how: How, task: str, already: int, total: int
) -> dict[int, Answered]:
    progress.report(task, already, total)
    found: dict[int, Answered] = {}
    if how.workers == 1:
        for at, each in cases.items():
            found[at] = _apart(each, how)[0]
            progress.report(task, already + len(found), total)
        return found

    def longest(at: int) -> tuple[bool, int]:
        """Those that may take long come first, so that none is left over at the end."""
        return cases[at].check != "prior", -cases[at].table.n_lists

    pool = ThreadPoolExecutor(how.workers)
    try:
        waiting: dict[Future[tuple[Answered, str]], int] = {
            pool.submit(_apart, cases[at], how): at for at in sorted(cases, key=longest)
        }
        for each_future in as_completed(waiting):
            found[waiting[each_future]] = each_future.result()[0]
            progress.report(task, already + len(found), total)
    finally:
        pool.shutdown(cancel_futures=True)  # a stop from the keyboard waits for no others
    return found


def _apart(case: Case, how: How) -> tuple[Answered, str]:
    """Answer in a context of its own: the steps inside one estimate are not those reported."""
    return Context().run(_answer, case, how)


def _answer(case: Case, how: How) -> tuple[Answered, str]:
    """The answer and the kind of its draws, or the reason why there is none."""
    assert how.seed is not None
    seed = seed_of(how.seed, case.check, case.name)
    asked = Answered(
        case.check, case.name, "no estimate", case.table.n_observed, truth=case.truth, seed=seed
    )
    try:
        est = fitted(
            case.table, case.model, seed=seed, draws=how.draws, strata=case.strata, plainly=True
        )
    except DarkfigureError as error:
        if case.check == BASE and isinstance(error, SettingsError):
            raise  # what was asked is wrong: that says nothing of the table
        return replace(asked, note=error.problem), ""
    if SAMPLER in est.draws.children:
        est = replace(est, cautions=(*est.cautions, *of_the_sampler(est)))
    low, high = est.interval(how.prob)
    outcome: CaseOutcome = "estimated" if math.isfinite(est.estimate) else "no estimate"
    found = replace(
        asked, outcome=outcome, estimate=est.estimate, low=low, high=high, note=_said(est)
    )
    return found, est.kind


def _said(est: Estimate) -> str:
    """What is to be known of an answer: no maximum, no limit, chains that disagree."""
    said: dict[str, Caution] = {each.kind: each for each in est.cautions}
    return "; ".join(said[kind].text for kind in _SAID if kind in said)


def made_here(model: Model) -> bool:
    """Whether the model, and every setting in it, is one of the library's own."""
    return all(type(each).__module__.startswith("darkfigure.") for each in _settings_in(model))


def _settings_in(settings: object) -> Iterator[object]:
    """A model's settings that have settings themselves, it among them."""
    if isinstance(settings, tuple | list):
        for each in settings:
            yield from _settings_in(each)
    elif is_dataclass(settings) and not isinstance(settings, type):
        yield settings
        for field in fields(settings):
            yield from _settings_in(getattr(settings, field.name))

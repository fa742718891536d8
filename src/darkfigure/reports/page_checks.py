"""How the model does where the truth is known, and what moves its answer."""

import math
from collections.abc import Iterator

import numpy as np

from darkfigure.reports.blocks import Block, Grid, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import withheld
from darkfigure.reports.secrecy import has_small_counts
from darkfigure.reports.verdict import SPREAD_NONE, Reason
from darkfigure.results.storage import as_plain
from darkfigure.trust.checked import Check
from darkfigure.trust.checked_case import Answered

_MOVED = ("drop", "merge", "prior", "existence")
_MOST = 30


def checks_section(given: Contents) -> Section:
    """The lists as populations of known size, then what was varied.

    What tells of single histories (one of them with fewer people, people as they accrue, and where
    some are small, estimates by maximum likelihood) is shown only where everything is disclosed.
    """
    words, found = given.words, given.checks
    if found is None:
        text = words("not_run").capitalize() + "."
        return Section("checks", words("checks"), [Text(text)], {"run": False})
    blocks: list[Block] = []
    known = [each for each in found.of("internal") if each.covered is not None]
    if given.told.parts:
        held = Text(_lead(given, found, known)) if known else Text(words("no_list_can_serve"))
        blocks = [held, Text(withheld(given, "withheld"))]
        return Section("checks", words("checks"), blocks, _withheld_data(found, known))
    if known:
        blocks += [Text(_lead(given, found, known)), _known_sizes(given, known)]
    shown: tuple[str, ...] = (*_MOVED, "accrual", "years", "cells") if given.disclose else _MOVED
    if not given.disclose and has_small_counts(given.est.table, given.printed.printing.threshold):
        shown = tuple(kind for kind in shown if kind != "existence")
    for kind in shown:
        answers = [each for each in found.of(kind) if each.outcome != "left out"]
        if answers:
            blocks.append(_moved(given, found, kind, answers))
    return Section("checks", words("checks"), blocks, _data(given, found, shown))


def reasons_of(found: Check | None) -> Iterator[Reason]:
    """What a check says against publishing a single figure."""
    if found is None:
        return
    known = [each for each in found.of("internal") if each.covered is not None]
    held = sum(each.covered is True for each in known)
    if len(known) > 1 and 2 * held < len(known):
        yield Reason("why_internal", "range", {}, math.nan, {"number": len(known), "held": held})
    moved = [
        each.estimate
        for kind in ("drop", "merge")
        for each in found.of(kind)
        if math.isfinite(each.log_change(found.base))
    ]
    if moved:
        low, high = min(moved), max(moved)
        middle = found.base.estimate
        ratio = max(high / middle, middle / low)
        if ratio > SPREAD_NONE:
            yield Reason("why_moves", "range", {"low": low, "high": high}, ratio)


def _withheld_data(found: Check, known: list[Answered]) -> dict[str, object]:
    """Only which lists were held, where every number would tell small counts."""
    rows = [
        {"check": each.check, "case": each.case, "held": each.covered, "outcome": each.outcome}
        for each in known
    ]
    data = {"run": True, "withheld": True, "prob": found.prob, "seed": found.seed, "cases": rows}
    return as_plain(data)


def _lead(given: Contents, found: Check, known: list[Answered]) -> str:
    words = given.words
    errors = [error for error in (_log_error(given, each) for each in known) if error is not None]
    said = words(
        "known_lead" if len(known) > 1 else "known_lead_one",
        number=words.number_in_words(len(known)),
        held=words.number_in_words(sum(each.covered is True for each in known)),
        prob=words.localised(f"{100 * found.prob:g}%"),
    )
    if not errors or given.told.parts:
        return said
    said = f"{said} {words('known_error', error=_error(given, float(np.median(errors))))}"
    if len(errors) == 1:
        return said
    factor = math.exp(float(np.median(np.abs(errors))))  # errors up and down do not cancel here
    return f"{said} {words('known_factor', factor=words.decimal(factor, 1))}"


def _known_sizes(given: Contents, known: list[Answered]) -> Grid:
    words = given.words
    rows = []
    for each in known:
        numbers = [_people(given, n) for n in (each.estimate, each.low, each.high)]
        if math.isnan(each.estimate):
            numbers = [words("no_estimate"), "–", "–"]
        held = words("yes" if each.covered else "no")
        rows.append((each.case, _truth(given, each), *numbers, _of_error(given, each), held))
    head = ("list", "truth", "estimate", "low", "high", "error", "held")
    return Grid(
        words("known_sizes"),
        [words(name) for name in head],
        rows,
        (False, True, True, True, True, True, False),
    )


def _truth(given: Contents, each: Answered) -> str:
    """The people on a list, as the page prints them elsewhere."""
    if each.case in given.printed.lists:
        return given.count(given.printed.lists[each.case])
    return "–" if not given.disclose else given.words.whole(each.truth)


def _people(given: Contents, value: float) -> str:
    """A number of people in all, never finer than counts are printed."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return given.words.rounded(value)
    base = given.printed.printing.base
    return given.words.rounded(round(value / base) * base)


def _log_error(given: Contents, each: Answered) -> float | None:
    """Of estimate over truth as they are printed, so that it tells no more of the truth."""
    if given.disclose:
        return each.log_error if math.isfinite(each.log_error) else None
    count = given.printed.lists.get(each.case)
    base = given.printed.printing.base
    if count is None or not count.value or not math.isfinite(each.estimate):
        return None
    estimate = round(each.estimate / base) * base
    return math.log(estimate / count.value) if estimate > 0 else None


def _of_error(given: Contents, each: Answered) -> str:
    error = _log_error(given, each)
    return "–" if error is None else _error(given, error)


def _error(given: Contents, log_error: float) -> str:
    share = math.expm1(log_error)
    return f"{'+' if share >= 0 else '−'}{given.words.percent(abs(share))}"


def _moved(given: Contents, found: Check, kind: str, answers: list[Answered]) -> Grid:
    words = given.words
    base = found.base
    rows: list[tuple[str, ...]] = [(words("as_it_is"), _people(given, base.estimate), "–", "–", "")]
    for each in answers[:_MOST]:
        case = words.piece(each.case)
        if each.outcome != "estimated":
            rows.append((case, words("no_estimate"), "–", "–", "–"))
            continue
        change = each.log_change(base)
        times = words.decimal(math.exp(change), 2) if math.isfinite(change) else "–"
        numbers = (_people(given, n) for n in (each.estimate, each.low, each.high))
        rows.append((case, *numbers, times))
    head = ("case", "estimate", "low", "high", "times")
    return Grid(
        words(f"moved_{kind}"), [words(n) for n in head], rows, (False, True, True, True, True)
    )


def _data(given: Contents, found: Check, shown: tuple[str, ...]) -> dict[str, object]:
    rows = []
    for each in found.answers:
        if each.check not in ("internal", *shown):
            continue
        known = each.check == "internal" and each.case in given.printed.lists
        rows.append(
            {
                "check": each.check,
                "case": each.case,
                "estimate": _plain(given, each.estimate),
                "low": _plain(given, each.low),
                "high": _plain(given, each.high),
                "truth": given.printed.lists[each.case].as_json() if known else None,
                "held": each.covered,
                "outcome": each.outcome,
            }
        )
    return {"run": True, "prob": found.prob, "seed": found.seed, "cases": as_plain(rows)}


def _plain(given: Contents, value: float) -> float:
    if given.disclose or not math.isfinite(value):
        return value
    base = given.printed.printing.base
    return round(float(f"{value:.3g}") / base) * base

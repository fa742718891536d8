"""What a check says, in words: the verdict first, then each kind of case."""

import html
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from darkfigure.data.paragraphs import paragraph
from darkfigure.results.wording import in_words, listed, rounded
from darkfigure.trust import durations
from darkfigure.trust.checked_case import Answered

if TYPE_CHECKING:
    from darkfigure.trust.checked import Check

LABELS: Mapping[str, str] = {
    "drop": "lists",
    "merge": "merged",
    "accrual": "accrual",
    "years": "years",
    "cells": "cells",
    "prior": "prior",
    "existence": "exists",
}
"""How each check is called before its line."""

MOVERS: Mapping[str, str] = {
    "drop": "leaving {} out",
    "merge": "merging {}",
    "cells": "having a few people fewer on {}",
    "prior": "{}",
}
"""The checks whose cases are of the same people, so that their answers should agree, in words."""

NOT_MADE: Mapping[str, str] = {
    "drop": "leaving lists out",
    "merge": "merging lists",
    "accrual": "people as they accrue",
    "years": "years as they accrue",
    "cells": "people fewer on a history",
    "existence": "whether models by maximum likelihood have an estimate",
}
"""The checks in words, where they could not be made."""

_UNCHANGED = 0.05  # in the logarithm: an answer that moves less than a twentieth has not moved


def as_text(check: "Check") -> str:
    """The verdict; the lists as populations of known size; every other check in a line."""
    lines = [*verdict(check), ""]
    known = known_sizes(check)
    if len(known):
        lines += [known.to_string(index=False), ""]
    for label, text in facts(check):
        lines += paragraph(label, text)
    return "\n".join(lines)


def as_html(check: "Check") -> str:
    """The same as HTML."""
    said = "".join(f"<p><strong>{html.escape(each)}</strong></p>" for each in verdict(check))
    known = known_sizes(check)
    rows = known.to_html(index=False) if len(known) else ""
    more = "".join(
        f"<p>{html.escape(label)}: {html.escape(text)}</p>" for label, text in facts(check)
    )
    return f"<div>{said}{rows}{more}</div>"


def verdict(check: "Check") -> list[str]:
    """How often known sizes were held and which way the errors go, what moves the answer most.

    Last the checks that could not be made, and why.
    """
    return [_of_known_sizes(check), *_of_the_largest_move(check), *_of_what_was_not_made(check)]


def _of_known_sizes(check: "Check") -> str:
    asked = [each for each in check.of("internal") if each.covered is not None]
    if not asked:
        why = sorted({each.note for each in check.of("internal")})
        if not why:
            return "Lists as populations of known size were not asked for."
        return f"No list can serve as a population of known size: {'; '.join(why)}."
    held = sum(each.covered is True for each in asked)
    lists = "one list" if len(asked) == 1 else f"{in_words(len(asked))} lists"
    said = (
        f"Of {lists} of known size the {100 * check.prob:g}% {check.kind or 'model'} interval "
        f"held {'all' if held == len(asked) else in_words(held) if held else 'none'}"
    )
    errors = np.array([each.log_error for each in asked if math.isfinite(each.log_error)])
    without = len(asked) - len(errors)
    if len(errors):
        said += f"; {_direction(errors)}"
    if without:
        said += f"; {in_words(without)} {'has' if without == 1 else 'have'} no estimate"
    return said + "."


def _direction(errors: np.ndarray) -> str:
    """Which way the estimates are wrong, and by how much in the middle."""
    low, high = int((errors < 0).sum()), int((errors > 0).sum())
    middle = float(np.median(errors))
    typical = f"the median error is {_percent(middle)}"
    if low == high:
        return f"estimates were as often too low as too high ({in_words(low)} each), {typical}"
    side, number = ("low", low) if low > high else ("high", high)
    every = "all" if number == len(errors) else in_words(number)
    return (
        f"{every} estimates were too {side}, {typical}"
        if len(errors) > 1
        else (f"the estimate was too {side} ({_percent(middle)})")
    )


def _percent(log_ratio: float) -> str:
    if log_ratio > math.log(2):
        return f"×{math.exp(log_ratio):.1f}"
    return f"{100 * math.expm1(log_ratio):+.0f}%".replace("-", "−")


def _of_the_largest_move(check: "Check") -> Iterator[str]:
    """The case that moves the answer most, among those that should not; and the largest merge."""
    base = check.base
    if base.outcome != "estimated":
        yield f"The table as it is has no estimate: {base.note.rstrip('.')}."
        return
    most = largest_move(check, *MOVERS)
    if most is None:
        return
    if abs(most.log_change(base)) < _UNCHANGED:
        yield "Nothing that was varied moves the answer by more than a twentieth."
        return
    name = check.table.about.name or "This table"
    said = (
        f"{name}: {MOVERS[most.check].format(_named(most))} gives {number(check, most)} instead "
        f"of {number(check, base)} ({math.exp(most.log_change(base)):.2f} times)"
    )
    merge = largest_move(check, "merge")
    if merge is not None and merge is not most and abs(merge.log_change(base)) >= _UNCHANGED:
        said += f"; merging {_named(merge)} gives {number(check, merge)}"
    yield f"{said}."


def _of_what_was_not_made(check: "Check") -> Iterator[str]:
    """The checks of which no case could be asked, those with one reason together.

    That a model has no prior to vary is no want of the check; that no list has a known size is
    said first.
    """
    by_reason: dict[str, list[str]] = {}
    for kind, name in NOT_MADE.items():
        answers = check.of(kind)
        if answers and all(each.outcome == "left out" for each in answers):
            reason = "; ".join(dict.fromkeys(each.note.rstrip(".") for each in answers))
            by_reason.setdefault(reason, []).append(name)
    if by_reason:
        parts = [f"{listed(names)} ({reason})" for reason, names in by_reason.items()]
        yield f"Not checked: {'; '.join(parts)}."


def largest_move(check: "Check", *kinds: str) -> Answered | None:
    """The case of these checks whose estimate is farthest from that of the table as it is."""
    moved = [
        each
        for kind in kinds
        for each in check.of(kind)
        if math.isfinite(each.log_change(check.base))
    ]
    return max(moved, key=lambda each: abs(each.log_change(check.base)), default=None)


def _named(each: Answered) -> str:
    """What was varied as it stands in a sentence: "PF and NCA" for a pair merged."""
    return each.case.replace(" + ", " and ") if each.check == "merge" else each.case


def number(check: "Check", each: Answered) -> str:
    """An estimate in words: whole where it is a maximum of a likelihood, else rounded."""
    if each.check == "existence" or check.kind in ("bootstrap", "profile", "asymptotic"):
        return f"{each.estimate:,.0f}" if math.isfinite(each.estimate) else rounded(each.estimate)
    return rounded(each.estimate, each.high - each.low)


def known_sizes(check: "Check") -> pd.DataFrame:
    """The lists as populations of known size, as printed: the worst last, and those without one."""
    asked = [each for each in check.of("internal") if each.covered is not None]
    rows = []
    for each in sorted(asked, key=_how_wrong):
        width = each.high - each.low
        rows.append(
            {
                "people on": each.case,
                "seen by others": f"{each.seen:,}",
                "truth": f"{each.truth:,.0f}",
                "estimate": number(check, each) if not math.isnan(each.estimate) else "none",
                "low": "-" if math.isnan(each.low) else rounded(each.low, width),
                "high": "-" if math.isnan(each.high) else rounded(each.high, width),
                "error": "-" if math.isnan(each.log_error) else _percent(each.log_error),
                "held": "yes" if each.covered else "no",
            }
        )
    return pd.DataFrame(rows)


def _how_wrong(each: Answered) -> float:
    return math.inf if math.isnan(each.log_error) else abs(each.log_error)


def facts(check: "Check") -> Iterator[tuple[str, str]]:
    """A label and a text per check; then what has no estimate, what was left out, and the time."""
    base = check.base
    width = base.high - base.low
    if base.outcome == "estimated":
        limits = f"{rounded(base.low, width)} to {rounded(base.high, width)}"
        yield (
            "answer",
            f"{number(check, base)} {check.table.about.people} "
            f"({100 * check.prob:g}% {check.kind} interval {limits})",
        )
    for kind, label in LABELS.items():
        text = _existence(check) if kind == "existence" else _range(check, kind)
        if text:
            yield label, text
    for each in check.answers:
        if each.outcome == "no estimate" and each.check != "existence":
            what = each.case if each.check == "estimate" else f"{each.check}, {each.case}"
            yield "no number", f"{what}: {each.note or 'the model gives none'}"
    left: dict[tuple[str, str], list[str]] = {}
    for each in check.answers:
        if each.outcome == "left out":
            left.setdefault((each.check, each.note), []).append(each.case)
    for (kind, why), cases in left.items():
        which = listed([case for case in cases if case])
        yield "left out", f"{kind}{', ' + which if which else ''}: {why}"
    kept = ", kept from an earlier call" if check.cached else ""
    yield "time", f"{durations.in_words(check.seconds)}{kept}"
    yield "again", check.call


def _range(check: "Check", kind: str) -> str:
    """The smallest and the largest answer of one check, and what gave them."""
    answers = [each for each in check.of(kind) if each.outcome == "estimated"]
    if not answers:
        return ""
    if kind == "years":
        return ", ".join(f"{number(check, each)} in {each.case}" for each in answers)
    if kind == "accrual":
        shown = (*answers, check.base) if check.base.outcome == "estimated" else answers
        ratios = ", ".join(f"{each.estimate / each.seen:.2f}" for each in shown)
        return f"total divided by those seen: {ratios}, from {answers[0].case} of them to all"
    least = min(answers, key=lambda each: each.estimate)
    most = max(answers, key=lambda each: each.estimate)
    cases = "one case" if len(answers) == 1 else f"{in_words(len(answers))} cases"
    if least is most:
        return f"{number(check, least)} ({_varied(least)})"
    return (
        f"{number(check, least)} ({_varied(least)}) to {number(check, most)} ({_varied(most)}) "
        f"in {cases}"
    )


def _varied(each: Answered) -> str:
    return f"without {each.case}" if each.check == "drop" else _named(each)


def _existence(check: "Check") -> str:
    found = [
        f"{each.case}: {number(check, each) if each.outcome == 'estimated' else each.note}"
        for each in check.of("existence")
        if each.outcome != "left out"
    ]
    return "; ".join(found) and f"maximum likelihood with {listed(found)}"

"""The verb: write a report of an estimate to a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from darkfigure.errors import NotEstimable, SettingsError, briefly
from darkfigure.literals import Language, check_choice
from darkfigure.progress import report as report_progress
from darkfigure.reports.admitted import check_believed
from darkfigure.reports.answers_tell import told_by_answers
from darkfigure.reports.blocks import Page
from darkfigure.reports.contents import Contents
from darkfigure.reports.markdown_page import as_markdown
from darkfigure.reports.page import is_withheld, page_of
from darkfigure.reports.page_checks import reasons_of
from darkfigure.reports.page_claims import published_claims
from darkfigure.reports.secrecy import printed_safely
from darkfigure.reports.verdict import verdict_of
from darkfigure.reports.web_page import as_html
from darkfigure.reports.words import Words
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate, check_estimate, check_prob
from darkfigure.results.storage import as_plain, check_writable
from darkfigure.trust.bounds_found import Bounds
from darkfigure.trust.checked import Check
from darkfigure.trust.claims import Claims
from darkfigure.trust.side_by_side import SideBySide
from darkfigure.verbs import compare as run_compare
from darkfigure.verbs import sensitivity as run_sensitivity

_STEPS = 4
_TASK = "report"


def report(
    est: Estimate,
    path: str | Path,
    *,
    language: Language = "en",
    disclose: bool = False,
    threshold: int = 5,
    compare: Comparison | bool = False,
    sensitivity: Comparison | bool = False,
    claims: Claims | Literal[False] | None = None,
    check: Check | None = None,
    identify: SideBySide | None = None,
    bounds: Bounds | Sequence[Bounds] = (),
    prob: float = 0.95,
) -> Path:
    """Write what an estimate says and rests on: a page for advisers and referees.

    Whether a figure should be published at all stands first, by rules fixed beforehand
    (`docs/reading-the-report`). What the library cannot know it takes from ``table.about``, and
    prints "not stated" where that is silent.

    Parameters
    ----------
    est : Estimate
    path : str or Path
        Ends in .html (one page that needs no network), .md or .json (every number).
    language : {"en", "nl"}
    disclose : bool, default False
        Print every count as it is. Otherwise small counts of people are hidden, and others
        rounded so that the small ones cannot be worked out from them.
    threshold : int, default 5
        Counts below it are small.
    compare : Comparison or bool
        What `dk.compare` found on the same table; True runs all models that `dk.suggest` names.
    sensitivity : Comparison or bool
        What `dk.sensitivity` found; True runs it for the estimate's model.
    claims : Claims or False, optional
        What `dk.claim` found. By default published figures of the same country, years and concept
        are claimed, where there are any; False leaves them out.
    check : Check, optional
        What `dk.check` found; without it the page says "not run".
    identify : SideBySide, optional
        What `dk.identify` found.
    bounds : Bounds or sequence of Bounds, optional
        What `dk.bounds` found, for one range or several.
    prob : float, default 0.95
        Of the intervals.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    SettingsError
        If the file cannot be written, its ending is unknown, or a setting has a value it cannot
        have.

    Examples
    --------
    >>> import tempfile
    >>> import darkfigure as dk
    >>> est = dk.estimate("spina_bifida", seed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = dk.report(est, f"{folder}/page.html", language="nl")
    ...     print(page.name, page.stat().st_size < 2_000_000)
    page.html True
    """
    write_page(
        est,
        path,
        language=language,
        disclose=disclose,
        threshold=threshold,
        compare=compare,
        sensitivity=sensitivity,
        claims=claims,
        check=check,
        identify=identify,
        bounds=bounds,
        prob=prob,
    )
    return Path(path)


def write_page(
    est: Estimate,
    path: str | Path,
    *,
    language: Language = "en",
    disclose: bool = False,
    threshold: int = 5,
    compare: Comparison | bool = False,
    sensitivity: Comparison | bool = False,
    claims: Claims | Literal[False] | None = None,
    check: Check | None = None,
    identify: SideBySide | None = None,
    bounds: Bounds | Sequence[Bounds] = (),
    prob: float = 0.95,
) -> Page:
    """Write a report, as `report` does; return the page, for its verdict."""
    check_estimate(est, "dk.report(dk.estimate(...), path)")
    if not isinstance(path, str | Path) or not str(path):
        raise SettingsError(f"path is {briefly(path)}; expected a file to write.", '"page.html"')
    if not isinstance(disclose, bool):
        raise SettingsError(
            f"disclose is {briefly(disclose)}; expected True or False.",
            "leave it out, and small counts of people are hidden.",
        )
    file = Path(path)
    write = check_report_file(file)
    check_choice(language, Language, "language")
    check_prob(prob)
    _check_threshold(threshold)
    _check_of_this(est, compare, "compare")
    _check_of_this(est, sensitivity, "sensitivity")
    bounded = (bounds,) if isinstance(bounds, Bounds) else bounds
    check_believed(est, claims=claims, check=check, identify=identify, bounds=bounded)
    printed = printed_safely(est.table, threshold=threshold, disclose=disclose)
    report_progress(_TASK, 1, _STEPS)
    compared = _compared(est, compare)
    report_progress(_TASK, 2, _STEPS)
    varied = _varied(est, sensitivity)
    report_progress(_TASK, 3, _STEPS)
    given = Contents(
        est=est,
        words=Words(language),
        prob=prob,
        printed=printed,
        disclose=disclose,
        verdict=verdict_of(est, compared, varied, tuple(reasons_of(check))),
        compared=compared,
        varied=varied,
        claims=_claimed(est, claims),
        checks=check,
        identified=identify,
        bounded=tuple(bounded),
    )
    low, high = est.interval(prob)
    told = told_by_answers(
        est, printed, disclose=disclose, said=lambda total: given.answer(total, high - low)
    )
    given = replace(given, told=told)
    page = page_of(given)
    text = write(page, given)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{file} could not be written: {error.strerror}.") from error
    report_progress(_TASK, _STEPS, _STEPS)
    return page


type Writer = Callable[[Page, Contents], str]


def check_report_file(file: Path) -> Writer:
    """How a report is written to a file of this name.

    Raises
    ------
    SettingsError
        If its ending is unknown, or it cannot be written.
    """
    ending = file.suffix.lower()
    if ending not in _WRITERS:
        found = f"ends in {file.suffix!r}" if file.suffix else "has no ending"
        raise SettingsError(
            f"{file.name!r} {found}; expected a report: {', '.join(_WRITERS)}.",
            f"{(file.stem or 'page') + '.html'!r} for a page, .md for Markdown, .json for numbers.",
        )
    check_writable(file)
    return _WRITERS[ending]


def as_json(page: Page, given: Contents) -> str:
    """Every number of the page as JSON text."""
    content = {
        "language": page.language,
        "title": page.title,
        "verdict": {
            "level": page.level,
            "in_words": page.verdict,
            "reasons": [
                {"in_words": said, **each.as_json(), **_unsaid(given, each.name)}
                for said, each in zip(page.reasons, given.verdict.reasons, strict=True)
            ],
        },
        **{section.name: section.data for section in page.sections},
    }
    return json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _unsaid(given: Contents, name: str) -> dict[str, None]:
    """Nothing in the place of a ratio that would tell small counts."""
    return {"ratio": None} if is_withheld(given, name) else {}


_WRITERS: dict[str, Writer] = {
    ".html": lambda page, _: as_html(page),
    ".htm": lambda page, _: as_html(page),
    ".md": lambda page, _: as_markdown(page),
    ".json": as_json,
}


def _check_threshold(threshold: object) -> None:
    whole = isinstance(threshold, int) and not isinstance(threshold, bool)
    if not whole or threshold < 2:  # type: ignore[operator]
        raise SettingsError(
            f"threshold is {threshold!r}; expected a whole number, at least 2.",
            "threshold=5 hides counts from 1 to 4; disclose=True hides none.",
        )


def _check_of_this(est: Estimate, found: object, name: str) -> None:
    """Refuse a comparison of another table."""
    if isinstance(found, bool):
        return
    if not isinstance(found, Comparison):
        raise SettingsError(
            f"{name} is {briefly(found)}; expected True, False or what dk.{name} found.",
            f"{name}=dk.{name}(table)",
        )
    hashes = {each.table.content_hash for each in found.estimates}
    if hashes != {est.table.content_hash}:
        raise SettingsError(
            f"{name} was made from another table than the estimate.",
            f"run dk.{name}(est.table), or give {name}=True.",
        )


def _compared(est: Estimate, compare: Comparison | bool) -> Comparison | None:
    if isinstance(compare, Comparison):
        return compare
    return run_compare(est.table, seed=est.seed) if compare else None


def _claimed(est: Estimate, claims: Claims | Literal[False] | None) -> Claims | None:
    """The claims given, or published figures that measure the same."""
    if claims is False:
        return None
    return published_claims(est) if claims is None else claims


def _varied(est: Estimate, sensitivity: Comparison | bool) -> Comparison | None:
    if isinstance(sensitivity, Comparison):
        return sensitivity
    if not sensitivity:
        return None
    try:
        return run_sensitivity(est.table, est.model, seed=est.seed)
    except NotEstimable as error:
        raise SettingsError(
            f"sensitivity=True cannot be: {error.problem}", error.hint or "leave it out."
        ) from error

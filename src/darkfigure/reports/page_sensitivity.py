"""What would move the answer: the prior, each list, merging and dependence, claims and checks."""

from typing import Any

import pandas as pd

from darkfigure.errors import NotEstimable
from darkfigure.reports.blocks import Block, Facts, Grid, Heading, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.page_answer import withheld
from darkfigure.reports.page_models import comparison_as_json, side_by_side
from darkfigure.reports.verdict import medians_by_setting, setting_used
from darkfigure.results.storage import as_plain


def sensitivity_section(given: Contents) -> Section:
    """What was tried, and "not run" for what was not."""
    words = given.words
    influence, medians = influence_of(given), _medians(given)
    blocks: list[Block] = [Facts(_not_shown_here(given, medians, influence))]
    blocks += [_priors(given, medians)] if medians else []
    blocks += [_lists(given, influence)] if influence is not None else []
    blocks.append(Heading(words("varied")))
    if given.varied is None:
        blocks.append(Text(words("not_run").capitalize() + "."))
    elif given.told.models:
        blocks.append(Text(withheld(given, "withheld")))
    else:
        blocks += side_by_side(given, given.varied, "picture-settings", words("varied"))
    data = {
        "prior_settings": [{"setting": n, "median": given.plain(m)} for n, m in medians],
        "without_list": None if influence is None else _influence_as_json(given, influence),
        "varied": comparison_as_json(given, given.varied),
    }
    return Section("sensitivity", words("sensitivity"), blocks, as_plain(data))


def _not_shown_here(
    given: Contents, medians: list[tuple[str, float]], influence: pd.DataFrame | None
) -> list[tuple[str, str]]:
    """What has no table in this section: not run, not printed, or shown below."""
    words = given.words
    checked = words("in_checks" if given.checks is not None else "not_run")
    claimed = words("in_claims") if given.claims is not None else words("not_run")
    tried = bool(medians_by_setting(given.est))
    rows = []
    if not medians:
        rows.append((words("priors"), words("not_printed" if tried else "not_run")))
    if influence is None:
        rows.append((words("without_list"), checked))
    return [
        *rows,
        (words("merging"), checked),
        (words("dependence"), claimed),
        (words("internal"), checked),
    ]


def _medians(given: Contents) -> list[tuple[str, float]]:
    """The median under each setting of the prior, unless it would tell small counts."""
    return [] if given.told.models else medians_by_setting(given.est)


def influence_of(given: Contents) -> pd.DataFrame | None:
    """The total without each list, where the estimate keeps it.

    What one person fewer in a history does is left out: its rows name histories and their people.
    So is all of it where a total from fewer lists would tell small counts.
    """
    if given.told.parts:
        return None
    try:
        frame = given.est.influence()
    except NotEstimable:
        return None
    return frame.xs("list")  # type: ignore[return-value]


def _priors(given: Contents, medians: list[tuple[str, float]]) -> Grid:
    words = given.words
    used = setting_used(given.est)
    rows = [
        (
            words("used_here", setting=words.piece(name)) if name == used else words.piece(name),
            given.answer(median),
        )
        for name, median in medians
    ]
    return Grid(words("priors"), [words("setting"), words("median")], rows, (False, True))


def _lists(given: Contents, influence: pd.DataFrame) -> Grid:
    words = given.words
    rows = [
        (str(name), given.answer(total), _signed(given, total))
        for name, total in influence["population"].items()
    ]
    head = [words("left_out"), words("total"), words("change")]
    return Grid(words("without_list"), head, rows, (False, True, True))


def _signed(given: Contents, total: float) -> str:
    change = given.coarse(total) - given.coarse(given.est.point)
    if change != change or change in (float("inf"), -float("inf")):
        return "–"
    return f"{'+' if change >= 0 else '−'}{given.words.rounded(abs(change))}"


def _influence_as_json(given: Contents, influence: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"list": str(name), "population": given.plain(float(total))}
        for name, total in influence["population"].items()
    ]

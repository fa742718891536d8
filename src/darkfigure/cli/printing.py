"""What is printed beside an answer: tables by level, of models, of a file."""

import math
from collections.abc import Iterator

import pandas as pd

from darkfigure.calls import write_call
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate
from darkfigure.results.trend import in_words, percent
from darkfigure.results.wording import listed, rounded
from darkfigure.verbs import suggest

_MOST_ROWS = 60


def candidates(est: Estimate, number: int) -> str:
    """The best of the candidate models as a table.

    Raises
    ------
    NotEstimable
        If the model has no candidates.
    """
    if est.models is None:
        raise NotEstimable(
            f"--models: there are no candidate models to print ({est.label}).",
            "models that choose or average have them: LogLinear, BayesianLogLinear, "
            "DecomposableGraphs.",
        )
    shown = est.models.head(number).round({"population": 1, "criterion": 3, "weight": 4})
    return shown.to_string(index=False)


def levels(est: Estimate, prob: float, year: str | None) -> Iterator[str]:
    """The population by year, by each other stratum variable, and by all of them at once."""
    if "stratum" not in est.population.dims:
        return
    names = list(est.table.strata)
    if year is not None:
        yield trend(est, prob, year)
    for name in names:
        if name != year:
            yield _in_whole_people(est.summary(prob, by=name))
    if len(names) > 1:
        together = est.summary(prob, by=names)
        if len(together) <= _MOST_ROWS:
            yield _in_whole_people(together)
        else:
            yield (
                f"({len(together):,} combinations of {listed(names)}: in Python "
                f"est.summary(by={names!r}), or fewer columns under --by)"
            )


def trend(est: Estimate, prob: float, year: str) -> str:
    """The totals by year, and how probably each is above the one before and the first."""
    frame = est.trend(prob=prob, by=year)
    words = in_words(est, frame, year)
    if frame["truth"].isna().all():
        frame = frame.drop(columns="truth")
    for column in ("increase", "increase_since_first"):
        frame[column] = ["" if math.isnan(share) else percent(share) for share in frame[column]]
    sign = "P" if est.kind == "posterior" else "share of draws"
    heads = {
        "increase": f"{sign}(increase)",
        "increase_since_first": f"{sign}(more than in {frame.index[0]})",
    }
    return f"{words}\n\n{_in_whole_people(frame.rename(columns=heads))}"


def years_side_by_side(found: Comparison, prob: float, year: str) -> str:
    """The totals by year of each model, with their intervals."""
    names = [type(est.model).__name__ for est in found.estimates]
    heads = [
        name if names.count(name) == 1 else write_call(est.model)
        for name, est in zip(names, found.estimates, strict=True)
    ]
    columns = [_with_intervals(est, prob, year) for est in found.estimates]
    return pd.concat(columns, axis=1, keys=heads).to_string()


def _with_intervals(est: Estimate, prob: float, year: str) -> "pd.Series[str]":
    """The total of each year in words: "2,250 (1,780 to 2,960)"."""
    frame = est.trend(prob=prob, by=year)
    cells = []
    for answer, low, high in frame[["estimate", "low", "high"]].to_numpy(float).tolist():
        point = rounded(answer, high - low) if est.settled else "-"
        cells.append(f"{point} ({rounded(low, high - low)} to {rounded(high, high - low)})")
    return pd.Series(cells, index=frame.index)


def _in_whole_people(frame: pd.DataFrame) -> str:
    return frame.to_string(float_format="{:,.0f}".format, na_rep="-")


def models_that_suit(table: CaptureTable, year: str | None = None) -> str:
    """The models that can be used, with what speaks for each."""
    try:
        found = suggest(table) if year is None else suggest(table, year=year)
    except NotEstimable as error:
        return f"models that suit it: none. {error.problem}\n  {error.hint}"
    models = [f"  {type(each.model).__name__}: {each.reason}" for each in found]
    return "\n".join(["models that suit it, best first:", *models])

"""The first section: the answer in a sentence, its picture, and per year."""

import math

from darkfigure.reports.blocks import Block, Picture, Section, Text
from darkfigure.reports.contents import Contents
from darkfigure.reports.failures import in_language
from darkfigure.reports.picture_answer import draw_answer
from darkfigure.results.calibrated import KNOWN, uncalibrated
from darkfigure.results.storage import as_plain


def answer_section(given: Contents) -> Section:
    """The answer, rounded to what it supports."""
    words, est = given.words, given.est
    blocks: list[Block] = [Text(answer_in_words(given))]
    if given.told.models:
        blocks.append(Text(withheld(given, f"answer_{given.told.headline}")))
    if len(est.modes()) > 1 and est.settled:
        number = words.number_in_words(len(est.modes()))
        blocks.append(Text(words("answer_modes", number=number, places=places(given))))
    if est.kind == "calibrated":
        blocks.append(Text(_before_calibration(given)))
    yearly = per_year(given)
    if yearly is not None:
        width = yearly["high"] - yearly["low"]
        said = {name: given.answer(value, width) for name, value in yearly.items()}
        years = words.localised(f"{_years(given):g}")
        blocks.append(Text(words("answer_year", years=years, **said)))
    blocks.append(_picture(given))
    last = in_language(est.assumes[-1], words.language)[0]
    blocks.append(Text(words("answer_rests", assumption=last)))
    return Section("answer", words("answer"), blocks, _data(given, yearly))


def withheld(given: Contents, name: str) -> str:
    """A sentence on small counts that answers tell, or would."""
    threshold = given.printed.printing.threshold
    lists = given.words.number_in_words(given.est.table.n_lists)
    return given.words(name, threshold=threshold, most=threshold - 1, lists=lists)


def answer_in_words(given: Contents) -> str:
    """The answer in one sentence or two."""
    words, est = given.words, given.est
    low, high = est.interval(given.prob)
    width = high - low
    about = given.about
    filled = {
        "people": given.people,
        "when": "" if about.period is None else words.when(about.period.text),
        "prob": given.percent,
        "kind": given.kind,
        "low": given.answer(low, width),
        "high": given.answer(high, width),
    }
    if math.isinf(est.estimate):
        return words("answer_lower", **filled)
    if not est.settled:
        return words("answer_unsettled", places=places(given), **filled)
    open_ended = math.isinf(high)
    interval = words("answer_interval_open" if open_ended else "answer_interval", **filled)
    return words(
        "answer_figure",
        estimate=given.answer(est.estimate, width),
        seen=given.count(given.printed.total),
        interval=interval,
        **filled,
    )


def _before_calibration(given: Contents) -> str:
    """The answer that the correction began with, and what it was learned on."""
    before = uncalibrated(given.est)
    low, high = before.interval(given.prob)
    own = given.est.draws[KNOWN].to_dataset()["own"].to_numpy().astype(bool)
    said = {"estimate": before.estimate, "low": low, "high": high}
    return given.words(
        "answer_uncalibrated",
        prob=given.percent,
        kind=given.words(f"kind_word_{before.kind}"),
        number=given.words.whole(len(own)),
        own=given.words.number_in_words(int(own.sum())),
        **{name: given.answer(value, high - low) for name, value in said.items()},
    )


def _before_as_json(given: Contents) -> dict[str, object] | None:
    if given.est.kind != "calibrated":
        return None
    before = uncalibrated(given.est)
    low, high = before.interval(given.prob)
    numbers = {"estimate": before.estimate, "low": low, "high": high}
    return {"kind": before.kind, **{name: given.plain(n) for name, n in numbers.items()}}


def places(given: Contents) -> str:
    """Where the modes are, with their weights where these can be told."""
    words, modes = given.words, given.est.modes()
    said = []
    for place, weight in zip(modes["location"], modes["weight"], strict=True):
        near = given.answer(float(place))
        known = not math.isnan(weight)
        said.append(
            words("answer_mode", place=near, weight=words.percent(weight)) if known else near
        )
    return words.listed(said)


def per_year(given: Contents) -> dict[str, float] | None:
    """The answer per year, where the period is longer than one and there is an answer."""
    about, est = given.about, given.est
    settled = est.settled and math.isfinite(est.estimate)
    if about.period is None or about.concept != "flow" or about.period.years <= 1 or not settled:
        return None
    yearly = est.per("year", prob=given.prob)
    return {name: float(yearly[name]) for name in ("estimate", "low", "high")}


def _years(given: Contents) -> float:
    assert given.about.period is not None
    return given.about.period.years


def _picture(given: Contents) -> Picture:
    words, est = given.words, given.est
    low, high = est.interval(given.prob)
    drawn = draw_answer(given)
    peaks = "picture_peaks" if len(est.modes()) > 1 else "picture_peak"
    alt = words(
        "picture_answer_alt",
        people=given.people,
        seen=given.count(given.printed.total),
        prob=given.percent,
        low=given.answer(low, high - low),
        high=given.answer(high, high - low),
    )
    return Picture(
        "picture-answer",
        words("picture_answer"),
        drawn.svg,
        drawn.size,
        f"{alt} {words(peaks, places=places(given))}",
    )


def _data(given: Contents, yearly: dict[str, float] | None) -> dict[str, object]:
    est = given.est
    low, high = est.interval(given.prob)
    modes = [
        {n: given.share(row[n]) if n == "weight" else given.plain(row[n]) for n in row}
        for row in est.modes().to_dict(orient="records")
    ]
    return {
        "in_words": answer_in_words(given),
        "estimate": given.plain(est.estimate),
        "median": given.plain(est.median),
        "low": given.plain(low),
        "high": given.plain(high),
        "prob": given.prob,
        "kind": est.kind,
        "uncalibrated": _before_as_json(given),
        "settled": est.settled,
        "people": given.about.people,
        "seen": given.printed.total.as_json(),
        "small_counts_told": given.told.headline,
        "per_year": None if yearly is None else {n: given.plain(v) for n, v in yearly.items()},
        "modes": as_plain(modes),
    }

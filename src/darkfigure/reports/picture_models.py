"""Models side by side: estimates as dots, intervals as bars, on one log scale."""

import math

from darkfigure.calls import write_call
from darkfigure.reports.contents import Contents
from darkfigure.reports.drawing import WIDTH, Drawing, LogScale, bar, cut, dot, line, text
from darkfigure.results.comparison import Comparison

_ROW = 40.0
_OUT = 20.0
_LETTERS = 58


def draw_models(given: Contents, compared: Comparison) -> Drawing:
    """A forest plot."""
    seen = given.coarse(float(compared.estimates[0].table.n_observed))
    limits = [
        tuple(given.drawn(each) for each in est.interval(given.prob)) for est in compared.estimates
    ]
    highs = [_OUT * low if math.isinf(high) else high for low, high in limits]
    scale = LogScale(max(seen * 0.93, 0.5), max(*highs, seen * 1.5) * 1.07, 8.0, WIDTH - 8.0)
    bottom = 22 + _ROW * len(limits)
    parts = [
        line(scale.at(seen), 16, scale.at(seen), bottom, "seen", 1.6),
        text(
            scale.at(seen) + 5,
            12,
            given.words("picture_seen", seen=given.count(given.printed.total)),
            css="seen-text",
        ),
    ]
    for row, (est, (low, _), high) in enumerate(
        zip(compared.estimates, limits, highs, strict=True)
    ):
        y = 36 + _ROW * row
        parts.append(text(scale.at(seen) + 5, y, cut(write_call(est.model), _LETTERS), size=10))
        parts.append(bar(scale.at(low), y + 8, scale.at(high) - scale.at(low), 4, "interval"))
        if est.settled and est.estimate <= high:
            parts.append(dot(scale.at(given.drawn(est.estimate)), y + 10, 4.5, "mark"))
    parts += _axis(given, scale, bottom + 4)
    return Drawing("".join(parts), (WIDTH, bottom + 44))


def _axis(given: Contents, scale: LogScale, y: float) -> list[str]:
    parts = [line(scale.left, y, scale.right, y, "rule")]
    for tick in scale.ticks():
        x = scale.at(tick)
        anchor = "start" if x < 24 else ("end" if x > WIDTH - 24 else "middle")
        parts.append(line(x, y, x, y + 4, "rule"))
        parts.append(text(x, y + 16, given.words.whole(tick), anchor=anchor, css="faint"))
    said = given.words("picture_axis", people=given.people)
    return [*parts, text(WIDTH / 2, y + 34, said, anchor="middle", css="faint")]

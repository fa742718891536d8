"""The picture of the answer: how likely each total is, with the people seen and the interval."""

import math

import numpy as np

from darkfigure.reports.contents import Contents
from darkfigure.reports.drawing import WIDTH, Drawing, LogScale, bar, dot, line, text

_TOP, _BASE, _FOOT = 42.0, 160.0, 208.0
_SHOWN = 0.005  # probability left out at each end
_OUT = 20.0  # times the lower limit: where a bar without an end leaves the picture
_POINTS = 160
_FEW = 0.02  # of the median unseen: a spike below that is drawn cut off at the top
_ROOM = 44.0  # between the names of two modes


def draw_answer(given: Contents) -> Drawing:
    """Density of the total on a log scale."""
    est = given.est
    low, high = (given.drawn(each) for each in est.interval(given.prob))
    seen = given.coarse(float(np.median(est.seen_totals)))
    total, density = _curve(given)
    end = _OUT * low if math.isinf(high) else high
    inside = total <= max(end, total.min(initial=math.inf))
    total, density = total[inside], density[inside]
    right = max(float(total.max(initial=end)), end) * 1.07
    left = max(min(seen, low, float(total.min(initial=seen))) * 0.93, 0.5)
    scale = LogScale(left, right, 8.0, WIDTH - 8.0)
    height = _height(given, total, density)
    parts = [_area(scale, total, density / height)]
    parts += _marks(given, scale, total, density / height)
    parts.append(bar(scale.at(low), _BASE + 5, scale.at(end) - scale.at(low), 5, "interval"))
    if est.settled and est.estimate <= end:
        parts.append(dot(scale.at(given.drawn(est.estimate)), _BASE + 7.5, 5, "mark"))
    parts += _of_the_seen(given, scale, seen)
    parts += _axis(given, scale)
    return Drawing("".join(parts), (WIDTH, _FOOT + 22))


def _curve(given: Contents) -> tuple[np.ndarray, np.ndarray]:
    """Totals and their density per unit of log total."""
    est = given.est
    curve, seen = est.curve, float(np.median(est.seen_totals))
    shown = (curve.below > _SHOWN) & (curve.below < 1 - _SHOWN)
    total = seen + curve.unseen[shown]
    density = curve.density[shown] * total / (curve.unseen[shown] + 1.0)
    if len(total) < 2:
        return total, density
    grid = np.geomspace(given.drawn(total[0]), given.drawn(total[-1]), _POINTS)
    return grid, np.interp(grid, total, density)


def _height(given: Contents, total: np.ndarray, density: np.ndarray) -> float:
    """The density that reaches the top: a spike at hardly anyone unseen must not flatten it."""
    if not len(density):
        return 1.0
    seen = float(np.median(given.est.seen_totals))
    unseen = float(np.median(given.est.totals)) - seen
    rest = density[total - seen >= _FEW * unseen]
    return float((rest if len(rest) else density).max()) or 1.0


def _area(scale: LogScale, total: np.ndarray, share: np.ndarray) -> str:
    if not len(total):
        return ""
    points = [
        f"{scale.at(x):.1f},{_BASE - min(y, 1.0) * (_BASE - _TOP):.1f}"
        for x, y in zip(total, share, strict=True)
    ]
    first, last = f"{scale.at(total[0]):.1f},{_BASE}", f"{scale.at(total[-1]):.1f},{_BASE}"
    return f'<polygon points="{first} {" ".join(points)} {last}" class="area"/>'


def _marks(given: Contents, scale: LogScale, total: np.ndarray, share: np.ndarray) -> list[str]:
    """The place and weight of each mode, above it."""
    modes, parts, last = given.est.modes(), [], -math.inf
    for place, weight in zip(modes["location"], modes["weight"], strict=True):
        x = scale.at(given.drawn(float(place)))
        if x - last < _ROOM or not len(total):
            continue
        near = (total > 0.85 * place) & (total < 1.15 * place)
        y = _BASE - min(float(share[near].max(initial=0.0)), 1.0) * (_BASE - _TOP)
        at = min(max(x, 30.0), WIDTH - 30.0)
        said = given.answer(float(place))
        if len(modes) > 1 and not math.isnan(weight):
            said += f" ({given.words.percent(weight)})"
        parts.append(text(at, y - 5, said, anchor="middle"))
        last = x
    return parts


def _of_the_seen(given: Contents, scale: LogScale, seen: float) -> list[str]:
    x = scale.at(seen)
    said = given.words("picture_seen", seen=given.count(given.printed.total))
    right = x < 0.6 * WIDTH
    return [
        line(x, 18, x, _BASE + 12, "seen", 1.6),
        text(
            x + (5 if right else -5), 15, said, css="seen-text", anchor="start" if right else "end"
        ),
    ]


def _axis(given: Contents, scale: LogScale) -> list[str]:
    y = _BASE + 18
    parts = [line(scale.left, y, scale.right, y, "rule")]
    for tick in scale.ticks():
        x = scale.at(tick)
        parts.append(line(x, y, x, y + 4, "rule"))
        anchor = "start" if x < 24 else ("end" if x > WIDTH - 24 else "middle")
        parts.append(text(x, y + 16, given.words.whole(tick), anchor=anchor, css="faint"))
    said = given.words("picture_axis", people=given.people)
    parts.append(text(WIDTH / 2, y + 34, said, anchor="middle", css="faint"))
    return parts

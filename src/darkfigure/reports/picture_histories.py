"""An UpSet plot of the counts as they are printed: nothing in it that the page does not say."""

import math

from darkfigure.reports.contents import Contents
from darkfigure.reports.drawing import WIDTH, Drawing, bar, cross, cut, dot, line, text

_ROW = 17.0
_TOP, _TOP_UPRIGHT, _BARS = 34.0, 54.0, 96.0
_LABEL = 9.0
_LETTERS = 12


def draw_histories(given: Contents) -> Drawing | None:
    """Bars of people per history over dots that say which lists it holds; None if none is shown."""
    shown = given.printed.histories
    if not shown:
        return None
    lists = given.est.table.lists
    name_room = 10 + 6.2 * max(len(cut(name, _LETTERS)) for name in lists)
    step = (WIDTH - name_room - 6) / max(len(shown), 6)
    labels = [given.count(count) for _, _, count in shown]
    upright = max(0.6 * _LABEL * len(each) for each in labels) > step
    base = (_TOP_UPRIGHT if upright else _TOP) + _BARS
    parts = [text(0, 12, given.words("picture_histories_axis", people=given.people), css="faint")]
    rows = {name: base + 16 + _ROW * at for at, name in enumerate(lists)}
    for at, name in enumerate(lists):
        if at % 2 == 0:
            parts.append(bar(0, rows[name] - _ROW / 2, WIDTH, _ROW, "stripe"))
        parts.append(text(2, rows[name] + 4, cut(name, _LETTERS)))
    parts.append(line(name_room, base, WIDTH, base, "rule"))
    largest = max(count.high for _, _, count in shown)
    for at, (on, away, count) in enumerate(shown):
        x = name_room + step * (at + 0.5)
        middle = count.value if count.value is not None else (count.low + count.high) / 2
        height = _BARS * _share(middle, largest)
        css = "alone" if len(on) == 1 else "together"
        parts.append(bar(x - 0.36 * step, base - height, 0.72 * step, height, css))
        parts.append(_label(x, base - height - 3, labels[at], upright=upright))
        parts += _dots(x, on, away, rows, step)
    return Drawing("".join(parts), (WIDTH, base + 10 + _ROW * len(lists)))


def _share(people: float, largest: float) -> float:
    """Height of a bar: a log scale that begins at one person."""
    return math.log1p(people) / math.log1p(largest) if largest > 0 else 0.0


def _label(x: float, y: float, words: str, *, upright: bool) -> str:
    if not upright:
        return text(x, y, words, anchor="middle", size=_LABEL)
    turned = f'<g transform="rotate(-90 {x + 3:.1f} {y:.1f})">'
    return f"{turned}{text(x + 3, y, words, size=_LABEL)}</g>"


def _dots(
    x: float, on: tuple[str, ...], away: tuple[str, ...], rows: dict[str, float], step: float
) -> list[str]:
    radius = min(4.5, 0.36 * step)
    parts = []
    for name, y in rows.items():
        if name in away:
            parts.append(cross(x, y, radius, "rule"))
        else:
            parts.append(dot(x, y, radius, "mark" if name in on else "pale"))
    marked = [rows[name] for name in on]
    parts.insert(0, line(x, min(marked), x, max(marked), "rule-strong", 1.6))
    return parts

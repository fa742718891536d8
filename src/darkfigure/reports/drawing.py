"""Pieces of drawings in SVG: text, lines and marks, with the colours of the page's classes."""

import html
import math
from dataclasses import dataclass

WIDTH = 360.0
"""Units across a drawing: on a narrow phone one unit is about a pixel."""


@dataclass(frozen=True)
class Drawing:
    """The inside of an `<svg>` element, and its size."""

    svg: str
    size: tuple[float, float]


def text(
    x: float, y: float, words: str, *, css: str = "", anchor: str = "start", size: float = 11
) -> str:
    """Words that begin, are centred or end at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{css or "ink"}" text-anchor="{anchor}" '
        f'font-size="{size:g}">{html.escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, css: str, width: float = 1.0) -> str:
    """A straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}" '
        f'stroke-width="{width:g}"/>'
    )


def bar(x: float, y: float, width: float, height: float, css: str) -> str:
    """A filled rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
        f'class="{css}"/>'
    )


def dot(x: float, y: float, radius: float, css: str) -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{css}"/>'


def cross(x: float, y: float, half: float, css: str) -> str:
    """A diagonal cross."""
    return line(x - half, y - half, x + half, y + half, css) + line(
        x - half, y + half, x + half, y - half, css
    )


def cut(words: str, letters: int) -> str:
    """Words shortened to so many letters."""
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


@dataclass(frozen=True)
class LogScale:
    """Numbers on a log scale between two places of the drawing."""

    low: float
    high: float
    left: float
    right: float

    def at(self, number: float) -> float:
        """The place of a number, kept inside the drawing."""
        inside = min(max(number, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.left + share * (self.right - self.left)

    def ticks(self) -> list[float]:
        """Three to six round numbers."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found: list[float] = []
        for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)):
            found = [
                step * 10.0**decade
                for decade in decades
                for step in steps
                if self.low <= step * 10.0**decade <= self.high
            ]
            if len(found) >= 3:
                break
        if len(found) < 3:
            return _even_steps(self.low, self.high)
        return found[:: math.ceil(len(found) / 6)]


def _even_steps(low: float, high: float) -> list[float]:
    step = 10.0 ** math.floor(math.log10(high - low))
    for part in (step / 5, step / 2, step, 2 * step):
        first = math.ceil(low / part)
        found = [part * at for at in range(first, math.floor(high / part) + 1)]
        if len(found) <= 5:
            return found
    return found

"""What a page is made of, whatever it is written in: sections of text, facts, tables, pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["none", "range", "figure"]
"""Of the verdict: no estimate, a range only, or a figure with its interval."""


@dataclass(frozen=True)
class Text:
    """A paragraph; `quiet` ones are set smaller."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Labels, each with what is to be said of it."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Points:
    """A list of items: what holds, and a second sentence below it (or none)."""

    items: Sequence[tuple[str, str]]
    second: str = ""
    """A few words in front of every second sentence."""


@dataclass(frozen=True)
class Grid:
    """A table; the first cell of every row says what the row is.

    Attributes
    ----------
    caption : str
    head : sequence of str
    rows : sequence of sequences of str
    numbers : sequence of bool
        Which columns hold numbers.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]


@dataclass(frozen=True)
class Code:
    """Text to be pasted into a script."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A drawing, with what it shows in words.

    Attributes
    ----------
    name : str
        Unique on the page.
    title : str
    svg : str
        What stands inside the `<svg>` element, escaped.
    size : tuple of float
        Width and height of the drawing.
    alt : str
        The same in words.
    note : str
    """

    name: str
    title: str
    svg: str
    size: tuple[float, float]
    alt: str
    note: str = ""


type Block = Text | Heading | Facts | Points | Grid | Code | Picture


@dataclass(frozen=True)
class Section:
    """A part of the page: its blocks, and the same as plain values for JSON."""

    name: str
    title: str
    blocks: Sequence[Block]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A whole report.

    Attributes
    ----------
    language : str
    title : str
    level : {"none", "range", "figure"}
    verdict : str
        The verdict in a sentence.
    reasons : sequence of str
    sections : sequence of Section
        The answer first.
    made_by : str
    skip, contents, verdict_head, why, rule_head, rule : str
        Words of the page itself.
    """

    language: str
    title: str
    level: Level
    verdict: str
    reasons: Sequence[str]
    sections: Sequence[Section]
    made_by: str
    skip: str
    contents: str
    verdict_head: str
    why: str
    rule_head: str
    rule: str

"""A report as Markdown: the same words and tables, pictures in words."""

import re
from collections.abc import Iterator, Sequence

from darkfigure.reports.blocks import Block, Code, Facts, Grid, Heading, Page, Picture, Points, Text

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def as_markdown(page: Page) -> str:
    """The page as text with headings, lists and tables."""
    lines = [f"# {escaped(page.title)}", ""]
    lines += [f"**{escaped(page.verdict_head)}: {escaped(page.verdict)}**", ""]
    if page.reasons:
        lines += [escaped(page.why), "", *(f"- {escaped(each)}" for each in page.reasons), ""]
    lines += [f"*{escaped(page.rule_head)}:* {escaped(page.rule)}", ""]
    for section in page.sections:
        lines += [f"## {escaped(section.title)}", ""]
        for block in section.blocks:
            lines += [*_lines(block), ""]
    return "\n".join([*lines, escaped(page.made_by), ""])


def escaped(text: str) -> str:
    """Text in which nothing is taken for a mark of Markdown or HTML."""
    flat = " ".join(text.split())
    return _MARKS.sub(r"\\\1", flat.replace("&", "&amp;"))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Text(text):
            yield escaped(text)
        case Heading(text):
            yield f"### {escaped(text)}"
        case Facts(rows):
            yield from (f"- **{escaped(label)}**: {escaped(text)}" for label, text in rows)
        case Points(items, second):
            for first, after in items:
                yield f"- {escaped(first)}"
                if after:
                    yield f"  {f'*{escaped(second)}* ' if second else ''}{escaped(after)}"
        case Grid():
            yield from _grid(block)
        case Code(text):
            yield from _code(text)
        case Picture():
            yield f"*{escaped(block.title)}.* {escaped(block.alt)}"
            if block.note:
                yield f"\n{escaped(block.note)}"


def _grid(grid: Grid) -> Iterator[str]:
    yield f"**{escaped(grid.caption)}**"
    yield ""
    yield _row(grid.head)
    yield _row(["---:" if number else ":---" for number in grid.numbers], raw=True)
    yield from (_row(row) for row in grid.rows)


def _row(cells: Sequence[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else escaped(cell) for cell in cells)} |"


def _code(text: str) -> Iterator[str]:
    """A fenced block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (fence, text, fence)

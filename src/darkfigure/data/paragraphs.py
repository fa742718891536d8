"""A headline and labelled facts, as wrapped text or as HTML: the printed form of a result."""

import html
import textwrap
from collections.abc import Iterable

_WIDTH = 100
_LABEL = 10


def paragraph(label: str, text: str) -> list[str]:
    """Lines of one fact: the label, then the text in a column of its own."""
    first = f"  {label:<{_LABEL - 2}} "
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
        break_long_words=False,
    )


def as_html_table(headline: str, facts: Iterable[tuple[str, str]], css_class: str) -> str:
    """The headline in bold over a table of the facts."""
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(label)}</th>"
        f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
        for label, text in facts
    )
    return (
        f"<div class='{css_class}'><p><strong>{html.escape(headline)}</strong></p>"
        f"<table><tbody>{rows}</tbody></table></div>"
    )

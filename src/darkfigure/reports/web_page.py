"""A report as one HTML page that needs nothing else: no network, no scripts."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from darkfigure.reports.blocks import Block, Page, Picture

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


def as_html(page: Page) -> str:
    """Fill in the template; whatever comes from users is escaped there."""
    from markupsafe import Markup

    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    template = _environment().get_template("page.html.jinja")
    return template.render(page=page, style=Markup(style), kind_of=_kind_of, drawn=_drawn)  # noqa: S704 (our own file)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def _kind_of(block: Block) -> str:
    return type(block).__name__


def _drawn(picture: Picture) -> "Markup":
    """A drawing, whose texts are escaped where it is made."""
    from markupsafe import Markup

    return Markup(picture.svg)  # noqa: S704 (drawing.text escapes)

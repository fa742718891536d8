"""Formulas as MathML, which browsers show without a script from the network."""

import html
import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def as_mathml(node: nodes.math | nodes.math_block) -> str:
    """Convert one formula; one that cannot be converted is a warning, and so an error."""
    tex = node.astext()
    try:
        found = tex2mathml(tex, as_block=isinstance(node, nodes.math_block))
    except MathError as error:
        logger.warning("this formula cannot be shown: %s: %s", tex, error, location=node)
        return f"<code>{html.escape(tex)}</code>"
    return re.sub(r">\s+<", "><", found)  # indentation between elements would show as gaps


def visit_math(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(as_mathml(node))
    raise nodes.SkipNode


def visit_math_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{as_mathml(node)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Make this the renderer that `html_math_renderer = "mathml"` names."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Formulas as MathML, which browsers show without a script from the network."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

TYPESETTING = (
    # names of functions stand off what they are applied to without brackets
    (r"<mi>(log|exp)</mi>(?=<m(?!o))", r'<mi>\1</mi><mspace width="0.17em"/>'),
    # symbols that are no operators need no room
    (r"<mo>(&#x02205;|&#x0221E;)</mo>", r"<mi>\1</mi>"),
    (r"<mo([^>]*)>(&#x0007C;)</mo>", r'<mo lspace="0" rspace="0"\1>\2</mo>'),
    # relations do
    (r"<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
    # capital Greek is upright
    (r"<mi>(&#x00393;)</mi>", r'<mi mathvariant="normal">\1</mi>'),
)
"""What the conversion leaves to be put right: pattern and replacement."""


def as_mathml(node: nodes.math | nodes.math_block) -> str:
    """Convert one formula; a command that is not known is a warning, and so an error."""
    block = isinstance(node, nodes.math_block)
    source = re.sub(r"\\text\{[^{}]*\}", lambda words: words[0].replace(r"\_", "_"), node.astext())
    found = convert(source, display="block" if block else "inline")
    found = re.sub(r"(?<=<mtext>).*?(?=</mtext>)", _without_tags, found)
    if "\\" in found:
        logger.warning("this formula cannot be shown: %s", node.astext(), location=node)
    for pattern, replacement in TYPESETTING:
        found = re.sub(pattern, replacement, found)
    return found


def _without_tags(words: re.Match[str]) -> str:
    """Words such as <shared>, which PyMC writes of data, are no tag."""
    return words[0].replace("<", "&lt;").replace(">", "&gt;")


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

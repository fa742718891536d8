"""How the site is built: Sphinx with MyST-NB, nothing fetched from the network."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
os.environ["COLUMNS"] = "100"  # the width of what the command line prints

import from_code  # noqa: E402

import darkfigure  # noqa: E402

project = "darkfigure"
author = "The darkfigure developers"
version = release = darkfigure.__version__
html_title = f"darkfigure {version}"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml"]
exclude_patterns = ["_build", "generated/*", "**/.ipynb_checkpoints"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
default_role = "py:obj"

# pages run their code at every build; notebooks show the outputs they are kept with
nb_execution_mode = "force"
nb_execution_excludepatterns = ["notebooks/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js = {}
nb_merge_streams = True
nb_mime_priority_overrides = [("*", "text/html", 0)]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style"), ("Class facts", "params_style")]

# of names that cannot be found, only our own are mistakes: other projects are not looked up
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!darkfigure\.).*")]

html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False

from_code.write_pages(HERE)


def keep_first_line(app, what, name, obj, options, lines) -> None:
    """Keep napoleon from reading what stands before a colon as the type of a property."""
    if what == "property":
        lines[:0] = ["..", ""]  # an empty comment


def setup(app) -> None:
    app.connect("autodoc-process-docstring", keep_first_line, priority=100)

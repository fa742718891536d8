"""The command line: `darkfigure COMMAND`; `darkfigure --help` lists the commands."""

from darkfigure.cli.program import main as main

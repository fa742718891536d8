"""The command line: `darkfigure estimate | compare | sensitivity | describe | datasets`."""

from darkfigure.cli.program import main as main

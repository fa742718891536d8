"""The command line: `darkfigure estimate | compare | sensitivity | check | describe | datasets`."""

from darkfigure.cli.program import main as main

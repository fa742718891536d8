"""The command line as a module: `python -m darkfigure.cli`."""

import sys

from darkfigure.cli.program import main

sys.exit(main())

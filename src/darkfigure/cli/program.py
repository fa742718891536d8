"""The program: run one command, print its answer or what is wrong with the input."""

import io
import sys
import warnings
from collections.abc import Sequence

from darkfigure.cli.options import command_parser
from darkfigure.cli.progress_bar import progress_bar
from darkfigure.errors import DarkfigureError, DataWarning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, or 2 where the input cannot be used."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack a sign such as ∞
            stream.reconfigure(errors="backslashreplace")
    options = command_parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # printed with the answer, as cautions
        try:
            with progress_bar():
                text = options.run(options)
        except DarkfigureError as error:
            print(f"darkfigure: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("darkfigure: stopped", file=sys.stderr)
            return 130
    try:
        print(text, flush=True)
    except BrokenPipeError:  # the reader of a pipe has had enough
        sys.stderr.close()
    return 0

"""Commands whose answer has text, JSON and a picture: the options they share, and its writing."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

type Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"
type AddCommand = Callable[
    [Commands, str, str, str, Callable[[argparse.Namespace], str]], argparse.ArgumentParser
]


class Found(Protocol):
    """What such a command finds."""

    def text(self) -> str:
        """Say it in print."""
        ...

    def to_json(self) -> str:
        """Every number."""
        ...

    def plot(self) -> "Figure":
        """Draw it."""
        ...


def add_sampling(parser: argparse.ArgumentParser, draws: int = 4000) -> None:
    """Add --draws and --seed."""
    parser.add_argument(
        "--draws", type=int, default=draws, help=f"number of draws (default: {draws})"
    )
    parser.add_argument("--seed", type=int, help="for the same answer again")


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add --json and --plot."""
    parser.add_argument("--json", metavar="FILE", help="write every number as JSON")
    parser.add_argument("--plot", metavar="FILE", help="write a picture (png, pdf, svg)")


def written(options: argparse.Namespace, found: Found) -> str:
    """The answer in print, and in the files asked for."""
    text = found.text()
    figure = None if options.plot is None else found.plot()
    if options.json is not None:
        Path(options.json).write_text(found.to_json() + "\n", encoding="utf-8")
    if figure is not None:
        figure.savefig(options.plot, dpi=150)
    return text

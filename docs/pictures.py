"""Draw the pictures of the README; `make pictures` writes them to docs/_static."""

from pathlib import Path

import darkfigure as dk

HERE = Path(__file__).parent / "_static"


def main() -> None:
    """Write dutch.png: five Dutch lists, two answers."""
    est = dk.estimate("netherlands_five_lists", dk.DecomposableGraphs(), seed=1)
    figure = est.plot()
    figure.savefig(HERE / "dutch.png", dpi=130)


if __name__ == "__main__":
    main()

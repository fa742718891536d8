"""What the slow checks found, kept for the documentation."""

from pathlib import Path

import numpy as np
import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--keep-calibration",
        metavar="FOLDER",
        help="write what the calibration checks found into this folder, a file per check",
    )


@pytest.fixture
def keep(request):
    """Keep a line of results under the name of the check."""
    folder = request.config.getoption("--keep-calibration")

    def write(line, ranks=None):
        """Keep the line and, of a simulation-based calibration, the ranks in twenty bins."""
        if folder is None:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = request.node.name.replace("[", "-").strip("]")
        lines = [line]
        if ranks is not None:
            counts, _ = np.histogram(ranks, bins=20, range=(0, 1))
            lines.append("ranks: " + " ".join(map(str, counts)))
        (Path(folder) / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    return write

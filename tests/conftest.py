"""What the slow checks found, kept for the documentation."""

from pathlib import Path

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

    def write(line):
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            name = request.node.name.replace("[", "-").strip("]")
            (Path(folder) / f"{name}.txt").write_text(line + "\n", encoding="utf-8")

    return write

"""Estimate the populations of known size that `dk.calibrate` learns from: data/calibration.

    python benchmarks/calibration_reference.py [MODEL ...]

Every list of a public table with four lists or more is a population of known size.
"""

import re
import sys
import warnings
from pathlib import Path

import darkfigure as dk
from darkfigure.calls import read_model, write_call

MODELS = (
    "BayesianLogLinear()",
    "BayesianLogLinear(order=2)",
    "DecomposableGraphs()",
    'LogLinear(select="average")',
    'LogLinear(select="average", n="cells")',
    "LogLinear()",
    "LatentClass()",
)
FOLDER = Path(__file__).parents[1] / "data" / "calibration"


def file_of(model: dk.Model) -> Path:
    """LogLinear(select='average') is kept in loglinear_select_average.csv."""
    words = re.findall(r"[a-z0-9.]+", write_call(model).lower())
    return FOLDER / f"{'_'.join(words)}.csv"


def main() -> int:
    warnings.simplefilter("ignore", dk.DataWarning)
    FOLDER.mkdir(exist_ok=True)
    for text in sys.argv[1:] or MODELS:
        model = read_model(text)
        print(f"estimating with {text} ...", file=sys.stderr)
        print(dk.make_reference(model, file_of(model)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

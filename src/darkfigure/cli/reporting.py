"""The report on the command line: of a saved estimate, or of data that are estimated first."""

import argparse
from pathlib import Path

from darkfigure.cli.asked import calibrated_if_asked, estimate_asked
from darkfigure.cli.checks import tables_excluded
from darkfigure.cli.findings import add_findings, check_findings, findings_asked
from darkfigure.errors import SettingsError
from darkfigure.reports.writing import check_report_file, write_page
from darkfigure.results.estimate import Estimate, check_prob
from darkfigure.results.storage import open as open_estimate

_OF_DATA = (
    "lists",
    "count",
    "by",
    "year",
    "threshold",
    "rounding",
    "zeros",
    "omitted",
    "blank",
    "inactive",
    "impossible",
    "model",
    "seed",
    "strata",
    "prior",
)
"""Options that say how data are read and estimated."""


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """How a report is written."""
    parser.add_argument("--language", choices=("en", "nl"), help="of the report (default: en)")
    parser.add_argument(
        "--disclose",
        action="store_true",
        help="print every count in the report; by default small ones are hidden",
    )
    parser.add_argument(
        "--small",
        type=int,
        metavar="N",
        help="counts of people below N are hidden in the report (default: 5)",
    )
    add_findings(parser)


def run_report(options: argparse.Namespace) -> str:
    """Write the report; say where, and the verdict it gives."""
    check_prob(options.prob)
    file = Path(options.page)
    check_report_file(file)
    check_findings(options)
    tables_excluded(options)
    est = calibrated_if_asked(options, _estimate_of(options))
    said = write_report(
        options, est, file, compare=options.compare, sensitivity=options.sensitivity
    )
    return f"{est.text(prob=options.prob)}\n\n{said}"


def write_report(
    options: argparse.Namespace,
    est: Estimate,
    file: Path,
    *,
    compare: bool = False,
    sensitivity: bool = False,
) -> str:
    """Write the report that the options ask for; say its verdict, and where it is."""
    page = write_page(
        est,
        file,
        language=options.language or "en",
        disclose=options.disclose,
        threshold=5 if options.small is None else options.small,
        compare=compare,
        sensitivity=sensitivity,
        prob=options.prob,
        **findings_asked(options, est),
    )
    return f"{page.verdict_head.lower()}: {page.verdict}\nreport: {file}"


def _estimate_of(options: argparse.Namespace) -> Estimate:
    """The estimate saved, or one from data."""
    path = Path(options.data)
    if path.suffix == ".nc":
        given = [name for name in _OF_DATA if getattr(options, name) is not None]
        if given:
            raise SettingsError(
                f"--{given[0]} cannot stand with a saved estimate, which is reported as it is.",
                "leave it out, or name the data instead of the .nc file.",
            )
        return open_estimate(path)
    return estimate_asked(options)

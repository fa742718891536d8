"""What can be said on the command line: each command and its options."""

import argparse
from collections.abc import Callable
from typing import get_args

from darkfigure.cli.believing import add_believing
from darkfigure.cli.checking import run_check
from darkfigure.cli.commands import (
    run_compare,
    run_datasets,
    run_describe,
    run_estimate,
    run_sensitivity,
)
from darkfigure.cli.found import add_files, add_sampling
from darkfigure.cli.linking import add_linking
from darkfigure.cli.reporting import add_report_options, run_report
from darkfigure.contract import registered
from darkfigure.literals import CheckName, Omitted, Zeros
from darkfigure.trust.checking import CELLS, DRAWS, STEPS
from darkfigure.version import __version__

_EXAMPLE = """examples:
  darkfigure estimate netherlands
  darkfigure estimate cells.csv --lists police,shelter,inspectorate --count people --seed 1
  darkfigure estimate uk --model "LogLinear(order=2)" --plot uk.png
  darkfigure report netherlands page.html --language nl --check --claim 30000 --per year
  darkfigure compare kosovo --model BayesianLogLinear --model LogLinear
  darkfigure sensitivity kosovo --model LatentClass
  darkfigure claim netherlands 30000 --per year
  darkfigure missed-links kosovo --total 8000
  darkfigure check kosovo --plot kosovo.png
  darkfigure estimate cells.csv --by sex --year year --threshold 5
  darkfigure describe published.csv --by year --threshold 5 --inactive "FairWork: year=2010-2015"
"""


def command_parser() -> argparse.ArgumentParser:
    """The commands, their options, and what each runs."""
    parser = argparse.ArgumentParser(
        prog="darkfigure",
        description="How many people did the registers miss?",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"darkfigure {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_estimate(commands)
    _add_compare(commands)
    _add_sensitivity(commands)
    _add_check(commands)
    add_believing(commands, _add_command)
    add_linking(commands, _add_command)
    _add_report(commands)
    _add_describe(commands)
    listing = commands.add_parser("datasets", help="the published tables that come along")
    listing.set_defaults(run=run_datasets)
    return parser


def _add_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    about: str,
    example: str,
    run: Callable[[argparse.Namespace], str],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", metavar="FILE_OR_NAME", help="a file, or a dataset's name")
    parser.add_argument("--lists", help="the list columns, separated by commas")
    parser.add_argument(
        "--count", help="the column of counts (default: count); none: each row is a person"
    )
    parser.add_argument(
        "--by", action="append", help="stratum columns, separated by commas; may be repeated"
    )
    parser.add_argument(
        "--year",
        metavar="NAME",
        help="the stratum column of the years: totals by year, and how probably they rise",
    )
    _add_gaps(parser)
    parser.set_defaults(run=run)
    return parser


def _add_gaps(parser: argparse.ArgumentParser) -> None:
    """Options for what a file does not say: suppressed, rounded and missing cells."""
    parser.add_argument(
        "--threshold", type=int, metavar="N", help="counts below N were suppressed in the file"
    )
    parser.add_argument(
        "--rounding", metavar="BASE", help='counts were rounded: 5, "down to 10" or "up to 10"'
    )
    parser.add_argument(
        "--zeros",
        choices=get_args(Zeros),
        help="whether cells of nobody were suppressed too (default) or shown as 0",
    )
    parser.add_argument(
        "--omitted",
        choices=get_args(Omitted),
        help="what histories left out are, where --threshold or --rounding is given: suppressed "
        "(default) or zero",
    )
    parser.add_argument(
        "--blank", choices=("inactive", "0"), help="a blank under a list: not at work, or not on it"
    )
    parser.add_argument(
        "--inactive",
        action="append",
        metavar="WHERE",
        help='a list that was not at work everywhere: "FairWork: year=2010-2015"; may be repeated',
    )
    parser.add_argument(
        "--impossible",
        action="append",
        metavar="A,B",
        help="two lists that no one can be on together; may be repeated",
    )


def _add_estimating(parser: argparse.ArgumentParser, draws: int = 4000) -> None:
    parser.add_argument("--prob", type=float, default=0.95, help="of the interval (default: 0.95)")
    add_sampling(parser, draws)
    parser.add_argument(
        "--strata", choices=("joint", "separate", "pooled"), help="how --by is used"
    )


def _add_fitting(parser: argparse.ArgumentParser, draws: int = 4000) -> None:
    _add_estimating(parser, draws)
    add_files(parser)


def _add_estimate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "estimate",
        "How many people there are, seen and unseen.",
        'darkfigure estimate uk --model "LogLinear(order=2)" --seed 1 --json uk.json --plot uk.png',
        run_estimate,
    )
    names = ", ".join(registered())
    parser.add_argument(
        "--model", help=f"settings as in Python; models: {names} (default: what suits the table)"
    )
    _add_fitting(parser)
    parser.add_argument(
        "--plot-trend", metavar="FILE", help="the totals by year as a picture, with --year"
    )
    parser.add_argument(
        "--models", type=int, metavar="N", help="also print the N best of the candidate models"
    )
    parser.add_argument(
        "--plot-models", metavar="FILE", help="every model's total against its criterion"
    )
    parser.add_argument("--save", metavar="FILE", help="keep the estimate (dk.open)")
    parser.add_argument(
        "--prior", help='on the population, swapped in afterwards: "Between(5_000, 7_500, 0.9)"'
    )
    _add_calibrate(parser)
    parser.add_argument(
        "--ppc", action="store_true", help="also print observed overlaps beside predicted ones"
    )
    parser.add_argument("--plot-ppc", metavar="FILE", help="the same as a picture")
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write a report (html, md, json): what it says and rests on",
    )
    add_report_options(parser)
    parser.add_argument(
        "--before",
        action="store_true",
        help="also print what the model says before looking at the overlaps",
    )


def _add_calibrate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="correct the answer on populations of known size, and print both intervals",
    )
    parser.add_argument(
        "--exclude",
        metavar="TABLES",
        help="with --calibrate: public tables not to learn from, between commas",
    )


def _add_sensitivity(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "sensitivity",
        "One model under other settings of its prior, side by side.",
        "darkfigure sensitivity uk_five_lists --model DecomposableGraphs --seed 1",
        run_sensitivity,
    )
    parser.add_argument("--model", help="settings as in Python (default: what suits the table)")
    _add_fitting(parser)


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "check",
        "An answer against what is known, and against changes that should not matter.",
        'darkfigure check uk --model "LogLinear(order=2)" --checks internal,merge --plot uk.png',
        run_check,
    )
    parser.add_argument("--model", help="settings as in Python (default: what suits the table)")
    parser.add_argument(
        "--checks", help=f"some only, separated by commas: {', '.join(get_args(CheckName))}"
    )
    parser.add_argument(
        "--steps", type=int, default=STEPS, help=f"as people accrue (default: {STEPS})"
    )
    parser.add_argument(
        "--cells", type=int, default=CELLS, help=f"lowered at most (default: {CELLS})"
    )
    parser.add_argument("--workers", type=int, help="at once (default: one per core)")
    parser.add_argument("--no-cache", action="store_true", help="keep no answers, and use none")
    parser.add_argument("--rows", action="store_true", help="also print every case")
    _add_fitting(parser, DRAWS)


def _add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "compare",
        "Several models on one table, side by side.",
        "darkfigure compare kosovo --model DecomposableGraphs --model LogLinear --plot forest.png",
        run_compare,
    )
    parser.add_argument(
        "--model", action="append", help="once per model (default: all that suit the table)"
    )
    _add_fitting(parser)


def _add_report(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "report",
        "What an estimate says and rests on, and whether to publish it: a page to hand on.",
        "darkfigure report netherlands page.html --claim 30000 --per year --identify --bounds 1,5",
        run_report,
    )
    parser.add_argument("page", metavar="PAGE", help="the file to write: html, md or json")
    parser.add_argument("--model", help="settings as in Python (default: what suits the table)")
    parser.add_argument("--prior", help="on the population, swapped in after the fit")
    _add_estimating(parser)
    _add_calibrate(parser)
    parser.add_argument(
        "--compare", action="store_true", help="also run the other models that suit the table"
    )
    parser.add_argument(
        "--sensitivity", action="store_true", help="also run the model under other priors"
    )
    add_report_options(parser)


def _add_describe(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "describe",
        "What a table holds: lists, overlaps, and the models that suit it.",
        "darkfigure describe netherlands",
        run_describe,
    )
    parser.add_argument("--plot", metavar="FILE", help="write an UpSet plot")

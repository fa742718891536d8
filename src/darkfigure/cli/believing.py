"""Commands on what must be believed: claim, identify, bounds; their options, and what each runs."""

import argparse
from typing import get_args

from darkfigure.calls import read_model
from darkfigure.cli.captures import table_of
from darkfigure.cli.figures import number_of_people, range_between
from darkfigure.cli.files import check_outputs
from darkfigure.cli.found import AddCommand, Commands, add_files, add_sampling, written
from darkfigure.literals import Among, LinksAnswer, Per
from darkfigure.results.estimate import check_prob
from darkfigure.trust.bounds import bounds
from darkfigure.trust.claim import claim
from darkfigure.trust.identify import identify


def add_believing(commands: Commands, add_command: AddCommand) -> None:
    """Add the three commands."""
    parser = add_command(
        commands,
        "claim",
        "What would have to be true for a figure.",
        "darkfigure claim netherlands 30000 6250 --per year --plot claims.png",
        run_claim,
    )
    parser.add_argument("totals", metavar="TOTAL", nargs="+", help="a figure that is claimed")
    parser.add_argument(
        "--per", choices=get_args(Per), help="what the figures are for (default: the whole period)"
    )
    parser.add_argument("--model", help="for the estimate the claims are set against")
    parser.add_argument(
        "--links",
        choices=get_args(LinksAnswer),
        help="how the share of missed links is found (default: exact on up to four lists)",
    )
    add_sampling(parser)
    _add_output(parser)
    parser = add_command(
        commands,
        "identify",
        "Every assumption that reaches the unseen, side by side.",
        "darkfigure identify kosovo --plot assumptions.png",
        run_identify,
    )
    parser.add_argument(
        "--model", action="append", help="once per model (default: LogLinear, DecomposableGraphs)"
    )
    parser.add_argument(
        "--occasions",
        action="store_true",
        help="the lists are occasions of one search, such as trapping days, in this order",
    )
    add_sampling(parser)
    _add_output(parser)
    parser = add_command(
        commands,
        "bounds",
        "The totals that agree with a range of odds ratios between lists.",
        "darkfigure bounds kosovo --odds-ratios 1,5",
        run_bounds,
    )
    parser.add_argument("--odds-ratios", metavar="LOW,HIGH", help="of every two lists")
    parser.add_argument("--xi", metavar="LOW,HIGH", help="of all lists at once")
    parser.add_argument(
        "--among", choices=get_args(Among), default="everyone", help="whom the odds ratios concern"
    )
    _add_output(parser)


def run_claim(options: argparse.Namespace) -> str:
    """What would have to be true for the figures."""
    check_prob(options.prob)
    totals = [
        number_of_people(text, "is claimed", "darkfigure claim kosovo 30000")
        for text in options.totals
    ]
    model = None if options.model is None else read_model(options.model)
    check_outputs(options)
    found = claim(
        table_of(options),
        totals,
        per=options.per,
        model=model,
        prob=options.prob,
        seed=options.seed,
        draws=options.draws,
        links=options.links,
    )
    return written(options, found)


def run_identify(options: argparse.Namespace) -> str:
    """Every identifying assumption."""
    check_prob(options.prob)
    models = None if options.model is None else [read_model(text) for text in options.model]
    check_outputs(options)
    table = table_of(options)
    if options.occasions:
        table = table.with_about(occasions=True)
    found = identify(
        table, models=models, prob=options.prob, seed=options.seed, draws=options.draws
    )
    return written(options, found)


def run_bounds(options: argparse.Namespace) -> str:
    """The totals that agree with ranges."""
    check_prob(options.prob)
    ranges = {
        name: range_between(option, getattr(options, name))
        for name, option in (("odds_ratios", "--odds-ratios"), ("xi", "--xi"))
        if getattr(options, name) is not None
    }
    check_outputs(options)
    found = bounds(table_of(options), among=options.among, prob=options.prob, **ranges)
    return written(options, found)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prob", type=float, default=0.95, help="of intervals (default: 0.95)")
    add_files(parser)

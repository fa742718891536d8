"""Commands on errors of linkage and people outside: missed-links, trimming."""

import argparse

from darkfigure.calls import read_model
from darkfigure.cli.captures import is_dataset, names_in, table_of
from darkfigure.cli.figures import number_of_people
from darkfigure.cli.files import check_outputs
from darkfigure.cli.found import AddCommand, Commands, add_files, add_sampling, written
from darkfigure.errors import SettingsError
from darkfigure.trust.missed_links import missed_links
from darkfigure.trust.trimming import trimming


def add_linking(commands: Commands, add_command: AddCommand) -> None:
    """Add the two commands."""
    parser = add_command(
        commands,
        "missed-links",
        "How many missed links between lists would make the total another.",
        "darkfigure missed-links kosovo --total 8000 --plot links.png",
        run_missed_links,
    )
    parser.add_argument("--total", help="the total asked about")
    parser.add_argument(
        "--factor",
        type=float,
        metavar="SHARE",
        help="the total asked about, as a share of the estimate (default: 0.5)",
    )
    _add_output(parser)
    parser = add_command(
        commands,
        "trimming",
        "What becomes of the total if doubtful records are taken off one list.",
        "darkfigure trimming cells.csv --list register --doubt signs --order none,few",
        run_trimming,
    )
    parser.add_argument("--list", metavar="NAME", help="the list that holds people outside")
    parser.add_argument(
        "--doubt", metavar="NAME", help="the column that says how doubtful a record is"
    )
    parser.add_argument(
        "--order",
        metavar="LEVELS",
        help="its levels as they are trimmed, the most doubtful first, separated by commas",
    )
    _add_output(parser)


def run_missed_links(options: argparse.Namespace) -> str:
    """The share of links that must have been missed."""
    total = (
        None
        if options.total is None
        else number_of_people(options.total, "is asked about", "--total 8000")
    )
    model = None if options.model is None else read_model(options.model)
    check_outputs(options)
    found = missed_links(
        table_of(options),
        model,
        factor=options.factor,
        total=total,
        seed=options.seed,
        draws=options.draws,
    )
    return written(options, found)


def run_trimming(options: argparse.Namespace) -> str:
    """The total at each step of trimming."""
    example = "--list register --doubt signs"
    for name, value in (("--list", options.list), ("--doubt", options.doubt)):
        if value is None:
            raise SettingsError(f"{name} is missing.", example)
    model = None if options.model is None else read_model(options.model)
    check_outputs(options)
    if not is_dataset(options):
        options.by = [*(options.by or ()), options.doubt]
    table = table_of(options)
    found = trimming(
        table,
        options.list,
        by=options.doubt,
        order=_levels(options.order, table.strata.get(options.doubt, ())),
        model=model,
        seed=options.seed,
        draws=options.draws,
    )
    return written(options, found)


def _levels(text: str | None, known: object) -> list[object] | None:
    """Levels as the table has them: 2014 is a number there, if it is one in the file."""
    if text is None:
        return None
    by_name = {str(level): level for level in known}  # type: ignore[attr-defined]
    return [by_name.get(name, name) for name in names_in(text)]


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", help="that of the people on no list (default: as estimate)")
    add_sampling(parser)
    add_files(parser)

"""The command line: `darkfigure estimate | compare | sensitivity | describe | datasets`."""

import argparse
import io
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from darkfigure.calls import read_model, read_prior
from darkfigure.contract import REGISTRY, Model
from darkfigure.data.datasets import datasets
from darkfigure.data.inactive import read_inactive
from darkfigure.data.reading import read
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError, DataWarning, NotEstimable, SettingsError
from darkfigure.literals import Omitted, Zeros
from darkfigure.progress import listening
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate, check_prob
from darkfigure.results.storage import check_writable
from darkfigure.verbs import (
    as_table,
    compare,
    estimate,
    prior_predictive,
    sensitivity,
    suggest,
)
from darkfigure.version import __version__

_EXAMPLE = """examples:
  darkfigure estimate netherlands
  darkfigure estimate cells.csv --lists police,shelter,inspectorate --count people --seed 1
  darkfigure estimate uk --model "LogLinear(order=2)" --plot uk.png
  darkfigure compare kosovo --model BayesianLogLinear --model LogLinear
  darkfigure sensitivity kosovo --model LatentClass
  darkfigure describe published.csv --by year --threshold 5 --inactive "FairWork: year=2010-2015"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0, or 2 where the input cannot be used."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack a sign such as ∞
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # printed with the answer, as cautions
        try:
            with _progress_bar():
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


def _parser() -> argparse.ArgumentParser:
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
    _add_describe(commands)
    listing = commands.add_parser("datasets", help="the published tables that come along")
    listing.set_defaults(run=_run_datasets)
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
    parser.add_argument("--by", help="stratum columns, separated by commas")
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


def _add_fitting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prob", type=float, default=0.95, help="of the interval (default: 0.95)")
    parser.add_argument("--draws", type=int, default=4000, help="number of draws (default: 4000)")
    parser.add_argument("--seed", type=int, help="for the same answer again")
    parser.add_argument(
        "--strata", choices=("joint", "separate", "pooled"), help="how --by is used"
    )
    parser.add_argument("--json", metavar="FILE", help="write every number as JSON")
    parser.add_argument("--plot", metavar="FILE", help="write a picture (png, pdf, svg)")


def _add_estimate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "estimate",
        "How many people there are, seen and unseen.",
        'darkfigure estimate uk --model "LogLinear(order=2)" --seed 1 --json uk.json --plot uk.png',
        _run_estimate,
    )
    names = ", ".join(name for name, cls in REGISTRY.items() if issubclass(cls, Model))
    parser.add_argument(
        "--model", help=f"settings as in Python; models: {names} (default: what suits the table)"
    )
    _add_fitting(parser)
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
    parser.add_argument(
        "--ppc", action="store_true", help="also print observed overlaps beside predicted ones"
    )
    parser.add_argument("--plot-ppc", metavar="FILE", help="the same as a picture")
    parser.add_argument(
        "--before",
        action="store_true",
        help="also print what the model says before looking at the overlaps",
    )


def _add_sensitivity(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "sensitivity",
        "One model under other settings of its prior, side by side.",
        "darkfigure sensitivity uk_five_lists --model DecomposableGraphs --seed 1",
        _run_sensitivity,
    )
    parser.add_argument("--model", help="settings as in Python (default: what suits the table)")
    _add_fitting(parser)


def _add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "compare",
        "Several models on one table, side by side.",
        "darkfigure compare kosovo --model DecomposableGraphs --model LogLinear --plot forest.png",
        _run_compare,
    )
    parser.add_argument(
        "--model", action="append", help="once per model (default: all that suit the table)"
    )
    _add_fitting(parser)


def _add_describe(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add_command(
        commands,
        "describe",
        "What a table holds: lists, overlaps, and the models that suit it.",
        "darkfigure describe netherlands",
        _run_describe,
    )
    parser.add_argument("--plot", metavar="FILE", help="write an UpSet plot")


def _table(options: argparse.Namespace) -> CaptureTable:
    """The captures that the options name."""
    lists = None if options.lists is None else _names(options.lists)
    by = _names(options.by or "")
    gaps = _gaps(options)
    if lists is None and not by and options.count is None and not gaps:
        return as_table(options.data)
    if options.data in set(datasets()["name"]) and not Path(options.data).exists():
        raise SettingsError(
            f"{options.data} is a dataset: its columns are known, and its counts exact.",
            "leave --lists, --count and --by out, and what says how a file was written.",
        )
    if options.count is None:
        return read(options.data, lists=lists, by=by, **gaps)
    names = _names(options.count)
    if names in ([], ["none"], ["None"]):
        return read(options.data, lists=lists, by=by, count=None, **gaps)
    count = names[0] if len(names) == 1 else names
    return read(options.data, lists=lists, by=by, count=count, **gaps)


def _gaps(options: argparse.Namespace) -> dict[str, Any]:
    """What was said of suppressed, rounded and missing cells, as `read` takes it."""
    said = {
        "threshold": options.threshold,
        "rounding": options.rounding,
        "zeros": options.zeros,
        "omitted": options.omitted,
        "blank": 0 if options.blank == "0" else options.blank,
        "inactive": None if options.inactive is None else read_inactive(options.inactive),
        "impossible": None
        if options.impossible is None
        else [_names(pair) for pair in options.impossible],
    }
    return {name: value for name, value in said.items() if value is not None}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _run_estimate(options: argparse.Namespace) -> str:
    check_prob(options.prob)
    model = None if options.model is None else read_model(options.model)
    _check_outputs(options)
    est = estimate(
        _table(options), model, seed=options.seed, draws=options.draws, strata=options.strata
    )
    if options.prior is not None:
        est = est.with_prior(read_prior(options.prior))
    _write_files(options, est)
    if options.plot_ppc is not None:
        est.plot_ppc(prob=options.prob).savefig(options.plot_ppc, dpi=150)
    if options.plot_models is not None:
        est.plot_models().savefig(options.plot_models, dpi=150)
    if options.save is not None:
        est.save(options.save)
    parts = [est.text(prob=options.prob) + _by_level(est, options.prob) + _top(est, options.models)]
    if options.ppc:
        parts.append(est.ppc(options.prob).round(2).to_string())
    if options.before:
        before = prior_predictive(est.model, est.table, seed=est.seed)
        parts.append(before.text(prob=options.prob))
    return "\n\n".join(parts)


def _top(est: Estimate, number: int | None) -> str:
    """The best of the candidate models as a table."""
    if not number or est.models is None:
        return ""
    shown = est.models.head(number).round({"population": 1, "criterion": 3, "weight": 4})
    return f"\n\n{shown.to_string(index=False)}"


def _by_level(est: Estimate, prob: float) -> str:
    if "stratum" not in est.population.dims:
        return ""
    tables = [est.summary(prob, by=name) for name in est.table.strata]
    return "".join(f"\n\n{table.round(0).to_string()}" for table in tables)


def _run_compare(options: argparse.Namespace) -> str:
    check_prob(options.prob)
    models = None if options.model is None else [read_model(text) for text in options.model]
    _check_outputs(options)
    found = compare(
        _table(options), models, seed=options.seed, draws=options.draws, strata=options.strata
    )
    return _side_by_side(options, found)


def _run_sensitivity(options: argparse.Namespace) -> str:
    check_prob(options.prob)
    model = None if options.model is None else read_model(options.model)
    _check_outputs(options)
    found = sensitivity(
        _table(options), model, seed=options.seed, draws=options.draws, strata=options.strata
    )
    return _side_by_side(options, found)


def _side_by_side(options: argparse.Namespace, found: Comparison) -> str:
    """The comparison in print, and in the files asked for."""
    if options.json is not None:
        text = found.to_json(prob=options.prob) + "\n"
        Path(options.json).write_text(text, encoding="utf-8")
    if options.plot is not None:
        found.plot(prob=options.prob).savefig(options.plot, dpi=150)
    return found.text(prob=options.prob)


def _run_describe(options: argparse.Namespace) -> str:
    _check_outputs(options)
    table = _table(options)
    if options.plot is not None:
        table.plot().savefig(options.plot, dpi=150)
    overlap, at_least = table.overlap(), "" if table.is_exact else " (at least)"
    return "\n".join(
        [
            repr(table),
            "",
            table.describe().to_string(),
            "",
            f"people on both lists{at_least} (diagonal: on the list):",
            overlap.to_string(),
            "",
            _models_that_suit(table),
        ]
    )


def _models_that_suit(table: CaptureTable) -> str:
    try:
        found = suggest(table)
    except NotEstimable as error:
        return f"models that suit it: none. {error.problem}\n  {error.hint}"
    models = [f"  {type(each.model).__name__}: {each.reason}" for each in found]
    return "\n".join(["models that suit it, best first:", *models])


def _run_datasets(options: argparse.Namespace) -> str:
    frame = datasets()
    return frame[["name", "kind", "people", "lists", "period", "source"]].to_string(
        index=False, justify="left", max_colwidth=60
    )


def _write_files(options: argparse.Namespace, est: Estimate) -> None:
    if options.json is not None:
        est.to_json(options.json, prob=options.prob)
    if options.plot is not None:
        est.plot(prob=options.prob).savefig(options.plot, dpi=150)


def _check_outputs(options: argparse.Namespace) -> None:
    """Refuse files that cannot be written before the work is done, not after."""
    for name in ("json", "save", "plot", "plot_models", "plot_ppc"):
        text = getattr(options, name, None)
        if text is None:
            continue
        option = "--" + name.replace("_", "-")
        if not text.strip():
            raise SettingsError(f"{option} is empty; expected a file to write.")
        try:
            check_writable(Path(text))
        except SettingsError as error:
            raise SettingsError(f"{option}: {error.problem}", error.hint) from error
        if name.startswith("plot"):
            _check_picture(option, Path(text))


def _check_picture(option: str, path: Path) -> None:
    from matplotlib.backend_bases import FigureCanvasBase

    known = set(FigureCanvasBase.get_supported_filetypes()) - {"pgf"}  # which needs TeX
    if path.suffix.removeprefix(".").lower() not in known:
        found = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise SettingsError(
            f"{option}: {path.name} {found}; expected a picture: {', '.join(sorted(known))}.",
            f"{option} {path.with_suffix('.png')}",
        )


@contextmanager
def _progress_bar() -> Iterator[None]:
    """Show a bar on a terminal once something takes longer than a second."""
    if not sys.stderr.isatty():
        yield
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import Progress, TaskID

    started = monotonic()
    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bars:

        def show(task: str, done: int, total: int) -> None:
            if task not in tasks:
                if total and monotonic() - started < 1:
                    return
                for other in tasks.values():  # one line: the task at hand
                    bars.remove_task(other)
                tasks.clear()
                tasks[task] = bars.add_task(task, total=total or None)
            bars.update(tasks[task], completed=done)

        with listening(show):
            yield


if __name__ == "__main__":
    sys.exit(main())

"""What each command does: call the verb of the same name, and put the answer in words."""

import argparse
from pathlib import Path

from darkfigure.calls import read_model
from darkfigure.cli.asked import calibrated_if_asked, estimate_asked
from darkfigure.cli.captures import table_of
from darkfigure.cli.checks import check_candidates, check_years, tables_excluded
from darkfigure.cli.files import check_outputs, write_files
from darkfigure.cli.findings import check_findings
from darkfigure.cli.printing import candidates, levels, models_that_suit, years_side_by_side
from darkfigure.cli.years import model_over_years, models_over_years
from darkfigure.data.datasets import datasets
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate, check_prob
from darkfigure.verbs import compare, prior_predictive, sensitivity


def run_estimate(options: argparse.Namespace) -> str:
    """How many people there are, in print and in the files asked for."""
    check_prob(options.prob)
    check_candidates(options)
    tables_excluded(options)
    check_findings(options)
    check_outputs(options)
    est = calibrated_if_asked(options, estimate_asked(options))
    text = _in_print(options, est)  # whatever is refused is refused before a file is written
    said = write_files(options, est)
    return f"{text}\n\n{said}" if said else text


def _in_print(options: argparse.Namespace, est: Estimate) -> str:
    """The answer, and what else is to be printed below it."""
    parts = [est.text(prob=options.prob), *levels(est, options.prob, options.year)]
    if options.models is not None:
        parts.append(candidates(est, options.models))
    if options.ppc:
        parts.append(est.ppc(options.prob).round(2).to_string())
    if options.before:
        before = prior_predictive(est.model, est.table, seed=est.seed)
        parts.append(before.text(prob=options.prob))
    return "\n\n".join(parts)


def run_compare(options: argparse.Namespace) -> str:
    """Several models side by side."""
    check_prob(options.prob)
    models = None if options.model is None else [read_model(text) for text in options.model]
    check_years(options)
    check_outputs(options)
    table = table_of(options)
    found = compare(
        table,
        models_over_years(models, table, options.year),
        seed=options.seed,
        draws=options.draws,
        strata=options.strata,
    )
    return _side_by_side(options, found)


def run_sensitivity(options: argparse.Namespace) -> str:
    """One model under other settings of its prior."""
    check_prob(options.prob)
    model = None if options.model is None else read_model(options.model)
    check_years(options)
    check_outputs(options)
    table = table_of(options)
    found = sensitivity(
        table,
        model_over_years(model, table, options.year),
        seed=options.seed,
        draws=options.draws,
        strata=options.strata,
    )
    return _side_by_side(options, found)


def _side_by_side(options: argparse.Namespace, found: Comparison) -> str:
    """The comparison in print, and in the files asked for."""
    if options.json is not None:
        text = found.to_json(prob=options.prob, year=options.year or "year") + "\n"
        Path(options.json).write_text(text, encoding="utf-8")
    if options.plot is not None:
        found.plot(prob=options.prob).savefig(options.plot, dpi=150)
    text = found.text(prob=options.prob)
    if options.year is None:
        return text
    return f"{text}\n\n{years_side_by_side(found, options.prob, options.year)}"


def run_describe(options: argparse.Namespace) -> str:
    """What a table holds."""
    check_outputs(options)
    table = table_of(options)
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
            models_that_suit(table, options.year),
        ]
    )


def run_datasets(options: argparse.Namespace) -> str:
    """The published tables that come along."""
    frame = datasets()
    return frame[["name", "kind", "people", "lists", "period", "source"]].to_string(
        index=False, justify="left", max_colwidth=60
    )

"""The command `check`: the verb of that name, in print and in files."""

import argparse

from darkfigure.calls import read_model
from darkfigure.cli.captures import names_in, table_of
from darkfigure.cli.checks import check_years
from darkfigure.cli.files import check_outputs
from darkfigure.cli.progress_bar import forecast_told
from darkfigure.cli.years import model_over_years
from darkfigure.trust.checking import ALL, check


def run_check(options: argparse.Namespace) -> str:
    """An answer against what is known, and against changes that should not matter."""
    model = None if options.model is None else read_model(options.model)
    check_years(options)
    check_outputs(options)
    table = table_of(options)
    asked = ALL if options.checks is None else names_in(options.checks)
    with forecast_told():
        found = check(
            table,
            model_over_years(model, table, options.year),
            seed=options.seed,
            draws=options.draws,
            prob=options.prob,
            strata=options.strata,
            year=options.year or "year",
            checks=asked,  # type: ignore[arg-type]  # names are checked by the verb
            steps=options.steps,
            cells=options.cells,
            workers=options.workers,
            cache=not options.no_cache,
        )
    if options.plot is not None:
        found.plot().savefig(options.plot, dpi=150)
    if options.json is not None:
        found.to_json(options.json)
    if not options.rows:
        return found.text()
    rows = found.summary().drop(columns=["log_error", "log_change"])
    return f"{found.text()}\n\n{rows.to_string(index=False, float_format='{:,.0f}'.format)}"

"""The estimate that the options ask for."""

import argparse

from darkfigure.calls import read_model
from darkfigure.cli.captures import table_of
from darkfigure.cli.checks import check_years, prior_asked, tables_excluded
from darkfigure.cli.years import model_over_years
from darkfigure.results.estimate import Estimate
from darkfigure.trust.calibrate import calibrate
from darkfigure.verbs import estimate


def estimate_asked(options: argparse.Namespace) -> Estimate:
    """Read the data and the settings, and estimate; a prior is put in afterwards."""
    model = None if options.model is None else read_model(options.model)
    prior = None if options.prior is None else prior_asked(options.prior)
    check_years(options)
    table = table_of(options)
    est = estimate(
        table,
        model_over_years(model, table, options.year),
        seed=options.seed,
        draws=options.draws,
        strata=options.strata,
    )
    return est if prior is None else est.with_prior(prior)


def calibrated_if_asked(options: argparse.Namespace, est: Estimate) -> Estimate:
    """The estimate, corrected on populations of known size where --calibrate says so."""
    return calibrate(est, tables_excluded(options)) if options.calibrate else est

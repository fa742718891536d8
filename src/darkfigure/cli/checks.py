"""Options that cannot be, or not together: refused before the work."""

import argparse

from darkfigure.calls import read_prior
from darkfigure.errors import SettingsError
from darkfigure.prior.population import Prior

_PRIOR = '--prior "Between(5_000, 7_500, 0.9)"'


def prior_asked(text: str) -> Prior:
    """The prior that --prior names."""
    try:
        return read_prior(text)
    except SettingsError as error:
        hint = error.hint or f"write it as in Python: {_PRIOR}."
        raise SettingsError(f"--prior: {error.problem}", hint) from error


def check_years(options: argparse.Namespace) -> None:
    """Refuse years without strata, and the picture of years without years."""
    if options.year is None:
        if getattr(options, "plot_trend", None) is not None:
            raise SettingsError(
                "--plot-trend needs the column of the years.", "say which it is: --year year."
            )
        return
    if not options.year.strip() or "," in options.year:
        raise SettingsError(
            f"--year is {options.year!r}; expected the name of one column.",
            "other stratum columns go to --by: --year year --by sex.",
        )
    if options.strata == "pooled":
        raise SettingsError(
            "--year cannot stand with --strata pooled, which adds the years up.",
            "leave one of the two out.",
        )


def check_candidates(options: argparse.Namespace) -> None:
    """Refuse a number of candidate models below one, and candidates under a prior put in later."""
    if options.models is not None and options.models < 1:
        raise SettingsError(
            f"--models is {options.models}; expected a whole number from 1 up.",
            "--models 5 prints the five best of the candidate models.",
        )
    asked = [
        option
        for option, value in (("--models", options.models), ("--plot-models", options.plot_models))
        if value is not None
    ]
    if asked and options.prior is not None:
        raise SettingsError(
            f"{asked[0]} cannot stand with --prior: a prior that is put in after the fit changes "
            "the weights of the candidate models, which are not worked out again.",
            "make it a setting of the model: --model "
            f'"BayesianLogLinear(prior={options.prior.strip()})".',
        )


def tables_excluded(options: argparse.Namespace) -> tuple[str, ...]:
    """The tables that --exclude names; refused where nothing is calibrated."""
    if options.exclude is None:
        return ()
    if not options.calibrate:
        raise SettingsError(
            "--exclude says what not to learn from, and nothing is learned without --calibrate.",
            "add --calibrate, or leave --exclude out.",
        )
    return tuple(name.strip() for name in options.exclude.split(",") if name.strip())

"""What a report holds beside the estimate: what claim, check, identify and bounds find."""

import argparse
from typing import Any, get_args

from darkfigure.cli.figures import number_of_people, range_between
from darkfigure.cli.progress_bar import forecast_told
from darkfigure.errors import SettingsError
from darkfigure.literals import Among, Per
from darkfigure.results.estimate import Estimate
from darkfigure.trust.bounds import bounds
from darkfigure.trust.checking import check
from darkfigure.trust.claim import claim
from darkfigure.trust.identify import identify


def add_findings(parser: argparse.ArgumentParser) -> None:
    """Options for what the report holds beside the estimate."""
    parser.add_argument(
        "--claim",
        metavar="TOTAL",
        nargs="+",
        action="extend",
        help="in the report: what would have to be true for these figures",
    )
    parser.add_argument(
        "--per", choices=get_args(Per), help="what the figures are for (default: the whole period)"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="in the report: the answer against what is known, and against changes",
    )
    parser.add_argument(
        "--identify",
        action="store_true",
        help="in the report: every assumption that reaches the unseen, side by side",
    )
    parser.add_argument(
        "--bounds",
        metavar="LOW,HIGH",
        nargs="+",
        help="in the report: the totals that agree with odds ratios of every two lists from LOW to "
        "HIGH",
    )
    parser.add_argument(
        "--among",
        choices=get_args(Among),
        help="whom these odds ratios concern (default: everyone)",
    )


def check_findings(options: argparse.Namespace) -> None:
    """Refuse what cannot be before the work is done.

    Raises
    ------
    SettingsError
    """
    _totals(options)
    _range(options)
    for name, other in (("per", "claim"), ("among", "bounds")):
        if getattr(options, name) is not None and getattr(options, other) is None:
            raise SettingsError(
                f"--{name} is given without --{other}.",
                "--claim 6250 --per year" if name == "per" else f"--bounds 1,5 --{name} everyone",
            )
    if options.disclose and options.small is not None:
        raise SettingsError(
            "--disclose prints every count, and --small hides some.", "Leave one of them out."
        )
    if getattr(options, "report", "") is None:
        for name in ("language", "disclose", "small"):
            if getattr(options, name) not in (None, False):
                raise SettingsError(
                    f"--{name} belongs to a report, and there is none.",
                    f"add --report page.html, or leave --{name} out.",
                )
        for name in ("claim", "check", "identify", "bounds"):
            if getattr(options, name):
                raise SettingsError(
                    f"--{name} belongs to a report, and there is none.",
                    f"--report page.html, or the command darkfigure {name}.",
                )


def findings_asked(options: argparse.Namespace, est: Estimate) -> dict[str, Any]:
    """What `report` takes of it."""
    found: dict[str, Any] = {}
    prob, totals, ends = options.prob, _totals(options), _range(options)
    if totals is not None:
        found["claims"] = claim(est, totals, per=options.per, prob=prob)
    if ends is not None:
        among: Among = options.among or "everyone"
        found["bounds"] = bounds(est.table, odds_ratios=ends, among=among, prob=prob)
    if options.identify:
        found["identify"] = identify(est.table, prob=prob, seed=est.seed)
    if options.check:
        with forecast_told():
            found["check"] = check(est.table, est.model, prob=prob, seed=est.seed)
    return found


def _totals(options: argparse.Namespace) -> list[float] | None:
    if options.claim is None:
        return None
    return [number_of_people(text, "is claimed", "--claim 30000") for text in options.claim]


def _range(options: argparse.Namespace) -> tuple[float, float] | None:
    """Two numbers, with a comma between them or apart."""
    return None if options.bounds is None else range_between("--bounds", ",".join(options.bounds))

"""Estimate how many people the registers missed.

Captures are what was seen. A model is a set of settings. ``estimate(captures, model)`` gives an
`Estimate`: draws of the seen and the unseen, with what it assumes and what to be careful of.

A name is imported when it is first used: ``import darkfigure`` alone takes milliseconds.
"""

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING

from darkfigure.version import __version__ as __version__

if TYPE_CHECKING:  # the same names as in the table below, for type checkers and editors
    from darkfigure import prior as prior
    from darkfigure.assumptions import Assumption as Assumption
    from darkfigure.cautions import Caution as Caution
    from darkfigure.contract import Fit as Fit
    from darkfigure.contract import Model as Model
    from darkfigure.data.about import About as About
    from darkfigure.data.about import Period as Period
    from darkfigure.data.about import Truth as Truth
    from darkfigure.data.datasets import datasets as datasets
    from darkfigure.data.datasets import load as load
    from darkfigure.data.datasets import published as published
    from darkfigure.data.frequencies import CaptureFrequencies as CaptureFrequencies
    from darkfigure.data.linkage_draws import LinkageDraws as LinkageDraws
    from darkfigure.data.reading import read as read
    from darkfigure.data.records import CaptureRecords as CaptureRecords
    from darkfigure.data.simulated import simulate as simulate
    from darkfigure.data.simulated_settings import SimulatedList as SimulatedList
    from darkfigure.data.table import CaptureTable as CaptureTable
    from darkfigure.errors import DarkfigureError as DarkfigureError
    from darkfigure.errors import DataError as DataError
    from darkfigure.errors import DataWarning as DataWarning
    from darkfigure.errors import NotEstimable as NotEstimable
    from darkfigure.errors import SettingsError as SettingsError
    from darkfigure.identification import ConditionalPair as ConditionalPair
    from darkfigure.identification import Identification as Identification
    from darkfigure.identification import NoHighestOrderInteraction as NoHighestOrderInteraction
    from darkfigure.models.bayesian_log_linear import BayesianLogLinear as BayesianLogLinear
    from darkfigure.models.decomposable_graphs import DecomposableGraphs as DecomposableGraphs
    from darkfigure.models.dutch_workflow import DutchWorkflow as DutchWorkflow
    from darkfigure.models.hierarchical_log_linear import (
        HierarchicalLogLinear as HierarchicalLogLinear,
    )
    from darkfigure.models.latent_class import LatentClass as LatentClass
    from darkfigure.models.linkage_error import LinkageError as LinkageError
    from darkfigure.models.log_linear import LogLinear as LogLinear
    from darkfigure.models.stacked import Stacked as Stacked
    from darkfigure.models.two_list import TwoList as TwoList
    from darkfigure.reports.writing import report as report
    from darkfigure.results.comparison import Comparison as Comparison
    from darkfigure.results.estimate import Estimate as Estimate
    from darkfigure.results.missed_links import MissedLinks as MissedLinks
    from darkfigure.results.prior_predictive import PriorPredictive as PriorPredictive
    from darkfigure.results.storage import open as open
    from darkfigure.results.trimming import Trimming as Trimming
    from darkfigure.sampling import sample as sample
    from darkfigure.suggestions import Suggestion as Suggestion
    from darkfigure.suggestions import suggest as suggest
    from darkfigure.trust.bounds import bounds as bounds
    from darkfigure.trust.bounds_found import Bounds as Bounds
    from darkfigure.trust.calibrate import calibrate as calibrate
    from darkfigure.trust.checked import Check as Check
    from darkfigure.trust.checking import check as check
    from darkfigure.trust.claim import claim as claim
    from darkfigure.trust.claims import Claims as Claims
    from darkfigure.trust.error_model import build_errors as build_errors
    from darkfigure.trust.identify import identify as identify
    from darkfigure.trust.missed_links import missed_links as missed_links
    from darkfigure.trust.reference import make_reference as make_reference
    from darkfigure.trust.side_by_side import SideBySide as SideBySide
    from darkfigure.trust.trimming import trimming as trimming
    from darkfigure.uncertainty import Bootstrap as Bootstrap
    from darkfigure.uncertainty import Delta as Delta
    from darkfigure.uncertainty import Profile as Profile
    from darkfigure.verbs import compare as compare
    from darkfigure.verbs import estimate as estimate
    from darkfigure.verbs import prior_predictive as prior_predictive
    from darkfigure.verbs import sensitivity as sensitivity

_MODULES = {
    "prior": "darkfigure.prior",
    "Assumption": "darkfigure.assumptions",
    "Caution": "darkfigure.cautions",
    "Fit": "darkfigure.contract",
    "Model": "darkfigure.contract",
    "About": "darkfigure.data.about",
    "Period": "darkfigure.data.about",
    "Truth": "darkfigure.data.about",
    "datasets": "darkfigure.data.datasets",
    "load": "darkfigure.data.datasets",
    "published": "darkfigure.data.datasets",
    "CaptureFrequencies": "darkfigure.data.frequencies",
    "LinkageDraws": "darkfigure.data.linkage_draws",
    "read": "darkfigure.data.reading",
    "CaptureRecords": "darkfigure.data.records",
    "simulate": "darkfigure.data.simulated",
    "SimulatedList": "darkfigure.data.simulated_settings",
    "CaptureTable": "darkfigure.data.table",
    "DarkfigureError": "darkfigure.errors",
    "DataError": "darkfigure.errors",
    "DataWarning": "darkfigure.errors",
    "NotEstimable": "darkfigure.errors",
    "SettingsError": "darkfigure.errors",
    "ConditionalPair": "darkfigure.identification",
    "Identification": "darkfigure.identification",
    "NoHighestOrderInteraction": "darkfigure.identification",
    "BayesianLogLinear": "darkfigure.models.bayesian_log_linear",
    "DecomposableGraphs": "darkfigure.models.decomposable_graphs",
    "DutchWorkflow": "darkfigure.models.dutch_workflow",
    "HierarchicalLogLinear": "darkfigure.models.hierarchical_log_linear",
    "LatentClass": "darkfigure.models.latent_class",
    "LinkageError": "darkfigure.models.linkage_error",
    "LogLinear": "darkfigure.models.log_linear",
    "Stacked": "darkfigure.models.stacked",
    "TwoList": "darkfigure.models.two_list",
    "report": "darkfigure.reports.writing",
    "Comparison": "darkfigure.results.comparison",
    "Estimate": "darkfigure.results.estimate",
    "MissedLinks": "darkfigure.results.missed_links",
    "PriorPredictive": "darkfigure.results.prior_predictive",
    "open": "darkfigure.results.storage",
    "Trimming": "darkfigure.results.trimming",
    "sample": "darkfigure.sampling",
    "Suggestion": "darkfigure.suggestions",
    "suggest": "darkfigure.suggestions",
    "bounds": "darkfigure.trust.bounds",
    "Bounds": "darkfigure.trust.bounds_found",
    "calibrate": "darkfigure.trust.calibrate",
    "Check": "darkfigure.trust.checked",
    "check": "darkfigure.trust.checking",
    "claim": "darkfigure.trust.claim",
    "Claims": "darkfigure.trust.claims",
    "build_errors": "darkfigure.trust.error_model",
    "identify": "darkfigure.trust.identify",
    "missed_links": "darkfigure.trust.missed_links",
    "make_reference": "darkfigure.trust.reference",
    "SideBySide": "darkfigure.trust.side_by_side",
    "trimming": "darkfigure.trust.trimming",
    "Bootstrap": "darkfigure.uncertainty",
    "Delta": "darkfigure.uncertainty",
    "Profile": "darkfigure.uncertainty",
    "compare": "darkfigure.verbs",
    "estimate": "darkfigure.verbs",
    "prior_predictive": "darkfigure.verbs",
    "sensitivity": "darkfigure.verbs",
}
"""Every public name, in the order of the imports above, and the module that it stands in."""

__all__ = [*_MODULES, "__version__"]

_importing = RLock()

if not TYPE_CHECKING:  # else a checker would believe that every name exists

    def __getattr__(name: str) -> object:
        """Import a public name where it is first used, and keep it.

        One thread at a time: two that import packages which need one another would each wait for
        the other. No module of the package may take a public name from here while it is imported.
        """
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with _importing:
            module = import_module(_MODULES[name])
        value = module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Name what is public, imported or not."""
    return sorted({*globals(), *__all__})

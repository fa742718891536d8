"""Estimate how many people the registers missed.

Captures are what was seen. A model is a set of settings. ``estimate(captures, model)`` gives an
`Estimate`: draws of the seen and the unseen, with what it assumes and what to be careful of.
"""

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
from darkfigure.verbs import Suggestion as Suggestion
from darkfigure.verbs import compare as compare
from darkfigure.verbs import estimate as estimate
from darkfigure.verbs import prior_predictive as prior_predictive
from darkfigure.verbs import sensitivity as sensitivity
from darkfigure.verbs import suggest as suggest
from darkfigure.version import __version__ as __version__

"""Estimators, one file each; whoever imports one has them all registered."""

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

"""Hierarchical log-linear models by maximum likelihood, given, selected or averaged."""

from darkfigure.models.log_linear.candidates import Candidates as Candidates
from darkfigure.models.log_linear.candidates import near_models as near_models
from darkfigure.models.log_linear.estimator import LogLinear as LogLinear

"""Hierarchical log-linear models with priors: averaged, thresholded, or one sampled by NUTS."""

from darkfigure.models.bayesian_log_linear.estimator import BayesianLogLinear as BayesianLogLinear

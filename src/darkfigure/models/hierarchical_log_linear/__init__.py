"""One log-linear model over many years and strata, with effects that are pooled."""

from darkfigure.models.hierarchical_log_linear.estimator import (
    HierarchicalLogLinear as HierarchicalLogLinear,
)

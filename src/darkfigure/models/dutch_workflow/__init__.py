"""The stepwise log-linear workflow of the Dutch human-trafficking estimates."""

from darkfigure.models.dutch_workflow.estimator import DutchWorkflow as DutchWorkflow

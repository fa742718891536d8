"""The stepwise path: main effects, the way to the smallest BIC, on with smaller penalties."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from darkfigure.models.dutch_workflow.layout import Layout
from darkfigure.numerics.criteria import penalty
from darkfigure.numerics.existence import positive_solution
from darkfigure.numerics.two_way import TwoWayFit, zero_margins
from darkfigure.numerics.two_way_steps import SLACK, Step, stepwise_path


@dataclass(frozen=True)
class Path:
    """The steps, and the one whose model is used.

    Attributes
    ----------
    steps : list of Step
    chosen : int
        The last step with penalty log n: its model has the smallest BIC.
    """

    steps: list[Step]
    chosen: int

    @property
    def start(self) -> TwoWayFit:
        """The main effects."""
        return self.steps[0].fit

    @property
    def fit(self) -> TwoWayFit:
        """The model used."""
        return self.steps[self.chosen].fit

    @property
    def refused(self) -> int:
        """Candidates passed over because they have no estimate."""
        return sum(step.refused for step in self.steps)


def walk(layout: Layout) -> Path:
    """Walk with penalty log n (BIC), then on with 2 (AIC), then with 1."""
    by_bic = float(np.log(layout.counts.sum()))
    steps = stepwise_path(layout.counts, layout.design, (by_bic, 2.0, 1.0), slack=SLACK)
    chosen = max(i for i, step in enumerate(steps) if step.penalty == by_bic)
    return Path(steps, chosen)


def has_estimate(layout: Layout, fit: TwoWayFit) -> bool:
    """Whether the maximum is reached: positive means reproduce what the model fits."""
    design = layout.design
    dead, _ = zero_margins(layout.counts, design)
    terms = np.flatnonzero(fit.model)
    left = ~dead[: design.observable][:, terms].any(axis=1)
    matrix = design.design(fit.model)[: design.observable][left].T
    return positive_solution(matrix, layout.counts[left])


def path_table(layout: Layout, path: Path) -> pd.DataFrame:
    """The path as `est.models` shows it: a row per step, in order."""
    fits = [step.fit for step in path.steps]
    n = layout.counts.sum()
    parameters = np.array([fit.parameters for fit in fits])
    minus_twice = np.array([-2.0 * fit.log_likelihood for fit in fits])
    deviance = np.array([fit.deviance for fit in fits])
    words = [
        f"{'+' if step.fit.model[step.term] else '-'} {layout.name(step.term)}"
        for step in path.steps[1:]
    ]
    return pd.DataFrame(
        {
            "step": ["main effects", *words],
            "label": [layout.label(fit.model) for fit in fits],
            "penalty": [step.penalty for step in path.steps],
            "df_change": np.diff(parameters, prepend=parameters[0]),
            "deviance_change": -np.diff(deviance, prepend=deviance[0]),
            "df": [fit.degrees_of_freedom for fit in fits],
            "deviance": deviance,
            "parameters": parameters,
            "aic": minus_twice + penalty("aic", parameters, n),
            "aicc": minus_twice + penalty("aicc", parameters, n),
            "bic": minus_twice + penalty("bic", parameters, n),
            "population": [fit.expected[:, 1].sum() for fit in fits],
            "selected": np.arange(len(fits)) == path.chosen,
        }
    )

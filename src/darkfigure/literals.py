"""Option strings, each defined once."""

from typing import Literal, get_args

from darkfigure.errors import SettingsError

DrawsKind = Literal["posterior", "bootstrap", "asymptotic", "profile", "stacked", "calibrated"]
"""Where draws come from; printed with every interval."""

Concept = Literal["flow", "stock", "registered", "not stated"]
"""Flow: people over a period. Stock: people on one day. Registered: people seen."""

Language = Literal["en", "nl"]
"""Languages that a report is written in."""

StrataHandling = Literal["joint", "separate", "pooled"]
Blank = Literal["error", "inactive", 0]
AllZero = Literal["error", "truth"]
Zeros = Literal["shown", "suppressed"]
"""Whether a published table prints cells of nobody as 0, or hides them with the small ones."""

Omitted = Literal["suppressed", "zero"]
"""What a history means that a published table leaves out: too few to be printed, or nobody."""

Per = Literal["year", "period"]
"""What a claimed figure is for: each year, or the whole period of a table."""

Among = Literal["everyone", "missed by the others"]
"""Among whom an odds ratio is meant: the population, or people on no list but the two."""

SpreadUse = Literal["no", "added", "power"]
"""How a model's own spread counts beside its errors on populations of known size."""

LinksAnswer = Literal["exact", "first order"]
"""How the share of missed links behind a claim is found."""

Limit = Literal["low", "high"]
Criterion = Literal["bic", "aic", "aicc"]
Selection = Literal["bic", "aic", "aicc", "stepwise", "downhill", "average"]
Averaging = Literal["average", "threshold"]
Inference = Literal["importance", "nuts"]
PooledInference = Literal["laplace", "nuts"]
OverYears = Literal["walk", "exchangeable"]
Dependence = Literal["constant", "by year"]
SampleSize = Literal["people", "cells"]
BootstrapKind = Literal["bca", "percentile", "parametric"]
CheckName = Literal["internal", "drop", "merge", "accrual", "years", "cells", "prior", "existence"]
"""The parts of `check`: each varies the table, or the prior, in one way."""

CaseOutcome = Literal["estimated", "no estimate", "left out"]
"""No estimate: the model refused the case. Left out: there was nothing to give it."""


def check_choice[T](value: T, options: object, name: str) -> T:
    """Return `value` if it is one of a Literal's options, else say which there are."""
    choices = get_args(options)
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise SettingsError(f"{name} is {value!r}; expected one of {listed}.")
    return value

"""The model of a model's errors in PyMC, and its draws by NUTS."""

from typing import TYPE_CHECKING

import numpy as np

from darkfigure.numerics.known_errors import NAMES, PRIOR_SD, SLOPE_SD, Form, Known, Learned
from darkfigure.nuts import run_nuts

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor.variable import TensorVariable

_DRAWS, _CHAINS, _TUNE = 4_000, 4, 1_000
_DEGREES = 4.0


def build_errors(known: Known, own: Known, *, form: Form) -> "pm.Model":
    """The PyMC model of the errors on other tables' tasks and on the table's own.

    Parameters
    ----------
    known, own : Known
    form : Form

    Returns
    -------
    pymc.Model
        Variables `shift`, `between`, `scale`, `spread`, `slope`, `power` (those of the form),
        `standard` (the shift of each population as a standard normal; last the table's own) and the
        potential `errors`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    groups = int(known.group.max()) + 1
    where = np.concatenate([known.group, np.full(len(own.truth), groups)])
    together = {
        name: np.concatenate([getattr(known, name), getattr(own, name)])
        for name in ("truth", "median", "quantiles", "weight", "odds", "log_spread")
    }
    with pm.Model() as built:
        shift = pm.Normal("shift", 0.0, PRIOR_SD)
        between = pm.HalfNormal("between", PRIOR_SD)
        scale = pm.HalfNormal("scale", PRIOR_SD)
        spread = pm.HalfNormal("spread", PRIOR_SD) if form.spread == "added" else pt.constant(0.0)
        power = pm.Normal("power", 0.0, SLOPE_SD) if form.spread == "power" else pt.constant(0.0)
        slope = pm.Normal("slope", 0.0, SLOPE_SD) if form.shrinks else pt.constant(0.0)
        standard = pm.Normal("standard", 0.0, 1.0, shape=groups + 1)
        centre = together["median"] + slope * together["odds"] + shift + between * standard[where]
        inside = spread * (together["quantiles"] - together["median"][:, None])
        scales = scale * pt.exp(power * together["log_spread"])
        left = ((together["truth"] - centre)[:, None] - inside) / scales[:, None]
        log_density = _log_density(left, together["quantiles"].shape[1])
        pm.Potential("errors", (together["weight"] * (log_density - pt.log(scales))).sum())
    return built


def _log_density(z: "TensorVariable", levels: int) -> "TensorVariable":
    """Log of the mean density of Student's t over the quantiles: shape (tasks,)."""
    import pytensor.tensor as pt

    each = np.log(0.375) - 0.5 * (_DEGREES + 1.0) * pt.log1p(z**2 / _DEGREES)
    return pt.log(pt.exp(each).sum(axis=1)) - np.log(levels)


def sample_errors(known: Known, own: Known, *, form: Form, rng: np.random.Generator) -> Learned:
    """Draw the parameters by NUTS, given the errors on other tables and the table's own."""
    start = {"between": 0.3, "scale": 0.4}
    if form.spread == "added":
        start["spread"] = 0.5
    trace = run_nuts(
        build_errors(known, own, form=form),
        draws=_DRAWS,
        chains=_CHAINS,
        tune=_TUNE,
        rng=rng,
        target_accept=0.95,
        start=start,
        task="errors by NUTS",
    )
    drawn = trace["posterior"].to_dataset()
    size = _DRAWS
    columns = [
        drawn[name].to_numpy().ravel() if name in drawn else np.zeros(size) for name in NAMES
    ]
    values = np.stack(columns, axis=1)
    return Learned(values, np.zeros(size), values.mean(axis=0))

r"""How wrong a model is on populations of known size: a hierarchical model of its errors.

On the log scale, with m the median of the draws of the unseen, s their standard deviation by the
95 % interval, g how far the median odds of being missed lie from typical ones, and t the
population of task j,

.. math:: y_{tj} = m_{tj} + \mu_t + \beta g_{tj} + \sigma (s_{tj} / s_0)^{\kappa} T_{tj},
    \qquad \mu_t \sim N(\mu, \tau), \quad T \sim t_4.

κ = 0 puts the errors in place of the model's own spread, κ = 1 lets them grow with it. Another form
adds c (D - m) to a noise that is the same for all, with D a draw of the model: what its spread
holds of the errors is counted once, because c is learned with σ. Draws stand there as quantiles of
equal mass, so that the density is a sum. μ_t is integrated out on a grid.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from darkfigure.literals import SpreadUse
from darkfigure.numerics.resampling import systematic

LEVELS = (np.arange(20) + 0.5) / 20
"""Levels of the quantiles that stand for the draws, each for a twentieth of them."""

TYPICAL = 1.0
"""Log odds of being missed that slopes are taken from: about three in four missed."""

USUAL, LEAST = 0.5, 0.1
"""The spread s₀ that a model's own is set against, and what is added to a model's own first."""

PRIOR_SD = 1.0
"""Of μ (normal about 0), and of τ, σ and c (half normal)."""

SLOPE_SD = 0.5
"""Of β and κ (normal about 0)."""

NAMES = ("shift", "between", "scale", "spread", "slope", "power")
"""The parameters μ, log τ, log σ, log c, β and κ, in the order of the columns."""

_REACH = 4.0  # of the grid of shifts, in standard deviations
_FEWEST_NODES, _MOST_NODES = 41, 1_601
_FINENESS = 0.5  # most that nodes may lie apart, in scales of the noise
_DEGREES = 5.0  # of the proposal's tails
_INFLATED = 1.3


@dataclass(frozen=True)
class Known:
    """Errors on populations of known size.

    Attributes
    ----------
    truth : ndarray of float, shape (tasks,)
        log(true unseen + 1/2).
    quantiles : ndarray of float, shape (tasks, levels)
        Of log(unseen + 1/2), at `LEVELS`.
    median : ndarray of float, shape (tasks,)
    log_seen : ndarray of float, shape (tasks,)
    group : ndarray of int, shape (tasks,)
        Which tasks are of one population.
    weight : ndarray of float, shape (tasks,)
        How much each counts: tasks that two tables of the same people both set, half.
    """

    truth: np.ndarray
    quantiles: np.ndarray
    median: np.ndarray
    log_seen: np.ndarray
    group: np.ndarray
    weight: np.ndarray

    def take(self, kept: np.ndarray) -> "Known":
        """Some of the tasks."""
        columns = {name: getattr(self, name)[kept] for name in self.__dataclass_fields__}
        return replace(self, **columns)

    @property
    def odds(self) -> np.ndarray:
        """How far the log odds of being missed lie from typical ones: shape (tasks,)."""
        return self.median - self.log_seen - TYPICAL

    @property
    def log_spread(self) -> np.ndarray:
        """Log of the model's own spread over the usual one: shape (tasks,)."""
        return log_spread(self.quantiles[:, 0], self.quantiles[:, -1])


@dataclass(frozen=True)
class Form:
    """Which parts of the model of errors are used: the others are 0.

    Attributes
    ----------
    spread : {"no", "added", "power"}
        How the model's own spread counts: not at all, added in the proportion c, or by the power κ.
    shrinks : bool
        β: extreme estimates are drawn towards typical ones.
    """

    spread: SpreadUse = "power"
    shrinks: bool = True

    @property
    def free(self) -> np.ndarray:
        """Which of `NAMES` are learned."""
        adds, scales = self.spread == "added", self.spread == "power"
        return np.array([True, True, True, adds, self.shrinks, scales])


@dataclass(frozen=True)
class Learned:
    """Draws of the parameters given the errors, with weights.

    Attributes
    ----------
    values : ndarray of float, shape (draws, 6)
        Columns `NAMES`, with τ, σ and c themselves.
    log_weight : ndarray of float, shape (draws,)
    mode : ndarray of float, shape (6,)
    """

    values: np.ndarray
    log_weight: np.ndarray
    mode: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """Weights that add up to 1."""
        weight = np.exp(self.log_weight - self.log_weight.max())
        return weight / weight.sum()


def log_spread(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Log of the spread of draws over the usual one, by their limits of 95 %."""
    return np.log(((high - low) / (2 * 1.96) + LEAST) / USUAL)


def log_marginal(values: np.ndarray, known: Known) -> float:
    """log p(errors | μ, τ, σ, c, β, κ), the shift of each population integrated out."""
    if not len(known.truth):
        return 0.0
    nodes, mass = _grid_of_shifts(values, known)
    of_task = known.weight[:, None] * np.log(_density(values, known, nodes))
    together = np.zeros((known.group.max() + 1, len(nodes)))
    np.add.at(together, known.group, of_task)
    present = np.bincount(known.group) > 0
    top = together[present].max(axis=1, keepdims=True)
    return float((top[:, 0] + np.log(np.exp(together[present] - top) @ mass)).sum())


def log_prior(values: np.ndarray, form: Form) -> float:
    """Log prior of the parameters, as a density of log τ, log σ and log c, up to a constant."""
    free = form.free
    scales = values[1:4][free[1:4]]
    slopes = values[4:6][free[4:6]]
    squares = (values[0] / PRIOR_SD) ** 2 + ((scales / PRIOR_SD) ** 2).sum()
    squares += ((slopes / SLOPE_SD) ** 2).sum()
    return float(np.log(scales).sum() - 0.5 * squares)


def learn(known: Known, *, form: Form, rng: np.random.Generator, size: int = 1_000) -> Learned:
    """Learn the parameters from known errors: draws about the mode, with importance weights.

    Parameters
    ----------
    known : Known
    form : Form
    rng : Generator
    size : int, default 1,000

    Returns
    -------
    Learned
    """
    free = form.free

    def log_posterior(point: np.ndarray) -> float:
        values = _values(point, free)
        return log_marginal(values, known) + log_prior(values, form)

    mode, factor = _mode_of(log_posterior, _start(known)[free])
    centre = mode
    for round_size in (size // 2, size):  # the second is drawn about where the first has its mass
        points, log_proposal = _propose(centre, factor, round_size, rng)
        log_weight = np.array([log_posterior(point) for point in points]) - log_proposal
        weight = np.exp(log_weight - log_weight.max())
        centre = weight @ points / weight.sum()
        off = (points - centre) * np.sqrt(weight / weight.sum())[:, None]
        factor = np.linalg.cholesky(off.T @ off + 1e-6 * np.eye(len(mode)))
    values = np.array([_values(point, free) for point in points])
    return Learned(values, log_weight, _values(mode, free))


def _propose(
    centre: np.ndarray, factor: np.ndarray, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points from a multivariate t with heavier tails, and their log density."""
    dims = len(centre)
    stretch = np.sqrt(rng.chisquare(_DEGREES, size) / _DEGREES)
    standard = rng.standard_normal((size, dims)) / stretch[:, None]
    log_density = -0.5 * (_DEGREES + dims) * np.log1p((standard**2).sum(axis=1) / _DEGREES)
    return centre + _INFLATED * standard @ factor.T, log_density


def given_own(learned: Learned, own: Known) -> Learned:
    """The same draws, weighed by how well they foretell the errors of the table's own tasks."""
    if not len(own.truth):
        return learned
    more = np.array([log_marginal(values, own) for values in learned.values])
    return replace(learned, log_weight=learned.log_weight + more)


def draw_shifts(values: np.ndarray, own: Known, rng: np.random.Generator) -> np.ndarray:
    """Draw μ_t of the table at hand, for each row of parameters, given its own tasks.

    Returns
    -------
    ndarray of float, shape (draws,)
    """
    if not len(own.truth):
        return values[:, 0] + values[:, 1] * rng.standard_normal(len(values))
    distinct, where = np.unique(values, axis=0, return_inverse=True)
    drawn = np.empty(len(values))
    for row, each in enumerate(distinct):
        nodes, prior = _grid_of_shifts(each, own)
        log_mass = (own.weight[:, None] * np.log(_density(each, own, nodes))).sum(axis=0)
        mass = prior * np.exp(log_mass - log_mass.max())
        below = np.append(0.0, np.cumsum(mass / mass.sum()))
        step = nodes[1] - nodes[0]
        edges = np.append(nodes, nodes[-1] + step) - step / 2
        here = where.ravel() == row
        at = np.interp(rng.random(here.sum()), below, edges)
        drawn[here] = each[0] + each[1] * at
    return drawn


def predict(
    draws: np.ndarray,
    log_seen: float,
    learned: Learned,
    own: Known,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw what is true where the model drew this: log(unseen + 1/2), draw by draw.

    Parameters
    ----------
    draws : ndarray of float, shape (draws,)
        The model's draws of log(unseen + 1/2).
    log_seen : float
        Log of the number seen.
    learned : Learned
        Given the own tasks (`given_own`).
    own : Known
    rng : Generator

    Returns
    -------
    ndarray of float, shape (draws,)
    """
    kept = systematic(learned.weight, len(draws), rng)
    values = learned.values[rng.permutation(kept)]
    shift = draw_shifts(values, own, rng)
    median = float(np.median(draws))
    odds = median - log_seen - TYPICAL
    relative = log_spread(*np.quantile(draws, [LEVELS[0], LEVELS[-1]]))
    noise = values[:, 2] * np.exp(values[:, 5] * relative) * rng.standard_t(4.0, len(draws))
    centre = median + shift + values[:, 4] * odds
    return centre + values[:, 3] * (draws - median) + noise


def _grid_of_shifts(values: np.ndarray, known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal shifts as nodes, fine enough for the noise, and the mass of each."""
    _, between, scale, _, _, power = values
    least = scale * np.exp((power * known.log_spread).min())
    with np.errstate(over="ignore", divide="ignore"):
        wanted = 2 * _REACH * between / (_FINENESS * least)
    number = int(np.clip(wanted, _FEWEST_NODES - 1, _MOST_NODES - 1)) + 1
    nodes = np.linspace(-_REACH, _REACH, number)
    mass = np.exp(-0.5 * nodes**2)
    return nodes, mass / mass.sum()


def _density(values: np.ndarray, known: Known, nodes: np.ndarray) -> np.ndarray:
    """Density of each truth at each node of the shift: shape (tasks, nodes)."""
    shift, between, scale, spread, slope, power = values
    left = (known.truth - known.median - slope * known.odds)[:, None]
    if spread > 0:
        left = left - spread * (known.quantiles - known.median[:, None])
    scales = scale * np.exp(power * known.log_spread)[:, None]
    z = (left[:, :, None] - (shift + between * nodes)) * (0.5 / scales[:, :, None])
    z *= z
    z += 1.0
    return 0.375 / scales * (1.0 / (z * z * np.sqrt(z))).mean(axis=1)


def _values(point: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The six parameters of a point of the search: logs undone, those not learned 0."""
    values = np.zeros(len(NAMES))
    values[free] = point
    values[1:4] = np.where(free[1:4], np.exp(np.clip(values[1:4], -30, 30)), 0.0)
    return values


def _start(known: Known) -> np.ndarray:
    errors = known.truth - known.median
    middle = float(np.median(errors)) if len(errors) else 0.0
    return np.array([middle, np.log(0.3), np.log(0.3), np.log(0.5), 0.0, 0.0])


def _mode_of(
    log_posterior: Callable[[np.ndarray], float], start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The mode, and a factor of the inverse of minus the second derivatives there."""
    from scipy.optimize import minimize

    found = minimize(lambda point: -log_posterior(point), start, method="BFGS")
    mode = found.x
    step, dims = 0.05, len(mode)
    hessian = np.empty((dims, dims))
    eye = step * np.eye(dims)
    for i in range(dims):
        for j in range(i, dims):
            corners = [
                log_posterior(mode + a * eye[i] + b * eye[j]) * a * b
                for a in (1, -1)
                for b in (1, -1)
            ]
            hessian[i, j] = hessian[j, i] = -sum(corners) / (4 * step**2)
    size, axes = np.linalg.eigh(hessian)
    return mode, axes / np.sqrt(np.maximum(size, 0.25))

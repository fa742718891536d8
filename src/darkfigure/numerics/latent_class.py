"""Latent classes of a table of counts: chains of a Gibbs sampler, run until they agree."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from darkfigure.numerics.convergence import Agreement, Judge
from darkfigure.numerics.kernels import latent_class_kernels
from darkfigure.numerics.log_linear import in_parts

_JUDGED = 250  # states kept per chain, at least: R-hat is noisy with fewer
_TILT_POINTS = 1 << 18
_TABLED = 1 << 15  # numbers whose log-gamma is looked up
_LARGEST = 1e18  # people; beyond it the prior's weight is held constant
_START_SPREAD = 10.0  # starts have from a tenth to ten times as many unseen as seen


@dataclass(frozen=True)
class ClassPrior:
    """Priors of the latent-class model.

    Attributes
    ----------
    classes : int
        K, at which the stick-breaking is cut off.
    concentration : (float, float)
        Shape and rate of the gamma prior on α.
    capture : (float, float)
        Beta parameters of every capture probability.
    log_tilt : callable, optional
        Log weight of each N relative to 1/N; None is 1/N itself.
    """

    classes: int
    concentration: tuple[float, float]
    capture: tuple[float, float]
    log_tilt: Callable[[np.ndarray], np.ndarray] | None = None


@dataclass(frozen=True)
class Length:
    """How long to run.

    Attributes
    ----------
    chains : int
    first : int
        Sweeps of the warm-up, and of the first part that is judged.
    most : int
        Sweeps of a chain in all.
    """

    chains: int
    first: int
    most: int


@dataclass(frozen=True)
class LatentClassDraws:
    """Draws of the posterior; classes are sorted by their size in each draw, the largest first.

    Attributes
    ----------
    unseen : ndarray of float, shape (chains, draws)
    log_odds : ndarray of float, shape (chains, draws)
        log(π0 / (1 − π0)).
    concentration : ndarray of float, shape (chains, draws)
        α.
    weight : ndarray of float, shape (chains, draws, classes)
        π_z.
    people : ndarray of float, shape (chains, draws, classes)
        Seen and unseen in each class: they add up to N.
    capture : ndarray of float, shape (chains, draws, classes, k)
        λ_jz.
    sweeps, thin : int
        Sweeps of the part that was kept, and from one draw to the next.
    warm_up : int
        Sweeps before it.
    agreement : Agreement
        Of the worse of N and log-odds, over all states that were judged.
    """

    unseen: np.ndarray
    log_odds: np.ndarray
    concentration: np.ndarray
    weight: np.ndarray
    people: np.ndarray
    capture: np.ndarray
    sweeps: int
    thin: int
    warm_up: int
    agreement: Agreement


def sample_latent_classes(
    counts: np.ndarray,
    prior: ClassPrior,
    length: Length,
    *,
    draws: int,
    judge: Judge,
    rng: np.random.Generator,
    workers: int | None = None,
) -> LatentClassDraws:
    """Run chains from dispersed starts, each part twice as long as the one before, until agreed.

    A part is judged on its own; what went before it is its warm-up. Chains have a random stream
    each and lists are put in an order of their own, so that neither the number of threads nor the
    order of lists changes a result.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
        Entry 0 is not used.
    draws : int
        Draws kept per chain.
    judge : callable
        Says of (chains, draws) whether they agree; asked about N and the log odds.
    """
    order = _order_of_lists(counts)
    y, on = _cells(counts, order)
    chains = _Chains(y, on, prior, length.chains, rng)
    kept = draws * -(-_JUDGED // draws)
    sweeps = -(-max(length.first, kept) // kept) * kept
    chains.run(sweeps, 0, workers)
    before = sweeps
    while True:
        states = chains.run(sweeps, kept, workers)
        total = states.n0.sum(axis=-1)
        agreed = judge(total).worse(judge(states.log_odds))
        if agreed.holds or before + 3 * sweeps > length.most:
            break
        before += sweeps
        sweeps *= 2
    return _sorted_draws(states, kept // draws, order, (sweeps, before), agreed)


def run_sweeps(
    counts: np.ndarray,
    prior: ClassPrior,
    *,
    chains: int,
    sweeps: int,
    kept: int,
    rng: np.random.Generator,
    workers: int | None = None,
) -> "States":
    """Run fresh chains for a fixed number of sweeps, whether they agree or not."""
    y, on = _cells(counts, _order_of_lists(counts))
    return _Chains(y, on, prior, chains, rng).run(sweeps, kept, workers)


def _order_of_lists(counts: np.ndarray) -> np.ndarray:
    """Lists by how many are on each, then by whom they share people with: names do not matter."""
    k = len(counts).bit_length() - 1
    on = (np.arange(len(counts))[:, None] >> np.arange(k)) & 1
    y = np.array(counts, dtype=float)
    y[0] = 0.0
    overlap = (on * y[:, None]).T @ on
    sizes = on.sum(axis=1)
    by_size = np.array(
        [[y[(on[:, j] == 1) & (sizes == s)].sum() for s in range(1, k + 1)] for j in range(k)]
    )
    key = np.column_stack([np.diag(overlap), by_size, np.sort(overlap, axis=1)])
    return np.lexsort(key.T[::-1])


def _cells(counts: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts above 0 and their histories, lists in the order given; shapes (cells,), (cells, k)."""
    codes = np.flatnonzero(counts)
    codes = codes[codes > 0]
    on = ((codes[:, None] >> order) & 1).astype(bool)
    place = np.lexsort(on.T)
    return np.asarray(counts[codes[place]], dtype=float), np.ascontiguousarray(on[place])


@dataclass(frozen=True)
class States:
    """States kept of a part: shapes (chains, kept[, classes[, k]])."""

    log_odds: np.ndarray
    concentration: np.ndarray
    n0: np.ndarray
    m: np.ndarray
    log_weight: np.ndarray
    capture: np.ndarray


class _Chains:
    """Chains that can be run on: their present states, each with its own random stream."""

    def __init__(
        self,
        y: np.ndarray,
        on: np.ndarray,
        prior: ClassPrior,
        chains: int,
        rng: np.random.Generator,
    ) -> None:
        self._y, self._on = y, on
        self._concentration = np.array(prior.concentration, dtype=float)
        self._capture = np.array(prior.capture, dtype=float)
        self._tilt, self._step = tabulated_tilt(prior, y.sum())
        self._tables = _gamma_tables(self._capture)
        K, k = prior.classes, on.shape[1]
        self._random = np.empty((chains, 4), dtype=np.uint64)
        self._lam = np.empty((chains, K, k))
        self._log_weight = np.empty((chains, K))
        self._alpha = np.empty((chains, 1))
        self._n0 = np.empty((chains, K))
        for c, stream in enumerate(rng.spawn(chains)):
            self._random[c] = stream.integers(1, 2**64, 4, dtype=np.uint64)
            self._lam[c] = 0.01 + 0.98 * stream.random((K, k))
            self._log_weight[c] = np.log(stream.dirichlet(np.ones(K)))
            self._alpha[c] = np.exp(stream.normal())
            unseen = y.sum() * _START_SPREAD ** stream.uniform(-1, 1)
            unseen = _allowed(unseen, self._tilt, self._step, y.sum())
            self._n0[c] = stream.multinomial(int(unseen), np.exp(self._log_weight[c]))

    def run(self, sweeps: int, kept: int, workers: int | None) -> States:
        """Run every chain on, keeping `kept` states each."""
        kernels = latent_class_kernels()
        chains, K, k = self._lam.shape
        states = States(
            log_odds=np.empty((chains, kept)),
            concentration=np.empty((chains, kept)),
            n0=np.empty((chains, kept, K)),
            m=np.empty((chains, kept, K)),
            log_weight=np.empty((chains, kept, K)),
            capture=np.empty((chains, kept, K, k)),
        )

        thin = sweeps // kept if kept else sweeps

        def run_some(first: int, last: int) -> None:
            for c in range(first, last):
                kernels.run_chain(
                    self._y, self._on, self._n0[c], self._lam[c], self._log_weight[c],
                    self._alpha[c], self._concentration, self._capture, self._tables,
                    self._tilt, self._step, self._random[c], sweeps, thin,
                    states.log_odds[c], states.concentration[c], states.n0[c], states.m[c],
                    states.log_weight[c], states.capture[c],
                )  # fmt: skip

        in_parts(run_some, chains, workers, part=1)
        return states


def _gamma_tables(capture: np.ndarray) -> np.ndarray:
    """log Γ(c + x) for x = 0, 1, ... and c = 1, a, b, a + b: the sampler's most frequent need."""
    first = np.array([1.0, *capture, capture.sum()])
    return gammaln(first[:, None] + np.arange(_TABLED))


def tabulated_tilt(prior: ClassPrior, seen: float) -> tuple[np.ndarray, float]:
    """The prior's log weight relative to 1/N on a grid of log N from n, and the grid's step."""
    if prior.log_tilt is None:
        return np.zeros(1), 1.0
    step = float(np.log(_LARGEST / seen)) / (_TILT_POINTS - 1)
    tilt = np.asarray(prior.log_tilt(seen * np.exp(step * np.arange(_TILT_POINTS))), dtype=float)
    largest = tilt.max()
    return (tilt - largest if np.isfinite(largest) else tilt), step


def _allowed(unseen: float, tilt: np.ndarray, step: float, seen: float) -> float:
    """The number of unseen nearest to the one given, on a log scale, that the prior allows."""
    if len(tilt) == 1:
        return unseen
    place = np.log1p(unseen / seen) / step
    possible = tilt > -500.0
    # between two points of which one is impossible nothing can be interpolated
    inside = possible & np.append(True, possible[:-1])
    allowed = np.flatnonzero(inside if inside.any() else possible)
    nearest = allowed[np.argmin(np.abs(allowed - place))]
    return max(0.0, np.rint(seen * np.expm1(step * nearest)))


def _sorted_draws(
    states: States, every: int, order: np.ndarray, lengths: tuple[int, int], agreed: Agreement
) -> LatentClassDraws:
    sweeps, before = lengths
    kept = states.log_odds.shape[1]
    take = slice(every - 1, None, every)
    people = states.n0[:, take] + states.m[:, take]
    rank = np.argsort(-people, axis=-1, kind="stable")
    capture = np.empty_like(states.capture[:, take])
    capture[..., order] = np.take_along_axis(states.capture[:, take], rank[..., None], axis=2)
    return LatentClassDraws(
        unseen=states.n0[:, take].sum(axis=-1),
        log_odds=states.log_odds[:, take],
        concentration=states.concentration[:, take],
        weight=np.take_along_axis(np.exp(states.log_weight[:, take]), rank, axis=2),
        people=np.take_along_axis(people, rank, axis=2),
        capture=capture,
        sweeps=sweeps,
        thin=sweeps // kept * every,
        warm_up=before,
        agreement=agreed,
    )

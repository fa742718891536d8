"""Chains of the latent-class sampler: their starts, and runs that can be gone on with."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, fields
from threading import Event
from typing import Self

import numpy as np
from scipy.special import gammaln

from darkfigure import progress
from darkfigure.errors import NotEstimable
from darkfigure.numerics.kernels import latent_class_kernels

MOST_PEOPLE = 2.0**53
"""No chain goes beyond: counts are floats, which no longer hold every whole number there."""

_TILT_POINTS = 1 << 18
_TABLED = 1 << 15  # numbers whose log-gamma is looked up
_START_SPREAD = 10.0  # starts have from a tenth to ten times as many unseen as seen
_LOOK_UP = 0.25  # seconds after which a chain looks up from its sweeps, to be stopped


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
class States:
    """States kept of a run: shapes (chains, kept[, classes[, k]])."""

    log_odds: np.ndarray
    concentration: np.ndarray
    n0: np.ndarray
    m: np.ndarray
    log_weight: np.ndarray
    capture: np.ndarray

    @classmethod
    def empty(cls, chains: int, kept: int, classes: int, k: int) -> Self:
        """Room for so many states."""
        shapes = ((), (), (classes,), (classes,), (classes,), (classes, k))
        return cls(*(np.empty((chains, kept, *shape)) for shape in shapes))

    def __len__(self) -> int:
        return self.log_odds.shape[1]

    def take(self, index: slice | np.ndarray) -> Self:
        """Some of the states of every chain."""
        return type(self)(*(getattr(self, each.name)[:, index] for each in fields(self)))

    def followed_by(self, later: Self) -> Self:
        """These states and those of a run that went on from them."""
        names = [each.name for each in fields(self)]
        both = ((getattr(self, name), getattr(later, name)) for name in names)
        return type(self)(*(np.concatenate(pair, axis=1) for pair in both))


class Chains:
    """Chains with their present states, each with a random stream of its own.

    Neither the number of threads, nor in how many runs the sweeps are made, changes a result.

    Parameters
    ----------
    y : ndarray of float, shape (cells,)
        Counts above 0.
    on : ndarray of bool, shape (cells, k)
        Their histories.
    prior : ClassPrior
    chains : int
    rng : Generator
    """

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
        self._tilt, self._step = _tabulated_tilt(prior, y.sum())
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

    def run(
        self,
        sweeps: int,
        thin: int,
        workers: int | None = None,
        tell: Callable[[int], None] | None = None,
    ) -> States:
        """Run every chain on, keeping every `thin`-th state.

        An interruption (Ctrl-C) stops all chains within about a second.

        Parameters
        ----------
        sweeps : int
            A multiple of `thin`.
        workers : int, optional
            Threads; by default as many as there are processors.
        tell : callable, optional
            Told now and then how many sweeps the chains have done on average.

        Raises
        ------
        NotEstimable
            If a chain comes to a state that is not a number.
        """
        chains, K, k = self._lam.shape
        states = States.empty(chains, sweeps // thin, K, k)
        done = np.zeros(chains, dtype=int)
        stop = Event()

        def run_one(c: int) -> None:
            short = thin
            while done[c] < sweeps and not stop.is_set():
                part = min(short, sweeps - int(done[c]))
                started = time.perf_counter()
                self._run_part(c, part, thin, states, int(done[c]) // thin)
                done[c] += part
                taken = max(time.perf_counter() - started, 1e-6)
                fits = int(part * _LOOK_UP / taken) // thin * thin
                short = max(thin, min(fits, 10 * part))

        threads = min(workers or os.cpu_count() or 1, chains)
        with ThreadPoolExecutor(threads) as pool:
            try:
                left = {pool.submit(run_one, c) for c in range(chains)}
                while left:
                    finished, left = wait(left, timeout=_LOOK_UP)
                    for each in finished:
                        each.result()
                    if tell is not None:
                        tell(int(done.mean()))
            finally:
                stop.set()
        return states

    def _run_part(self, c: int, sweeps: int, thin: int, states: States, first: int) -> None:
        kernels = latent_class_kernels()
        kept = slice(first, first + sweeps // thin)
        fine = kernels.run_chain(
            self._y, self._on, self._n0[c], self._lam[c], self._log_weight[c],
            self._alpha[c], self._concentration, self._capture, self._tables,
            self._tilt, self._step, self._random[c], sweeps, thin,
            states.log_odds[c, kept], states.concentration[c, kept], states.n0[c, kept],
            states.m[c, kept], states.log_weight[c, kept], states.capture[c, kept],
        )  # fmt: skip
        if not fine:
            raise NotEstimable(
                "a chain of latent classes came to a state that is not a number.",
                "use less extreme parameters: capture=(1, 1) and concentration=(0.25, 0.25) are "
                "the usual ones.",
            )


def check_reach(states: States, seen: float) -> None:
    """Refuse draws of which many come near the number of people at which chains are stopped.

    Raises
    ------
    NotEstimable
        If one state in a hundred, or more, is beyond a thousandth of that number.
    """
    reached = seen + np.quantile(states.n0.sum(axis=-1), 0.99)
    if reached > MOST_PEOPLE / 1000.0:
        raise NotEstimable(
            f"the chains run up to {reached:.1g} people and beyond: the posterior falls off so "
            "slowly that it has no limits to speak of.",
            "use a prior on the population with a lighter tail, such as dk.prior.OneOverN(), or "
            "larger parameters of the capture probabilities, such as capture=(1, 1).",
        )


def report_sweeps(done: int, most: int) -> None:
    """Tell whoever listens how many sweeps are done, of at most so many."""
    progress.report("sweeps of latent classes, at most", done, most)


def _gamma_tables(capture: np.ndarray) -> np.ndarray:
    """log Γ(c + x) for x = 0, 1, ... and c = 1, a, b, a + b: the sampler's most frequent need."""
    first = np.array([1.0, *capture, capture.sum()])
    return gammaln(first[:, None] + np.arange(_TABLED))


def _tabulated_tilt(prior: ClassPrior, seen: float) -> tuple[np.ndarray, float]:
    """The prior's log weight relative to 1/N on a grid of log N from n, and the grid's step."""
    if prior.log_tilt is None:
        return np.zeros(1), 1.0
    step = float(np.log(2.0 * MOST_PEOPLE / seen)) / (_TILT_POINTS - 1)
    tilt = np.asarray(prior.log_tilt(seen * np.exp(step * np.arange(_TILT_POINTS))), dtype=float)
    largest = tilt.max()
    return (tilt - largest if np.isfinite(largest) else tilt), step


def _allowed(unseen: float, tilt: np.ndarray, step: float, seen: float) -> float:
    """The number of unseen nearest to the one given, on a log scale, that the prior allows."""
    if len(tilt) == 1:
        return unseen
    place = np.log1p(unseen / seen) / step
    possible = tilt > -500.0
    # beside a point that is impossible nothing can be interpolated
    inside = possible & np.append(True, possible[:-1]) & np.append(possible[1:], True)
    allowed = np.flatnonzero(inside if inside.any() else possible)
    nearest = allowed[np.argmin(np.abs(allowed - place))]
    return max(0.0, np.rint(seen * np.expm1(step * nearest)))

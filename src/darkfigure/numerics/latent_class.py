"""Latent classes of a table of counts: chains of a Gibbs sampler, run until they agree."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkfigure.numerics.class_chains import (
    Chains,
    ClassPrior,
    States,
    check_reach,
    report_sweeps,
)
from darkfigure.numerics.convergence import Agreement, Judge

_JUDGED = 250  # states per chain, at least: R-hat is noisy with fewer
_HELD = 4  # times as many are held at most


@dataclass(frozen=True)
class Length:
    """How long to run.

    Attributes
    ----------
    chains : int
    first : int
        Sweeps of a chain that are judged at the first look, after as many of warm-up.
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
    sweeps : int
        Of each chain that the draws are spread over, evenly.
    warm_up : int
        Sweeps before them.
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
    """Run chains from dispersed starts until they agree, looking whenever they are half as long.

    At each look the first third of all sweeps is left out, and at least one and a half times
    `length.first` (half of all while that is less); the rest is judged. Chains have a random
    stream each and lists are put in an order of their own, so that neither the number of threads
    nor the order of lists changes a result.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
        Entry 0 is not used.
    prior : ClassPrior
    length : Length
    draws : int
        Draws kept per chain.
    judge : callable
        Says of (chains, draws) whether they agree; asked about N and the log odds.
    rng : Generator
    workers : int, optional
        Threads.

    Raises
    ------
    NotEstimable
        If the chains run away, or one comes to a state that is not a number.
    """
    order = _order_of_lists(counts)
    y, on = _cells(counts, order)
    chains = Chains(y, on, prior, length.chains, rng)
    judged = draws * -(-_JUDGED // draws)
    thin = -(-length.first // judged)
    least = 3 * length.first // 2
    states = chains.run(2 * judged * thin, thin, workers, _teller(0, length.most))
    while True:
        before = _warm_up(len(states), least // thin)
        kept = states.take(slice(before, None))
        agreed = judge(kept.n0.sum(axis=-1)).worse(judge(kept.log_odds))
        more = min(-(-len(states) // 4) * 2, length.most // thin - len(states))
        if agreed.holds or more <= 0:
            break
        tell = _teller(len(states) * thin, length.most)
        later = chains.run(more * thin, thin, workers, tell)
        states = states.followed_by(later)
        if len(states) > 2 * _HELD * judged:
            states, thin = states.take(slice(1, None, 2)), 2 * thin
    report_sweeps(length.most, length.most)
    check_reach(kept, y.sum())
    return _sorted_draws(kept, draws, order, (len(kept) * thin, before * thin), agreed)


def _warm_up(states: int, least: int) -> int:
    """How many of the states of a run are left out: a third, and not too few."""
    return max(-(-states // 3), min(least, states // 2))


def _teller(before: int, most: int) -> Callable[[int], None]:
    """Reports the sweeps of a run that goes on from so many."""
    return lambda done: report_sweeps(min(before + done, most), most)


def run_sweeps(
    counts: np.ndarray,
    prior: ClassPrior,
    *,
    chains: int,
    sweeps: int,
    kept: int,
    rng: np.random.Generator,
    workers: int | None = None,
) -> States:
    """Run fresh chains for a fixed number of sweeps, whether they agree or not."""
    y, on = _cells(counts, _order_of_lists(counts))
    return Chains(y, on, prior, chains, rng).run(sweeps, sweeps // kept, workers)


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


def _sorted_draws(
    states: States, draws: int, order: np.ndarray, lengths: tuple[int, int], agreed: Agreement
) -> LatentClassDraws:
    sweeps, before = lengths
    chosen = states.take(np.arange(1, draws + 1) * len(states) // draws - 1)
    people = chosen.n0 + chosen.m
    rank = np.argsort(-people, axis=-1, kind="stable")
    capture = np.empty_like(chosen.capture)
    capture[..., order] = np.take_along_axis(chosen.capture, rank[..., None], axis=2)
    return LatentClassDraws(
        unseen=chosen.n0.sum(axis=-1),
        log_odds=chosen.log_odds,
        concentration=chosen.concentration,
        weight=np.take_along_axis(np.exp(chosen.log_weight), rank, axis=2),
        people=np.take_along_axis(people, rank, axis=2),
        capture=capture,
        sweeps=sweeps,
        warm_up=before,
        agreement=agreed,
    )

"""What latent classes imply: observable histories, the unseen before any data, and the tail."""

import numpy as np


def observable_probability(weight: np.ndarray, capture: np.ndarray) -> np.ndarray:
    """π̃: the probability of each history, given that it is observable.

    Parameters
    ----------
    weight : ndarray of float, shape (..., classes)
    capture : ndarray of float, shape (..., classes, k)

    Returns
    -------
    ndarray of float, shape (..., 2**k)
        Entry 0 is 0; the others add up to 1.
    """
    k = capture.shape[-1]
    total = np.zeros((*weight.shape[:-1], 1 << k))
    for z in range(weight.shape[-1]):
        cells = weight[..., z, None]
        for j in range(k):
            chance = capture[..., z, j, None]
            cells = np.concatenate([cells * (1.0 - chance), cells * chance], axis=-1)
        total += cells
    total[..., 0] = 0.0
    return total / total.sum(axis=-1, keepdims=True)


def prior_log_odds(
    classes: int,
    concentration: tuple[float, float],
    capture: tuple[float, float],
    k: int,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draws of log(π0 / (1 − π0)) before any data, shape (size,)."""
    K = classes
    shape, rate = concentration
    # logs throughout: most of this prior has α so small that 1 − V is below any float
    log_alpha = np.log(rng.gamma(shape + 1.0, 1.0 / rate, size)) + np.log(rng.random(size)) / shape
    log_stick = np.log(rng.random((size, K - 1))) * np.exp(-log_alpha)[:, None]
    with np.errstate(divide="ignore"):
        log_first = np.log(-np.expm1(log_stick))
    rest = np.concatenate([np.zeros((size, 1)), np.cumsum(log_stick, axis=1)], axis=1)
    log_weight = rest + np.concatenate([log_first, np.zeros((size, 1))], axis=1)
    chances = rng.beta(*capture, size=(size, K, k))
    log_missed = np.log1p(-np.minimum(chances, 1 - 1e-16)).sum(axis=2)
    with np.errstate(divide="ignore"):
        log_met = np.log(-np.expm1(log_missed))
    return np.logaddexp.reduce(log_weight + log_missed, axis=1) - np.logaddexp.reduce(
        log_weight + log_met, axis=1
    )


def class_tail(counts: np.ndarray, classes: int, capture: tuple[float, float]) -> float:
    """The power of N with which the likelihood, integrated over the classes, falls.

    A class that holds all but a few must have capture probabilities near 1/N, at a cost of N**-a
    for each list. With one class those seen belong to it too, and each list on which a person is
    after the first costs another power. With more they may be of others, which costs powers of
    log N only.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
        Entry 0 is not used.
    classes : int
    capture : (float, float)
    """
    k = len(counts).bit_length() - 1
    power = k * capture[0]
    if classes > 1:
        return power
    again = np.bitwise_count(np.arange(1, len(counts))) - 1.0
    return power + float(again @ counts[1:])


def pair_tail(counts: np.ndarray, first: int, second: int, capture: tuple[float, float]) -> float:
    """The same where the odds of being missed are π̃_i π̃_j / π̃_ij, with at least two classes.

    For these to pass a number X, some class must be on i and all but never on j, another on j
    and all but never on i, and nobody else on both: X**-2a by the prior, and X**-y_ij by the data.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
    first, second : int
        Histories of one list each.
    capture : (float, float)
    """
    return float(counts[first | second]) + 2.0 * capture[0]


def alternating_tail(counts: np.ndarray, capture: tuple[float, float]) -> float:
    """A lower bound of the same where the odds are the odd histories' product over the even ones'.

    For these to pass X, the product of the even histories' probabilities must fall below 1/X.
    That costs the least of their counts as a power; and one of E such histories must fall below
    X**(-1/E), for which in some class that matters one factor of its probability must.
    """
    codes = np.arange(1, len(counts))
    even = codes[np.bitwise_count(codes) % 2 == 0]
    return float(counts[even].min()) + min(capture) / len(even)

"""What latent classes imply: the observable histories, and the unseen before any data."""

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

"""Sums over the lattice of subsets of k lists, each subset written as a bit mask.

Index ``s`` of an array of length 2**k stands for the subset of lists whose bits are set in
``s``; index 0 is the empty set (as a capture history: on no list).
"""

import numpy as np


def popcount(k: int) -> np.ndarray:
    """Number of lists in each subset, shape (2**k,)."""
    return np.bitwise_count(np.arange(1 << k)).astype(np.int64)


def superset_sums(values: np.ndarray) -> np.ndarray:
    """z[s] = sum of values[t] over t ⊇ s, along the last axis of length 2**k."""
    out = np.array(values)
    size = out.shape[-1]
    step = 1
    while step < size:
        pairs = out.reshape(*out.shape[:-1], size // (2 * step), 2, step)
        pairs[..., 0, :] += pairs[..., 1, :]
        step *= 2
    return out


def subset_any(flags: np.ndarray) -> np.ndarray:
    """Whether flags[t] holds for some t ⊆ s, along the last axis of length 2**k."""
    out = np.array(flags)
    size = out.shape[-1]
    step = 1
    while step < size:
        pairs = out.reshape(*out.shape[:-1], size // (2 * step), 2, step)
        pairs[..., 1, :] |= pairs[..., 0, :]
        step *= 2
    return out


def seen_by_any(counts: np.ndarray) -> np.ndarray:
    """People on at least one list of each subset, shape (2**k,); 0 for the empty subset.

    Parameters
    ----------
    counts : ndarray of int, shape (2**k,)
        People per capture history; the entry of the empty history is not used.
    """
    observed = counts.copy()
    observed[0] = 0
    complement = superset_sums(observed[::-1])
    return observed.sum() - complement

"""Information criteria: minus twice the log-likelihood plus a penalty for parameters."""

import numpy as np


def penalty(criterion: str, parameters: np.ndarray, sample_size: float) -> np.ndarray:
    """The penalty of each model.

    Parameters
    ----------
    criterion : {"bic", "aic", "aicc"}
        p log n (Schwarz 1978), 2p (Akaike 1973), or 2p + 2p(p + 1)/(n − p − 1) (Hurvich & Tsai
        1989), infinite where p reaches n − 1.
    parameters : ndarray of int
        Number p of parameters.
    sample_size : float
        n.
    """
    p = np.asarray(parameters, dtype=float)
    if criterion == "bic":
        return p * np.log(sample_size)
    if criterion == "aic":
        return 2.0 * p
    spare = sample_size - p - 1.0
    with np.errstate(divide="ignore"):
        return np.where(spare > 0, 2.0 * p + 2.0 * p * (p + 1.0) / spare, np.inf)

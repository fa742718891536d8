"""Seeds: a number that can be printed, and the generator that it starts."""

import numpy as np

from darkfigure.errors import SettingsError


def seeded(seed: int | np.random.Generator | None) -> tuple[int, np.random.Generator]:
    """The seed as a number, drawn where none is given, and its generator.

    Raises
    ------
    SettingsError
        If it is neither a whole number from 0 up nor a Generator.
    """
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**32))
    elif seed is None:
        seed = int(np.random.default_rng().integers(2**32))
    elif isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"seed is {seed!r}; expected a whole number from 0 up or a Generator.")
    return int(seed), np.random.default_rng(int(seed))

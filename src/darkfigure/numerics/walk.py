"""A walk through models where all cannot be fitted, for any value of a model that is to be small.

A step asks for a forecast of what every neighbour is worth, which is cheap, and fits the most
promising ones only (compare the screening of Hans, Dobra & West 2007, J. Am. Stat. Assoc.
102:507, whose shotgun stochastic search this is).
"""

from collections.abc import Sequence
from itertools import islice
from typing import Protocol

import numpy as np

from darkfigure.numerics.hierarchy import allowed_terms, closure

_RANDOM_STARTS = 14
_STEPS = 12  # uphill and down after each descent
_TEMPERATURE = 6.0  # such that a model some ten units worse is often taken
_SLACK = 3.0  # a forecast may be wrong by so much: models so much too bad are fitted all the same
_AT_A_TIME = 4  # neighbours fitted before the best of them is taken
_LAST = 40  # neighbours fitted before a model counts as better than all around it
_GROUND = 32  # models whose neighbours are looked at together


class Landscape(Protocol):
    """Models that have values on the scale of −2 log likelihood."""

    def values_of(self, models: np.ndarray) -> np.ndarray:
        """The value of each model, inf for one that cannot be used; asked once per model.

        Parameters
        ----------
        models : ndarray of bool, shape (models, 2**k)
        """

    def forecast(self, models: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """About the value of each model after each change, shape (models, terms).

        Parameters
        ----------
        models : ndarray of bool, shape (models, 2**k)
            With finite values, asked for before.
        allowed : ndarray of int64, shape (terms,)
            Interactions added where a model lacks them, and dropped where it holds them; nan
            where that leaves no hierarchical model.
        """


class Walk:
    """The models looked at so far, and the ways from one to the next.

    Parameters
    ----------
    landscape : Landscape
    allowed : sequence of int
        Interactions that may be in a model.
    """

    def __init__(self, landscape: Landscape, allowed: Sequence[int]) -> None:
        self._landscape = landscape
        self._allowed = np.array(allowed, dtype=np.int64)
        self._size = 0
        self._value: dict[bytes, float] = {}
        self._around: dict[bytes, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._value)

    def values_of(self, models: np.ndarray) -> np.ndarray:
        """Values of models, from memory where they have been looked at."""
        keys = keys_of(models)
        self._size = models.shape[1]
        new = {key: i for i, key in enumerate(keys) if key not in self._value}
        if new:
            values = self._landscape.values_of(models[list(new.values())])
            self._value.update(zip(new, values.tolist(), strict=True))
        return np.array([self._value[key] for key in keys])

    def forecasts(self, models: np.ndarray) -> np.ndarray:
        """Forecasts for all neighbours of models with finite values."""
        keys = keys_of(models)
        new = [i for i, key in enumerate(keys) if key not in self._around]
        if new:
            found = self._landscape.forecast(models[new], self._allowed)
            self._around.update(zip((keys[i] for i in new), found, strict=True))
        return np.array([self._around[key] for key in keys])

    def neighbours(self, model: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """The model after each of the changes chosen, shape (changes, 2**k)."""
        found = np.repeat(model[None, :], len(chosen), axis=0)
        found[np.arange(len(chosen)), self._allowed[chosen]] ^= True
        return found

    def descend(self, start: np.ndarray) -> np.ndarray:
        """The model from which no neighbour that promises to be better is."""
        here, current = start, float(self.values_of(start[None, :])[0])
        while True:
            forecast = self.forecasts(here[None, :])[0]
            promising = np.argsort(forecast, kind="stable")[:_LAST]
            promising = promising[forecast[promising] < current + _SLACK]
            for some in range(0, len(promising), _AT_A_TIME):
                around = self.neighbours(here, promising[some : some + _AT_A_TIME])
                values = self.values_of(around)
                if values.min() < current - 1e-9:
                    here, current = around[np.argmin(values)], float(values.min())
                    break
            else:
                return here

    def wander(self, here: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
        """Steps that may climb: to a neighbour with weight exp(−forecast/2T)."""
        for _ in range(steps):
            forecast = self.forecasts(here[None, :])[0]
            promising = np.flatnonzero(np.isfinite(forecast))
            if len(promising) == 0:
                break
            weight = np.exp(-0.5 * (forecast[promising] - forecast[promising].min()) / _TEMPERATURE)
            step = rng.choice(promising, p=weight / weight.sum())
            there = self.neighbours(here, np.array([step]))
            if np.isfinite(self.values_of(there)[0]):
                here = there[0]
        return here

    def surround(self, *, within: float, most: int) -> None:
        """Look at the promising neighbours of good models until no new good one turns up.

        Parameters
        ----------
        within : float
            Models this close to the best count as good.
        most : int
            Stop when so many have been looked at.
        """
        done: set[bytes] = set()
        while len(self) < most:
            ranked = self._ranked()
            best = self._value[ranked[0]]
            if not np.isfinite(best):
                return
            near = (key for key in ranked if self._value[key] <= best + within)
            ground = list(islice((key for key in near if key not in done), _GROUND))
            if not ground:
                return
            done.update(ground)
            good = self._unpacked(ground)
            around = np.concatenate(
                [
                    self.neighbours(model, np.flatnonzero(forecast <= best + within + _SLACK))
                    for model, forecast in zip(good, self.forecasts(good), strict=True)
                ]
            )
            new = {key: i for i, key in enumerate(keys_of(around)) if key not in self._value}
            self.values_of(around[list(new.values())[: most - len(self)]])

    def in_order(self) -> np.ndarray:
        """Every model looked at, best first, shape (models, 2**k)."""
        return self._unpacked(self._ranked())

    def _ranked(self) -> list[bytes]:
        return sorted(self._value, key=self._value.__getitem__)

    def _unpacked(self, keys: Sequence[bytes]) -> np.ndarray:
        packed = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1)
        return np.unpackbits(packed, axis=1, count=self._size).astype(bool)


def walk_models(
    landscape: Landscape,
    k: int,
    possible: np.ndarray,
    order: int,
    rng: np.random.Generator,
) -> Walk:
    """Descend from many starts, each followed by steps that may climb and another descent.

    Starts are the independence model, the model with every pair, and random sets of pairs.

    Parameters
    ----------
    landscape : Landscape
    k : int
        Number of lists (and other variables).
    possible : ndarray of bool, shape (2**k,)
        Sets that may interact.
    order : int
        Most of them in one interaction.
    """
    walk = Walk(landscape, allowed_terms(k, order, possible))
    pairs = allowed_terms(k, 2, possible)
    shares = np.linspace(0.15, 0.85, _RANDOM_STARTS)
    sets = [[], pairs, *([pair for pair in pairs if rng.random() < share] for share in shares)]
    for chosen in sets:
        start = _usable(walk, chosen, k, rng)
        if start is not None:
            walk.descend(walk.wander(walk.descend(start), _STEPS, rng))
    return walk


def _usable(walk: Walk, pairs: list[int], k: int, rng: np.random.Generator) -> np.ndarray | None:
    """The model with these pairs, less half of them as often as it takes to have a value."""
    while True:
        model = closure(pairs, k)
        if np.isfinite(walk.values_of(model[None, :])[0]):
            return model
        if not pairs:
            return None
        pairs = [pair for pair in pairs if rng.random() < 0.5]


def keys_of(models: np.ndarray) -> list[bytes]:
    """Each model as a short key, for a memory of them."""
    return [row.tobytes() for row in np.packbits(models, axis=1)]

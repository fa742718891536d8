"""The people of a simulated register: their year and covariates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from darkfigure.data.about import Truth
from darkfigure.data.simulated_settings import YEAR, Register, share_in

_RAKING_ROUNDS = 1_000
_RAKED = 1e-10


@dataclass(frozen=True, eq=False)
class People:
    """People by stratum.

    Attributes
    ----------
    levels : mapping of str to tuple
        Per stratum variable its levels.
    codes : mapping of str to ndarray of int64, shape (people,)
        Per stratum variable the position of each person's level.
    number : int
    """

    levels: Mapping[str, tuple[Any, ...]]
    codes: Mapping[str, np.ndarray]
    number: int

    @property
    def stratum(self) -> np.ndarray:
        """Each person's combination of levels as one number, shape (people,)."""
        combined = np.zeros(self.number, dtype=np.int64)
        for name, levels in self.levels.items():
            combined = combined * len(levels) + self.codes[name]
        return combined

    def take(self, rows: np.ndarray) -> "People":
        """The people at these positions."""
        codes = {name: values[rows] for name, values in self.codes.items()}
        return replace(self, codes=codes, number=len(rows))

    def labels_of(self, strata: np.ndarray) -> dict[str, np.ndarray]:
        """Per stratum variable the level of each combination, as objects."""
        found: dict[str, np.ndarray] = {}
        for name in reversed(list(self.levels)):
            strata, codes = np.divmod(strata, len(self.levels[name]))
            levels = np.empty(len(self.levels[name]), dtype=object)
            levels[:] = self.levels[name]
            found[name] = levels[codes]
        return dict(reversed(found.items()))


def draw_people(register: Register, rng: np.random.Generator) -> People:
    """Draw the covariates of everyone, year by year."""
    sizes = [len(shares) for shares in register.covariates.values()]
    totals = register.totals if isinstance(register.totals, Mapping) else {0: register.totals}
    years, drawn = [], []
    for at, year in enumerate(sorted(totals)):
        joint = joint_shares(register, year)
        uniform = rng.random(totals[year])
        cumulated = np.cumsum(joint.reshape(-1))
        cumulated[-1] = 1.0
        drawn.append(np.searchsorted(cumulated, uniform, side="right"))
        years.append(np.full(totals[year], at, dtype=np.int64))
    combined = np.concatenate(drawn)
    codes = (
        dict(zip(register.covariates, np.unravel_index(combined, sizes), strict=True))
        if sizes
        else {}
    )
    if register.years:
        codes = {YEAR: np.concatenate(years)} | codes
    return People(register.levels, codes, len(combined))


def joint_shares(register: Register, year: int) -> np.ndarray:
    """Shares of all combinations of covariates: margins as set, associations as odds ratios.

    Returns
    -------
    ndarray, shape (levels of the first covariate, levels of the second, ...)
    """
    names = list(register.covariates)
    margins = [
        np.array([share_in(share, year) for share in shares.values()])
        for shares in register.covariates.values()
    ]
    joint = np.ones([len(margin) for margin in margins])
    for ((first, a), (second, b)), ratio in register.associations.items():
        where: list[Any] = [slice(None)] * len(names)
        where[names.index(first)] = list(register.covariates[first]).index(a)
        where[names.index(second)] = list(register.covariates[second]).index(b)
        joint[tuple(where)] *= ratio
    return _raked(joint, margins)


def _raked(joint: np.ndarray, margins: list[np.ndarray]) -> np.ndarray:
    """Scale along each axis until every margin is as given (Deming & Stephan 1940)."""
    for _ in range(_RAKING_ROUNDS):
        off = 0.0
        for axis, margin in enumerate(margins):
            others = tuple(each for each in range(joint.ndim) if each != axis)
            found = joint.sum(axis=others, keepdims=True)
            wanted = margin.reshape([-1 if each == axis else 1 for each in range(joint.ndim)])
            off = max(off, float(np.abs(found - wanted).max()))
            joint = joint * np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)
        if off < _RAKED:
            break
    return joint / joint.sum()


def truth_of(people: People) -> Truth:
    """Count the people of every combination of levels that occurs."""
    strata, numbers = np.unique(people.stratum, return_counts=True)
    labels = people.labels_of(strata)
    levels = zip(*(values.tolist() for values in labels.values()), strict=True)
    return Truth(
        tuple(people.levels),
        tuple(levels) if labels else ((),),
        tuple(numbers.tolist()),
    )

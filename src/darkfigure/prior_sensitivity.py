"""Whether another setting of a prior moves the answer, and what it gives instead.

A model leaves draws of the total under other settings; the caution is made of their medians, and
made again when the prior on the population is exchanged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from darkfigure.cautions import Caution, caution

GROUP = "prior_sensitivity"
"""The group of draws of the total under other settings of a prior."""

DRAWS = 1000
"""Draws of the total under each other setting."""

_COUNTABLE = 1e15

type Median = Callable[[np.ndarray], float | None]
"""The median of draws of the total, however they are weighed; None where it cannot be told."""


@dataclass(frozen=True)
class OtherSettings:
    """Totals under other settings of a prior, and the words to name them.

    Attributes
    ----------
    parameter : str
        What was varied: "the prior on interactions".
    described : tuple of str
        Each setting as it follows its median, in the order of the sentence: "at 2**-5 (used
        here)". That of the estimate itself stands among them.
    used : int
        Its place.
    totals : ndarray of float, shape (settings - 1, draws)
        Draws of the total under the others, in their order.
    ratio : float
        The largest median may be so many times the smallest before it is cautioned.
    """

    parameter: str
    described: tuple[str, ...]
    used: int
    totals: np.ndarray
    ratio: float

    def as_group(self) -> xr.Dataset:
        """As a group of the draws of an estimate."""
        others = [each for at, each in enumerate(self.described) if at != self.used]
        data = xr.Dataset(
            {"population": (("setting", "other_draw"), self.totals)}, coords={"setting": others}
        )
        attrs = {"parameter": self.parameter, "ratio": self.ratio}
        mine = {"used": self.described[self.used], "place": self.used}
        return data.assign_attrs({**attrs, **mine})

    @classmethod
    def of_group(cls, data: xr.Dataset) -> "OtherSettings":
        """Read back what `as_group` wrote."""
        described = [str(each) for each in data["setting"].to_numpy()]
        at = int(data.attrs["place"])
        described.insert(at, str(data.attrs["used"]))
        return cls(
            parameter=str(data.attrs["parameter"]),
            described=tuple(described),
            used=at,
            totals=data["population"].to_numpy(),
            ratio=float(data.attrs["ratio"]),
        )

    def cautions(self, mine: float, median: Median) -> tuple[Caution, ...]:
        """The caution, if the medians are too far apart.

        Parameters
        ----------
        mine : float
            The estimate's own median.
        median : callable
            Of the draws under another setting.
        """
        medians = [median(each) for each in self.totals]
        medians.insert(self.used, mine)
        told = [
            (value, words)
            for value, words in zip(medians, self.described, strict=True)
            if value is not None
        ]
        values = [value for value, _ in told]
        if max(values) <= self.ratio * min(values):
            return ()
        listed = ", ".join(f"{_number(value)} {words}" for value, words in told)
        return (caution("prior_sensitivity", parameter=self.parameter, medians=listed),)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value < _COUNTABLE else "past counting"

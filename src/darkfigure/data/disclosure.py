"""How a published table hides small counts: a threshold below which none is printed, rounding."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from darkfigure.errors import SettingsError
from darkfigure.literals import Omitted, Zeros, check_choice

type Limits = tuple[int, int]
"""The lowest and the highest number of people that a cell can hold."""

_ROUNDING = re.compile(r"\s*(?:(down|up)\s+)?(?:to\s+)?(\d+)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Rounding:
    """Counts printed as multiples of a base.

    Parameters
    ----------
    base : int
    how : {"to", "down to", "up to"}
        To the nearest multiple (halves either way), the one below or the one above.
    """

    base: int
    how: Literal["to", "down to", "up to"] = "to"

    def limits(self, printed: int) -> Limits:
        """True counts that are printed as this multiple of the base."""
        if self.how == "down to":
            return printed, printed + self.base - 1
        if self.how == "up to":
            return max(printed - self.base + 1, 0), printed
        return max(printed - self.base // 2, 0), printed + self.base // 2

    def printed(self, count: int) -> int:
        """The multiple of the base that stands for a true count; halves go up."""
        added = {"down to": 0, "up to": self.base - 1, "to": self.base // 2}[self.how]
        return (count + added) // self.base * self.base

    def __str__(self) -> str:
        return f"rounded to {self.base}" if self.how == "to" else f"rounded {self.how} {self.base}"


@dataclass(frozen=True)
class Disclosure:
    """How counts were made fit to print: below a threshold suppressed, the others rounded.

    Statistics offices call it disclosure control. A number as it is printed then stands for every
    true count that would be printed so: with ``threshold=5`` and ``rounding=5`` a printed 10 is
    one of 8, 9, 10, 11, 12, and a cell printed as "<5" one of 0, 1, 2, 3, 4.

    Parameters
    ----------
    threshold : int, optional
        True counts below it were suppressed: printed as "<5" or a mark, or left out.
    rounding : Rounding, optional
    zeros : {"suppressed", "shown"}
        Whether nobody is too few to be printed: "<5" is then 0 to 4, and a printed 0 may be a
        suppressed cell; or is printed as 0: "<5" is then 1 to 4, and a printed 0 is 0.
    omitted : {"suppressed", "zero"}, optional
        What a history that the table leaves out stands for. By default too few to be printed.
    own : bool, default False
        True where `CaptureTable.disclose` made the table, rather than someone else: `to_csv` then
        prints it.

    Examples
    --------
    >>> from darkfigure.data.disclosure import disclosure_of
    >>> printing = disclosure_of(threshold=5, rounding=5)
    >>> printing.limits(10), printing.suppressed, printing.left_out
    ((8, 12), (0, 4), (0, 4))
    >>> [printing.printed(count) for count in (0, 4, 7, 8)]
    ['<5', '<5', '5', '10']
    """

    threshold: int | None = None
    rounding: Rounding | None = None
    zeros: Zeros = "suppressed"
    omitted: Omitted | None = None
    own: bool = False

    @property
    def hides(self) -> bool:
        """True where a printed number may stand for another."""
        return self.threshold is not None or self.rounding is not None

    @property
    def fills(self) -> bool:
        """True where a history that is left out may hold people."""
        return self.hides and self.omitted != "zero"

    @property
    def suppressed(self) -> Limits | None:
        """Limits of a cell marked as suppressed, None where no threshold is known."""
        return None if self.threshold is None else (self._lowest, self.threshold - 1)

    @property
    def left_out(self) -> Limits:
        """Limits of a cell that the table leaves out."""
        low, high = self.limits(0) or (0, 0)
        return 0, max(high, low, (self.threshold or 1) - 1)

    def below(self, number: int) -> Limits:
        """Limits of a cell printed as "<5"."""
        return self._lowest, number - 1

    def limits(self, printed: int) -> Limits | None:
        """Limits of a cell printed as a number, None where it cannot have been printed so."""
        if self.rounding is not None and printed % self.rounding.base:
            return None
        low, high = (printed, printed) if self.rounding is None else self.rounding.limits(printed)
        if self.threshold is None:
            return low, high
        if printed > 0:
            low = max(low, self.threshold)
            return (low, high) if low <= high else None
        hidden = self.threshold - 1 if self.zeros == "suppressed" else 0
        return 0, high if high >= self.threshold else hidden

    def limits_of(self, printed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limits of printed numbers, each of shape (rows,); high is -1 where there are none."""
        if not self.hides:
            return printed, printed
        numbers, position = np.unique(printed, return_inverse=True)
        found = [self.limits(number) or (0, -1) for number in numbers.tolist()]
        limits = np.array(found, dtype=np.int64).reshape(-1, 2)[position.reshape(-1)]
        return limits[:, 0].copy(), limits[:, 1].copy()

    def printed(self, count: int) -> str:
        """A true count as it is printed."""
        if self.threshold is not None and self._lowest <= count < self.threshold:
            return f"<{self.threshold}"
        return str(count if self.rounding is None else self.rounding.printed(count))

    def why_not(self, printed: int) -> tuple[str, str]:
        """What a number should have been that cannot have been printed, and what to do."""
        if self.rounding is not None and printed % self.rounding.base:
            return (
                f"a multiple of {self.rounding.base}, as rounding= says",
                "Correct the row, or the base of the rounding; leave rounding= out if counts were "
                "not rounded.",
            )
        return (
            f"none from 1 to {(self.threshold or 1) - 1}, because threshold={self.threshold} says "
            "that counts below it were suppressed",
            "Say the threshold that the table was published with, or leave threshold= out.",
        )

    def __str__(self) -> str:
        parts = []
        if self.threshold is not None:
            zeros = "zeros among them" if self.zeros == "suppressed" else "zeros shown as 0"
            parts.append(f"counts below {self.threshold:,} suppressed ({zeros})")
        if self.rounding is not None:
            parts.append(f"{'the others' if parts else 'counts'} {self.rounding}")
        return ", ".join(parts)

    @property
    def _lowest(self) -> int:
        return 1 if self.zeros == "shown" else 0


def disclosure_of(
    *,
    threshold: int | None = None,
    rounding: int | str | None = None,
    zeros: Zeros = "suppressed",
    omitted: Omitted | None = None,
) -> Disclosure:
    """Read the settings of a published table.

    Raises
    ------
    SettingsError
        If one of them has a value it cannot have.
    """
    check_choice(zeros, Zeros, "zeros")
    if omitted is not None:
        check_choice(omitted, Omitted, "omitted")
    if threshold is not None and not _whole_from_2(threshold):
        raise SettingsError(
            f"threshold is {threshold!r}; expected a whole number from 2 up.",
            "threshold=5 says that counts below 5 were suppressed.",
        )
    found = Disclosure(
        None if threshold is None else int(threshold), _rounding_of(rounding), zeros, omitted
    )
    if omitted == "suppressed" and not found.hides:
        raise SettingsError(
            "omitted='suppressed' needs limits for the histories that are left out.",
            "Say how they were hidden: threshold=5, or rounding=5.",
        )
    return found


def _rounding_of(rounding: int | str | None) -> Rounding | None:
    if rounding is None:
        return None
    if isinstance(rounding, str) and (match := _ROUNDING.fullmatch(rounding)):
        base, direction = int(match[2]), (match[1] or "").lower()
        if base >= 2:
            how: Literal["to", "down to", "up to"] = "to"
            if direction:
                how = "down to" if direction == "down" else "up to"
            return Rounding(base, how)
    elif _whole_from_2(rounding):
        return Rounding(int(rounding))
    raise SettingsError(
        f"rounding is {rounding!r}; expected a whole number from 2 up, or a direction with it.",
        'rounding=5 (to the nearest), rounding="down to 10" or rounding="up to 10".',
    )


def _whole_from_2(value: object) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and int(value) >= 2  # type: ignore[call-overload]

"""How often links are missed or false: a share, a range or a prior, as `LinkageError` takes it."""

import numpy as np

from darkfigure.errors import SettingsError
from darkfigure.prior.shares import SharePrior

type Share = float | tuple[float, float] | SharePrior
"""A share that is given, lies evenly in a range, or has a prior."""

MIDDLE, HIGH = 0.5, 0.975
"""Quantiles of a rate that is not given as one number."""


def check_share(name: str, share: object) -> None:
    """Refuse what is no share below 1, no range of shares and no prior on one."""
    example = (
        f"{name}=0.05, {name}=(0.02, 0.10), {name}=dk.prior.Beta(5, 95) or "
        f"{name}=dk.prior.ClericalSample(checked=200, wrong=12)"
    )
    if isinstance(share, SharePrior):
        return
    ends = share if isinstance(share, tuple) else (share,)
    if len(ends) != (2 if isinstance(share, tuple) else 1) or not all(
        isinstance(end, int | float) and not isinstance(end, bool) and 0 <= end < 1 for end in ends
    ):
        raise SettingsError(
            f"{name} is {share!r}; expected a share from 0 to below 1, a range of shares, or a "
            "prior on one, the same for all lists.",
            example,
        )
    if len(ends) == 2 and not ends[0] < ends[1]:
        raise SettingsError(
            f"{name} runs from {ends[0]:g} to {ends[1]:g}; expected the lower end first.", example
        )


def check_together(missed: Share, false: Share) -> None:
    """Refuse rates under which a link would be no sign that two records are of one person."""
    highest = [
        quantile(share, HIGH if isinstance(share, SharePrior) else 1.0) for share in (missed, false)
    ]
    if sum(highest) >= 1.0 and min(highest) > 0.0:
        raise SettingsError(
            f"missed is {in_words(missed)} and false is {in_words(false)}: together up to "
            f"{sum(highest):.0%}, so that records of two people would be linked as often as two of "
            "one, and a link would say nothing.",
            "give rates that add up to less than 1: missed=0.1, false=0.01.",
        )


def quantile(share: Share, level: float) -> float:
    """One quantile of what is said of a rate."""
    return float(_quantiles(share, np.array([level]))[0])


def _quantiles(share: Share, levels: np.ndarray) -> np.ndarray:
    if isinstance(share, SharePrior):
        return share.quantile(levels)
    low, high = share if isinstance(share, tuple) else (share, share)
    return low + (high - low) * levels


def spread(share: Share, size: int, rng: np.random.Generator) -> np.ndarray:
    """So many draws, one from each equal part of the prior, in random order."""
    levels = (rng.permutation(size) + rng.random(size)) / size
    return _quantiles(share, levels)


def in_words(share: Share) -> str:
    """A rate as it is printed: "5% to 10%"."""
    if isinstance(share, int | float):
        return f"{share:.3g}" if share == 0 else f"{100 * share:.3g}%"
    low, high = _quantiles(share, np.array([0.025, 0.975]))
    if isinstance(share, tuple):
        return f"{100 * share[0]:.3g}% to {100 * share[1]:.3g}%"
    return f"{_percent(low)} to {_percent(high)} (95% of its prior)"


def _percent(share: float) -> str:
    """Two digits, and as many nines as it takes to tell a share from all."""
    return f"{100 * share:.2g}%" if share < 0.995 else f"{100 * share:.3g}%"

"""Whether a prior on the population and the lists alone, as two opinions on it, pull apart."""

import numpy as np

from darkfigure.calls import write_call
from darkfigure.cautions import Caution, caution
from darkfigure.prior.population import Prior, smallest_population
from darkfigure.results.wording import rounded

_RANGE = 0.95
_TENSION = 0.2  # two-sided chance that the smaller of the two opinions is the larger
_CONTRADICTION = 0.02
_STEPS = 4  # between the smallest number allowed and the median


def tension(prior: Prior, totals: np.ndarray, weights: np.ndarray) -> list[Caution]:
    """Whether the prior and the lists alone, as two opinions on the number, are far apart.

    They are where a number drawn from one is nearly always larger than one drawn from the other
    (a prior that is only sharper than the lists is no conflict).

    Parameters
    ----------
    totals, weights : ndarray of float, shape (draws,)
        Of the population under 1/N.
    """
    order = np.argsort(totals)
    below = np.cumsum(weights[order]) / weights.sum()
    at = np.minimum(np.searchsorted(below, (0.025, 0.5, 0.975)), len(order) - 1)
    low, middle, high = totals[order][at].tolist()
    said = {"median": rounded(middle), "limits": f"{rounded(low)} to {rounded(high)}"}
    least = smallest_population(prior)
    if least > 0:
        return _excluded(prior, least, float(weights[totals < least].sum() / weights.sum()), said)
    given = prior.range(_RANGE)
    if given is None:
        return []
    beyond = np.mean([np.interp(each, totals[order], below) for each in _quantiles(prior)])
    chance = 2.0 * min(beyond, 1.0 - beyond)
    if chance >= _TENSION:
        return []
    larger = beyond < 0.5
    return [
        caution(
            "prior_tension",
            how=_how(chance),
            prior=_in_words(prior),
            prob=_RANGE,
            low=rounded(given[0]),
            high=rounded(given[1]),
            **said,
            share=max(beyond, 1.0 - beyond),
            which="larger" if larger else "smaller",
        )
    ]


def _excluded(prior: Prior, least: float, share: float, said: dict[str, str]) -> list[Caution]:
    """Whether nearly all that the lists say lies below what the prior allows."""
    chance = 2.0 * (1.0 - share)
    if chance >= _TENSION:
        return []
    words = {"how": _how(chance), "prior": _in_words(prior), "least": rounded(least)}
    return [caution("prior_excludes", **words, share=share, **said)]


def piled_up(prior: Prior, totals: np.ndarray) -> list[Caution]:
    """Whether draws under a prior pile up at the smallest number that it allows.

    That is all that they can say of the lists alone, whose smaller numbers they leave out.

    Parameters
    ----------
    totals : ndarray of float, shape (draws,)
    """
    least = smallest_population(prior)
    middle = float(np.median(totals))
    if not least < middle:
        return []
    edges = np.geomspace(least, middle, _STEPS + 1)
    if np.histogram(totals, edges)[0].argmax() > 0:
        return []
    return [caution("prior_edge", prior=_in_words(prior), least=rounded(least))]


def _in_words(prior: Prior) -> str:
    return write_call(prior).removeprefix("prior.")


def _how(chance: float) -> str:
    return "contradict each other" if chance < _CONTRADICTION else "pull apart"


def _quantiles(prior: Prior) -> list[float]:
    """Numbers at even steps of probability of a proper prior."""
    pairs = [prior.range(prob) for prob in np.arange(0.02, 1.0, 0.02)]
    return [each for pair in pairs if pair is not None for each in pair]

"""The verb `identify`: every identifying assumption side by side."""

from collections.abc import Iterable

import numpy as np

from darkfigure import progress
from darkfigure.contract import Model
from darkfigure.data.captures import Captures, as_table
from darkfigure.errors import SettingsError
from darkfigure.models.decomposable_graphs import DecomposableGraphs
from darkfigure.models.log_linear import LogLinear
from darkfigure.results.estimate import check_prob
from darkfigure.seeds import seeded
from darkfigure.trust import assumed, assumed_families
from darkfigure.trust.exact_counts import note_of_strata, without_strata
from darkfigure.trust.side_by_side import SideBySide
from darkfigure.uncertainty import Profile

_QUICK: tuple[Model, ...] = (LogLinear(uncertainty=Profile()), DecomposableGraphs())


def identify(
    data: Captures,
    *,
    models: Model | Iterable[Model] | None = None,
    prob: float = 0.95,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
) -> SideBySide:
    """Set every assumption that reaches the unseen side by side, with its total and its fit.

    No highest-order interaction between all lists, and between every two and three lists among
    people whom all others missed, without a model of the observed counts; models with the
    assumption that each declares; differences between people by family; first captures that change
    later ones, where the lists are occasions in a known order (``table.about.occasions``); sample
    coverage for three lists or more. Assumptions that fit the observed counts equally and give
    other totals are marked: the data cannot choose between them (Link 2003).

    How well the observed counts are met is said on one scale: by the deviance and the parameters
    of a model fitted by maximum likelihood; for an average by the deviance of its mean cell
    probabilities, and the effective parameters that the mean deviance of its draws is worth.

    Parameters
    ----------
    data : as in `estimate`
        Strata are added up.
    models : Model or iterable of Model, optional
        By default the best log-linear model by BIC and the average over decomposable graphs; add
        ``dk.LatentClass()`` or ``dk.BayesianLogLinear()`` where time allows.
    prob : float, default 0.95
    seed, draws : as in `estimate`

    Returns
    -------
    SideBySide

    Raises
    ------
    NotEstimable
        If capture histories have no single count.

    References
    ----------
    Fienberg (1972), Biometrika 59:591; Dulce Rubio & Kennedy (2024), arXiv:2407.03539; Chao & Tsay
    (1998), J. Am. Stat. Assoc. 93:283; Chao, Tsay, Lin, Shau & Chao (2001), Stat. Med. 20:3123;
    Otis, Burnham, White & Anderson (1978), Wildl. Monogr. 62; Rivest & Baillargeon (2007),
    Biometrics 63:999; Link (2003), Biometrics 59:1123; Spiegelhalter, Best, Carlin & van der Linde
    (2002), J. R. Stat. Soc. B 64:583.

    Examples
    --------
    >>> import darkfigure as dk
    >>> found = dk.identify("hare", models=[], seed=1).to_frame().set_index("name")
    >>> round(float(found.loc["M0", "estimate"]), 2)
    75.43
    """
    check_prob(prob)
    whole = as_table(data)
    table = without_strata(whole, "identify")
    number, rng = seeded(seed)
    rows = list(assumed.without_model(table, prob))
    chosen = _as_models(models)
    for done, model in enumerate(chosen):
        progress.report("models", done, len(chosen))
        rows += assumed.by_model(table, model, prob, number, draws)
    rows += assumed_families.by_heterogeneity(table, prob)
    rows += assumed_families.by_behaviour(table, prob)
    rows += assumed_families.by_coverage(table, prob, rng)
    return SideBySide(tuple(rows), table, prob, note_of_strata(whole))


def _as_models(models: object) -> tuple[Model, ...]:
    if models is None:
        return _QUICK
    several = models if isinstance(models, Iterable) else [models]
    chosen = tuple(several)
    for each in chosen:
        if not isinstance(each, Model):
            raise SettingsError(
                f"models holds {each!r}; expected settings such as LatentClass().",
                "dk.identify(table, models=[dk.LogLinear(), dk.LatentClass()]).",
            )
    return chosen

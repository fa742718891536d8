"""What a user does: estimate, compare, vary the prior, look before looking."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from darkfigure.calls import write_call, write_python
from darkfigure.contract import CHAINS, HasPrior, Model, Varied, check_table, fit_plainly
from darkfigure.data.captures import Captures
from darkfigure.data.captures import as_table as as_table
from darkfigure.data.linkage_draws import LinkageDraws
from darkfigure.data.table import CaptureTable
from darkfigure.errors import DarkfigureError, NotEstimable, SettingsError
from darkfigure.literals import StrataHandling, check_choice
from darkfigure.prior.population import Prior
from darkfigure.results.assembly import from_fit, from_linkages, from_strata
from darkfigure.results.comparison import Comparison
from darkfigure.results.estimate import Estimate
from darkfigure.results.prior_predictive import PriorPredictive
from darkfigure.scrutiny import scrutinised
from darkfigure.seeds import seeded
from darkfigure.suggestions import suggest as suggest

_FEWEST_DRAWS = 200


def estimate(
    data: Captures,
    model: Model | None = None,
    *,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
    strata: StrataHandling | None = None,
) -> Estimate:
    """Estimate how many people there are, seen and unseen.

    Parameters
    ----------
    data : CaptureTable, CaptureRecords, LinkageDraws, DataFrame, path or str
        Captures, or the name of a dataset (`datasets`) or of a file (`read`). Over draws of the
        linkage the estimate is averaged.
    model : Model, optional
        Settings of an estimator; by default the first that `suggest` names.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same draws. Without one, a seed is drawn and kept on the result.
    draws : int, default 4000
        Number of draws returned, a multiple of 4.
    strata : {"joint", "separate", "pooled"}, optional
        How stratum variables of the table are used: in one model, each stratum apart with totals
        added up, or ignored. By default joint where the model can, else separate.

    Returns
    -------
    Estimate

    Raises
    ------
    DataError
        If the data cannot be read as captures.
    NotEstimable
        If the model cannot give an estimate from them.
    SettingsError
        If a setting has a value it cannot have.

    Examples
    --------
    >>> import darkfigure as dk
    >>> est = dk.estimate(dk.load("palembang"), dk.DecomposableGraphs(), seed=1)
    >>> round(est.median)
    159
    """
    if isinstance(data, LinkageDraws):
        return _over_linkages(data, model, seed=seed, draws=draws, strata=strata)
    table = as_table(data)
    chosen = chosen_model(table, model, strata)
    check_draws(draws)
    number, _ = seeded(seed)
    return scrutinised(fitted(table, chosen, seed=number, draws=draws, strata=strata))


def _over_linkages(
    linkages: LinkageDraws,
    model: Model | None,
    *,
    seed: int | np.random.Generator | None,
    draws: int,
    strata: StrataHandling | None,
) -> Estimate:
    """The estimate mixed over draws of the linkage."""
    table = linkages.typical
    chosen = chosen_model(table, model, strata)
    handling = _strata_handling(table, chosen, strata)
    check_draws(draws)
    number, rng = seeded(seed)
    call = _call("linkages", chosen, number, draws, strata)
    if handling == "pooled":
        linkages = LinkageDraws(tuple(_flat(each) for each in linkages.tables))
    return scrutinised(from_linkages(linkages, chosen, draws, rng, number, call))


def chosen_model(
    table: CaptureTable, model: object, strata: StrataHandling | None, *, year: str = "year"
) -> Model:
    """The model given, or the first that is suggested."""
    if model is not None:
        return _as_model(model)
    return suggest(_pooled(table, strata), year=year)[0].model


def fitted(
    table: CaptureTable,
    model: Model,
    *,
    seed: int,
    draws: int,
    strata: StrataHandling | None = None,
    plainly: bool = False,
) -> Estimate:
    """The draws of `estimate` without what is found by looking at them.

    Parameters
    ----------
    table, model, seed, draws, strata : as in `estimate`
    plainly : bool, default False
        Leave out what the model itself says beside its draws, where it can.
    """
    flat = as_taken(table, model, strata)
    rng, call = np.random.default_rng(seed), _call(table.origin, model, seed, draws, strata)
    if flat is None:
        return from_strata(table, model, draws, rng, seed, call)
    if plainly:
        fit = fit_plainly(model, flat, draws=draws, rng=rng)
    else:
        fit = model.fit(flat, draws=draws, rng=rng)
    return from_fit(fit, flat, model, seed, call)


def as_taken(
    table: CaptureTable, model: Model, strata: StrataHandling | None
) -> CaptureTable | None:
    """The table as the model takes it: with its strata, or without; None where each is apart.

    Raises
    ------
    NotEstimable
        If the model cannot take it.
    """
    handling = _strata_handling(table, model, strata)
    if handling == "separate":
        return None
    flat = table if handling == "joint" else _flat(table)
    check_table(model, flat)
    return flat


def compare(
    data: Captures,
    models: Model | Iterable[Model] | None = None,
    *,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
    strata: StrataHandling | None = None,
) -> Comparison:
    """Estimate with several models; disagreement is shown, never averaged away.

    Parameters
    ----------
    data : as in `estimate`
    models : Model or iterable of Model, optional
        By default all that `suggest` names.
    seed, draws, strata : as in `estimate`
        Every model gets its own stream of the one seed.

    Returns
    -------
    Comparison
        Models that cannot be used are listed last, with the reason (`refusals`); the others are
        compared all the same.

    Raises
    ------
    NotEstimable
        If none of the models can be used. (Of a single model, the error that `estimate` raises.)
    """
    table = as_table(data)
    settings: Sequence[Model] = (
        [each.model for each in suggest(_pooled(table, strata))]
        if models is None
        else _as_models(models)
    )
    if not settings:
        raise SettingsError("compare needs at least one model.")
    check_draws(draws)
    if strata is not None:
        check_choice(strata, StrataHandling, "strata")
    number, _ = seeded(seed)
    estimates, errors = [], {}
    for model in settings:
        try:
            estimates.append(estimate(table, model, seed=number, draws=draws, strata=strata))
        except DarkfigureError as error:  # of this model: what concerns all was checked above
            errors[write_call(model)] = error
    if not estimates:
        raise _none_of_them(errors)
    return Comparison(tuple(estimates), {name: each.problem for name, each in errors.items()})


def sensitivity(
    data: Captures,
    model: Model | None = None,
    *,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
    strata: StrataHandling | None = None,
) -> Comparison:
    """Estimate again under other settings of the prior, which the data cannot choose.

    Parameters
    ----------
    data : as in `estimate`
    model : Model, optional
        By default the first that `suggest` names. Varied are the Dirichlet parameter δ of
        `DecomposableGraphs`, the classes K and the concentration of `LatentClass`, the prior on
        interactions of `BayesianLogLinear`, the odds ratio of `TwoList`.
    seed, draws, strata : as in `estimate`

    Returns
    -------
    Comparison
        The model given first.

    Raises
    ------
    NotEstimable
        If the model has no prior to vary.
    """
    table = as_table(data)
    chosen = chosen_model(table, model, strata)
    if not isinstance(chosen, Varied):
        raise NotEstimable(
            f"{type(chosen).__name__} has no prior to vary.",
            "compare other criteria or uncertainties with dk.compare(table, [...]).",
        )
    others = [each for each in chosen.varied(table.n_lists) if each != chosen]
    return compare(table, [chosen, *others], seed=seed, draws=draws, strata=strata)


def prior_predictive(
    model: Model,
    data: Captures,
    *,
    seed: int | np.random.Generator | None = None,
    draws: int = 4000,
) -> PriorPredictive:
    """Show what a model says of the unseen before it looks at the overlaps.

    Parameters
    ----------
    model : Model
    data : as in `estimate`
        Only its lists and strata are used.
    seed : as in `estimate`
    draws : int, default 4000

    Returns
    -------
    PriorPredictive
        Draws of the people per person seen; `summary`, `plot`.

    Raises
    ------
    NotEstimable
        If the model has no prior, or cannot take the table.
    SettingsError
        If a setting names a list that the table has not, or has a value it cannot have.
    """
    table, chosen = as_table(data), _as_model(model)
    if not isinstance(chosen, HasPrior):
        raise NotEstimable(
            f"{type(chosen).__name__} has no prior: it says nothing before looking.",
            "dk.prior_predictive(dk.BayesianLogLinear(), table).",
        )
    if "strata" not in chosen.handles:
        table = _flat(table)
    check_table(chosen, table)
    if not _is_whole(draws) or draws < _FEWEST_DRAWS:
        raise SettingsError(
            f"draws is {draws!r}; expected a whole number, at least {_FEWEST_DRAWS}.", "draws=4000"
        )
    _, rng = seeded(seed)
    log_odds = chosen.draw_prior_odds(table, draws, rng)
    with np.errstate(over="ignore"):
        ratio = 1.0 + np.exp(log_odds)
    prior = getattr(chosen, "prior", None)
    population = prior.range(0.95) if isinstance(prior, Prior) else None
    return PriorPredictive(chosen, table, ratio, population)


def check_draws(draws: object) -> None:
    """Refuse a number of draws that do not fill the chains."""
    if not _is_whole(draws) or draws < _FEWEST_DRAWS or draws % CHAINS:  # type: ignore[operator]
        raise SettingsError(
            f"draws is {draws!r}; expected a multiple of {CHAINS}, at least {_FEWEST_DRAWS}.",
            "draws=4000",
        )


def _none_of_them(errors: Mapping[str, DarkfigureError]) -> DarkfigureError:
    """The refusal where no model can be used: that of the only one, or the reason of each."""
    if len(errors) == 1:
        return next(iter(errors.values()))
    reasons = "".join(f"\n  {name}: {error.problem}" for name, error in errors.items())
    hints = dict.fromkeys(error.hint for error in errors.values() if error.hint)
    return NotEstimable(
        f"none of the {len(errors)} models gives an estimate.{reasons}", next(iter(hints), None)
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _as_model(model: object) -> Model:
    if isinstance(model, Model):
        return model
    if isinstance(model, type) and issubclass(model, Model):
        raise SettingsError(
            f"model is the class {model.__name__}, not its settings.", f"{model.__name__}()"
        )
    raise SettingsError(
        f"model is {model!r}; expected settings such as DecomposableGraphs() or LogLinear()."
    )


def _as_models(models: object) -> Sequence[Model]:
    """Read one model, or several."""
    if isinstance(models, Iterable) and not isinstance(models, str | Model):
        return [_as_model(model) for model in models]
    return [_as_model(models)]


def _flat(table: CaptureTable) -> CaptureTable:
    return table.collapse(*table.strata) if table.strata else table


def _pooled(table: CaptureTable, strata: StrataHandling | None) -> CaptureTable:
    """The table that the models are to take: without its strata, if they are pooled."""
    return _flat(table) if strata == "pooled" else table


def _strata_handling(
    table: CaptureTable, model: Model, strata: StrataHandling | None
) -> StrataHandling:
    if strata is not None:
        check_choice(strata, StrataHandling, "strata")
    if not table.strata:
        return "pooled"
    jointly = "strata" in model.handles
    if strata == "joint" and not jointly:
        raise NotEstimable(
            f"{type(model).__name__} cannot model strata jointly.",
            "strata='separate' estimates each apart and adds up; strata='pooled' ignores them.",
        )
    return strata or ("joint" if jointly else "separate")


def _call(origin: str, model: Model, seed: int, draws: int, strata: StrataHandling | None) -> str:
    more = "" if draws == 4000 else f", draws={draws}"
    more += "" if strata is None else f", strata={strata!r}"
    return f"dk.estimate({origin}, {write_python(model)}, seed={seed}{more})"

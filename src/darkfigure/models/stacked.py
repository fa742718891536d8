"""Several models together, weighted by how well they find populations of known size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from darkfigure import progress
from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.calls import write_call
from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, Handling, Model, check_table, in_chains
from darkfigure.data.known_sizes import HALF, Outcome, read_reference, shipped
from darkfigure.data.same_people import people_of
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import internal_tasks
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics import stacking
from darkfigure.numerics.known_errors import LEVELS
from darkfigure.numerics.resampling import quantiles, systematic
from darkfigure.refit import fit_known_sizes
from darkfigure.version import __version__

MEMBERS = "members"
"""The group that holds each model's weight, median and 95 % limits."""

_CLEARLY = 1.25  # medians this far apart are said to disagree
_PROB = np.array([0.5, 0.025, 0.975])


@dataclass(frozen=True)
class Stacked(Model):
    r"""Several models, weighted by how well each foretells populations of known size.

    Every list is one: its people, without that list, for the others to find. With
    :math:`p_{mj}` the density that the draws of model m give to the truth of task j, the weights
    maximise :math:`\sum_j v_j \log \sum_m w_m p_{mj}` plus a Dirichlet prior worth four tasks of
    equal weights. The lists of the table at hand count one each; those of the public tables, where
    the models have been tried on them (`make_reference`), a quarter, and those of the same people
    nothing. What predicts observed cells best is never asked: it cannot see the missing one. The
    draws are a mixture by these weights.

    Parameters
    ----------
    models : sequence of Model
        Two or more, all different.

    Raises
    ------
    NotEstimable
        If none of the models has an estimate. Where some have none, their weight goes to the
        others, with a caution.

    Notes
    -----
    ``est.models`` has a row per model: weight, population (the median) and 95 % limits. The hull
    of the models' intervals, weights or none, is printed as the envelope.

    References
    ----------
    Yao, Vehtari, Simpson & Gelman (2018), Bayesian Anal. 13:917; Binette & Steorts (2022),
    J. R. Stat. Soc. A 185:640.
    """

    models: Sequence[Model]

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "models that find the people of one list best also find those on none best",
            "The models that tell best how many people are on a list, from the other lists, also "
            "tell best how many are on none.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Yao Y, Vehtari A, Simpson D, Gelman A (2018). Using stacking to average Bayesian "
        "predictive distributions. Bayesian Anal. 13:917-1007.",
        "Binette O, Steorts RC (2022). On the reliability of multiple systems estimation for the "
        "quantification of modern slavery. J. R. Stat. Soc. A 185:640-676.",
    )
    identifies: ClassVar[str] = "the models that find people of known lists also find the unseen"
    handles: ClassVar[frozenset[Handling]] = frozenset({"impossible"})
    fewest_lists: ClassVar[int] = 3
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        if not isinstance(self.models, Iterable) or not all(
            isinstance(each, Model) for each in self.models
        ):
            raise SettingsError(
                f"models is {self.models!r}; expected several models.",
                'dk.Stacked([dk.BayesianLogLinear(), dk.LogLinear(select="average")])',
            )
        models = tuple(self.models)
        if len(models) < 2 or len(set(models)) < len(models):
            raise SettingsError(
                f"models holds {len(set(models))} different models; expected two or more, none "
                "of them twice.",
                'dk.Stacked([dk.BayesianLogLinear(), dk.LogLinear(select="average")])',
            )
        object.__setattr__(self, "models", models)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Fit every model, weigh them on populations of known size, and mix their draws."""
        *streams, mixing = rng.spawn(len(self.models) + 1)
        fits: dict[Model, Fit] = {}
        refused: dict[Model, str] = {}
        for model, stream in zip(self.models, streams, strict=True):
            try:
                check_table(model, table)
                fits[model] = model.fit(table, draws=draws, rng=stream)
            except NotEstimable as error:
                refused[model] = error.problem
            progress.report("models", len(fits) + len(refused), len(self.models))
        if not fits:
            reasons = "".join(f"\n  {write_call(m)}: {why}" for m, why in refused.items())
            raise NotEstimable(f"none of the models gives an estimate.{reasons}", "use others.")
        members = tuple(fits)
        weights = weights_of(members, table)
        limits = np.array([quantiles(_totals(fits[each]), _PROB) for each in members])
        frame = _as_frame(members, weights, limits, refused)
        parts = [f"{write_call(m)} {w:.2f}" for m, w in zip(members, weights, strict=True)]
        return Fit(
            kind="stacked",
            seen=table.n_observed,
            unseen=in_chains(_mixed([fits[each] for each in members], weights, draws, mixing)),
            label=f"Stacked, by weight on populations of known size: {', '.join(parts)}",
            models=frame,
            tail_exponent=min(fits[each].tail_exponent for each in members),
            cautions=_cautions(members, limits, refused),
            groups={
                MEMBERS: {
                    "weight": weights,
                    "median": limits[:, 0],
                    "low": limits[:, 1],
                    "high": limits[:, 2],
                }
            },
        )


type Outcomes = dict[str, Outcome]
"""What one model made of populations of known size, by their names."""


def weights_of(models: Sequence[Model], table: CaptureTable) -> np.ndarray:
    """Weights by the populations of known size of a table, and of the public ones."""
    own, whom = internal_tasks(table).tasks, people_of(table)
    here = [by_name(fit_known_sizes(model, own)) for model in models]
    return weights_from(here, [_elsewhere(m, whom, table.about.name) for m in models])


def weights_from(here: Sequence[Outcomes], elsewhere: Sequence[Outcomes]) -> np.ndarray:
    """Weights by what each model made of the table's own populations, and of those of others.

    Parameters
    ----------
    here, elsewhere : sequence of Outcomes
        One per model; empty where the model was not tried.
    """
    density, counts = [np.empty((0, len(here)))], [np.empty(0)]
    for found, share in ((here, 1.0), (elsewhere, stacking.REFERENCE)):
        names = list(dict.fromkeys(name for each in found for name in each))
        if names:
            density.append(np.stack([_densities(each, names, found) for each in found], axis=1))
            counts.append(share * np.array([_worth(name, found) for name in names]))
    return stacking.stacking_weights(np.concatenate(density), np.concatenate(counts))


def by_name(outcomes: Sequence[Outcome]) -> Outcomes:
    """Look outcomes up by the name of their population."""
    return {each.name: each for each in outcomes}


def _elsewhere(model: Model, whom: frozenset[str], table_name: str) -> Outcomes:
    """The model on other people's tables, as it was kept; nothing where it was not tried."""
    path = shipped().get(write_call(model))
    if path is None:
        return {}
    reference = read_reference(path)
    if reference.version != __version__:
        return {}
    return by_name(
        [
            each
            for each in reference.outcomes
            if each.table != table_name and each.population_id not in whom
        ]
    )


def _densities(mine: Outcomes, names: list[str], found: Sequence[Outcomes]) -> np.ndarray:
    """Density at each truth; a model that was not tried counts as the average of the others."""
    truth = np.array([_any(name, found).unseen for name in names], dtype=float)
    every = [
        stacking.densities(
            np.log(truth + HALF),
            np.array(
                [
                    each[name].quantiles if each[name].estimated else (np.nan,) * len(LEVELS)
                    for name in names
                ]
            ).reshape(-1, len(LEVELS)),
        )
        for each in ([mine] if mine else [other for other in found if other])
    ]
    return np.mean(every, axis=0)


def _any(name: str, found: Sequence[Outcomes]) -> Outcome:
    return next(each[name] for each in found if name in each)


def _worth(name: str, found: Sequence[Outcomes]) -> float:
    """Tasks of people whom n of the tables count are worth 1/n each."""
    one = next(each for each in found if name in each)
    whom = one[name].population_id
    same = {each.table for each in one.values() if each.population_id == whom}
    return 1.0 / max(len(same), 1)


def _totals(fit: Fit) -> np.ndarray:
    return (fit.seen + fit.unseen).ravel()


def _mixed(
    fits: Sequence[Fit], weights: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of each model in proportion to its weight, in no order."""
    whose = systematic(weights, draws, rng)
    taken = [
        rng.permutation(fit.unseen.ravel())[: int((whose == m).sum())] for m, fit in enumerate(fits)
    ]
    return rng.permutation(np.concatenate(taken))


def _as_frame(
    members: Sequence[Model], weights: np.ndarray, limits: np.ndarray, refused: dict[Model, str]
) -> pd.DataFrame:
    rows = [
        {
            "label": write_call(model),
            "population": median,
            "weight": weight,
            "low": low,
            "high": high,
            "status": "used",
        }
        for model, weight, (median, low, high) in zip(members, weights, limits, strict=True)
    ]
    rows.sort(key=lambda row: -row["weight"])
    blank = dict.fromkeys(("population", "low", "high"), np.nan)
    rows += [
        {"label": write_call(m), **blank, "weight": 0.0, "status": f"refused: {why}"}
        for m, why in refused.items()
    ]
    return pd.DataFrame(rows)


def _cautions(
    members: Sequence[Model], limits: np.ndarray, refused: dict[Model, str]
) -> tuple[Caution, ...]:
    found = [
        caution("member_refused", model=write_call(model), reason=why.rstrip("."))
        for model, why in refused.items()
    ]
    medians = limits[:, 0]
    if medians.max() > _CLEARLY * medians.min():
        said = [f"{write_call(m)} {v:,.0f}" for m, v in zip(members, medians, strict=True)]
        low, high = (f"{v:,.0f}" for v in (limits[:, 1].min(), limits[:, 2].max()))
        found.append(caution("members_disagree", models="; ".join(said), low=low, high=high))
    return tuple(found)

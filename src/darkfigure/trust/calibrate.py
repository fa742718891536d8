"""Correct an estimate by how wrong its model is on populations of known size."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from darkfigure import progress
from darkfigure.data.datasets import datasets
from darkfigure.data.known_sizes import HALF, Outcome, Reference, as_known
from darkfigure.data.names import did_you_mean
from darkfigure.data.same_people import people_of
from darkfigure.data.table import CaptureTable
from darkfigure.data.tasks import internal_tasks
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.literals import Inference, check_choice
from darkfigure.numerics.known_errors import Form, Known, Learned, given_own, learn, predict
from darkfigure.refit import fit_known_sizes
from darkfigure.results.calibrated import calibrated
from darkfigure.results.estimate import Estimate, check_estimate
from darkfigure.trust.error_model import sample_errors
from darkfigure.trust.reference import find_reference

FORM = Form()
"""The form of the model of errors; how it was chosen: docs/choosing-the-default.md."""

FEWEST_TASKS, FEWEST_POPULATIONS = 10, 3


def calibrate(
    est: Estimate,
    exclude: str | Iterable[str] = (),
    *,
    inference: Inference = "importance",
    reference: str | Path | None = None,
) -> Estimate:
    r"""Correct an estimate by how wrong its model is on populations of known size.

    Every list is a population of known size: its people, without that list, for the others to
    find. The model's errors there, on the lists of this table and of the public tables, tell by
    how much its dark figure is to be shifted and widened. With m the median of the draws of
    log(unseen + 1/2), s their standard deviation by the 95 % interval, g how far the log odds of
    being missed are from typical ones, and t a population,

    .. math:: y_{tj} = m_{tj} + \mu_t + \beta g_{tj} + \sigma (s_{tj} / s_0)^{\kappa} T_{tj},
        \qquad \mu_t \sim N(\mu, \tau), \quad T \sim t_4.

    The parameters are learned from the other tables, and the shift of this one from its own lists
    as far as it has any.

    Parameters
    ----------
    est : Estimate
    exclude : str or iterable of str
        Tables, or values of `population_id`, not to learn from; other tables of the same people
        are kept unless `population_id` is named. Those of the same people as this one never
        teach: they are known by `population_id`, and by their counts, also with lists renamed,
        in another order or left out. With lists merged or counts changed, name them here.
    inference : {"importance", "nuts"}, default "importance"
        How the parameters are learned: by weighted draws about the mode, or by NUTS in PyMC
        (`build_errors`), which takes longer and gives the same.
    reference : path, optional
        A file of `make_reference`, for a model or settings whose errors do not come along.

    Returns
    -------
    Estimate
        Of kind "calibrated": the same model, with the interval before beside the new one. It
        assumes that the errors on this table are like those on lists of known size. People on a
        list are easier to see than people on none, so that it is still no upper bound.

    Raises
    ------
    SettingsError
        If the errors of these settings are not known (the hint says how they are made), or
        `exclude` names no table.
    NotEstimable
        If the estimate is calibrated already, has no single number or no upper limit, or too few
        populations of known size are left.

    References
    ----------
    Schuemie MJ, Hripcsak G, Ryan PB, Madigan D, Suchard MA (2018). Empirical confidence interval
    calibration for population-level effect estimation studies in observational healthcare data.
    Proc. Natl. Acad. Sci. 115:2571-2577. Binette O, Steorts RC (2022). On the reliability of
    multiple systems estimation for the quantification of modern slavery. J. R. Stat. Soc. A
    185:640-676.
    """
    check_choice(inference, Inference, "inference")
    check_estimate(est, "dk.calibrate(dk.estimate(...))")
    left_out = (exclude,) if isinstance(exclude, str) else exclude
    if not isinstance(left_out, Iterable) or not all(isinstance(each, str) for each in left_out):
        raise SettingsError(
            f"exclude is {exclude!r}; expected names of tables.", 'exclude=["uk", "kosovo"]'
        )
    left_out = tuple(left_out)
    _check(est)
    found = find_reference(est.model, reference)
    others = _others(found, est.table, left_out)
    own = own_outcomes(est)
    rng = np.random.default_rng([est.seed, 6])
    known, of_own = as_known(others), as_known(own)
    if inference == "nuts":
        learned = sample_errors(known, of_own, form=FORM, rng=rng)
    else:
        learned = learned_errors(known, of_own, rng)
    progress.report("errors learned", 1, 1)
    log_unseen = np.log(est.totals - est.seen_totals + HALF)
    log_seen = float(np.log(np.median(est.seen_totals)))
    drawn = predict(log_unseen, log_seen, learned, of_own, rng)
    call = _call(est, left_out, inference, reference)
    return calibrated(est, drawn, own=own, others=others, call=call)


def learned_errors(known: Known, own: Known, rng: np.random.Generator) -> Learned:
    """What the errors of other tables teach, and then those of the table itself."""
    return given_own(learn(known, form=FORM, rng=rng), own)


def own_outcomes(est: Estimate) -> tuple[Outcome, ...]:
    """The model of an estimate on the populations of known size of its own table."""
    tasks = internal_tasks(est.table).tasks
    return fit_known_sizes(est.model, tasks)


def _check(est: Estimate) -> None:
    if est.kind == "calibrated":
        raise NotEstimable(
            "this estimate is calibrated already.", "calibrate the one that it was made of."
        )
    if not est.settled:
        raise NotEstimable(
            "the chains of this estimate do not agree: there is no single number to correct.",
            "run longer, or use a model that is averaged exactly, such as dk.BayesianLogLinear().",
        )
    if not np.isfinite(est.totals).all():
        raise NotEstimable(
            "this estimate has no upper limit: its draws cannot be shifted.",
            "use a model that has one, such as dk.BayesianLogLinear().",
        )


def _others(
    reference: Reference, table: CaptureTable, exclude: tuple[str, ...]
) -> tuple[Outcome, ...]:
    """The outcomes of other people's tables that are not to be left out."""
    whom = people_of(table)
    names = {each.table for each in reference.outcomes}
    populations = {each.population_id for each in reference.outcomes}
    known = {*names, *populations, *datasets()["name"]}
    for name in exclude:
        if name not in known:
            raise SettingsError(
                f"exclude names {name!r}, which is no table that is learned from; those are "
                f"{', '.join(sorted(names))}.",
                did_you_mean(str(name), known),
            )
    kept = tuple(
        each
        for each in reference.outcomes
        if each.population_id not in whom
        and each.table not in (table.about.name, *exclude)
        and each.population_id not in exclude
    )
    tasks = sum(each.estimated for each in kept)
    left = len({each.population_id for each in kept if each.estimated})
    if tasks < FEWEST_TASKS or left < FEWEST_POPULATIONS:
        raise NotEstimable(
            f"{tasks} populations of known size in {left} tables are left to learn from; "
            f"{FEWEST_TASKS} in {FEWEST_POPULATIONS} are needed.",
            "exclude fewer tables."
            if exclude
            else "use a model that has an estimate of more of them.",
        )
    return kept


def _call(
    est: Estimate, exclude: tuple[str, ...], inference: Inference, reference: str | Path | None
) -> str:
    more = f", exclude={exclude!r}" if exclude else ""
    more += "" if inference == "importance" else f", inference={inference!r}"
    more += "" if reference is None else f", reference={str(reference)!r}"
    return f"dk.calibrate({est.call}{more})"

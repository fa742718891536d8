"""The ready-made simulated register, and how settings left out fall back on it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from darkfigure.data.simulated_settings import Register, SimulatedList
from darkfigure.errors import SettingsError

_PEOPLE = {2020: 1_800, 2021: 2_100, 2022: 2_500, 2023: 2_300}
_COVARIATES = {
    "sex": {"female": 0.7, "male": 0.3},
    "form": {"sexual": 0.6, "labour": 0.4},
}
_ASSOCIATIONS = {(("sex", "male"), ("form", "labour")): 4.0}
_LISTS = {
    "police": SimulatedList(0.14, effects={"form": {"labour": -0.6}}),
    "inspectorate": SimulatedList(0.05, effects={"form": {"labour": 1.8}}),
    "shelter": SimulatedList(0.09, effects={"sex": {"male": -1.0}}),
    "coordinator": SimulatedList(0.06),
}
_VISIBILITY = 0.5
_DEPENDENCE = {("police", "inspectorate"): 0.5, ("shelter", "coordinator"): 2.5}
_REFERRAL = {("police", "shelter"): 0.1}


def filled_in(
    people: Any, covariates: Any, associations: Any, lists: Any, **settings: Any
) -> Register:
    """Fill in what was left out, and check everything."""
    if covariates is None and associations is None:
        associations = _ASSOCIATIONS
    totals = _PEOPLE if people is None else people
    covariates = _COVARIATES if covariates is None else _mapping(covariates, "covariates")
    own_lists = lists is not None
    if own_lists:
        lists = {
            str(name): each if isinstance(each, SimulatedList) else SimulatedList(each)
            for name, each in _mapping(lists, "lists").items()
        }
    else:
        known = {name: set(shares) for name, shares in covariates.items()}
        lists = {name: _of_known(each, known) for name, each in _LISTS.items()}
    ready = {"visibility": _VISIBILITY, "dependence": _DEPENDENCE, "referral": _REFERRAL}
    none = {"visibility": 0.0, "dependence": {}, "referral": {}}
    for name, value in (none if own_lists else ready).items():
        if settings[name] is None:
            settings[name] = value
    for name in ("dependence", "referral"):
        _mapping(settings[name], name)
    associations = _mapping({} if associations is None else associations, "associations")
    return Register(totals, covariates, associations, lists, **settings)


def _mapping(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name} is {value!r}; expected a mapping.", f"Say {name}={{...}}.")
    return value


def _of_known(each: SimulatedList, known: Mapping[str, set[Any]]) -> SimulatedList:
    """A list of the ready-made register with effects of the covariates there are."""
    effects = {
        name: levels
        for name, levels in each.effects.items()
        if set(levels) <= known.get(name, set())
    }
    values = {item.name: getattr(each, item.name) for item in fields(each)}
    return SimulatedList(**(values | {"effects": effects}))

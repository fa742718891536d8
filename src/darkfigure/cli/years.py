"""Models over the years that --year names."""

import dataclasses
from collections.abc import Sequence

from darkfigure.contract import Model, replace_setting
from darkfigure.data.table import CaptureTable
from darkfigure.verbs import suggest

_YEAR = "year"


def model_over_years(model: Model | None, table: CaptureTable, year: str | None) -> Model | None:
    """The model given, with this column for its years; the first that is suggested, if none is."""
    if year is None or year == _YEAR:
        return model
    return suggest(table, year=year)[0].model if model is None else _over(model, year)


def models_over_years(
    models: Sequence[Model] | None, table: CaptureTable, year: str | None
) -> Sequence[Model] | None:
    """The same for several models; all that are suggested, if none is given."""
    if year is None or year == _YEAR:
        return models
    if models is None:
        return [each.model for each in suggest(table, year=year)]
    return [_over(model, year) for model in models]


def _over(model: Model, year: str) -> Model:
    """Put the years into a model that has a setting for them, unless it names others."""
    usual = {each.name: each.default for each in dataclasses.fields(model)}  # type: ignore[arg-type]
    if usual.get(_YEAR) != _YEAR or getattr(model, _YEAR) != _YEAR:
        return model
    return replace_setting(model, year=year)

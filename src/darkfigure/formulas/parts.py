"""The parts that terms are products of: lists, stratum variables, and functions of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkfigure.data.names import did_you_mean
from darkfigure.data.observation import Observation
from darkfigure.errors import SettingsError
from darkfigure.formulas.expressions import evaluate, read_expression
from darkfigure.terms import is_quoted, name_in, written


@dataclass(frozen=True, eq=False)
class Part:
    """A list, a stratum variable by level, or a function of one.

    Attributes
    ----------
    text : str
        As it is written: "police", "`border police`", "year", "poly(year, 2)".
    factor : str
        The list or stratum variable.
    names : tuple of str
        Of its columns: "police", "year[2011]", "poly(year, 2)[1]".
    values : ndarray of float, shape (levels, columns), or None
        Of a stratum variable; None for a list.
    by_level : bool
        True where columns stand for levels, and not for degrees.
    """

    text: str
    factor: str
    names: tuple[str, ...]
    values: np.ndarray | None = None
    by_level: bool = False

    @property
    def is_list(self) -> bool:
        """True for a list."""
        return self.values is None

    @property
    def is_plain(self) -> bool:
        """True for a name alone."""
        return self.text == written(self.factor)


def part_of(text: str, observation: Observation) -> Part:
    """The part that a text names.

    Parameters
    ----------
    text : str
        A name, in backticks or not, or a function of a stratum variable.
    observation : Observation

    Raises
    ------
    SettingsError
        If the name, or the function, is not known.
    NotEstimable
        If the function has no value at some level.
    """
    name = name_in(text)
    if name in observation.lists:
        return Part(written(name), name, (name,))
    if name in observation.levels:
        return by_level(name, observation.levels[name])
    expression = None if is_quoted(text) else read_expression(text, observation.levels)
    if expression is None:
        raise _unknown(name, observation)
    columns = evaluate(expression, observation.levels[expression.variable])
    names = tuple(expression.text + each for each in columns.names)
    return Part(expression.text, expression.variable, names, columns.values, expression.by_level)


def by_level(variable: str, levels: Sequence[object]) -> Part:
    """A stratum variable by level: a column for each but the first, numbers or not."""
    names = tuple(f"{variable}[{level}]" for level in levels[1:])
    return Part(written(variable), variable, names, np.eye(len(levels))[:, 1:], by_level=True)


def _unknown(name: str, observation: Observation) -> SettingsError:
    strata = f"; stratum variables: {', '.join(observation.levels)}" if observation.levels else ""
    known = (*observation.lists, *observation.levels)
    return SettingsError(
        f"terms name {name!r}, which this table does not have (lists: "
        f"{', '.join(observation.lists)}{strata}).",
        did_you_mean(name, known),
    )

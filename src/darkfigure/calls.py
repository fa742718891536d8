"""Settings as the Python text that makes them, written and read back.

The command line (``--model "LogLinear(order=2)"``), `est.call` and saved estimates use the same
text. Reading builds only what is registered, from literals: nothing else is run.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

import darkfigure.prior as priors
from darkfigure.contract import Model, registered
from darkfigure.data.names import did_you_mean
from darkfigure.errors import SettingsError
from darkfigure.identification import (
    ConditionalPair,
    NoHighestOrderInteraction,
)
from darkfigure.uncertainty import Bootstrap, Delta, Profile

SETTINGS: Mapping[str, type] = {
    "Bootstrap": Bootstrap,
    "Profile": Profile,
    "Delta": Delta,
    "NoHighestOrderInteraction": NoHighestOrderInteraction,
    "ConditionalPair": ConditionalPair,
    **{
        name: value
        for name, value in sorted(vars(priors).items())
        if isinstance(value, type) and value not in (priors.Prior, priors.InteractionPrior)
    },
}
"""What may stand inside a model's call."""


def write_call(settings: object) -> str:
    """The shortest Python text that makes these settings: defaults are left out."""
    if isinstance(settings, tuple):
        inside = ", ".join(write_call(item) for item in settings)
        return f"({inside},)" if len(settings) == 1 else f"({inside})"
    if not is_dataclass(settings) or isinstance(settings, type):
        return repr(settings)
    given = [
        f"{f.name}={write_call(getattr(settings, f.name))}"
        for f in fields(settings)
        if getattr(settings, f.name) != f.default
    ]
    name = type(settings).__name__
    is_prior = vars(priors).get(name) is type(settings)
    prefix = "prior." if is_prior else ""
    return f"{prefix}{name}({', '.join(given)})"


def write_python(settings: object) -> str:
    """Like `write_call`, with ``dk.`` before every name of ours, to paste into a script."""
    text = write_call(settings)
    ours = [
        name for name, value in registered().items() if value.__module__.startswith("darkfigure.")
    ]
    text = re.sub(rf"\b({'|'.join([*ours, *SETTINGS])})\(", r"dk.\1(", text)
    return text.replace("prior.dk.", "dk.prior.")


@dataclass(frozen=True)
class _Wanted:
    """What a text is to name: in words, as it is written, and the names it may begin with."""

    what: str
    examples: str
    names: Callable[[], Mapping[str, type]]

    def refusal(self, text: str) -> SettingsError:
        """Say that a text is nothing of the kind."""
        return SettingsError(
            f"{text!r} is not {self.what}.", f"write it as in Python: {self.examples}."
        )


def _all_names() -> Mapping[str, type]:
    return {**registered(), **SETTINGS}


def _prior_names() -> Mapping[str, type]:
    return {name: each for name, each in SETTINGS.items() if issubclass(each, priors.Prior)}


_MODEL = _Wanted("a model", '"LogLinear(order=2)", "DecomposableGraphs(delta=2**-5)"', registered)
_PRIOR = _Wanted(
    "a prior on the population", '"Between(5_000, 7_500, prob=0.9)", "OneOverN()"', _prior_names
)


def read_model(text: str) -> Model:
    """Build a model from its call, such as "LogLinear(order=2)" or just "TwoList".

    Raises
    ------
    SettingsError
        If the text is not such a call, or names an unknown model or setting.
    """
    model = _read(text, _MODEL)
    if not isinstance(model, Model):
        raise _MODEL.refusal(text)
    return model


def read_prior(text: str) -> priors.Prior:
    """Build a prior on the population from its call, such as "Between(5_000, 7_500)".

    Raises
    ------
    SettingsError
        If the text is no such call, or gives a setting that the prior has not or cannot have.
    """
    prior = _read(text, _PRIOR)
    if not isinstance(prior, priors.Prior):
        raise _PRIOR.refusal(text)
    return prior


def _read(text: str, wanted: _Wanted) -> object:
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if isinstance(node, ast.Name | ast.Attribute):
            node = ast.Call(func=node, args=[], keywords=[])
        if not isinstance(node, ast.Call):
            raise wanted.refusal(text)
        name = _name_called(node)
        known = wanted.names()
        if name not in known:
            if name in _all_names():
                raise wanted.refusal(text)
            raise _unknown(name, wanted.what, known)
        return _built(node, text, wanted)
    except (SyntaxError, RecursionError, MemoryError) as error:  # text nested without end
        raise wanted.refusal(text) from error


def _value(node: ast.expr, text: str, wanted: _Wanted) -> Any:
    if isinstance(node, ast.Call):
        return _built(node, text, wanted)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item, text, wanted) for item in node.elts)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, text, wanted), _value(node.right, text, wanted)
        number = _calculated(node.op, left, right)
        if number is None:
            raise wanted.refusal(text)
        return number
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise wanted.refusal(text) from error


def _calculated(sign: ast.operator, left: object, right: object) -> float | None:
    """A power, a quotient or a product of numbers; None where it is no number one can hold."""
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return None
    found: Any
    try:
        if isinstance(sign, ast.Pow):
            found = float(left) ** float(right)  # overflows at once, unlike huge whole numbers
            found = found if isinstance(found, complex) else left**right
        elif isinstance(sign, ast.Div):
            found = left / right
        elif isinstance(sign, ast.Mult):
            found = left * right
        else:
            return None
        return found if math.isfinite(found) else None
    except (ArithmeticError, TypeError):  # by zero, too large, or the root of a negative number
        return None


def _name_called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _unknown(name: str, what: str, known: Mapping[str, type]) -> SettingsError:
    return SettingsError(
        f"{name!r} is not {what}; there are {', '.join(known)}.", did_you_mean(name, known)
    )


def _built(node: ast.Call, text: str, wanted: _Wanted) -> Any:
    name = _name_called(node)
    known = _all_names()
    if name not in known:
        raise _unknown(name, "a model or setting", known)
    if any(keyword.arg is None for keyword in node.keywords):  # **{...}
        raise wanted.refusal(text)
    positional = [_value(item, text, wanted) for item in node.args]
    named = {str(k.arg): _value(k.value, text, wanted) for k in node.keywords}
    _check_settings(known[name], len(positional), named)
    try:
        return known[name](*positional, **named)
    except (TypeError, OverflowError) as error:
        raise SettingsError(
            f"{text!r} cannot be made: {error}.", f"expected {_form_of(known[name])}."
        ) from error


def _check_settings(cls: type, positional: int, named: Mapping[str, object]) -> None:
    """Refuse settings that a class has not, those given twice, and those left out."""
    name, form = cls.__name__, f"write it as {_form_of(cls)}."
    allowed = [each.name for each in fields(cls)]
    for key in named:
        if key not in allowed:
            raise SettingsError(
                f"{name} has no setting {key!r}; it has {', '.join(allowed) or 'none'}.",
                did_you_mean(key, allowed) or form,
            )
    if positional > len(allowed):
        some = f"at most {len(allowed)} settings: {', '.join(allowed)}" if allowed else "no setting"
        raise SettingsError(f"{name} takes {some}.", form)
    twice = [key for key in allowed[:positional] if key in named]
    if twice:
        raise SettingsError(f"{name} is given {twice[0]} twice.", form)
    missing = [
        each.name for each in fields(cls)[positional:] if _needed(each) and each.name not in named
    ]
    if missing:
        raise SettingsError(f"{name} lacks {' and '.join(missing)}.", form)


def _needed(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _form_of(cls: type) -> str:
    """How a call is written: "Between(low, high, prob=0.95)"."""
    settings = [
        each.name if _needed(each) else f"{each.name}={write_call(each.default)}"
        for each in fields(cls)
    ]
    return f"{cls.__name__}({', '.join(settings)})"

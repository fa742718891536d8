"""Settings as the Python text that makes them, written and read back.

The command line (``--model "LogLinear(order=2)"``), `est.call` and saved estimates use the same
text. Reading builds only what is registered, from literals: nothing else is run.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from darkfigure import prior as priors
from darkfigure.contract import REGISTRY, Model
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
        for name, value in vars(priors).items()
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
    is_prior = isinstance(settings, priors.Prior | priors.InteractionPrior)
    prefix = "prior." if is_prior else ""
    return f"{prefix}{name}({', '.join(given)})"


def write_python(settings: object) -> str:
    """Like `write_call`, with ``dk.`` before every name of ours, to paste into a script."""
    text = write_call(settings)
    ours = [name for name, value in REGISTRY.items() if value.__module__.startswith("darkfigure.")]
    text = re.sub(rf"\b({'|'.join([*ours, *SETTINGS])})\(", r"dk.\1(", text)
    return text.replace("prior.dk.", "dk.prior.")


def read_model(text: str) -> Model:
    """Build a model from its call, such as "LogLinear(order=2)" or just "TwoList".

    Raises
    ------
    SettingsError
        If the text is not such a call, or names an unknown model or setting.
    """
    model = _read(text)
    if not isinstance(model, Model):
        raise _unreadable(text)
    return model


def read_prior(text: str) -> priors.Prior:
    """Build a prior on the population from its call, such as "Between(5_000, 7_500)".

    Raises
    ------
    SettingsError
        If the text is no such call.
    """
    prior = _read(text)
    if not isinstance(prior, priors.Prior):
        raise SettingsError(
            f"{text!r} is not a prior on the population.",
            'write it as in Python: "Between(5_000, 7_500, prob=0.9)", "OneOverN()".',
        )
    return prior


def _read(text: str) -> object:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise _unreadable(text) from error
    if isinstance(node, ast.Name | ast.Attribute):
        node = ast.Call(func=node, args=[], keywords=[])
    return _value(node, text)


def _value(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Call):
        return _built(node, text)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item, text) for item in node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.Div | ast.Mult):
        left, right = _value(node.left, text), _value(node.right, text)
        if isinstance(node.op, ast.Pow):
            if abs(right) > 1000:
                raise _unreadable(text)
            return left**right
        return left / right if isinstance(node.op, ast.Div) else left * right
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise _unreadable(text) from error


def _built(node: ast.Call, text: str) -> Any:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    known = {**REGISTRY, **SETTINGS}
    if name not in known:
        raise SettingsError(
            f"{name!r} is not a model or setting; there are {', '.join(known)}.",
            did_you_mean(name, known),
        )
    positional = [_value(item, text) for item in node.args]
    named = {str(k.arg): _value(k.value, text) for k in node.keywords}
    allowed = [f.name for f in fields(known[name])]
    for key in named:
        if key not in allowed:
            raise SettingsError(
                f"{name} has no setting {key!r}; it has {', '.join(allowed) or 'none'}.",
                did_you_mean(key, allowed),
            )
    if len(positional) > len(allowed):
        raise SettingsError(f"{name} takes at most {len(allowed)} settings: {', '.join(allowed)}.")
    try:
        return known[name](*positional, **named)
    except TypeError as error:
        raise SettingsError(f"{text!r} cannot be made: {error}.") from error


def _unreadable(text: str) -> SettingsError:
    return SettingsError(
        f"{text!r} is not a model.",
        'write it as in Python: "LogLinear(order=2)", "DecomposableGraphs(delta=2**-5)".',
    )

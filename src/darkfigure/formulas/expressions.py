"""Functions of a stratum variable in a formula, poly(year, 2), worked out at its levels."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from darkfigure.data.names import did_you_mean
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.numerics.independent_columns import independent_columns
from darkfigure.numerics.two_way import orthogonal_polynomials
from darkfigure.terms import name_in, written

FUNCTIONS = (
    "poly", "C", "I", "log", "log2", "log10", "exp", "scale", "center", "bs", "cr", "cs", "cc",
)  # fmt: skip
CONTRASTS = ("treatment", "SAS", "sum", "helmert", "diff", "poly")

_ALLOWED = (
    ast.Expression, ast.Call, ast.keyword, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp,
    ast.Compare, ast.BoolOp, ast.List, ast.Tuple, ast.Attribute, ast.Load, ast.operator,
    ast.unaryop, ast.cmpop, ast.boolop,
)  # fmt: skip
_IN_BACKTICKS = re.compile(r"`(?:[^`]|``)*`")
_LEVEL = re.compile(r"\[(?:\w\.)?([^\[\]]+)\]$")  # "C(level)[T.male]", "bs(level, df=3)[1]"


@dataclass(frozen=True, eq=False)
class Expression:
    """A function of one stratum variable.

    Attributes
    ----------
    text : str
        As it is written: "poly(year, 2)".
    variable : str
    call : ast.Expression
        The same, with the variable called "level".
    """

    text: str
    variable: str
    call: ast.Expression

    @property
    def by_level(self) -> bool:
        """True where levels are taken as categories: C(year)."""
        return any(isinstance(n, ast.Name) and n.id == "C" for n in ast.walk(self.call))

    @property
    def degree(self) -> int | None:
        """The degree of poly(year, degree); None for any other expression."""
        call = self.call.body
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "poly":
            return None
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        values = [*call.args[1:2], *([given["degree"]] if "degree" in given else [])]
        degree = values[0].value if values and isinstance(values[0], ast.Constant) else 1
        if len(values) > 1 or set(given) - {"degree", "raw"} or len(call.args) > 2:
            degree = None
        if not isinstance(degree, int) or isinstance(degree, bool) or degree < 1:
            raise SettingsError(
                f"terms hold {self.text}; expected a variable and a degree, 1 or more.",
                f"poly({written(self.variable)}, 2)",
            )
        return degree


@dataclass(frozen=True, eq=False)
class Columns:
    """What an expression is at each level.

    Attributes
    ----------
    names : tuple of str
        What distinguishes the columns: "[2011]", or "" for one alone.
    values : ndarray of float, shape (levels, columns)
    """

    names: tuple[str, ...]
    values: np.ndarray


def read_expression(text: str, levels: Mapping[str, Sequence[object]]) -> Expression | None:
    """The expression that a text is; None where it is a name alone, or no expression at all.

    Parameters
    ----------
    text : str
        "poly(year, 2)", "log(`the year`)", "year ** 2" (the same as "I(year ** 2)").
    levels : mapping of str to sequence
        Per stratum variable its levels.

    Raises
    ------
    SettingsError
        If it names something that is neither a stratum variable nor a function known here, or
        more than one variable.
    """
    quoted: list[str] = []

    def hide(found: re.Match[str]) -> str:
        quoted.append(name_in(found.group()))
        return f"_quoted_{len(quoted) - 1}_"

    try:
        tree = ast.parse(_IN_BACKTICKS.sub(hide, text).strip(), mode="eval")
    except SyntaxError:
        return None
    if isinstance(tree.body, ast.Name | ast.Constant | ast.Attribute):
        return None
    names = {f"_quoted_{i}_": name for i, name in enumerate(quoted)}
    variable = _variable(tree, text, names, levels)
    if not isinstance(tree.body, ast.Call):
        tree.body = ast.Call(ast.Name("I", ast.Load()), [tree.body], [])
    unparsed = ast.unparse(tree)
    for hidden, name in names.items():
        unparsed = unparsed.replace(hidden, written(name))
    for node in _variables_in(tree):
        node.id = "level"
    return Expression(unparsed, variable, tree)


def evaluate(expression: Expression, levels: Sequence[object]) -> Columns:
    """An expression at the levels of its variable, each level once.

    Polynomials are orthogonal over the levels, each level once, whatever number of people is in
    it (formulaic's, which span the same, are so too, if of length 1). All other functions are
    formulaic's; their columns are centred and have mean square 1, but for those of 0 and 1: the
    model is the same. Columns that are combinations of the constant and of earlier ones are left
    out.

    Raises
    ------
    NotEstimable
        If it has no value at some level, takes more columns than the levels can tell apart, or
        says the same for all of them.
    """
    degree = expression.degree
    numbers = as_numbers(levels)
    if degree is not None:
        _check_polynomial(expression, degree, levels, numbers)
    if degree is not None and numbers is not None:
        names = tuple(f"[{d + 1}]" for d in range(degree)) if degree > 1 else ("",)
        return Columns(names, orthogonal_polynomials(numbers.tolist(), degree))
    found, values = _by_formulaic(expression, levels, numbers)
    _check_values(expression, levels, values)
    if not expression.by_level:
        values = np.column_stack([_standardised(column) for column in values.T])
    needed = independent_columns(np.ones((len(levels), 1)), values)
    if not needed.any():
        raise NotEstimable(
            f"{expression.text} says the same for each level of {expression.variable!r}.",
            "leave it out, or write a function that differs between levels.",
        )
    kept = np.flatnonzero(needed)
    return Columns(tuple(found[i] for i in kept), values[:, kept])


def as_numbers(levels: Sequence[object]) -> np.ndarray | None:
    """Levels as numbers; None where they are none."""
    try:
        numbers = np.array([float(str(level)) for level in levels])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def _variables_in(tree: ast.AST) -> list[ast.Name]:
    """Names that are not those of functions."""
    functions = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    functions |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in functions]


def _variable(
    tree: ast.Expression, text: str, names: Mapping[str, str], levels: Mapping[str, object]
) -> str:
    """The one stratum variable of an expression that holds nothing else unknown."""
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise _not_allowed(text)
        if isinstance(node, ast.Attribute):
            of = getattr(node.value, "id", "")
            if of != "contr" or node.attr not in CONTRASTS:
                raise _not_allowed(text)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id not in FUNCTIONS:
                raise SettingsError(
                    f"terms hold {text}, and {node.func.id!r} is no function known here "
                    f"({', '.join(FUNCTIONS)}).",
                    did_you_mean(node.func.id, FUNCTIONS),
                )
        elif isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            raise _not_allowed(text)
    found = list(dict.fromkeys(names.get(n.id, n.id) for n in _variables_in(tree)))
    for name in found:
        if name not in levels:
            known = ", ".join(map(repr, levels)) or "none"
            raise SettingsError(
                f"terms hold {text}, and {name!r} is not a stratum variable of this table "
                f"({known}).",
                did_you_mean(name, levels)
                or "functions are of stratum variables; lists stand alone, as in "
                '"poly(year, 2) * P".',
            )
    if len(found) != 1:
        raise SettingsError(
            f"terms hold {text}, a function of {' and '.join(map(repr, found)) or 'nothing'}; "
            "expected one stratum variable.",
            "an interaction of two variables is written with a colon: a:b.",
        )
    return found[0]


def _not_allowed(text: str) -> SettingsError:
    return SettingsError(
        f"terms hold {text!r}, which cannot be read: an expression may hold one stratum variable, "
        f"numbers, texts, and {', '.join(FUNCTIONS)}.",
        'terms="poly(year, 2) * P"',
    )


def _check_polynomial(
    expression: Expression, degree: int, levels: Sequence[object], numbers: np.ndarray | None
) -> None:
    variable = expression.variable
    if numbers is None:
        raise NotEstimable(
            f"{expression.text} needs numbers, and the levels of {variable!r} are none "
            f"({levels[0]!r}).",
            f"{written(variable)} alone has a parameter per level.",
        )
    if degree >= len(levels):
        raise NotEstimable(
            f"{expression.text} is of degree {degree}, and {variable!r} has {len(levels)} "
            f"{'level' if len(levels) == 1 else 'levels'}; expected a degree below that.",
            f"{written(variable)} alone has a parameter per level.",
        )


def _by_formulaic(
    expression: Expression, levels: Sequence[object], numbers: np.ndarray | None
) -> tuple[list[str], np.ndarray]:
    """Names and values of the columns, without those of the constant."""
    from formulaic import model_matrix

    column: object = list(levels) if numbers is None else numbers
    if expression.by_level:
        column = pd.Categorical(list(levels), categories=list(levels))
    frame = pd.DataFrame({"level": column})
    formula = f"1 + {{{ast.unparse(expression.call)}}}"
    try:
        with np.errstate(all="ignore"):
            matrix = model_matrix(formula, frame, context={}, na_action="ignore")
        values = np.asarray(matrix, dtype=float)[:, 1:]
    except Exception as error:  # its functions raise errors of many kinds
        words = numbers is None and not expression.by_level
        reason = "they are no numbers" if words else error.__cause__ or error
        raise NotEstimable(
            f"{expression.text} cannot be worked out at the levels of {expression.variable!r} "
            f"({', '.join(map(str, levels[:3]))}{', ...' if len(levels) > 3 else ''}): {reason}",
            f"{written(expression.variable)} alone has a parameter per level.",
        ) from error
    found = [_LEVEL.search(name) for name in matrix.columns[1:]]
    if len(found) == 1 and not expression.by_level:
        return [""], values
    return [f"[{m.group(1)}]" if m else f"[{i + 1}]" for i, m in enumerate(found)], values


def _check_values(expression: Expression, levels: Sequence[object], values: np.ndarray) -> None:
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        level = levels[int(np.flatnonzero(~finite)[0])]
        raise NotEstimable(
            f"{expression.text} has no value at {expression.variable} {level}.",
            "write a function that has a value at each level.",
        )
    if values.shape[1] > len(levels):
        raise NotEstimable(
            f"{expression.text} makes {values.shape[1]} columns, and {expression.variable!r} has "
            f"{len(levels)} levels.",
            f"{written(expression.variable)} alone has a parameter per level.",
        )


def _standardised(column: np.ndarray) -> np.ndarray:
    if np.isin(column, (0.0, 1.0)).all():
        return column
    centred = column - column.mean()
    size = np.sqrt((centred**2).mean())
    return centred / size if size > 1e-12 * np.abs(column).max() else np.zeros_like(centred)

"""What can go wrong, in classes that a caller would catch separately."""


class DarkfigureError(Exception):
    """Any refusal by darkfigure: what was found, where, and what to do about it.

    Parameters
    ----------
    problem : str
        What was wrong, where (row, column, value), and what was expected.
    hint : str, optional
        What to do about it, ready to paste where that is possible.

    Attributes
    ----------
    problem : str
    hint : str or None
    """

    def __init__(self, problem: str, hint: str | None = None) -> None:
        self.problem = problem
        self.hint = hint or None
        super().__init__(problem if not hint else f"{problem}\n\nHint: {hint}")

    def __reduce__(self) -> tuple[type, tuple[str, str | None]]:
        return type(self), (self.problem, self.hint)


MOST_LETTERS = 200
"""Of a value that an error shows."""


def briefly(value: object) -> str:
    """A value as an error shows it: in full on one short line, else only what kind it is.

    Examples
    --------
    >>> briefly("cells.csv")
    "'cells.csv'"
    >>> briefly(list(range(1000)))
    'a list'
    """
    written = repr(value)
    if "\n" not in written and len(written) <= MOST_LETTERS:
        return written
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


class DataError(DarkfigureError, ValueError):
    """The data cannot be read as captures: a wrong cell, column, file or name."""


class SettingsError(DarkfigureError, ValueError):
    """A setting of a model, prior or verb has a value it cannot have."""


class NotEstimable(DarkfigureError):
    """The data are in order, but this model cannot give an estimate from them."""


class DataWarning(UserWarning):
    """The data could be read, but something was mended on the way."""

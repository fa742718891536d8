"""The errors of a model on the populations of known size in the public tables."""

from pathlib import Path

from darkfigure.calls import write_call, write_python
from darkfigure.contract import Model
from darkfigure.data.known_sizes import (
    Reference,
    public_tasks,
    read_reference,
    shipped,
    write_reference,
)
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.refit import fit_known_sizes
from darkfigure.results.storage import check_writable
from darkfigure.version import __version__


def make_reference(model: Model, path: str | Path) -> Path:
    """Estimate every population of known size in the public tables, and keep the outcomes.

    Each list of a table is one: the people on it, for the other lists to find (Binette & Steorts
    2022). `calibrate` learns a model's errors from them.

    Parameters
    ----------
    model : Model
    path : path
        Of a file of text to write.

    Returns
    -------
    Path

    Raises
    ------
    SettingsError
        If the file cannot be written.
    NotEstimable
        If the model has no estimate of any of them; no file is written.

    See Also
    --------
    calibrate
    """
    file = Path(path)
    check_writable(file)
    outcomes = fit_known_sizes(model, public_tasks())
    if not any(each.estimated for each in outcomes):
        raise NotEstimable(
            f"{write_call(model)} has no estimate of any of the {len(outcomes)} populations of "
            f"known size; of {outcomes[0].name}: {outcomes[0].why}",
            "an estimate by this model cannot be calibrated.",
        )
    write_reference(Reference(write_call(model), __version__, outcomes), file)
    return file


def find_reference(model: Model, path: str | Path | None) -> Reference:
    """The outcomes of a model with these settings, in this version: shipped, or from a file.

    Raises
    ------
    SettingsError
        If there are none, with the command that makes them.
    """
    call, file = write_call(model), "known_sizes.csv"
    remedy = (
        f'dk.make_reference({write_python(model)}, "{file}"), then dk.calibrate(est, '
        f'reference="{file}").'
    )
    if path is not None:
        found = read_reference(Path(path))
        if found.call != call:
            raise SettingsError(
                f"{str(path)!r} holds the errors of {found.call}; the estimate is of {call}.",
                remedy,
            )
    elif call in shipped():
        found = read_reference(shipped()[call])
    else:
        raise SettingsError(
            f"the errors of {call} on populations of known size are not known; those known are of "
            f"{', '.join(shipped()) or 'no model'}.",
            remedy,
        )
    if found.version != __version__:
        raise SettingsError(
            f"the errors of {call} were found with version {found.version}; this is {__version__}.",
            remedy,
        )
    return found

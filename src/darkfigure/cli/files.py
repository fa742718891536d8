"""Files that a command writes: checked before the work, written after it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from darkfigure.cli.reporting import write_report
from darkfigure.errors import SettingsError
from darkfigure.reports.writing import check_report_file
from darkfigure.results.estimate import Estimate
from darkfigure.results.storage import check_writable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDING = {"json": "json", "save": "nc", "report": "html"}


def write_files(options: argparse.Namespace, est: Estimate) -> str:
    """Write the files asked for: all pictures are drawn before the first file is written.

    Returns
    -------
    str
        The verdict of the report and where it is; "" without one.
    """
    said = ""
    drawn: list[tuple[str, Figure]] = []
    if options.plot is not None:
        drawn.append((options.plot, est.plot(prob=options.prob)))
    if options.plot_trend is not None:
        drawn.append((options.plot_trend, est.plot_trend(prob=options.prob, by=options.year)))
    if options.plot_ppc is not None:
        drawn.append((options.plot_ppc, est.plot_ppc(prob=options.prob)))
    if options.plot_models is not None:
        drawn.append((options.plot_models, est.plot_models()))
    if options.json is not None:
        est.to_json(options.json, prob=options.prob, year=options.year or "year")
    if options.save is not None:
        est.save(options.save)
    if options.report is not None:
        said = write_report(options, est, Path(options.report))
    for path, figure in drawn:
        figure.savefig(path, dpi=150)
    return said


def check_outputs(options: argparse.Namespace) -> None:
    """Refuse files that cannot be written before the work is done, not after."""
    for name in ("json", "save", "plot", "plot_trend", "plot_models", "plot_ppc", "report"):
        text = getattr(options, name, None)
        if text is None:
            continue
        option = "--" + name.replace("_", "-")
        if not text.strip():
            raise SettingsError(f"{option} is empty; expected a file to write.")
        if text.strip() == "-":
            raise SettingsError(
                f"{option} is -; expected a file to write, because the answer in words goes to "
                "standard output.",
                f"{option} answer.{'png' if name.startswith('plot') else _ENDING[name]}",
            )
        try:
            check_writable(Path(text))
            if name == "report":
                check_report_file(Path(text))
        except SettingsError as error:
            raise SettingsError(f"{option}: {error.problem}", error.hint) from error
        if name.startswith("plot"):
            _check_picture(option, Path(text))


def _check_picture(option: str, path: Path) -> None:
    from matplotlib.backend_bases import FigureCanvasBase

    known = set(FigureCanvasBase.get_supported_filetypes()) - {"pgf"}  # which needs TeX
    if path.suffix.removeprefix(".").lower() not in known:
        found = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise SettingsError(
            f"{option}: {path.name} {found}; expected a picture: {', '.join(sorted(known))}.",
            f"{option} {path.with_suffix('.png')}",
        )

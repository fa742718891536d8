"""What the pages take from the code, as MyST text: a new model needs no change here.

`write_pages` puts it where the pages include it; nothing of it is kept in the repository.
"""

import inspect
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import darkfigure as dk
from darkfigure import assumptions, cautions, cli
from darkfigure.assumptions import Assumption
from darkfigure.contract import NEED_IN_WORDS

GROUPS: Mapping[str, tuple[str, ...]] = {
    "What you do": ("verbs", "suggestions", "trust", "reports"),
    "Models": ("models",),
    "Settings of models": ("prior", "identification", "uncertainty"),
    "Answers": ("results", "cautions"),
    "Captures": ("data",),
    "Refusals and warnings": ("errors",),
    "For a model of one's own": ("contract", "sampling"),
}
"""Headings of the reference, each with the modules whose names stand under it."""

LAST_GROUP = "The package"

HANDLED: Mapping[str, str] = {
    **NEED_IN_WORDS,
    "strata": "strata in one model (others estimate each stratum apart and add up)",
}


# -- models -------------------------------------------------------------------------------------


def models() -> list[type[dk.Model]]:
    """Return the exported models, in the order of the package."""
    found = [getattr(dk, name) for name in public_names()]
    return [
        each
        for each in found
        if isinstance(each, type) and issubclass(each, dk.Model) and each is not dk.Model
    ]


def models_table() -> str:
    """Say per model what it assumes, and on which data it can be used."""
    rows = [
        (
            f"[{model.__name__}](reference/generated/{model.__name__}.md)",
            model.identifies,
            _range(model.fewest_lists, model.most_lists),
            "; ".join(HANDLED[each] for each in sorted(model.handles)) or "exact counts only",
        )
        for model in models()
    ]
    head = ("Model", "It reaches the unseen if", "Lists", "Takes, beside exact counts")
    return list_table(head, rows, widths=(20, 38, 12, 30))


def models_references() -> str:
    """List the publications behind each model."""
    return "\n".join(
        f"{model.__name__}\n" + "".join(f": {each}\n\n" for each in model.references)
        for model in models()
    )


# -- assumptions and cautions -------------------------------------------------------------------


def shared_assumptions() -> list[Assumption]:
    """Return the assumptions that are defined for all models to share."""
    return [each for each in vars(assumptions).values() if isinstance(each, Assumption)]


def assumptions_table() -> str:
    """Say which model makes which assumption, in the words an estimate prints."""
    found = list(dict.fromkeys(each for model in models() for each in model.assumes))
    rows = [
        (
            each.short,
            each.sentence,
            ", ".join(f"`{model.__name__}`" for model in models() if each in model.assumes),
        )
        for each in found
    ]
    head = ("As printed", "In full", "Assumed by")
    return list_table(head, rows, widths=(30, 44, 26))


def cautions_list() -> str:
    """Give the sentence and the remedy of every kind of caution."""
    return "\n".join(
        f"(caution-{name})=\n`{name}`\n"
        f": {_with_blanks(kind.sentence)}.\n\n  *Remedy:* {_with_blanks(kind.remedy)}.\n"
        for name, kind in cautions.KINDS.items()
    )


# -- datasets -----------------------------------------------------------------------------------


def datasets_table() -> str:
    """List the published tables that come along, with their sources."""
    rows = [
        (
            f"`{row.name}`",
            row.kind,
            f"{row.people:,}",
            f"{row.lists}, by {row.strata}" if row.strata else str(row.lists),
            row.period if row.period != "not stated" else "",
            row.source,
        )
        for row in dk.datasets().itertuples(index=False)
    ]
    head = ("Name", "Kind", "Seen", "Lists", "Period", "Source")
    return list_table(head, rows, widths=(19, 9, 6, 10, 11, 45), style="datasets")


# -- reference ----------------------------------------------------------------------------------


def public_names() -> list[str]:
    """Return the names that the package exports, in the order of its `__init__`."""
    return list(dk.__all__)


def grouped_names() -> dict[str, list[str]]:
    """Return the public names under the headings of the reference."""
    groups: dict[str, list[str]] = {heading: [] for heading in (*GROUPS, LAST_GROUP)}
    for name in public_names():
        groups[_group_of(name)].append(name)
    return {heading: names for heading, names in groups.items() if names}


def reference_index() -> str:
    """List the public names with the first line of each docstring."""
    parts = []
    for heading, names in grouped_names().items():
        rows = [(f"[{name}](generated/{name}.md)", _first_line(name)) for name in names]
        parts.append(f"## {heading}\n\n{list_table(('Name', 'What it is'), rows, (30, 70))}")
    listed = "\n".join(f"generated/{name}" for names in grouped_names().values() for name in names)
    return "\n".join(parts) + f"\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"


def reference_page(name: str) -> str:
    """Write the page of one public name from its docstrings."""
    value = getattr(dk, name)
    lines = [f"# {name}", "", "```{eval-rst}", ".. py:currentmodule:: darkfigure", ""]
    if inspect.ismodule(value):
        lines += _module_lines(name)
    elif isinstance(value, type):
        kind = "autoexception" if issubclass(value, BaseException) else "autoclass"
        lines += [f".. {kind}:: darkfigure.{name}", "   :members:"]
        if issubclass(value, BaseException):
            lines[-1] = "   :show-inheritance:"
        elif value.__base__.__name__ in public_names():
            lines += ["   :show-inheritance:"]
    elif inspect.isroutine(value):
        lines += [f".. autofunction:: darkfigure.{name}"]
    else:
        lines += [f".. py:data:: darkfigure.{name}", "", "   The version of the package, as text."]
    return "\n".join([*lines, "```", ""])


def command_line() -> str:
    """Show what the command says of itself, and each of its subcommands."""
    names = (
        *("estimate", "compare", "sensitivity", "check", "claim", "identify", "bounds"),
        *("report", "describe", "datasets"),
    )
    commands = ([], *([name] for name in names))
    parts = []
    for command in commands:
        title = " ".join(["darkfigure", *command])
        parts.append(f"## `{title}`\n\n```text\n{_help(command)}```\n")
    return "\n".join(parts)


def calibration(kept: Path) -> str:
    """List what the calibration checks last found, a line per check; ranks are for the picture."""
    lines = [path.read_text("utf-8").splitlines()[0] for path in sorted(kept.glob("*.txt"))]
    return "".join(f"- {line}\n" for line in lines)


def yearly_totals(kept: Path) -> str:
    """Set how often yearly intervals held in tables, as the benchmark last found it."""
    if not kept.is_file():
        return ""
    parts: list[str] = []
    rows: list[list[str]] = []
    for line in kept.read_text("utf-8").splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if line.startswith("  ") and "coverage" in cells:
            rows = [["", *line.split()]]
            rows[0] = _rejoined(rows[0], "all", "six")
        elif rows and line.strip():
            name, *numbers = line.rsplit(maxsplit=len(rows[0]) - 1)
            rows.append([name.strip(), *numbers])
        elif rows:
            parts.append(_pipes(rows))
            rows = []
        elif "registers in which" in line:
            parts.append(f"**{line.strip().rstrip(':')}**")
        elif line.startswith(("Laplace", "register ")):
            parts.append(line.strip() if line.endswith(":") else f"- {line.strip()}")
    return "\n\n".join(parts) + "\n"


def _rejoined(cells: list[str], first: str, second: str) -> list[str]:
    """A heading of two words as one cell."""
    at = cells.index(first)
    assert cells[at + 1] == second
    return [*cells[:at], f"{first} {second}", *cells[at + 2 :]]


def _pipes(rows: list[list[str]]) -> str:
    """Rows as a Markdown table, the first its heading."""
    head, *body = ["| " + " | ".join(cells) + " |" for cells in rows]
    rule = "|---" + "|--:" * (len(rows[0]) - 1) + "|"
    return "\n".join([head, rule, *body])


def known_sizes(kept: Path) -> str:
    """Set the errors on populations of known size in a table, as the benchmark last found them."""
    if not kept.is_file():
        return ""
    lines = kept.read_text("utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.split()[:1] == ["bias"])
    rows = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        model, *numbers, failed = line.rsplit(maxsplit=6)
        known = re.sub(r"^BayesianLogLinear\(interactions=(.*)\)$", r"\1", model)
        mark = " (the default)" if known == "Normal(2)" else ""
        without = "" if failed == "0" else failed
        signed = (number.replace("-", "−") for number in numbers)
        rows.append((f"`{known}`{mark}", *signed, without))
    head = ("Model", "Bias", "RMSE", "Coverage", "Width", "Score", "No estimate")
    return list_table(head, rows, widths=(40, 10, 10, 10, 10, 10, 10))


# -- writing ------------------------------------------------------------------------------------


def notebooks_toctree(notebooks: Iterable[Path]) -> str:
    """Put the notebooks into the contents, if there are any."""
    listed = "\n".join(f"notebooks/{path.stem}" for path in notebooks)
    return f"```{{toctree}}\n:hidden:\n:caption: Notebooks\n\n{listed}\n```\n" if listed else ""


def write_pages(folder: Path) -> None:
    """Write everything above under the folder of the pages, and copy the notebooks beside it."""
    notebooks = sorted((folder.parent / "notebooks").glob("*.ipynb"))
    made = {
        folder / "generated" / f"{part.__name__}.md": part()
        for part in (
            models_table,
            models_references,
            assumptions_table,
            cautions_list,
            datasets_table,
            reference_index,
            command_line,
        )
    }
    made |= {
        folder / "reference" / "generated" / f"{name}.md": reference_page(name)
        for name in public_names()
    }
    made[folder / "generated" / "calibration.md"] = calibration(folder / "calibration")
    benchmarks = folder.parent / "benchmarks"
    made[folder / "generated" / "known_sizes.md"] = known_sizes(benchmarks / "known_sizes.txt")
    made[folder / "generated" / "yearly_totals.md"] = yearly_totals(
        benchmarks / "yearly_totals.txt"
    )
    made[folder / "generated" / "notebooks_toctree.md"] = notebooks_toctree(notebooks)
    for path, text in made.items():
        _write(path, text.encode())
    for path in notebooks:
        _write(folder / "notebooks" / path.name, path.read_bytes())
    kept = {*made, *(folder / "notebooks" / path.name for path in notebooks)}
    for made_here in ("generated", "reference/generated", "notebooks"):
        _remove_all_but(kept, folder / made_here)


def list_table(
    head: Iterable[str],
    rows: Iterable[Iterable[str]],
    widths: Iterable[int],
    style: str = "",
) -> str:
    """Write a MyST table whose cells may hold long text."""
    lines = ["```{list-table}", ":header-rows: 1"]
    lines.append(f":widths: {' '.join(str(width) for width in widths)}")
    if style:
        lines.append(f":class: {style}")
    lines.append("")
    for row in (head, *rows):
        for position, cell in enumerate(row):
            lines.append(f"{'* -' if position == 0 else '  -'} {cell}")
    return "\n".join([*lines, "```", ""])


def _range(fewest: int, most: int) -> str:
    return f"{fewest}" if fewest == most else f"{fewest} to {most}"


def _with_blanks(sentence: str) -> str:
    """Show what is filled in as words between brackets: {share:.0%} as *share*."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: f"*{found[1].replace('_', ' ')}*", sentence)


def _group_of(name: str) -> str:
    value = getattr(dk, name)
    module = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", "")
    parts = module.split(".")
    for heading, modules in GROUPS.items():
        if len(parts) > 1 and parts[1] in modules:
            return heading
    return LAST_GROUP


def _first_line(name: str) -> str:
    value = getattr(dk, name)
    if isinstance(value, str):
        return "The version of the package."
    line = (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")
    return re.sub(r"`([^`]+)`", r"`\1`", line.replace("``", "`"))


def _module_lines(name: str) -> Iterator[str]:
    module = getattr(dk, name)
    yield from [f".. automodule:: darkfigure.{name}", ""]
    parts = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__.startswith(module.__name__)
    ]
    for part in sorted(parts, key=lambda each: (each.__module__, inspect.getsourcelines(each)[1])):
        yield from [f".. autoclass:: darkfigure.{name}.{part.__name__}", "   :members:", ""]


def _help(command: list[str]) -> str:
    with redirect_stdout(StringIO()) as printed, suppress(SystemExit):
        cli.main([*command, "--help"])
    return printed.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Write only what has changed, so that a second build reads only that."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _remove_all_but(kept: set[Path], folder: Path) -> None:
    for path in folder.glob("*") if folder.is_dir() else ():
        if path not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

"""Files found and opened by their ending: text, Excel, Parquet, Feather."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from darkfigure.data.frames import AnyFrame, as_frame
from darkfigure.data.names import did_you_mean, nearest
from darkfigure.data.text_files import Sheet, read_text, sheet_of
from darkfigure.errors import DataError

_TEXT = (".csv", ".tsv", ".txt")
_EXCEL = (".xlsx", ".xlsm")
_PARQUET = (".parquet", ".pq")
_FEATHER = (".feather", ".arrow", ".ipc")


def existing_file(path: Path) -> Path:
    """Return the path if there is a file, else say which was meant."""
    if path.is_file():
        return path
    if path.is_dir():
        raise DataError(f"{path} is a folder; expected a file.", "Name the file in it.")
    if str(path) == "-" or path.exists():
        found = "standard input" if str(path) == "-" else str(path)
        raise DataError(
            f"{found} is not a regular file; expected one, because its ending says what it is.",
            "Save what it gives in a file that ends in .csv, and name that.",
        )
    raise DataError(f"there is no file {str(path)!r}.", _what_was_meant(path))


def _what_was_meant(path: Path) -> str:
    from darkfigure.data.datasets import datasets

    datasets_names = list(datasets()["name"])
    if path.name in datasets_names:
        return f'"{path.name}" is a dataset: dk.load("{path.name}").'
    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r} either."
    files = [each.name for each in path.parent.iterdir() if each.is_file()]
    close = nearest(path.name, files)
    if close is not None:
        return f'Did you mean "{path.parent / close}"?'
    close = nearest(path.stem, datasets_names)
    if close is not None:
        return f'Did you mean the dataset "{close}"? dk.load("{close}"); dk.datasets() lists all.'
    return f"The folder is {str(path.parent.resolve())!r}; dk.datasets() lists the datasets."


def is_text(path: Path) -> bool:
    """Whether the ending is one of delimited text."""
    return path.suffix.lower() in _TEXT


def opened_file(path: Path, sheet: int | str) -> Sheet | AnyFrame:
    """Open a file by its ending: a sheet of values, or a frame that is read when needed."""
    ending = path.suffix.lower()
    if ending in _TEXT:
        return read_text(path)
    if ending in _EXCEL:
        return _read_excel(path, sheet)
    if ending in _PARQUET:
        return _guarded(_scan_parquet, path, "Parquet")
    if ending in _FEATHER:
        return _guarded(_scan_feather, path, "Feather")
    known = ", ".join((*_TEXT, *_EXCEL, *_PARQUET, *_FEATHER))
    hint = "Save it as .xlsx." if ending == ".xls" else "Save it as one of these."
    raise DataError(f"{path.name} ends in {ending!r}; expected one of {known}.", hint)


def _guarded(opener: Callable[[Path], AnyFrame], path: Path, kind: str) -> AnyFrame:
    """Open a binary file and read its columns' names, or say that it is not of its kind."""
    try:
        frame = opener(path)
        as_frame(frame).collect_schema()
    except (ImportError, DataError):
        raise
    except Exception as error:
        raise DataError(
            f"{path.name} cannot be read as {kind}: {str(error).splitlines()[0]}",
            "Save it again; text belongs in a file that ends in .csv.",
        ) from error
    return frame


def _scan_parquet(path: Path) -> Any:
    if find_spec("polars"):
        import polars as pl

        return pl.scan_parquet(path, glob=False)
    if find_spec("duckdb"):
        import duckdb

        return duckdb.read_parquet(str(path))
    _require("pyarrow", path, "parquet")
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _scan_feather(path: Path) -> Any:
    if find_spec("polars"):
        import polars as pl

        return pl.scan_ipc(path, glob=False)
    _require("pyarrow", path, "parquet")
    from pyarrow import feather

    return feather.read_table(path)


def _read_excel(path: Path, sheet: int | str) -> Sheet:
    _require("openpyxl", path, "excel")
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise DataError(
            f"{path.name} cannot be read as Excel: {error}.", "Save it again as .xlsx."
        ) from error
    names = workbook.sheetnames
    if isinstance(sheet, str) and sheet not in names:
        shown = ", ".join(map(repr, names))
        raise DataError(
            f"{path.name} has no sheet {sheet!r}; it has {shown}.", did_you_mean(sheet, names)
        )
    if isinstance(sheet, int) and not 0 <= sheet < len(names):
        raise DataError(
            f"{path.name} has {len(names)} {'sheet' if len(names) == 1 else 'sheets'}; "
            f"sheet={sheet} is not among them.",
            "sheet=0 is the first.",
        )
    chosen = workbook[sheet if isinstance(sheet, str) else names[sheet]]
    try:
        return sheet_of(enumerate(chosen.iter_rows(values_only=True), start=1), path, "the sheet")
    finally:
        workbook.close()


def _require(module: str, path: Path, extra: str) -> None:
    if find_spec(module) is None:
        raise DataError(
            f"{path.name} needs the package {module}, which is not installed.",
            f'pip install "darkfigure[{extra}]"',
        )

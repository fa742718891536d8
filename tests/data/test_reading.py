"""Files: every kind read, and each kind of trouble named with its line and remedy."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from darkfigure.data.about import About
from darkfigure.data.reading import read
from darkfigure.errors import DataError, DataWarning

CELLS = "A,B,count\n1,0,10\n0,1,20\n1,1,5\n"
EXPECTED = [0, 10, 20, 5]
ROW2 = "row 2 (line 3 of the file)"
THOUSAND_LISTS = ",".join(f"L{j}" for j in range(1000)) + "\n" + "1," * 999 + "1\n"
FRAME = pd.DataFrame({"A": [1, 0, 1], "B": [0, 1, 1], "count": [10, 20, 5]})


def written(folder: Path, text: str, name: str = "cells.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", CELLS, "utf-8"),
        ("a.csv", CELLS, "utf-8-sig"),
        ("a.CSV", CELLS.replace("\n", "\r\n"), "utf-8"),
        ("a.csv", CELLS.replace(",", ";"), "utf-8"),
        ("a.csv", "sep=;\n" + CELLS.replace(",", ";"), "utf-8"),
        ("a.tsv", CELLS.replace(",", "\t"), "utf-8"),
        ("a.txt", CELLS.replace(",", "\t"), "utf-16"),
        ("a.csv", CELLS, "utf-32"),
        ("a.csv", CELLS.replace(",", "|"), "utf-8"),
        ("a.csv", CELLS.replace(",", ";").replace("10", "10,0"), "utf-8"),
        ("a.csv", CELLS.replace(",", ", "), "utf-8"),
        ("a.csv", '"A","B","count"\n"1","0","10"\n"0","1","20"\n"1","1","5"', "utf-8"),
        ("a.csv", "\n\n" + CELLS.replace("\n", ",,\n") + ",,,,\n\n", "utf-8"),
        ("a.csv", "A,B,count\nTRUE,FALSE,10\nFALSE,TRUE,20\nTRUE,TRUE,5\n", "utf-8"),
    ],
)
def test_text_of_many_kinds(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    table = read(written(tmp_path, text, name, encoding))
    assert table.lists == ("A", "B")
    assert table.counts().tolist() == EXPECTED


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.xlsx", lambda frame, path: frame.to_excel(path, index=False)),
        ("a.parquet", lambda frame, path: frame.to_parquet(path)),
        ("a.pq", lambda frame, path: pl.from_pandas(frame).write_parquet(path)),
        ("a.feather", lambda frame, path: frame.to_feather(path)),
        ("a.arrow", lambda frame, path: pl.from_pandas(frame).write_ipc(path)),
    ],
)
def test_other_kinds_of_file(tmp_path: Path, name: str, write) -> None:
    counts = FRAME.assign(sex=["f", "m", None])
    write(counts, tmp_path / name)
    table = read(tmp_path / name, by="sex")
    assert table.counts().tolist() == EXPECTED
    assert table.strata == {"sex": ("f", "m")}
    people = FRAME.loc[FRAME.index.repeat(FRAME["count"]), ["A", "B"]]
    write(people.reset_index(drop=True), tmp_path / f"people_{name}")
    assert read(tmp_path / f"people_{name}").counts().tolist() == EXPECTED


@pytest.mark.parametrize("missing", [("polars",), ("polars", "duckdb")])
def test_parquet_without_polars_or_duckdb(tmp_path: Path, monkeypatch, missing) -> None:
    from darkfigure.data import opening

    found = opening.find_spec
    monkeypatch.setattr(opening, "find_spec", lambda name: None if name in missing else found(name))
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.to_feather(tmp_path / "a.feather")
    assert read(tmp_path / "a.parquet").counts().tolist() == EXPECTED
    assert read(tmp_path / "a.feather").counts().tolist() == EXPECTED


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch) -> None:
    from darkfigure.data import opening

    FRAME.to_excel(tmp_path / "a.xlsx", index=False)
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"a\.xlsx needs the package openpyxl") as error:
        read(tmp_path / "a.xlsx")
    assert error.value.hint == 'pip install "darkfigure[excel]"'


def test_sheets_by_position_and_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"notes": ["x"]}).to_excel(book, sheet_name="notes", index=False)
        FRAME.to_excel(book, sheet_name="cells", index=False, startrow=2)
    assert read(path, sheet=1).counts().tolist() == EXPECTED
    assert read(path, sheet="cells").counts().tolist() == EXPECTED
    with pytest.raises(DataError, match="no sheet 'Cells'; it has 'notes', 'cells'") as error:
        read(path, sheet="Cells")
    assert error.value.hint == 'Did you mean "cells"?'
    with pytest.raises(DataError, match="has 2 sheets; sheet=2"):
        read(path, sheet=2)
    FRAME.assign(B=[0, 7, 1]).to_excel(path, index=False)
    with pytest.raises(DataError, match="has 1 sheet; sheet=2"):
        read(path, sheet=2)
    with pytest.raises(DataError, match=r"row 2 \(line 3 of the sheet\), column 'B': found 7"):
        read(path)


def test_a_file_that_is_not_utf8_is_read_with_a_caution(tmp_path: Path) -> None:
    path = written(tmp_path, "Café;Politie;count\n1;0;10\n0;1;20\n1;1;5\n", encoding="cp1252")
    with pytest.warns(DataWarning, match="not UTF-8") as seen:
        table = read(path)
    assert seen[0].filename == __file__
    assert table.lists == ("Café", "Politie")
    assert table.counts().tolist() == EXPECTED
    assert [each.kind for each in table.cautions] == ["encoding"]


def test_strata_of_text_that_are_years_become_numbers(tmp_path: Path) -> None:
    text = "A,B,year,code,sex,count\n1,0,2014,01,f,1\n0,1,2015,2,NA,2\n1,1,2014,01,,4\n"
    table = read(written(tmp_path, text), by=["year", "code", "sex"])
    assert table.strata == {"year": (2014, 2015), "code": ("01", "2"), "sex": ("f",)}
    assert table.select(year=2014).n_observed == 5
    assert table.needs == ("blank strata",)


def test_levels_written_in_several_ways_are_one(tmp_path: Path) -> None:
    text = "A,B,year,sex,count\n1,0,2020,m,1\n0,1,2020.0,m ,2\n1,1,2021, m,4\n"
    table = read(written(tmp_path, text), by=["year", "sex"])
    assert table.strata == {"year": (2020, 2021), "sex": ("m",)}


def test_levels_that_differ_in_capitals_are_cautioned(tmp_path: Path) -> None:
    text = "A,B,sex,count\n1,0,m,1\n0,1,M,2\n"
    with pytest.warns(DataWarning, match="'m' and 'M', which differ only in capitals"):
        table = read(written(tmp_path, text), by="sex")
    assert table.strata == {"sex": ("m", "M")}
    assert [each.kind for each in table.cautions] == ["similar_levels"]


def test_rows_are_people_where_there_is_no_count(tmp_path: Path) -> None:
    text = "A,B,sex\n1,0,f\n1,0,f\n0,1,m\n"
    table = read(written(tmp_path, text), by="sex")
    assert table.n_observed == 3
    assert table.totals().tolist() == [2, 1]


def test_counts_in_a_column_of_another_name(tmp_path: Path) -> None:
    path = written(tmp_path, CELLS.replace("count", "aantal"))
    with pytest.raises(DataError) as error:
        read(path)
    assert error.value.problem == (
        "row 1 (line 2 of the file), column 'aantal': found '10'; expected 0 or 1."
    )
    assert "count='aantal'" in str(error.value.hint)
    assert "by=['aantal']" in str(error.value.hint)
    assert read(path, count="aantal").counts().tolist() == EXPECTED


PEOPLE_OR_COUNTS = pd.DataFrame({"A": [1, 0, 1], "B": [0, 1, 1], "aantal": [5000, 4000, 300]})


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", lambda frame, path: frame.to_csv(path, index=False)),
        ("a.xlsx", lambda frame, path: frame.to_excel(path, index=False)),
        ("a.parquet", lambda frame, path: frame.to_parquet(path)),
        ("a.feather", lambda frame, path: frame.to_feather(path)),
    ],
)
@pytest.mark.parametrize("column", ["aantal", "N", "number", "count_2014", "x"])
def test_counts_that_were_not_named_are_never_people(tmp_path, name, write, column) -> None:
    write(PEOPLE_OR_COUNTS.rename(columns={"aantal": column}), tmp_path / name)
    with pytest.raises(DataError, match=f"column '{column}' is not used") as error:
        read(tmp_path / name, lists=["A", "B"])
    assert f"count={column!r}" in str(error.value.hint)
    assert "count=None" in str(error.value.hint)
    assert read(tmp_path / name, lists=["A", "B"], count=column).n_observed == 9300
    people = read(tmp_path / name, lists=["A", "B"], count=None)
    assert people.n_observed == 3
    assert people.origin.endswith("count=None)")


@pytest.mark.parametrize("values", ['"5.000"', "5000.0", "5000", '"5,000"'])
def test_counts_written_in_any_way_are_recognised(tmp_path: Path, values: str) -> None:
    text = f"A,B,aantal\n1,0,{values}\n0,1,\n1,1,1\n"
    with pytest.raises(DataError, match="column 'aantal' is not used"):
        read(written(tmp_path, text), lists=["A", "B"])


@pytest.mark.parametrize(
    "column",
    ["id,1,2,3,4", "id,12,11,14,13", "city,x,y,z,x", "weight,1.5,2.5,1,1", "n,1,0,1,1"],
)
def test_columns_that_hold_no_counts_are_passed_over(tmp_path: Path, column: str) -> None:
    values = column.split(",")
    histories = ["A,B,C", "1,0,0", "0,1,0", "0,0,1", "1,1,1"]
    text = "\n".join(f"{row},{value}" for row, value in zip(histories, values, strict=True))
    table = read(written(tmp_path, text), lists=["A", "B", "C"])
    assert table.n_observed == 4
    assert table.cautions == ()


def test_a_number_of_each_person_is_no_count(tmp_path: Path) -> None:
    text = "A,B,age\n" + "1,0,31\n0,1,40\n1,1,18\n" * 5
    assert read(written(tmp_path, text), lists=["A", "B"]).n_observed == 15


def test_limits_blanks_pairs_and_codebook(tmp_path: Path) -> None:
    text = "A,B,C,low,high\n1,0,0,1,4\n0,1,,2,2\n0,0,1,3,3\n"
    table = read(
        written(tmp_path, text),
        count=("low", "high"),
        blank="inactive",
        impossible=[("A", "B")],
        about=About(people="cases"),
    )
    assert table.needs == ("impossible", "intervals", "blank lists")
    assert table.about.people == "cases"


def test_thousands(tmp_path: Path) -> None:
    path = written(tmp_path, "A;B;count\n1;0;1.234\n0;1;20\n1;1;1.234.567\n")
    assert read(path, thousands=".").counts().tolist() == [0, 1234, 20, 1_234_567]
    with pytest.raises(DataError, match=r"found '1\.234'") as error:
        read(path)
    assert "thousands='.'" in str(error.value.hint)


def test_a_written_table_is_read_again(tmp_path: Path) -> None:
    table = read(written(tmp_path, "A,B,year,count\n1,0,2014,1\n0,1,2015,2\n"), by="year")
    table.to_csv(tmp_path / "again.csv")
    assert read(tmp_path / "again.csv", by="year").content_hash == table.content_hash


def test_origin_repeats_what_was_said(tmp_path: Path) -> None:
    path = written(tmp_path, CELLS)
    assert read(path).origin == f"dk.read({str(path)!r})"
    assert read(path, lists=("A", "B"), by=[]).origin.endswith(", lists=('A', 'B'))")
    made = read(path, lists=["A", "B"], count="count", all_zero="truth").origin
    assert made.endswith(", lists=['A', 'B'], count='count', all_zero='truth')")


# -- bad files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "found", "hint"),
    [
        (CELLS.replace("0,1,20", "0,2,20"), {}, ROW2 + ", column 'B': found '2'", "by"),
        (CELLS.replace("0,1,20", "yes,1,20"), {}, ROW2 + ", column 'A': found 'yes'", "1"),
        (CELLS.replace("0,1,20", "0,1,-4"), {}, ROW2 + ", column 'count': found -4", ""),
        (CELLS.replace("0,1,20", '0,1,"4,5"'), {}, ROW2 + ", column 'count': found 4,5", "un"),
        (CELLS.replace("0,1,20", "0,1,"), {}, ROW2 + ", column 'count': the count is missing", "0"),
        (CELLS.replace("0,1,20", "0,,20"), {}, "column 'B': the cell is blank", 'blank="inactive"'),
        ("\n" + CELLS.replace("0,1,20", "\n0,3,20"), {}, "row 2 (line 5 of the file)", ""),
        (CELLS.replace("0,1,20", "0,1,20,7"), {}, ROW2 + " has 4 values, '7'", "quotes"),
        (CELLS.replace("0,1,20", "0,1"), {}, ROW2 + " has 2 values, none under column", ""),
        (CELLS.replace("B", "A"), {}, "columns 1 and 2 have the same name, 'A'", "Rename"),
        (CELLS, {"count": "cuont"}, "no column 'cuont'", 'Did you mean "count"?'),
        (CELLS, {"lists": ["A", "D"]}, "no column 'D'", ""),
        (CELLS.replace("0,1,20", "0,0,20"), {}, ROW2 + ", column 'count': 20 people", "truth"),
        ("", {}, "cells.csv is empty", "saved"),
        ("\n\n", {}, "cells.csv is empty", "saved"),
        ("A,B,count\n", {}, "a header but no rows", "saved"),
        (CELLS.replace("0,1,20", "7"), {}, ROW2 + " has 1 value, none under column", ""),
        (CELLS, {"lists": "A,B"}, "no column 'A,B'", 'Say lists=["A", "B"].'),
        (CELLS, {"by": ["A", "B"]}, "there are no list columns", "lists="),
        (CELLS, {"by": 3}, "found 3 for the names of columns", "by="),
        (CELLS, {"impossible": 3}, "impossible= holds 3", "impossible="),
        (CELLS, {"about": "x"}, "about is 'x'; expected a codebook", "dk.About"),
        (",A,B\n0,1,0\n1,0,1\n", {}, "column 1 has no name", "index=False"),
        ("Unnamed: 0,A,B\n0,1,0\n1,0,1\n", {}, "'Unnamed: 0', is the index", "index=False"),
        ("A B count\n1 0 5\n", {}, "only one column, 'A B count'", "Save it"),
        ("A,count\n1,5\n", {}, "only one list, 'A'", "lists=[...]"),
        ("A,B\n1,0\n0,0\n", {}, ROW2 + ": someone on no list", "truth"),
        ("A,B\n1,0\n,1\n", {}, ROW2 + ", column 'A': the cell is blank", "blank=0"),
        ("PK\x00\x03\x00", {}, "cells.csv is not text", ".xlsx"),
        (THOUSAND_LISTS, {}, "1,000 list columns", "lists="),
    ],
)
def test_bad_text(tmp_path: Path, text: str, arguments, found: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        read(written(tmp_path, text), **arguments)
    assert found in error.value.problem
    assert hint in str(error.value.hint)


@pytest.mark.parametrize("path", [None, 3, ["a.csv"]])
def test_a_path_that_is_none(path) -> None:
    with pytest.raises(DataError, match="expected a file's path"):
        read(path)


@pytest.mark.parametrize("path", ["-", "/dev/null"])
def test_what_is_no_regular_file(path) -> None:
    with pytest.raises(DataError, match="is not a regular file"):
        read(path)


def test_an_unnamed_column_that_is_not_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Unnamed: 0,A,B,count\n0,1,0,2\n1,0,1,3\n")
    assert read(path, lists=["A", "B"]).counts().tolist() == [0, 2, 3, 0]
    people = written(tmp_path, ",A,B\n0,1,0\n1,0,1\n2,1,1\n")
    assert read(people, lists=["A", "B"]).n_observed == 3


def test_wide_text_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CELLS.encode("utf-16")[:-1])
    with pytest.raises(DataError, match="cannot be read as UTF-16") as error:
        read(path)
    assert "UTF-8" in str(error.value.hint)


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = written(tmp_path, 'A,B,count\n1,0,"5\n' + "0,1,3\n" * 40_000)
    with pytest.raises(DataError, match="cannot be read: field larger") as error:
        read(path)
    assert "double quote" in str(error.value.hint)


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.feather"])
def test_a_file_that_is_not_what_it_says(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=f"{name} cannot be read as") as error:
        read(written(tmp_path, CELLS, name))
    assert error.value.hint


@pytest.mark.parametrize(
    ("name", "hint"), [("a.xls", "as .xlsx"), ("a.sav", "one of these"), ("a", "")]
)
def test_an_unknown_ending(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(DataError, match=r"expected one of \.csv, \.tsv, .*\.feather") as error:
        read(written(tmp_path, CELLS, name))
    assert hint in str(error.value.hint)


def test_a_missing_file(tmp_path: Path) -> None:
    written(tmp_path, CELLS, "cells.csv")
    with pytest.raises(DataError, match="there is no file") as error:
        read(tmp_path / "cels.csv")
    assert "cells.csv" in str(error.value.hint)
    with pytest.raises(DataError) as error:
        read(tmp_path / "netherland.csv")
    assert 'dk.load("netherlands")' in str(error.value.hint)
    with pytest.raises(DataError) as error:
        read("netherlands")
    assert 'dk.load("netherlands")' in str(error.value.hint)
    with pytest.raises(DataError) as error:
        read(tmp_path / "nowhere" / "x.csv")
    assert "no folder" in str(error.value.hint)
    with pytest.raises(DataError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(DataError) as error:
        read(tmp_path / "qqqq.csv")
    assert "dk.datasets()" in str(error.value.hint)


def test_a_bad_value_in_parquet_is_named_by_its_row(tmp_path: Path) -> None:
    people = pd.DataFrame({"A": [1, 1, 3], "B": [0, 1, 0]})
    people.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="row 3, column 'A': found 3"):
        read(tmp_path / "a.parquet")
    people.assign(A=[1, 1, None]).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match="row 3, column 'A': the cell is blank"):
        read(tmp_path / "b.parquet")
    people.assign(A=[1, None, 1]).to_parquet(tmp_path / "c.parquet")
    assert read(tmp_path / "c.parquet", blank=0).counts().tolist() == [0, 2, 1, 0]

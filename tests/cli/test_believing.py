import json

import pytest

from darkfigure.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


def test_claim(capsys, tmp_path):
    numbers, picture = tmp_path / "a.json", tmp_path / "a.png"
    status, out, err = run(
        capsys,
        *("claim", "netherlands_five_lists", "30,000", "6250", "--per", "year", "--seed", "1"),
        *("--model", "DecomposableGraphs", "--json", str(numbers), "--plot", str(picture)),
    )
    assert (status, err) == (0, "")
    assert "30,000 a year, so 180,000 in 2010-2015" in out
    totals = [each["claim"]["total"] for each in json.loads(numbers.read_text())["claims"]]
    assert totals == [180_000, 37_500]
    assert picture.stat().st_size > 5_000


def test_claim_to_a_first_order(capsys):
    arguments = ("claim", "kosovo", "6100", "--model", "DecomposableGraphs", "--seed", "1")
    assert "or 30% (" in " ".join(run(capsys, *arguments)[1].split())
    roughly = " ".join(run(capsys, *arguments, "--links", "first order")[1].split())
    assert "to a first order that is exact for two lists only, 52%" in roughly


@pytest.mark.parametrize("figure", ["1e300", "0", "nan", "inf"])
def test_a_figure_of_nobody_or_of_more_than_all_is_refused(capsys, figure):
    status, out, err = run(capsys, "claim", "kosovo", figure)
    assert (status, out) == (2, "")
    assert "is claimed" in err
    assert len(err) < 300


def test_identify(capsys, tmp_path):
    numbers = tmp_path / "a.json"
    options = ("--model", "DecomposableGraphs", "--seed", "1", "--json", str(numbers))
    status, out, _ = run(capsys, "identify", "kosovo", *options)
    assert status == 0
    assert "EXH, ABA: 9,800" in out
    assert json.loads(numbers.read_text())["seen"] == 4_400


def test_identify_days_in_order(capsys, tmp_path):
    file = tmp_path / "days.csv"
    # Seber (1982, p. 107): 948 fish on the first day, 254 new ones on the second
    file.write_text("one,two,count\n1,0,781\n0,1,254\n1,1,167\n", encoding="utf-8")
    options = (str(file), "--model", "TwoList", "--seed", "1")
    _, out, _ = run(capsys, "identify", *options)
    assert "registers have no order" in out
    _, out, _ = run(capsys, "identify", *options, "--occasions")
    assert "Mb: 1,295 (" in out  # 948² / (948 - 254)


def test_bounds(capsys):
    status, out, _ = run(capsys, "bounds", "kosovo", "--odds-ratios", "1,5", "--prob", "0.9")
    assert status == 0
    assert "(90% interval)" in out
    assert "9,690 to 18,300" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("claim", "kosovo", "many"), "'many' is claimed; expected a number of people"),
        (("claim", "kosovo", "30000", "--per", "year"), "less than a year"),
        (("bounds", "kosovo"), "no range is given"),
        (("bounds", "kosovo", "--odds-ratios", "5"), "--odds-ratios is '5'; expected two numbers"),
        (("identify", "kosovo", "--plot", "x.doc"), "expected a picture"),
    ],
)
def test_refused_in_words(capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("figure", ["30.000", "1.234.567", "30,5", "30,00", "thirty"])
def test_a_figure_that_can_be_read_two_ways_is_refused(capsys, figure):
    status, out, err = run(capsys, "claim", "kosovo", figure)
    assert status == 2
    assert out == ""
    assert f"'{figure}' is claimed; expected a number of people" in err

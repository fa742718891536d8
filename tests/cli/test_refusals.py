"""What cannot be, or not together, is one message in words, and leaves nothing behind."""

import json

import pytest

from darkfigure.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    found = capsys.readouterr()
    return status, found.out, found.err


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (("--prior", "foo"), "--prior: 'foo' is not a prior", '--prior "Between(5_000, 7_500, 0.9'),
        (("--prior", "Between(5)"), "--prior: Between lacks high", "Between(low, high, prob=0.95)"),
        (("--prior", "LogNormal(1,1000)"), "--prior: log-normal with median 1", "factor of 50"),
        (("--prior", "Between(5, 'x')"), "--prior: high is 'x'", "Between(5_000, 7_500, 0.9)"),
        (("--prior", "1/0"), "--prior: '1/0' is not a prior", "Between(5_000, 7_500, prob=0.9)"),
        (("--models", "-3"), "--models is -3; expected a whole number from 1", "--models 5"),
        (("--models", "0"), "--models is 0; expected a whole number from 1", "--models 5"),
        (
            ("--models", "2", "--prior", "Between(100, 200)"),
            "--models cannot stand with --prior",
            '--model "BayesianLogLinear(prior=Between(100, 200))"',
        ),
        (
            ("--plot-models", "x.png", "--prior", "Between(100, 200)"),
            "--plot-models cannot stand with --prior",
            '--model "BayesianLogLinear(prior=Between(100, 200))"',
        ),
        (("--json", "-"), "--json is -; expected a file", "--json answer.json"),
        (("--plot", "-"), "--plot is -; expected a file", "--plot answer.png"),
    ],
)
def test_refused_before_the_work(capsys, monkeypatch, options, message, hint):
    worked = "darkfigure.cli.asked.estimate"
    monkeypatch.setattr(worked, lambda *_, **__: pytest.fail("worked first"))
    status, out, err = run(capsys, "estimate", "palembang", *options)
    assert (status, out) == (2, "")
    problem, _, advice = err.partition("Hint: ")
    assert message in problem
    assert hint in advice


def test_the_prior_that_the_hint_puts_into_the_model_has_candidates(capsys):
    model = ("--model", "BayesianLogLinear(prior=Between(100, 200))")
    options = ("--models", "2", "--seed", "1", "--draws", "400")
    status, out, _ = run(capsys, "estimate", "palembang", *model, *options)
    assert status == 0
    assert len(out.split("\n\n")[1].splitlines()) == 3  # a header and two models
    assert "[b c][c d]" in out.split("\n\n")[1]


LOG_LINEAR = ("--model", "LogLinear(uncertainty=Bootstrap(50))")


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ("palembang", (*LOG_LINEAR, "--ppc"), "no posterior-predictive tables"),
        ("palembang", (*LOG_LINEAR, "--before"), "LogLinear has no prior"),
        ("palembang", (*LOG_LINEAR, "--prior", "OneOverN"), "no prior on the population"),
        ("palembang", (*LOG_LINEAR, "--plot-ppc", "{}/ppc.png"), "no posterior-predictive tables"),
        (
            "spina_bifida_by_ethnicity",
            ("--model", "LatentClass(classes=1)", "--strata", "pooled", "--models", "2"),
            "there are no candidate models to print",
        ),
    ],
)
def test_refused_without_half_an_answer(capsys, tmp_path, data, options, message):
    files = [f"--{name}={tmp_path}/{file}" for name, file in FILES.items()]
    options = [each.format(tmp_path) for each in options]
    status, out, err = run(capsys, "estimate", data, "--seed", "1", *files, *options)
    assert (status, out) == (2, "")
    assert message in err
    assert list(tmp_path.iterdir()) == []


FILES = {"json": "a.json", "plot": "a.png", "save": "a.nc"}


def test_files_are_written_beside_an_answer_that_is_whole(capsys, tmp_path):
    files = [f"--{name}={tmp_path}/{file}" for name, file in FILES.items()]
    status, out, _ = run(capsys, "estimate", "palembang", "--seed", "1", "--ppc", *files)
    assert status == 0
    assert "observed" in out
    assert {path.name for path in tmp_path.iterdir()} == set(FILES.values())
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["seen"] == 123


@pytest.mark.parametrize("strata", ["joint", "separate", "pooled"])
def test_a_table_without_strata_has_one_stratum_however_they_are_used(capsys, strata):
    options = ("--seed", "1", "--draws", "400")
    plain = run(capsys, "estimate", "palembang", *options)
    asked = run(capsys, "estimate", "palembang", *options, "--strata", strata)
    assert asked[0] == 0
    assert asked[1].splitlines()[0] == plain[1].splitlines()[0]

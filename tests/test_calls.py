import pytest

import darkfigure as dk
from darkfigure.calls import read_model, read_prior, write_call, write_python

ROUND_TRIPS = [
    dk.DecomposableGraphs(),
    dk.DecomposableGraphs(delta=0.25, prior=dk.prior.GammaPoisson(13.14, 55.17)),
    dk.LogLinear(order=2, n="cells", uncertainty=dk.Bootstrap(200, reselect=True)),
    dk.LogLinear(terms=[("P", "R"), ("O", "Z")]),
    dk.LogLinear(terms="P*R + `long name`"),
    dk.TwoList(odds_ratio=dk.prior.Between(1, 4, prob=0.9)),
    dk.BayesianLogLinear(interactions=dk.prior.Normal((2.0, 1.0)), prior=dk.prior.AtLeast(500)),
    dk.BayesianLogLinear(identify=dk.NoHighestOrderInteraction(dk.prior.LogNormal(1, 0.5))),
    dk.BayesianLogLinear(identify=dk.ConditionalPair("border police", "R"), inference="nuts"),
]


@pytest.mark.parametrize("model", ROUND_TRIPS, ids=write_call)
def test_written_and_read_back(model):
    assert read_model(write_call(model)) == model
    assert eval(write_python(model), {"dk": dk}) == model


def test_read_as_a_person_writes_it():
    assert read_model("DecomposableGraphs") == dk.DecomposableGraphs()
    assert read_model("dk.DecomposableGraphs(delta=2**-5)") == dk.DecomposableGraphs(delta=1 / 32)
    assert read_model("TwoList(odds_ratio=dk.prior.LogNormal(2, 0.5))").odds_ratio.median == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("LogLiner()", 'Did you mean "LogLinear"?'),
        ("LogLinear(ordr=2)", 'Did you mean "order"?'),
        ("LogLinear(", "is not a model"),
        ("__import__('os').system('true')", "'system' is not a model; there are"),
        ("LogLinear(order=open('x'))", "not a model or setting"),
        ("LogLinear(order=[x for x in y])", "is not a model"),
        ("Bootstrap(100)", "is not a model"),
        ("LogLinear(1, 2, 3, 4, 5, 6, 7)", "takes at most"),
        ("LogLinear(order=9**9999999)", "is not a model"),
        ("LogLinear(order=0)", "order is 0"),
        ("", "is not a model"),
        ("TwoList(odds_ratio=1/0)", "is not a model"),
        ("TwoList(odds_ratio=9**9**9)", "is not a model"),
        ("TwoList(odds_ratio='a'*9)", "is not a model"),
        ("LogLinear(**{'order': 2})", "is not a model"),
        ("DecomposableGraphs(0.5, delta=0.5)", "DecomposableGraphs is given delta twice"),
        ("ConditionalPair('A', 'B')", "is not a model"),
        ("BayesianLogLinear(identify=ConditionalPair('A'))", "ConditionalPair lacks"),
    ],
)
def test_refused_with_a_reason(text, message):
    with pytest.raises(dk.SettingsError, match=None) as caught:
        read_model(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: dk.Bootstrap(20.5),
        lambda: dk.Bootstrap("100"),
        lambda: dk.Bootstrap(True),
        lambda: dk.Bootstrap(reselect="all"),
        lambda: dk.Bootstrap(reselect=2.5),
        lambda: dk.prior.Between(1, 2, prob="a"),
    ],
)
def test_settings_of_another_type_are_refused(make):
    with pytest.raises(dk.SettingsError, match="expected"):
        make()


def test_priors_are_read_as_a_person_writes_them():
    assert read_prior("OneOverN") == dk.prior.OneOverN()
    assert read_prior(" dk.prior.Between(5_000, 75*10**2) ") == dk.prior.Between(5000, 7500)


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("foo", "'foo' is not a prior on the population; there are AtLeast, Between, ", "None"),
        ("Betwen(1, 2)", "'Betwen' is not a prior", 'Did you mean "Between"?'),
        ("Between(5)", "Between lacks high.", "Between(low, high, prob=0.95)"),
        ("LogNormal()", "LogNormal lacks median and sigma.", "LogNormal(median, sigma)"),
        ("LogNormal(1, 1000)", "sigma 1000: expected a sigma", "a sigma of 2 is a factor of 50"),
        ("Between(1, low=2)", "Between is given low twice", "Between(low, high, prob=0.95)"),
        ("Between(x=1)", "no setting 'x'; it has low, high, prob", "Between(low, high, prob=0.95)"),
        ("Between(7000, 5000)", "expected the lower end first", "dk.prior.Between(5000, 7000)"),
        ("Between(1" + 400 * "0" + ", 3)", "low is larger than a computer can hold", "None"),
        ("Bootstrap(50)", "is not a prior on the population", "Between(5_000, 7_500, prob=0.9)"),
        ("LogLinear()", "is not a prior on the population", "Between(5_000, 7_500, prob=0.9)"),
        ("Between(5_000, 7_500", "is not a prior on the population", "Between(5_000, 7_500, "),
        ("Between(1/0, 3)", "is not a prior on the population", "Between(5_000, 7_500, "),
        ("1/0", "is not a prior on the population", "Between(5_000, 7_500, prob=0.9)"),
        (200 * "(" + 200 * ")", "is not a prior on the population", "Between(5_000, 7_500, "),
        ("", "is not a prior on the population", "Between(5_000, 7_500, prob=0.9)"),
    ],
)
def test_priors_are_refused_with_what_was_expected(text, problem, hint):
    with pytest.raises(dk.SettingsError, match=None) as caught:
        read_prior(text)
    assert problem in caught.value.problem
    assert hint in str(caught.value.hint)

"""Designs of formulas against dummies made by pandas, and their fits against brute force."""

import numpy as np
import pytest
from scipy.optimize import minimize

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.formulas import label_of, read_formula
from formulas.cells import dummies, frame_of, observed, powers, same_span, table_of

MAIN = ("", "P", "R", "O", "year", "sex")
SPANS = {
    "year": MAIN,
    "P + R": MAIN,
    "(P + R + O) * year + sex": (*MAIN, "P:year", "R:year", "O:year"),
    "P*R + year": (*MAIN, "P:R"),
    "P:R": (*MAIN, "P:R"),
    "[P R][O year]": (*MAIN, "P:R", "O:year"),
    "P:R:year:sex": (*MAIN, "year:sex", "P:year:sex", "R:year:sex", "P:R:year:sex"),
    "(P + R + O)**2 - R:O": (*MAIN, "P:R", "P:O"),
    "P/year - 1": (*MAIN, "P:year"),
    "C(year) * P": (*MAIN, "P:year"),
    "C(year, contr.sum) * P": (*MAIN, "P:year"),
    "C(year, contr.treatment(base=2011)):sex": (*MAIN, "year:sex"),
    "poly(year, 3):sex": (*MAIN, "year:sex"),
    "I(sex == 'm') * P": (*MAIN, "P:sex"),
    "year + year:log(year):P": (*MAIN, "P:year"),
}
POWERS = {
    "poly(year, 2)": (2, {""}),
    "poly(year, degree=2)": (2, {""}),
    "poly(year, 2) * P": (2, {"", "P"}),
    "poly(year, 2):P:sex": (2, {"", "P", "sex", "P:sex"}),
    "I(year) * P": (1, {"", "P"}),
    "scale(year) + center(year):P": (1, {"", "P"}),
    "I(year ** 2) + I(year)": (2, {""}),
    "P:I(year) + P:I(year**2)": (2, {"", "P"}),
    "P:{year ** 2} + P:year:poly(year, 1)": (3, {"", "P"}),
    "bs(year, df=2, degree=2)": (2, {""}),
}


@pytest.mark.parametrize("terms", SPANS)
def test_columns_span_what_dummies_do(terms):
    observation = observed()
    design = read_formula(terms, observation)
    by_hand = dummies(frame_of(observation), *SPANS[terms])
    assert same_span(design.matrix(), by_hand)
    assert np.linalg.matrix_rank(design.matrix()) == design.columns
    assert design.full.all()
    assert design.dropped == ()


@pytest.mark.parametrize("terms", POWERS)
def test_columns_span_what_powers_do(terms):
    observation, (degree, within) = observed(), POWERS[terms]
    design, frame = read_formula(terms, observation), frame_of(observation)
    by_hand = np.column_stack(
        [powers(frame, "year", degree, *sorted(within)), dummies(frame, "P", "R", "O", "sex")]
    )
    assert same_span(design.matrix(), by_hand)
    assert np.linalg.matrix_rank(design.matrix()) == design.columns


def test_other_functions_are_those_of_the_levels():
    observation = observed()
    frame = frame_of(observation)
    year = frame["year"].astype(float).to_numpy()
    step, log = (year >= 2013).astype(float), np.log(year)
    main = dummies(frame, "", "P", "R", "O", "sex")
    by_hand = np.column_stack([main, step, step * frame["P"], 1e3 * (log - log.mean())])
    design = read_formula("I(year >= 2013) * P + log(year)", observation)
    assert same_span(design.matrix(), by_hand)
    assert "P:I(year >= 2013)" in design.names


def test_number_of_people_does_not_change_a_polynomial():
    few, many = (observed(rate=rate, seed=seed) for rate, seed in ((1.0, 2), (50.0, 3)))
    terms = "poly(year, 2) * P"
    assert (read_formula(terms, few).matrix() == read_formula(terms, many).matrix()).all()


@pytest.mark.parametrize(
    ("terms", "same"),
    [
        ("P*year + R", [("year", "P"), "R"]),
        ("P*year + R", ["R", ("P", "year")]),
        ("P*R + year", "[P R][year]"),
        ("P*R + year", "[R, P] [year]"),
        ("poly(year,2)*P", "[P poly(year, 2)]"),
        ("poly(year,2)*P", [("poly( year,2 )", "P")]),
        ("R + P", "P + R + O + year + sex"),
        ("year*P + year", "P*year"),
        ("year + P:poly(year, 2)", "P:poly(year, 2) + year + poly(year, 1)"),
    ],
)
def test_forms_of_the_same_model(terms, same):
    observation = observed()
    one, other = read_formula(terms, observation), read_formula(same, observation)
    assert one.names == other.names
    assert (one.matrix() == other.matrix()).all()
    assert label_of(one) == label_of(other)


def test_columns_are_named():
    design = read_formula("P*year + sex:poly(year, 2)", observed())
    assert design.names == (
        *("constant", "P", "R", "O", "year[2011]", "year[2013]", "year[2014]", "sex[m]"),
        *("P:year[2011]", "P:year[2013]", "P:year[2014]"),
        *("poly(year, 2)[1]:sex[m]", "poly(year, 2)[2]:sex[m]"),
    )
    assert design.factors[0] == frozenset()
    assert design.factors[-1] == {"sex", "year"}
    assert design.parts[-1] == ("poly(year, 2)", "sex")
    assert design.main.tolist() == [True] * 6 + [False] * 2


def test_names_with_spaces():
    lists, levels = ("border police", "f(x)", "I"), {"the year": (1, 2, 3), "C": ("a", "b")}
    observation = observed(lists, levels)
    design = read_formula("`border police` * poly(`the year`, 2) + `f(x)`:C", observation)
    assert label_of(design) == "[`border police` poly(`the year`, 2)][`f(x)` C][I]"
    assert "border police:poly(`the year`, 2)[1]" in design.names
    assert read_formula(label_of(design), observation).names == design.names
    same = [("border police", "poly(`the year`, 2)"), ("f(x)", "C")]
    assert read_formula(same, observation).names == design.names
    assert "I:I(`the year` > 2)" in read_formula("I * I(`the year` > 2)", observation).names
    assert "C(C)[b]" in read_formula("C(C)", observation).names


def test_levels_written_as_text_may_be_numbers():
    texts = observed(levels={"year": ("2010", "2011", "2013", "2014"), "sex": ("f", "m")})
    one, other = (read_formula("poly(year, 2)*P + log(year)", o) for o in (texts, observed()))
    assert np.allclose(one.matrix(), other.matrix(), rtol=0, atol=1e-12)


def test_variable_of_one_level_has_no_parameter():
    one = observed(levels={"year": (2010, 2011, 2012), "country": ("NL",)})
    design = read_formula("P * country + year", one)
    assert design.names == ("constant", "P", "R", "O", "year[2011]", "year[2012]")


def test_table_without_strata():
    observation = observe(dk.load("kosovo"))
    design = read_formula("EXH*ABA + OSCE", observation)
    frame = frame_of(observation)
    assert same_span(design.matrix(), dummies(frame, "", *observation.lists, "EXH:ABA"))


# -- order and names ------------------------------------------------------------------------

RENAMED = {"P": "Q", "R": "A b", "O": "I", "year": "y", "sex": "s"}


def test_order_of_lists_and_variables_does_not_matter():
    observation = observed()
    levels = {"sex": ("m", "f"), "year": (2013, 2010, 2014, 2011)}
    other = observed(("O", "P", "R"), levels)
    columns = ["P", "R", "O", "year", "sex"]
    frames = [frame_of(o)[columns].astype({"year": int, "sex": str}) for o in (observation, other)]
    places = [frame.sort_values(columns).index.to_numpy() for frame in frames]
    for terms in ("P*year + R:sex", "poly(year, 2)*P:R + sex:year", "P*I(year > 2010)"):
        one, two = read_formula(terms, observation), read_formula(terms, other)
        assert same_span(one.matrix()[places[0]], two.matrix()[places[1]])


def test_names_do_not_matter():
    observation = observed()
    other = observed(("Q", "A b", "I"), {"y": (2010, 2011, 2013, 2014), "s": ("f", "m")})
    one = read_formula("(P + R)*poly(year, 2) + O:sex", observation)
    two = read_formula("(Q + `A b`)*poly(y, 2) + I:s", other)
    assert (one.matrix() == two.matrix()).all()


# -- fits -----------------------------------------------------------------------------------


def least_squares_fit(matrix, observation):
    """Fisher scoring for sums of complete cells: expected counts of the cells."""
    y = observation.low.astype(float)
    beta = np.zeros(matrix.shape[1])
    beta[0] = np.log(y.mean())
    for _ in range(100):
        mean = np.exp(matrix @ beta)
        expected = observation.expected(mean)
        jacobian = observation.expected((mean[:, None] * matrix).T).T
        root = np.sqrt(expected)
        step = np.linalg.lstsq(jacobian / root[:, None], (y - expected) / root, rcond=None)[0]
        beta = beta + step
    return np.exp(matrix @ beta)


def brute_force(matrix, observation):
    """The same by a minimiser that knows nothing of the model."""
    y = observation.low.astype(float)
    basis = np.linalg.svd(matrix, full_matrices=False)
    basis = basis[0][:, basis[1] > 1e-9 * basis[1][0]] * np.sqrt(len(matrix))

    def objective(beta):
        mean = np.exp(basis @ beta)
        expected = observation.expected(mean)
        gradient = observation.expected((mean[:, None] * basis).T) @ (1 - y / expected)
        return expected.sum() - y @ np.log(expected), gradient

    start = np.linalg.lstsq(basis, np.full(len(matrix), np.log(y.mean())), rcond=None)[0]
    found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7})
    return np.exp(basis @ found.x)


FITTED = {
    "P*R + year:sex": ("P:R", "year:sex"),
    "(P + R)*year + P:sex": ("P:year", "R:year", "P:sex"),
    "O:year": ("O:year",),  # away in 2010: with a parameter that no row tells, or without it
}


@pytest.mark.parametrize("away", [{}, {"O": {"year": 2010}}], ids=["all at work", "one away"])
@pytest.mark.parametrize("terms", FITTED)
def test_fit_is_that_of_brute_force(terms, away):
    observation = observed(inactive=away)
    by_hand = dummies(frame_of(observation), *MAIN, *FITTED[terms])
    design = read_formula(terms, observation)
    fitted = least_squares_fit(design.matrix(), observation)
    truth = brute_force(by_hand, observation)
    seen = observation.expected
    assert seen(fitted) == pytest.approx(seen(truth), rel=1e-4)
    unseen = observation.unseen_in
    assert unseen(fitted) == pytest.approx(unseen(truth), rel=1e-3)


# -- lists away -----------------------------------------------------------------------------


def away(terms, where, **settings):
    """What is left out where list O was away."""
    observation = observed(inactive={"O": where}, **settings)
    return read_formula(terms, observation), observation


@pytest.mark.parametrize(
    ("terms", "where", "dropped"),
    [
        ("O*year", {"year": 2011}, ("O:year[2011]",)),
        ("O*year", {"year": 2010}, ("O:year[2011]",)),  # the first year is that of comparison
        ("O*year", {"year": [2010, 2013]}, ("O:year[2011]", "O:year[2013]")),
        ("O*year", {"year": 2011, "sex": "f"}, ()),
        ("O*year*sex", {"year": 2011, "sex": "f"}, ("O:year[2011]:sex[m]",)),
        ("O*year*sex", {"year": 2011}, ("O:year[2011]", "O:year[2011]:sex[m]")),
        ("P*O*year", {"year": 2014}, ("O:year[2014]", "P:O:year[2014]")),
        ("O*C(year)", {"year": 2010}, ("O:C(year)[2011]",)),
        ("O*poly(year, 2)", {"year": 2010}, ()),
        ("O*poly(year, 2)", {"year": [2010, 2013]}, ("O:poly(year, 2)[2]",)),
        ("O*I(year >= 2013)", {"year": [2013, 2014]}, ("O:I(year >= 2013)",)),
        ("P*year", {"year": 2011}, ()),
    ],
)
def test_parameters_that_no_row_tells_are_left_out(terms, where, dropped):
    design, observation = away(terms, where)
    assert design.dropped == dropped
    assert not set(dropped) & set(design.names)
    complete = read_formula(terms, observed())
    assert set(design.names) | set(dropped) == set(complete.names)
    assert label_of(read_formula(label_of(design), observation)) == label_of(design)
    on = (observation.history & 0b100) > 0
    told = on & observation.at_work[observation.stratum, 2]
    holds_list = np.array([name.split(":")[0] == "O" for name in design.names])
    inside = design.matrix()[told][:, holds_list]
    assert np.linalg.matrix_rank(inside) == holds_list.sum()
    every = complete.matrix()[told][:, [name.split(":")[0] == "O" for name in complete.names]]
    assert same_span(inside, every)


def test_list_away_is_as_in_the_first_year_at_work():
    design, observation = away("O*year", {"year": [2010, 2013]})
    holds_list = [name.startswith("O") for name in design.names]
    on = (observation.history & 0b100) > 0
    frame = frame_of(observation)
    rows = {
        year: np.unique(design.matrix()[on & (frame["year"] == year)][:, holds_list], axis=0)
        for year in (2010, 2011, 2013, 2014)
    }
    assert rows[2010].tolist() == rows[2011].tolist() == rows[2013].tolist() == [[1, 0]]
    assert rows[2014].tolist() == [[1, 1]]


def test_lists_never_at_work_together_have_no_interaction():
    where = {"O": {"year": [2010, 2011]}, "R": {"year": [2013, 2014]}}
    observation = observed(inactive=where)
    design = read_formula("R*O + P*R", observation)
    assert design.dropped == ("R:O",)
    assert label_of(design) == "[P R][O][year][sex]"


def test_what_only_terms_together_confuse_is_kept():
    """O at work for women in 2010 and for men later: its year or its sex can be told, not both."""
    levels = {"year": (1, 2), "sex": ("f", "m")}
    where = {"O": [{"year": 1, "sex": "m"}, {"year": 2, "sex": "f"}]}
    observation = observed(levels=levels, inactive=where)
    assert read_formula("O:year + O:sex", observation).dropped == ()
    assert read_formula("O:year:sex", observation).dropped == ("O:year[2]:sex[m]",)


def test_practice_register_is_of_full_rank():
    observation = observe(dk.load("practice_register"))
    design = read_formula("(P + R + O + K + I + Z) * poly(year, 2) + sex + form", observation)
    assert design.columns == 27
    assert design.dropped == ()
    for rng in map(np.random.default_rng, range(2)):
        mean = np.exp(design.matrix() @ rng.normal(0, 0.5, design.columns))
        jacobian = observation.expected((mean[:, None] * design.matrix()).T).T
        assert np.linalg.matrix_rank(jacobian / np.sqrt(observation.expected(mean))[:, None]) == 27
    by_year = read_formula("I*year", observation)
    assert by_year.dropped == ("I:year[2011]",)


# -- refusals -------------------------------------------------------------------------------

UNREADABLE = {
    "(P + Q)*year": "name 'Q', which this table does not have",
    "P*yaer": 'Did you mean "year"',
    "[P yaer]": 'Did you mean "year"',
    "poly(yaer, 2)": 'Did you mean "year"',
    "ploy(year, 2)": 'Did you mean "poly"',
    "poly(year, 0)": "expected a variable and a degree",
    "poly(year, 'a')": "expected a variable and a degree",
    "poly(year, 1, 2)": "expected a variable and a degree",
    "poly(year, 2, power=3)": "expected a variable and a degree",
    "I(P)": "lists stand alone",
    "I(year*sex)": "a function of 'year' and 'sex'",
    "I(3)": "a function of nothing",
    "poly(year, 2):log(year)": "two functions of 'year'",
    "P ~ R": "cannot be read",
    "2:P": "cannot be read",
    "P*": "cannot be read",
    "[P poly(year, 2]": "cannot be read",
    "I((lambda: year)())": "cannot be read",
    "I(year.real)": "cannot be read",
    "C(year, contr.nothing)": "cannot be read",
    "I([y for y in year])": "cannot be read",
    "I(__import__('os'))": "is no function known here",
    "poly(year, 2).max()": "cannot be read",
    "I(contr.sum.__class__)": "cannot be read",
}


@pytest.mark.parametrize("terms", UNREADABLE)
def test_terms_that_cannot_be_read(terms):
    with pytest.raises(SettingsError) as refused:
        read_formula(terms, observed())
    assert UNREADABLE[terms] in str(refused.value)


@pytest.mark.parametrize("terms", [5, None, [5], [("P", 5)], {"P": "R"}], ids=str)
def test_things_that_are_no_terms(terms):
    with pytest.raises(SettingsError, match="expected a formula"):
        read_formula(terms, observed())


IMPOSSIBLE_TO_ESTIMATE = {
    "P*R*O": "interaction between all lists",
    "year + P:R:O:sex": "interaction between all lists",
    "poly(sex, 2)": "needs numbers",
    "poly(year, 4)": "of degree 4, and 'year' has 4 levels",
    "bs(year, df=9)": "makes 9 columns",
    "log(sex)": "they are no numbers",
    "log(year - 2010)": "has no value at year 2010",
    "I(year > 0)": "says the same for each level",
    "bs(year, df=1)": "cannot be worked out",
}


@pytest.mark.parametrize("terms", IMPOSSIBLE_TO_ESTIMATE)
def test_terms_without_an_estimate(terms):
    with pytest.raises(NotEstimable) as refused:
        read_formula(terms, observed())
    assert IMPOSSIBLE_TO_ESTIMATE[terms] in str(refused.value)
    assert refused.value.hint


def test_interaction_of_lists_that_cannot_overlap():
    lists = ("P", "R", "O", "Z")
    rows = table_of(lists).to_frame()
    rows = rows[~((rows["P"] == 1) & (rows["Z"] == 1))]
    table = dk.CaptureTable.from_counts(
        rows, lists=lists, by=["year", "sex"], impossible=[("P", "Z")]
    )
    observation = observe(table)
    for terms in ("Z*P", "P*R*Z", "P*R*O*Z", "P:Z:year"):
        with pytest.raises(SettingsError, match="between P and Z, which cannot overlap"):
            read_formula(terms, observation)
    design = read_formula("(P + Z)*R*O", observation)
    more = ("Z", "P:R", "R:Z", "P:O", "O:Z", "R:O", "P:R:O", "R:O:Z")
    assert same_span(design.matrix(), dummies(frame_of(observation), *MAIN, *more))

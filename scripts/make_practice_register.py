"""Write the practice register: simulated, and shaped like the Dutch registrations of 2010-2015.

    python scripts/make_practice_register.py [FOLDER]

writes practice_register.csv and practice_register.toml into the folder, by default data/. The
same files come out every time. The lists, their totals, their overlaps and the registrations per
year are near the published ones (van Dijk and others 2017; Silverman 2020, Table 2; the figures
of CoMensha and the National Rapporteur); everything else, the truth above all, is invented.
"""

import json
import sys
from pathlib import Path

from darkfigure.data.simulated import simulate
from darkfigure.data.simulated_settings import SimulatedList
from darkfigure.data.table import CaptureTable

SEED = 2015
NAME = "practice_register"
DATA = Path(__file__).parents[1] / "data"

# 45,000 people in six years: a rise to 2012, then a fall.
PEOPLE = {2010: 5_600, 2011: 6_800, 2012: 9_000, 2013: 8_600, 2014: 8_000, 2015: 7_000}

COVARIATES = {
    "sex": {"female": {2010: 0.80, 2015: 0.72}, "male": {2010: 0.20, 2015: 0.28}},
    "age": {"minor": 0.16, "adult": 0.84},
    "form": {
        "sexual": {2010: 0.70, 2015: 0.60},
        "labour": 0.20,
        "criminal": {2010: 0.10, 2015: 0.20},
    },
    "nationality": {"Dutch": 0.36, "other EU": 0.36, "other": 0.28},
}
ASSOCIATIONS = {
    (("sex", "male"), ("form", "labour")): 5.0,
    (("sex", "male"), ("form", "criminal")): 6.0,
    (("age", "minor"), ("form", "labour")): 0.3,
    (("age", "minor"), ("form", "criminal")): 2.0,
    (("age", "minor"), ("nationality", "Dutch")): 2.0,
    (("form", "labour"), ("nationality", "Dutch")): 0.15,
    (("form", "criminal"), ("nationality", "other EU")): 1.5,
}

# Chances are per person who belongs; effects are on the log odds.
LISTS = {
    "P": SimulatedList(
        0.1066,
        effects={
            "year": {2012: 0.10, 2014: 0.15},
            "form": {"labour": -0.6, "criminal": -0.4},
            "sex": {"male": -0.4},
            "age": {"minor": 0.2},
            "nationality": {"Dutch": -0.4},
        },
    ),
    "K": SimulatedList(
        0.0290,
        effects={
            "year": {2010: -0.2, 2012: 0.3, 2015: -0.3},
            "nationality": {"Dutch": -3.5, "other": 0.4},
            "age": {"minor": -0.5},
        },
        loading=0.5,
    ),
    "I": SimulatedList(
        0.0106,
        effects={"form": {"labour": 3.2, "criminal": 0.5}, "age": {"minor": -1.0}},
        loading=0.5,
        inactive=[2010],
    ),
    "R": SimulatedList(
        0.0166, effects={"nationality": {"Dutch": 0.8}, "age": {"minor": 0.5}, "year": {2010: -0.3}}
    ),
    "O": SimulatedList(0.0118, effects={"sex": {"male": -0.5}, "form": {"sexual": 0.3}}),
    "Z": SimulatedList(0.0162, effects={"sex": {"male": -0.6}, "nationality": {"other": 0.4}}),
}
VISIBILITY = 0.6
DEPENDENCE = {
    ("P", "K"): 0.25,
    ("P", "I"): 0.75,
    ("P", "R"): 0.75,
    ("P", "Z"): 0.60,
    ("P", "O"): 0.80,
    ("K", "I"): 0.01,
    ("K", "R"): 0.01,
    ("K", "O"): 0.10,
    ("K", "Z"): 0.20,
    ("I", "R"): 0.6,
    ("I", "Z"): 2.5,
    ("R", "O"): 0.4,
    ("R", "Z"): 0.2,
    ("O", "Z"): 5.0,
}
REFERRAL = {("P", "Z"): 0.010}

CODEBOOK = """\
# Written by scripts/make_practice_register.py; change that, and run it again.
title = "SIMULATED practice register, shaped like the Dutch registrations of 2010-2015"
kind = "simulated"
people = "simulated people"
concept = "flow"
case_definition = "People made up by a program; no real person is among them."
population_id = "practice_register"
source = "SIMULATED by darkfigure, scripts/make_practice_register.py, seed {seed}; list totals, \
overlaps and registrations per year are near those published for the Netherlands (see \
\\"netherlands\\")."
known_unseen = {unseen}
caveats = [
  "SIMULATED: no real people, and no finding about the Netherlands. In truth there were {total:,} \
in the six years; about.truth has them by stratum.",
  "List I was not at work in 2010 and is blank there, which many models refuse: leave the year \
out, table.select(year=range(2011, 2016)), or the list, table.drop(\\"I\\").",
  "By all its strata the table is thin: .collapse(\\"age\\") and the like add strata up.",
]

[period]
year_from = 2010
year_to = 2015
years = 6.0
text = "2010-2015"

[columns]
lists = {lists}
by = {by}
count = "count"
blank = "inactive"

[lists]
P = "simulated after the National Police"
K = "simulated after the Royal Marechaussee (border police)"
I = "simulated after the Inspectorate SZW (labour inspectorate); not at work in 2010"
R = "simulated after the regional coordinators"
O = "simulated after the list of shelters or others that is called O"
Z = "simulated after the list of shelters or others that is called Z"

[strata]
year = "2010 to 2015"
sex = "female or male"
age = "minor or adult"
form = "form of exploitation: sexual, labour or criminal"
nationality = "Dutch, other EU or other"

[truth]
variables = {by}
strata = [
{strata}
]
people = [
{people}
]
"""


def register() -> CaptureTable:
    """Simulate the practice register."""
    return simulate(
        people=PEOPLE,
        covariates=COVARIATES,
        associations=ASSOCIATIONS,
        lists=LISTS,
        visibility=VISIBILITY,
        dependence=DEPENDENCE,
        referral=REFERRAL,
        seed=SEED,
    )


def codebook(table: CaptureTable) -> str:
    """The codebook, with the truth."""
    truth = table.about.truth
    assert truth is not None
    numbers = [str(number) for number in truth.people]
    return CODEBOOK.format(
        seed=SEED,
        unseen=table.known_unseen,
        total=truth.total,
        lists=json.dumps(list(table.lists)),
        by=json.dumps(list(truth.variables)),
        strata="\n".join(f"  {json.dumps(levels)}," for levels in truth.strata),
        people="\n".join(
            f"  {', '.join(numbers[at : at + 18])}," for at in range(0, len(numbers), 18)
        ),
    )


def main(folder: Path = DATA) -> None:
    table = register()
    text = table.to_frame().to_csv(index=False, lineterminator="\n")
    (folder / f"{NAME}.csv").write_text(text, encoding="utf-8", newline="\n")
    (folder / f"{NAME}.toml").write_text(codebook(table), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

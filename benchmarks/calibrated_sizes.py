"""Calibrated and uncalibrated estimates of populations of known size: calibrated_sizes.txt.

    python benchmarks/calibrated_sizes.py [--fits FOLDER]

The populations are the lists of the public tables and simulated registers. Nothing is learned from
tables of the people at hand. With --fits the models' draws are kept, and read where they are kept.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

import darkfigure as dk
from calibration_reference import MODELS
from darkfigure.calls import read_model
from darkfigure.data.known_sizes import HALF, Outcome, as_known, read_reference, shipped
from darkfigure.models.stacked import by_name, weights_from
from darkfigure.numerics.known_errors import LEVELS, Form, Learned, given_own, learn, predict
from darkfigure.numerics.resampling import systematic
from known_size_fits import all_tasks, fits_of
from simulated_populations import LISTS, simulated_tasks

FORMS = {
    "A replaced": Form(spread="no", shrinks=False),
    "B added": Form(spread="added", shrinks=False),
    "C added, shrunk": Form(spread="added", shrinks=True),
    "D replaced, shrunk": Form(spread="no", shrinks=True),
    "E by a power, shrunk": Form(spread="power", shrinks=True),
}
CHOSEN, CHOSEN_BEFORE = "E by a power, shrunk", "C added, shrunk"
SLOW = "LatentClass()"
"""Tried on the lists and registers, not on those inside them: on all of them it takes hours."""

QUICK = tuple(name for name in MODELS if name != SLOW)
STACKS = {
    "Stacked of two": QUICK[:1] + QUICK[3:4],
    "Stacked of four": (QUICK[0], *QUICK[2:5]),
    "Stacked of six": QUICK,
}
HEAD = ("bias", "RMSE", "coverage", "width", "score")
_BOOTSTRAP = 1_000
_DRAWS = 20_000


@dataclass(frozen=True)
class Scored:
    """One population: log of low, middle and high over the truth; None without an estimate."""

    name: str
    whom: str
    simulated: bool
    limits: np.ndarray | None

    @property
    def score(self) -> float:
        """Interval score of the log limits."""
        low, _, high = self.limits  # type: ignore[misc]
        return high - low + 40 * max(low, 0) + 40 * max(-high, 0)


@dataclass(frozen=True)
class Outcomes:
    """What one model made of the public lists, the simulated registers, and those inside them."""

    every: tuple[Outcome, ...]

    @property
    def public(self) -> list[Outcome]:
        """Lists of public tables."""
        names = {each.name for each in self.every}
        return [
            each for each in self.every if not self._simulated(each) and each.table not in names
        ]

    @property
    def registers(self) -> list[Outcome]:
        """Simulated registers."""
        return [each for each in self.every if each.list_name == "all"]

    def inside(self, whole: Outcome) -> list[Outcome]:
        """Lists inside one of them."""
        name = whole.table if whole.list_name == "all" else whole.name
        return [each for each in self.every if each.table == name and each.list_name != "all"]

    @staticmethod
    def _simulated(each: Outcome) -> bool:
        return any(each.population_id.startswith(kind) for kind in LISTS)


def uncalibrated(found: Outcomes) -> list[Scored]:
    return [
        _scored(
            each,
            each in found.registers,
            np.array([each.quantiles[0], each.median, each.quantiles[-1]]),
        )
        if each.estimated
        else Scored(each.name, each.population_id, each in found.registers, None)
        for each in (*found.public, *found.registers)
    ]


def calibrated(found: Outcomes, form: Form, *, whole_table: bool = False) -> list[Scored]:
    """Every population corrected by errors on other people's tables, and on lists inside it.

    With `whole_table`, the other lists of the table that a list was taken from stand for the
    lists inside it: its people outside that list are then known as well.
    """
    public, scored = found.public, []
    print(f"scoring {len(public)} lists ...", file=sys.stderr, flush=True)
    for each in (*public, *found.registers):
        simulated = each.list_name == "all"
        inside = found.inside(each)
        if whole_table and not simulated:
            inside = [o for o in public if o.table == each.table and o.name != each.name]
        learned = learned_from(tuple(public), "" if simulated else each.population_id, form)
        scored.append(corrected(each, learned, inside))
    return scored


@cache
def learned_from(public: tuple[Outcome, ...], whom: str, form: Form) -> Learned:
    """What all tables but those of these people teach."""
    others = tuple(other for other in public if other.population_id != whom)
    return learn(as_known(others), form=form, rng=np.random.default_rng(1))


def corrected(each: Outcome, learned: Learned, inside: Sequence[Outcome]) -> Scored:
    """One population corrected by what other tables teach, and the lists inside it."""
    simulated = each.list_name == "all"
    if not each.estimated:
        return Scored(each.name, each.population_id, simulated, None)
    own = as_known(tuple(inside))
    draws = np.repeat(np.array(each.quantiles), _DRAWS // len(LEVELS))
    rng = np.random.default_rng(2)
    drawn = predict(draws, np.log(each.seen), given_own(learned, own), own, rng)
    return _scored(each, simulated, np.quantile(drawn, [0.025, 0.5, 0.975]))


def _scored(each: Outcome, simulated: bool, log_unseen: np.ndarray) -> Scored:
    total = each.seen + np.maximum(np.exp(log_unseen) - HALF, 0.0)
    limits = np.log(total / (each.seen + each.unseen))
    return Scored(each.name, each.population_id, simulated, limits)


def stacked(members: Sequence[Outcomes]) -> Outcomes:
    """The mixture of several models on every population, weighted as `dk.Stacked` does."""
    every = []
    for at, each in enumerate(members[0].every):
        mine = [member.every[at] for member in members]
        here = [by_name(member.inside(each)) for member in members]
        elsewhere = [
            by_name([o for o in member.public if o.population_id != each.population_id])
            for member in members
        ]
        able = np.array([outcome.estimated for outcome in mine])
        if not able.any():
            every.append(each)
            continue
        weights = weights_from(
            [h for h, ok in zip(here, able, strict=True) if ok],
            [e for e, ok in zip(elsewhere, able, strict=True) if ok],
        )
        every.append(_mixture([o for o in mine if o.estimated], weights))
    return Outcomes(tuple(every))


def _mixture(mine: Sequence[Outcome], weights: np.ndarray) -> Outcome:
    taken = np.bincount(systematic(weights, 2_000, np.random.default_rng(1)), minlength=len(mine))
    draws = np.concatenate(
        [
            np.interp((np.arange(n) + 0.5) / max(n, 1), LEVELS, each.quantiles)
            for n, each in zip(taken, mine, strict=True)
        ]
    )
    one = mine[0]
    return Outcome(
        one.table,
        one.population_id,
        one.list_name,
        one.lists,
        one.seen,
        one.unseen,
        float(np.median(draws)),
        tuple(np.quantile(draws, LEVELS).tolist()),
    )


def measures(scored: Sequence[Scored]) -> np.ndarray:
    limits = np.array([each.limits for each in scored if each.limits is not None])
    low, middle, high = limits.T
    return np.array(
        [
            np.median(middle),
            np.sqrt((middle**2).mean()),
            ((low <= 0) & (high >= 0)).sum() / len(scored),
            (high - low).mean(),
            np.mean([each.score for each in scored if each.limits is not None]),
        ]
    )


def with_errors(
    scored: Sequence[Scored], measure: Callable[[Sequence[Scored]], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A measure, and its standard error from drawing whole populations again."""
    whom = [sorted({e.whom for e in scored if e.simulated == kind}) for kind in (False, True)]
    by = {name: [e for e in scored if e.whom == name] for names in whom for name in names}
    rng = np.random.default_rng(3)
    again = []
    for _ in range(_BOOTSTRAP):
        drawn = [n for names in whom if names for n in rng.choice(names, len(names))]
        again.append(measure([e for name in drawn for e in by[name]]))
    return measure(scored), np.std(again, axis=0)


def lines_of(scored: Sequence[Scored]) -> str:
    value, error = with_errors(scored, measures)
    failed = sum(each.limits is None for each in scored)
    parts = [f"{v:6.2f} ({e:.2f})" for v, e in zip(value, error, strict=True)]
    return " ".join(parts) + f" {failed:6d}"


def difference(scored: Sequence[Scored], default: Sequence[Scored]) -> str:
    """Mean interval score less the default's, where both have an estimate."""
    base = {(e.name, e.whom): e for e in default}
    both = [e for e in scored if e.limits is not None and base[e.name, e.whom].limits is not None]

    def less(kept: Sequence[Scored]) -> np.ndarray:
        return np.array([np.mean([e.score - base[e.name, e.whom].score for e in kept])])

    value, error = with_errors(both, less)
    return f"{value[0]:6.2f} ({error[0]:.2f})"


def differences(title: str, by: dict[str, Sequence[Scored]]) -> list[str]:
    """The score of each model less the default's."""
    width, default = max(map(len, by)), by[QUICK[0]]
    text = ["", f"{title}: score less the default's, where both have an estimate", ""]
    return text + [
        f"{name:{width}s} public {difference(of_kind(s, False), of_kind(default, False))}"
        f"  simulated {difference(of_kind(s, True), of_kind(default, True))}"
        f"  all {difference(s, default)}"
        for name, s in by.items()
    ]


def of_kind(scored: Sequence[Scored], simulated: bool | None) -> list[Scored]:
    return [each for each in scored if simulated is None or each.simulated == simulated]


def table_of(title: str, rows: dict[str, Sequence[Scored]]) -> list[str]:
    rows = {name: scored for name, scored in rows.items() if scored}
    width = max(len(name) for name in rows)
    head = " " * width + " ".join(f"{name:>13s}" for name in HEAD) + "  failed"
    return ["", title, "", head, *(f"{n:{width}s} {lines_of(s)}" for n, s in rows.items())]


def report(found: dict[str, Outcomes]) -> list[str]:
    before = {name: uncalibrated(each) for name, each in found.items()}
    after = {name: calibrated(each, FORMS[CHOSEN]) for name, each in found.items()}
    default = after[QUICK[0]]
    text = []
    for words, kind in (("lists of public tables", False), ("simulated registers", True)):
        number = len(of_kind(default, kind))
        for state, by in (("uncalibrated", before), ("calibrated", after)):
            rows = {name: of_kind(scored, kind) for name, scored in by.items()}
            text += table_of(f"{number} {words}, {state}", rows)
    text += table_of(f"all {len(default)}, calibrated", after)
    text += differences("calibrated", after)
    missing = {name: [e.name for e in s if e.limits is None] for name, s in before.items()}
    text += ["", "without an estimate, and counted as not covered:"]
    text += [f"  {name}: {'; '.join(names)}" for name, names in missing.items() if names]
    return text


def forms(found: dict[str, Outcomes]) -> list[str]:
    """The forms that were compared, for the default and for averaging by BIC."""
    text = []
    for name in (QUICK[0], QUICK[3]):
        rows = {}
        for form, settings in FORMS.items():
            scored = calibrated(found[name], settings)
            rows[f"{form}, public"] = of_kind(scored, False)
            rows[f"{form}, simulated"] = of_kind(scored, True)
        text += table_of(f"forms of the model of errors: {name}", rows)
    return text


def main() -> int:
    warnings.simplefilter("ignore", dk.DataWarning)
    folder = Path(sys.argv[sys.argv.index("--fits") + 1] if "--fits" in sys.argv else mkdtemp())
    found = {text: Outcomes(fits_of(read_model(text), folder, all_tasks())) for text in QUICK}
    found |= {name: stacked([found[m] for m in members]) for name, members in STACKS.items()}
    registers = fits_of(read_model(SLOW), folder / "registers", tuple(simulated_tasks()))
    found[SLOW] = Outcomes((*read_reference(shipped()[SLOW]).outcomes, *registers))
    known = "calibrated, the other lists of the same table known"
    whole = {n: calibrated(found[n], FORMS[CHOSEN], whole_table=True) for n in found}
    lists = {name: of_kind(scored, False) for name, scored in whole.items()}
    text = [
        "Populations of known size, estimated and then calibrated on other people's tables.",
        "bias: median log of estimate (the median) over truth; RMSE of the same; coverage: of 95%",
        "intervals; width: mean log of upper over lower limit; score: mean interval score of the",
        "log limits (Gneiting & Raftery 2007), less is better; in brackets the standard error from",
        "drawing whole populations again. Form of the model of errors: " + CHOSEN + ".",
        *(f"{name}: {', '.join(members)}." for name, members in STACKS.items()),
        *report(found),
        *table_of(f"lists of public tables, {known}", lists),
        *table_of(f"all of them, {known}", whole),
        *differences(known, whole),
        *forms(found),
    ]
    print("\n".join(text))
    Path(__file__).with_suffix(".txt").write_text("\n".join(text) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

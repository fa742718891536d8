"""Registers whose links were missed and made falsely, person by person: linkage_errors.txt.

    python benchmarks/linkage_errors.py

Three independent lists of 4,000 people. The errors are made here as docs/methods/linkage.md says,
with code that shares nothing with the library. The model is the true one, so that what is missing
in coverage is missing in the treatment of linkage.
"""

import itertools
from pathlib import Path

import numpy as np

import darkfigure as dk

PEOPLE, CHANCES = 4_000, (0.35, 0.28, 0.22)
RATES = ((0.15, 0.0), (0.1, 0.05), (0.3, 0.08))
REGISTERS = 100
MODEL = dk.LogLinear(order=1, select=None, uncertainty=dk.Delta())


def after_missed(on: np.ndarray, missed: float, rng: np.random.Generator) -> tuple[list, list]:
    """Rows of supposed people, and which of them are really on one list alone."""
    rows, alone = [], []
    for row in on[on.any(axis=1)]:
        lists = np.flatnonzero(row)
        found = lists[rng.random(len(lists)) < np.sqrt(1 - missed)]
        together = lists if len(lists) == 1 else found if len(found) > 1 else []
        parts = [together] if len(together) else []
        parts += [[j] for j in lists if j not in together]
        for part in parts:
            rows.append(np.isin(np.arange(on.shape[1]), part))
            alone.append(len(lists) == 1)
    return rows, alone


def linked(on: np.ndarray, missed: float, false: float, rng: np.random.Generator) -> np.ndarray:
    """People per history after links were missed and then made falsely."""
    given, single = after_missed(on, missed, rng)
    rows, alone, there = np.array(given), np.array(single), np.ones(len(given), dtype=bool)
    totals = on.sum(axis=0)
    for one, other in itertools.permutations(range(on.shape[1]), 2):
        if totals[other] <= totals[one]:
            continue
        at_risk = np.flatnonzero(alone & there & rows[:, one])
        for at in at_risk[rng.random(len(at_risk)) < false]:
            partners = np.flatnonzero(there & rows[:, other] & ~rows[:, one])
            if there[at] and len(partners):
                partner = rng.choice(partners)
                rows[partner] |= rows[at]
                there[at], alone[partner] = False, False
    codes = rows[there] @ (1 << np.arange(on.shape[1]))
    return np.bincount(codes, minlength=1 << on.shape[1])


def table_of(counts: np.ndarray) -> dk.CaptureTable:
    histories = np.arange(1, len(counts))
    frame = {f"list {j + 1}": (histories >> j) & 1 for j in range(len(CHANCES))}
    return dk.CaptureTable.from_counts(frame | {"count": counts[1:]})


def line(missed: float, false: float) -> str:
    """How often the interval held the truth with linkage corrected, and without."""
    held, plain, errors, plain_errors = 0, 0, [], []
    for seed in range(REGISTERS):
        rng = np.random.default_rng([20261128, seed, round(1_000 * missed)])
        on = rng.random((PEOPLE, len(CHANCES))) < CHANCES
        table = table_of(linked(on, missed, false, rng))
        model = dk.LinkageError(MODEL, missed=missed, false=false)
        est = dk.estimate(table, model, seed=seed, draws=2000)
        held += est.interval()[0] <= PEOPLE <= est.interval()[1]
        errors.append(np.log(est.median / PEOPLE))
        est = dk.estimate(table, MODEL, seed=seed, draws=2000)
        plain += est.interval()[0] <= PEOPLE <= est.interval()[1]
        plain_errors.append(np.log(est.median / PEOPLE))
    mean, error = np.mean(errors), np.std(errors) / np.sqrt(REGISTERS)
    return (
        f"{missed:6.0%} {false:6.0%} {held:9} {mean:+10.3f} {error:8.3f} {plain:9} "
        f"{np.mean(plain_errors):+10.3f}"
    )


def main() -> None:
    head = (
        f"{REGISTERS} simulated registers each; 95 % intervals that held the truth, and the mean "
        "of log(median / truth) with its standard error\n\n"
        "missed  false  LinkageError                    without\n"
        "                   held       mean    error      held       mean"
    )
    text = "\n".join([head, *(line(*rates) for rates in RATES)])
    print(text)
    Path(__file__).with_suffix(".txt").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Simulated registers whose size is known, of five kinds, each with settings drawn at random."""

from collections.abc import Iterator

import numpy as np

import darkfigure as dk
from darkfigure.data.tasks import Task

LISTS = {
    "independent lists": 4,
    "heterogeneity": 5,
    "dependence": 5,
    "sparse overlap": 5,
    "merged lists": 6,
}
EACH = 8


def simulated_tasks() -> Iterator[Task]:
    """Every register as a population of known size: all its people, for all its lists to find."""
    for number, kind in enumerate(LISTS):
        for i in range(EACH):
            name = f"{kind} {i + 1}"
            table = register(kind, 100 * (number + 1) + i).with_about(name=name, population_id=name)
            yield Task(name, name, "all", table)


def register(kind: str, seed: int) -> dk.CaptureTable:
    rng = np.random.default_rng(seed)
    people = int(np.exp(rng.uniform(np.log(800), np.log(8_000))))
    names = [chr(ord("A") + j) for j in range(LISTS[kind])]
    low, high = (0.02, 0.08) if kind == "sparse overlap" else (0.05, 0.3)
    chances = np.exp(rng.uniform(np.log(low), np.log(high), len(names)))
    visibility, dependence = 0.0, {}
    if kind == "heterogeneity":
        visibility = float(rng.uniform(0.5, 1.5))
    if kind in ("sparse overlap", "merged lists"):
        visibility = float(rng.uniform(0, 1))
    if kind in ("dependence", "merged lists"):
        pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        for at in rng.choice(len(pairs), 4, replace=False):
            dependence[pairs[at]] = float(np.exp(rng.normal(0.3, 0.9)))
    table = dk.simulate(
        people=people,
        covariates={},
        lists=dict(zip(names, chances.tolist(), strict=True)),
        visibility=visibility,
        dependence=dependence,
        seed=seed,
    )
    if kind == "merged lists":
        table = table.merge({"AB": ["A", "B"], "CD": ["C", "D"]})
    return table

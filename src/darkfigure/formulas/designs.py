"""From terms as products of parts to the columns of a design."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from darkfigure.data.observation import Observation
from darkfigure.formulas.parts import Part, by_level
from darkfigure.numerics.design import Design, design_by_stratum
from darkfigure.numerics.independent_columns import independent_columns
from darkfigure.terms import written

CONSTANT = "constant"
"""Name of the column that is 1 in every cell."""

type Term = frozenset[str]
"""A term by the texts of its parts; the constant has none."""


@dataclass(frozen=True, eq=False)
class _Block:
    """A term and its columns by stratum.

    Attributes
    ----------
    parts : tuple of Part
        Lists, then stratum variables, in the order of the table.
    names : tuple of str, shape (columns,)
    values : ndarray of float, shape (strata, columns)
        What a cell on all lists of the term has.
    """

    parts: tuple[Part, ...]
    names: tuple[str, ...]
    values: np.ndarray

    @property
    def lists(self) -> frozenset[str]:
        return frozenset(part.factor for part in self.parts if part.is_list)

    @property
    def factors(self) -> frozenset[str]:
        return frozenset(part.factor for part in self.parts)

    def take(self, kept: np.ndarray) -> "_Block":
        names = tuple(name for name, keep in zip(self.names, kept, strict=True) if keep)
        return _Block(self.parts, names, self.values[:, kept])


def closed(terms: Iterable[Term], parts: Mapping[str, Part], observation: Observation) -> set[Term]:
    """Terms with all they contain, the constant, and the main effects of lists and variables.

    A variable that no term holds has a parameter per level: left out, it would claim that its
    strata are of equal size.
    """
    found: set[Term] = {frozenset()}
    found |= {frozenset([written(name)]) for name in observation.lists}
    for term in terms:
        for size in range(1, len(term) + 1):
            found |= {frozenset(chosen) for chosen in combinations(sorted(term), size)}
    held = {parts[text].factor for term in found for text in term if text in parts}
    found |= {frozenset([written(name)]) for name in observation.levels if name not in held}
    return found


def known_parts(observation: Observation) -> dict[str, Part]:
    """Each list and each stratum variable by level, under its text."""
    parts = [Part(written(name), name, (name,)) for name in observation.lists]
    parts += [by_level(name, levels) for name, levels in observation.levels.items()]
    return {part.text: part for part in parts}


def design_of_terms(
    terms: Iterable[Term], parts: Mapping[str, Part], observation: Observation
) -> Design:
    """The columns of terms over the complete cells, terms in order of size and of the table.

    Columns that say nothing which others do not say are left out: those that terms of the same
    lists and variables span (year by level, and poly(year, 2)), and those of lists that were
    never at work where the column differs from the others of its lists. Of levels that cannot be
    told apart, it is the earliest that has no column, so that a list that was away has the
    probability of the first level at which it was at work.

    Parameters
    ----------
    terms : iterable of Term
        With every term that is in another of them.
    parts : mapping of str to Part
    observation : Observation
    """
    order = {name: i for i, name in enumerate((*observation.lists, *observation.levels))}
    blocks = [_block([parts[text] for text in term], order, observation) for term in terms]
    blocks.sort(key=lambda block: _place(block, order))
    kept: list[_Block] = []
    dropped: list[str] = []
    for block in blocks:
        nested = [b for b in kept if b.lists == block.lists and b.factors <= block.factors]
        needed = _without_repetition(block, nested)
        told = needed.take(_told_apart(needed, nested, observation))
        dropped += [name for name in needed.names if name not in told.names]
        if told.names:
            kept.append(told)
    sizes = [len(block.names) for block in kept]
    bits = [sum(1 << order[name] for name in block.lists) for block in kept]
    return design_by_stratum(
        observation.history,
        observation.stratum,
        np.repeat(np.array(bits, dtype=np.int64), sizes),
        np.column_stack([block.values for block in kept]),
        np.repeat(np.arange(len(kept)), sizes),
        [block.factors for block in kept],
        [name for block in kept for name in block.names],
        parts=[tuple(part.text for part in block.parts) for block in kept],
        dropped=dropped,
    )


def _block(parts: list[Part], order: Mapping[str, int], observation: Observation) -> _Block:
    parts = sorted(parts, key=lambda part: order[part.factor])
    values = np.ones((len(observation.at_work), 1))
    for part in parts:
        if part.values is not None:
            levels = observation.codes[:, order[part.factor] - len(observation.lists)]
            columns = values.shape[1] * len(part.names)
            values = values[:, :, None] * part.values[levels][:, None, :]
            values = values.reshape(len(values), columns)
    names = tuple(":".join(each) for each in product(*(part.names for part in parts)))
    return _Block(tuple(parts), names if parts else (CONSTANT,), values)


def _place(block: _Block, order: Mapping[str, int]) -> tuple[object, ...]:
    """Small terms first; of terms of the same factors, that with most columns first."""
    at = [order[part.factor] for part in block.parts]
    return len(at), at, -len(block.names), [part.text for part in block.parts]


def _without_repetition(block: _Block, nested: list[_Block]) -> _Block:
    """A term without what terms of the same lists and variables span, and orthogonal to them."""
    if not any(b.factors == block.factors for b in nested):
        return block
    given = np.column_stack([b.values for b in nested])
    block = block.take(independent_columns(given, block.values))
    if all(part.is_list or part.by_level for part in block.parts):
        return block
    rest = block.values
    for _ in range(2):
        rest = rest - given @ np.linalg.lstsq(given, rest, rcond=None)[0]
        rest = rest / np.sqrt((rest**2).mean(axis=0))
    return _Block(block.parts, block.names, rest)


def _told_apart(block: _Block, nested: list[_Block], observation: Observation) -> np.ndarray:
    """Columns that differ from the others of their lists where these were at work."""
    lists = [observation.lists.index(name) for name in block.lists]
    at_work = observation.at_work[:, lists].all(axis=1)
    if at_work.all():
        return np.ones(len(block.names), dtype=bool)
    used = [v for v, name in enumerate(observation.levels) if name in block.factors]
    codes = observation.codes[at_work][:, used]
    _, first = np.unique(codes, axis=0, return_index=True)
    rows = np.flatnonzero(at_work)[first]
    given = np.column_stack([np.empty((len(rows), 0)), *(b.values[rows] for b in nested)])
    return independent_columns(given, block.values[rows], _latest_first(block))


def _latest_first(block: _Block) -> list[int]:
    """Columns in the order in which they are kept: levels from the last, degrees from the first."""
    places = [
        [-j if part.by_level else j for j in range(len(part.names))]
        for part in block.parts
        if not part.is_list
    ]
    every = list(product(*places))
    return sorted(range(len(every)), key=every.__getitem__)

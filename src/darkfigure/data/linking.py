"""Lists that come as separate frames, linked by a key that names each person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from darkfigure.cautions import Caution, caution
from darkfigure.data.cells import add_up
from darkfigure.data.columns import BLANK, Stratum, as_level, stratum_values
from darkfigure.data.counted import Tabulated
from darkfigure.data.frames import (
    AnyFrame,
    Names,
    Rows,
    as_frame,
    as_names,
    as_numpy,
    check_number_of_lists,
    collected,
    refuse_double_use,
)
from darkfigure.data.names import did_you_mean
from darkfigure.data.tabulate import combined_strata, count_people
from darkfigure.errors import DataError


@dataclass(frozen=True, eq=False)
class _Register:
    """One list as it came: the key of every row, and the strata that it records."""

    name: str
    keys: np.ndarray
    strata: Mapping[str, Stratum]

    @property
    def first(self) -> object:
        return self.keys[:1].tolist()[0]

    @property
    def kind(self) -> str:
        return "text" if self.keys.dtype == object else "numbers"


def link_lists(frames: Mapping[str, AnyFrame], *, key: str, by: Names) -> Tabulated:
    """Find each person on every list by the key; see `CaptureTable.from_lists`.

    Raises
    ------
    DataError
        If keys are missing or of different types, or lists disagree on a person's stratum.
    """
    if not isinstance(frames, Mapping):
        raise DataError(
            f"the lists come as {type(frames).__name__}; expected a frame per name.",
            'Say from_lists({"police": frame, "shelter": frame}, key="person").',
        )
    if not isinstance(key, str):
        raise DataError(
            f"key is {key!r}; expected the name of one column.",
            "Join several columns into one first: frame['key'] = frame['a'] + ' ' + frame['b'].",
        )
    names, strata_names = tuple(map(str, frames)), as_names(by)
    check_number_of_lists(names)
    refuse_double_use(("key=", (key,)), ("by=", strata_names))
    registers = [
        _read(name, frame, key, strata_names)
        for name, frame in zip(names, frames.values(), strict=True)
    ]
    _refuse_unknown_strata(registers, strata_names)
    _refuse_mixed_keys(registers, key)
    return _linked(registers, key, strata_names)


def _read(name: str, data: AnyFrame, key: str, by: Sequence[str]) -> _Register:
    frame = as_frame(data)
    available = frame.collect_schema().names()
    if key not in available:
        raise DataError(
            f"list {name!r} has no column {key!r} (named in key=); its columns are "
            f"{', '.join(map(repr, available))}.",
            did_you_mean(key, available) or "Give the key the same name in every list.",
        )
    frame = collected(frame.select([key, *(b for b in by if b in available)]))
    if len(frame) == 0:
        raise DataError(
            f"list {name!r} has no rows; expected one per person.", "Leave the list out."
        )
    strata = {b: stratum_values(frame[b]) for b in by if b in available}
    return _Register(name, _keys(frame[key], name), strata)


def _keys(series: "nw.Series[Any]", name: str) -> np.ndarray:
    """Keys as whole numbers or as objects that hold text."""
    missing = as_numpy(series.is_null()).astype(bool)
    values = as_numpy(series)
    if values.dtype.kind == "f":
        missing |= np.isnan(values)
    if values.dtype.kind not in "iuf":
        plain = [as_level(value) for value in series.to_list()]
        missing |= np.array([value is None for value in plain], dtype=bool)
        if all(isinstance(value, int) for value in plain if value is not None):
            values = np.array([0 if value is None else value for value in plain], dtype=np.int64)
        else:
            values = np.array(plain, dtype=object)
    if missing.any():
        where = Rows().name(int(missing.argmax()))
        raise DataError(
            f"list {name!r}, {where}, column {series.name!r}: the key is missing "
            f"({int(missing.sum()):,} are); expected one in every row.",
            "Leave out rows whose person is unknown, or give each a key of its own.",
        )
    whole = values.dtype.kind == "f" and bool((values == np.floor(values)).all())
    return values.astype(np.int64) if whole else values


def _refuse_unknown_strata(registers: Sequence[_Register], by: Sequence[str]) -> None:
    for name in by:
        if not any(name in register.strata for register in registers):
            raise DataError(
                f"no list has a column {name!r} (named in by=).",
                "Name a column that at least one list has.",
            )


def _refuse_mixed_keys(registers: Sequence[_Register], key: str) -> None:
    first = registers[0]
    for other in registers[1:]:
        if other.kind != first.kind:
            raise DataError(
                f"column {key!r} holds {first.kind} on list {first.name!r} (row 1: "
                f"{first.first!r}) and {other.kind} on list {other.name!r} (row 1: "
                f"{other.first!r}); expected the same type, or nobody would match.",
                f"Make both text: frame[{key!r}] = frame[{key!r}].astype(str).",
            )


def _linked(registers: Sequence[_Register], key: str, by: Sequence[str]) -> Tabulated:
    import pandas as pd

    joined = np.concatenate([register.keys for register in registers])
    if joined.dtype == object:
        _refuse_mixed_within(joined, registers, key)
    codes, people = pd.factorize(joined)
    ends = np.cumsum([len(register.keys) for register in registers])
    bits = np.zeros(len(people), dtype=np.int64)
    cautions: list[Caution] = []
    person_of = np.split(codes, ends[:-1])
    for j, (register, persons) in enumerate(zip(registers, person_of, strict=True)):
        bits[persons] |= 1 << j
        repeated = int((np.bincount(persons, minlength=len(people)) > 1).sum())
        if repeated:
            cautions.append(
                caution("person_twice", people=f"{repeated:,}", list_name=register.name)
            )
    strata = [(name, _stratum_of_people(name, registers, person_of, people)) for name in by]
    cells = count_people(bits, combined_strata(strata, len(people)), len(registers))
    lists = tuple(register.name for register in registers)
    return Tabulated(lists, add_up(cells).cells, None, tuple(cautions))


def _refuse_mixed_within(keys: np.ndarray, registers: Sequence[_Register], key: str) -> None:
    """Refuse numbers among the texts of a key: 7 and "7" would be two people."""
    numbers = np.array([not isinstance(value, str) for value in keys.tolist()], dtype=bool)
    if not numbers.any() or numbers.all():
        return
    at = int(numbers.argmax())
    for register in registers:
        if at < len(register.keys):
            raise DataError(
                f"list {register.name!r}, {Rows().name(at)}, column {key!r}: found the number "
                f"{register.keys[at]!r} among texts; expected one type.",
                f"Make all text: frame[{key!r}] = frame[{key!r}].astype(str).",
            )
        at -= len(register.keys)


def _stratum_of_people(
    name: str,
    registers: Sequence[_Register],
    person_of: Sequence[np.ndarray],
    people: Any,
) -> Stratum:
    """Each person's value of one stratum variable, which all lists that have it agree on."""
    levels: dict[Any, int] = {}
    of_person = np.full(len(people), BLANK, dtype=np.int64)
    for register, persons in zip(registers, person_of, strict=True):
        if name not in register.strata:
            continue
        stratum = register.strata[name]
        own = [levels.setdefault(level, len(levels)) for level in stratum.levels]
        codes = np.array([*own, BLANK], dtype=np.int64)[stratum.codes]
        known = codes != BLANK
        new = known & (of_person[persons] == BLANK)
        of_person[persons[new][::-1]] = codes[new][::-1]  # the first row of a person counts
        wrong = known & (codes != of_person[persons])
        if wrong.any():
            row = int(wrong.argmax())
            person = np.asarray(people)[persons[row]]
            person = person.item() if isinstance(person, np.generic) else person
            raise _conflict(name, register, row, person, registers, person_of)
    return Stratum(of_person, tuple(levels))


def _conflict(
    name: str,
    register: _Register,
    row: int,
    person: Any,
    registers: Sequence[_Register],
    person_of: Sequence[np.ndarray],
) -> DataError:
    found = register.strata[name].labels[row]
    for other in registers:
        if name not in other.strata:
            continue
        same = (other.keys == person) & np.array(
            [v is not None and v != found for v in other.strata[name].labels.tolist()], dtype=bool
        )
        if same.any():
            at = int(same.argmax())
            return DataError(
                f"person {person!r} has {name} {other.strata[name].labels[at]!r} on list "
                f"{other.name!r} ({Rows().name(at)}) and {found!r} on list {register.name!r} "
                f"({Rows().name(row)}); expected one value of column {name!r} per person.",
                "Correct one of them, or leave the value blank where it is not certain.",
            )
    raise AssertionError(person)

"""Names: the nearest known one, for errors that say what was meant, and those of histories."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `word`, whatever its case, or None if none is close."""
    by_folded = {name.casefold(): name for name in reversed(list(known))}
    found = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant: 'Did you mean "uk"?', or "" if none is close."""
    name = nearest(word, known)
    return "" if name is None else f'Did you mean "{name}"?'


def name_of_history(code: int, lists: Sequence[str]) -> str:
    """A capture history by the lists it is on: "police + shelter"."""
    return " + ".join(name for j, name in enumerate(lists) if code >> j & 1)

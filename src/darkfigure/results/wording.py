"""Numbers and estimates in words: rounded to what the interval supports."""

import math

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def rounded(value: float, width: float = math.inf) -> str:
    """A number of people with thousands separators, rounded to what an interval supports.

    At least three digits are kept, and more where the interval is narrow: to one tenth of the
    leading digit of its width.

    Parameters
    ----------
    value : float
        In people; infinite becomes "no upper limit".
    width : float
        Of the interval, in people.
    """
    if math.isnan(value):
        return "not estimable"
    if math.isinf(value):
        return "no upper limit"
    unit = 10.0 ** max(_magnitude(abs(value)) - 2, 0)
    if math.isfinite(width):
        unit = min(unit, 10.0 ** max(_magnitude(width) - 1, 0))
    return f"{round(value / unit) * unit:,.0f}"


def _magnitude(value: float) -> int:
    return math.floor(math.log10(value)) if value >= 1 else 0


def one_in(seen: float, population: float) -> str:
    """How large a share was registered: "1 in 6", or a percentage where most were."""
    if seen <= 0 or not math.isfinite(population):
        return "an unknown share was registered"
    ratio = population / seen
    if ratio < 1.5:
        return f"{seen / population:.0%} were registered"
    return f"1 in {ratio:.1f} was registered" if ratio < 3 else f"1 in {ratio:.0f} was registered"


def in_words(number: int) -> str:
    """A small number as a word."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else f"{number:,}"


def listed(items: list[str]) -> str:
    """A, B and C."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"

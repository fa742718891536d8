"""What an estimate assumes of the registers, each assumption defined once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """One assumption: a few words for a line, and a sentence that says what it means."""

    short: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


CLOSED = Assumption(
    "closed population",
    "The population is closed: nobody enters or leaves it during the period.",
)
LINKAGE = Assumption(
    "perfect linkage",
    "People on several lists are recognised as the same, and nobody is mistaken for another.",
)
LINKAGE_DRAWN = Assumption(
    "linkage as its draws say",
    "Who is the same person is as uncertain as the draws of the linkage say.",
)
NO_OUTSIDERS = Assumption(
    "no list with people outside the population",
    "Everyone on a list belongs to the population.",
)
SAME_CHANCES = Assumption(
    "no differences between people beyond the dependence of lists",
    "People differ in their chance to be on a list only through the lists' dependence.",
)
ERRORS_ALIKE = Assumption(
    "errors like those on populations of known size",
    "The model is as wrong about people on no list as it is about the people on one list, here "
    "and in other tables, whom the other lists are asked to find.",
)

OF_REGISTERS = (CLOSED, LINKAGE, NO_OUTSIDERS, SAME_CHANCES)
"""What the models of lists that depend on one another assume of the registers."""

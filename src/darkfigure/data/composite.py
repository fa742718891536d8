"""What is observed of a table, as the numerics of sums and intervals read it."""

from darkfigure.data.observation import Observation
from darkfigure.numerics.composite_rows import Composite


def composite_of(observation: Observation) -> Composite:
    """The arrays of an observation.

    Parameters
    ----------
    observation : Observation
    """
    return Composite(
        start=observation.start,
        cell=observation.cell,
        weight=observation.weight,
        low=observation.low.astype(float),
        high=observation.high.astype(float),
        unseen=observation.unseen,
        stratum=observation.stratum,
        strata=len(observation.at_work),
    )

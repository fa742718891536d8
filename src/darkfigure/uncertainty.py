"""How a likelihood model's uncertainty is measured: settings, never results."""

from dataclasses import dataclass

from darkfigure.errors import SettingsError
from darkfigure.literals import BootstrapKind, check_choice


@dataclass(frozen=True)
class Bootstrap:
    """Resample the people seen, with the model chosen again in every replicate.

    The n people are drawn again with replacement from the observed cells (a multinomial
    sample), and the limits are quantiles of the replicates' totals.

    Parameters
    ----------
    replicates : int, default 1000
        Number of resampled tables, at least 20.
    kind : {"percentile"}, default "percentile"
        How limits are read off the replicates.
    reselect : int or bool, default 100
        Among how many models each replicate chooses: the best so many of the full search, all
        of them (`True`), or only the one selected on the data (`False`).

    References
    ----------
    Chan, Silverman & Vincent (2021), J. Am. Stat. Assoc. 116:1297, section 4.
    """

    replicates: int = 1000
    kind: BootstrapKind = "percentile"
    reselect: int | bool = 100

    def __post_init__(self) -> None:
        check_choice(self.kind, BootstrapKind, "kind")
        if self.replicates < 20:
            raise SettingsError(
                f"replicates is {self.replicates}; a bootstrap interval needs at least 20.",
                "Bootstrap(1000) is the default.",
            )
        if not isinstance(self.reselect, bool) and self.reselect < 1:
            raise SettingsError(
                f"reselect is {self.reselect}; expected a positive number, True or False."
            )

"""How a likelihood model's uncertainty is measured: settings, never results."""

from dataclasses import dataclass

import numpy as np

from darkfigure.errors import SettingsError
from darkfigure.literals import BootstrapKind, check_choice
from darkfigure.settings import takes_numpy


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


@dataclass(frozen=True)
@takes_numpy
class Bootstrap:
    """Resample the people seen, with the model chosen again in every replicate.

    Parameters
    ----------
    replicates : int, default 1000
        Number of resampled tables, at least 20.
    kind : {"bca", "percentile", "parametric"}, default "bca"
        Bias-corrected and accelerated limits, with a jackknife over distinct cells; plain
        quantiles of the replicates' totals; or quantiles over tables drawn from the fitted model
        at its estimated total, the number seen drawn with them.
    reselect : int or bool, default 100
        Among how many models each replicate chooses: the best so many of the full search, all
        of them (`True`), or only the one selected on the data (`False`). A stepwise or downhill
        selection is run again as a whole unless this is `False`.

    References
    ----------
    Efron (1987), J. Am. Stat. Assoc. 82:171; Chan, Silverman & Vincent (2021), J. Am. Stat.
    Assoc. 116:1297, section 4; Silverman, Chan & Vincent (2024), Stat. Comput. 34:44.
    """

    replicates: int = 1000
    kind: BootstrapKind = "bca"
    reselect: int | bool = 100

    def __post_init__(self) -> None:
        check_choice(self.kind, BootstrapKind, "kind")
        if not _is_whole(self.replicates):
            raise SettingsError(
                f"replicates is {self.replicates!r}; expected a whole number.",
                "Bootstrap(1000) is the default.",
            )
        if self.replicates < 20:
            raise SettingsError(
                f"replicates is {self.replicates}; a bootstrap interval needs at least 20.",
                "Bootstrap(1000) is the default.",
            )
        if not isinstance(self.reselect, bool) and not (
            _is_whole(self.reselect) and self.reselect >= 1
        ):
            raise SettingsError(
                f"reselect is {self.reselect!r}; expected a positive whole number, True or False.",
                "True chooses among all models, False keeps the one selected.",
            )


@dataclass(frozen=True)
class Profile:
    """The profile likelihood of the total under one fixed model.

    The upper limit is infinite where the likelihood levels off; that is said in words. That the
    model may have been chosen from the data is left out.

    References
    ----------
    Cormack (1992), Biometrics 48:567.
    """


@dataclass(frozen=True)
class Delta:
    """The delta method: the log of the number unseen taken as normal, under one fixed model.

    Quick, for comparison: short intervals on sparse tables, and the choice of the model left
    out.

    References
    ----------
    Sandland & Cormack (1984), Biometrika 71:27; Rivest & Lévesque (2001), Can. J. Stat. 29:555.
    """

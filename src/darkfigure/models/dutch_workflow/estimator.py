"""The Dutch workflow: the settings, and the fit that brings the parts together."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import xarray as xr

from darkfigure.assumptions import OF_REGISTERS, Assumption
from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, Handling, Model, in_chains
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.models.dutch_workflow.layout import Layout, lay_out
from darkfigure.models.dutch_workflow.path import Path, has_estimate, path_table, walk
from darkfigure.models.dutch_workflow.replicates import Replicates, bootstrap, unseen_draws
from darkfigure.numerics.strata_totals import at_least_seen
from darkfigure.uncertainty import Bootstrap

Degree = Literal[1, 2, 3]

_FEWEST = 20  # replicates that an interval can be read off
_NO_ONE = 0.5  # unseen: a replicate below it is at its boundary


@dataclass(frozen=True)
class DutchWorkflow(Model):
    r"""The log-linear workflow behind the Dutch estimates of human trafficking, year by year.

    Cells are all combinations of capture histories and strata; their counts are Poisson, and
    the log of their means is a sum of main effects and two-way terms of lists, stratum variables
    and the year. From main effects on, that term is added or taken out whose change lowers
    :math:`-2\ell + |M| \log n` the most (n: people seen), as long as it falls; this model is
    used. The path goes on with the penalty 2 (AIC) and then 1, to show what the choice hangs on:
    ``est.models`` has all of it. Limits are percentiles of a parametric bootstrap.

    Totals of strata are expected numbers, those of the people seen included, so that they are
    smoothed by the model; a stratum never has fewer people than were seen in it.

    Parameters
    ----------
    year : str, default "year"
        The stratum variable of the years.
    degree : {1, 2, 3}, optional
        The year enters by orthogonal polynomials up to this degree; by default with a parameter
        of its own for each year.
    uncertainty : Bootstrap, default Bootstrap(1000, kind="parametric", reselect=False)
        `reselect=False` keeps the model in every replicate, as the official figures do; anything
        else runs the stepwise search by BIC again in each. kind="percentile" resamples the people
        seen instead.

    Raises
    ------
    NotEstimable
        If the table has no years, or the main effects have no estimate.

    References
    ----------
    Van Dijk, Cruyff, van der Heijden & Kragten-Heerdink (2017), Monitoring Target 16.2 of the
    United Nations Sustainable Development Goals: a multiple systems estimation of the numbers of
    presumed human trafficking victims in the Netherlands in 2010-2015, UNODC; Cruyff, van Dijk &
    van der Heijden (2017), CHANCE 30(3):41; van Dijk, Cruyff & van der Heijden (2021).
    """

    year: str = "year"
    degree: Degree | None = None
    uncertainty: Bootstrap = Bootstrap(1000, kind="parametric", reselect=False)

    assumes: ClassVar[tuple[Assumption, ...]] = (
        *OF_REGISTERS,
        Assumption(
            "no interactions of three or more lists, strata or years, nor of pairs left out",
            "Lists depend on each other alike in all years and strata, and pairs left out of the "
            "model are independent among people on no list too.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Van Dijk J, Cruyff M, van der Heijden PGM, Kragten-Heerdink SLJ (2017). Monitoring "
        "Target 16.2 of the United Nations Sustainable Development Goals: a multiple systems "
        "estimation of the numbers of presumed human trafficking victims in the Netherlands in "
        "2010-2015 by year, age, gender, form of exploitation and nationality. UNODC, Vienna.",
        "Cruyff M, van Dijk J, van der Heijden PGM (2017). The challenge of counting victims of "
        "human trafficking: not on the record. CHANCE 30(3):41-49.",
        "van Dijk J, Cruyff M, van der Heijden PGM (2021). Multiple systems estimation "
        "slachtoffers mensenhandel Nederland 2016-2019. WODC, The Hague.",
    )
    identifies: ClassVar[str] = "there are no interactions beyond two-way terms"
    handles: ClassVar[frozenset[Handling]] = frozenset({"impossible", "strata"})
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = 12

    def __post_init__(self) -> None:
        if not isinstance(self.year, str) or not self.year:
            raise SettingsError(f"year is {self.year!r}; expected the name of a stratum variable.")
        whole = isinstance(self.degree, int) and not isinstance(self.degree, bool)
        if self.degree is not None and not (whole and 1 <= self.degree <= 3):
            raise SettingsError(f"degree is {self.degree!r}; expected None, 1, 2 or 3.")
        if not isinstance(self.uncertainty, Bootstrap):
            raise SettingsError(
                f"uncertainty is {self.uncertainty!r}; the workflow has a bootstrap.",
                'Bootstrap(1000, kind="parametric", reselect=False)',
            )
        if self.uncertainty.kind == "bca":
            raise SettingsError(
                "the limits of the workflow are percentiles of all strata at once, which no BCa "
                "correction leaves adding up.",
                f'Bootstrap({self.uncertainty.replicates}, kind="parametric", '
                f"reselect={self.uncertainty.reselect})",
            )

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Select along the path, and draw from the bootstrap of the selected model."""
        resampling, ordering = rng.spawn(2)
        layout = lay_out(table, self.year, self.degree)
        path = self._path(layout)
        replicates = bootstrap(layout, path, self.uncertainty, resampling)
        if (kept := int(replicates.usable.sum())) < _FEWEST:
            raise NotEstimable(
                f"only {kept} of {len(replicates.usable)} bootstrap replicates have an estimate: "
                "the data are too sparse for a bootstrap interval.",
                "join strata with table.collapse(...), or use a model with priors, such as "
                "BayesianLogLinear().",
            )
        unseen = unseen_draws(layout, replicates, draws, ordering)
        totals = at_least_seen(path.fit.expected[:, 1], layout.seen, layout.years)
        return Fit(
            kind="bootstrap",
            seen=layout.seen,
            unseen=np.stack([in_chains(column) for column in unseen.T], axis=-1),
            label=f"DutchWorkflow {layout.label(path.fit.model)}, smallest BIC (n = people) after "
            f"{path.chosen} steps",
            point=float(totals.sum()),
            models=path_table(layout, path),
            cautions=tuple(self._cautions(layout, path, replicates)),
            groups=_groups(replicates, totals),
            strata=layout.strata,
        )

    def _path(self, layout: Layout) -> Path:
        """Walk the path, refusing what has no estimate."""
        path = walk(layout)
        if path.start.converged and has_estimate(layout, path.fit):
            return path
        which = "the model selected" if path.start.converged else "the model of main effects"
        raise NotEstimable(
            f"{which} has no maximum-likelihood estimate: lists share too few people, or strata "
            "hold too few.",
            "look at table.overlap(); merge lists with table.merge({...}), join strata with "
            "table.collapse(...), or use a model with priors, such as BayesianLogLinear().",
        )

    def _cautions(self, layout: Layout, path: Path, replicates: Replicates) -> list[Caution]:
        """What was done about the selection, and what went wrong on the way."""
        found = []
        if self.uncertainty.reselect is False:
            found.append(caution("official_selection"))
        else:
            found.append(
                caution(
                    "selection_repeated",
                    models=f"{replicates.different():,}",
                    share=replicates.share_of(path.fit.model),
                )
            )
        if path.refused:
            candidates = len(path.steps) * int((~layout.design.main).sum())
            found.append(
                caution(
                    "no_mle",
                    number=f"{path.refused:,}",
                    candidates=f"{candidates:,}",
                    reason="too few people share the lists or levels of a term",
                )
            )
        if pairs := layout.empty_pairs(path.fit.model):
            more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
            found.append(caution("empty_pairs", pairs="; ".join(pairs[:3]) + more))
        if path.fit.expected[:, 0].sum() < _NO_ONE:
            found.append(caution("boundary"))
        return found + _lost(layout, replicates)


def _lost(layout: Layout, replicates: Replicates) -> list[Caution]:
    """Replicates without an estimate, or with no one missed."""
    found = []
    if not replicates.usable.all():
        found.append(caution("failed_replicates", share=float((~replicates.usable).mean())))
    totals = replicates.totals[replicates.usable].sum(axis=1)
    at_boundary = float((totals < layout.seen.sum() + _NO_ONE).mean())
    if at_boundary > 0.01:
        found.append(caution("boundary_replicates", share=at_boundary))
    return found


def _groups(replicates: Replicates, totals: np.ndarray) -> dict[str, xr.Dataset]:
    """Raw replicates, and the maximum-likelihood totals of all strata."""
    return {
        "replicates": xr.Dataset(
            {
                "population": ("replicate", replicates.totals.sum(axis=1)),
                "by_stratum": (("replicate", "stratum_number"), replicates.totals),
            }
        ),
        "point": xr.Dataset({"population": ("stratum_number", totals)}),
    }

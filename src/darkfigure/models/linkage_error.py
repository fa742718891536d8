"""Errors of linkage around any model: links missed and made falsely, undone draw by draw."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from darkfigure.assumptions import CLOSED, LINKAGE, NO_OUTSIDERS, SAME_CHANCES, Assumption
from darkfigure.cautions import Caution, caution
from darkfigure.contract import Fit, Handling, Model, assumptions_of
from darkfigure.data.table import CaptureTable
from darkfigure.errors import NotEstimable, SettingsError
from darkfigure.linkages import fit_each_linkage
from darkfigure.models.linkage_possible import check_possible
from darkfigure.models.linkage_rates import (
    HIGH,
    Share,
    check_share,
    check_together,
    in_words,
    quantile,
    spread,
)
from darkfigure.numerics import linkage, linkage_repair
from darkfigure.refit import fit_strata

_HANDLED: frozenset[Handling] = frozenset({"impossible", "strata"})
_MOST_LISTS = 12
_MANY = 0.5  # of the links, false ones that are a caution


@dataclass(frozen=True)
class LinkageError(Model):
    r"""Another model on counts whose errors of linkage are undone, draw by draw.

    Some links between records of one person were missed, and some people were taken for another.
    With rates for both, the true counts are drawn given those that linkage left, and the model
    inside is fitted to every draw; its draws are mixed.

    A record of a person on several lists is found with the others with probability
    :math:`\sqrt{1 - \text{missed}}`, each independently, so that two records of one person on two
    lists are linked with probability :math:`1 - \text{missed}`. Of the people who are really on
    one list alone, a share `false` is linked to somebody else on each larger list. For two lists
    the people really on both are then in expectation

    .. math:: \hat n_{11} = \frac{n^*_{11} - \beta\, n_2}{\alpha - \beta},
        \qquad \alpha = 1 - \text{missed},\; \beta = \text{false},

    with list 2 the smaller (Ding & Fienberg 1994). The rates are put in; the lists say nothing of
    them.

    Parameters
    ----------
    model : Model
        Fitted to every repaired table.
    missed : float, (low, high), dk.prior.Beta or dk.prior.ClericalSample, default 0
        Share of the true links between two lists that were missed: known, anywhere in a range
        (uniform), or with a prior.
    false : as `missed`, default 0
        Share of the people on one list alone who were linked to somebody else on a larger list,
        for each of them.
    imputations : int, default 20
        Repaired tables, each with rates of its own.

    Raises
    ------
    NotEstimable
        If so many false links would leave no overlap, or the lists hold too few people alone for
        so many missed links.

    Notes
    -----
    True counts have independent priors, so that what the model inside says of them is not used
    for the repair. The rates hold for all lists and strata alike. ``est.draws["linkage"]`` holds
    the rates, the people seen and the median total of every repaired table; ``est.point``, for
    likelihood models, is the median of their totals. With both rates 0 the answer is that of the
    model inside.

    References
    ----------
    Ding & Fienberg (1994), Surv. Methodol. 20:149; Di Consiglio & Tuoto (2018), J. Off. Stat.
    34:889; de Wolf, van der Laan & Zult (2019), J. Off. Stat. 35:577; Zult et al. (2021), J. Off.
    Stat. 37:699; Sadinle (2018), Ann. Appl. Stat. 12:1013.
    """

    model: Model
    missed: Share = 0.0
    false: Share = 0.0
    imputations: int = 20

    assumes: ClassVar[tuple[Assumption, ...]] = (
        CLOSED,
        Assumption(
            "links missed and false at the rates stated",
            "Of the links between records of one person and of the people linked to another, such "
            "shares are wrong as stated, alike for all lists and people: the lists cannot tell.",
        ),
        NO_OUTSIDERS,
        SAME_CHANCES,
        Assumption(
            "what the model inside assumes of the people on no list",
            "Once errors of linkage are undone, what the model inside assumes of the people on no "
            "list holds.",
        ),
    )
    references: ClassVar[tuple[str, ...]] = (
        "Ding Y, Fienberg SE (1994). Dual system estimation of census undercount in the presence "
        "of matching error. Surv. Methodol. 20:149-158.",
        "Di Consiglio L, Tuoto T (2018). Population size estimation and linkage errors: the "
        "multiple lists case. J. Off. Stat. 34:889-908.",
        "de Wolf PP, van der Laan J, Zult D (2019). Connecting correction methods for linkage "
        "error in capture-recapture. J. Off. Stat. 35:577-597.",
        "Zult D, de Wolf PP, Bakker BFM, van der Heijden PGM (2021). A general framework for "
        "multiple-recapture estimation that incorporates linkage error correction. J. Off. Stat. "
        "37:699-718.",
        "Sadinle M (2018). Bayesian propagation of record linkage uncertainty into population "
        "size estimation of human rights violations. Ann. Appl. Stat. 12:1013-1038.",
    )
    identifies: ClassVar[str] = "what the model inside assumes holds, with the links corrected"
    handles: ClassVar[frozenset[Handling]] = _HANDLED
    fewest_lists: ClassVar[int] = 2
    most_lists: ClassVar[int] = _MOST_LISTS

    def __post_init__(self) -> None:
        _check_inside(self.model)
        for name in ("missed", "false"):
            check_share(name, getattr(self, name))
        check_together(self.missed, self.false)
        if not isinstance(self.imputations, int) or not 10 <= self.imputations <= 10_000:
            raise SettingsError(
                f"imputations is {self.imputations!r}; expected a whole number from 10 up.",
                "imputations=20 is the default.",
            )
        inner = self.model
        own = {
            "assumes": tuple(
                self._assumption if each == LINKAGE else each for each in assumptions_of(inner)
            ),
            "references": tuple(dict.fromkeys((*inner.references, *type(self).references))),
            "identifies": inner.identifies,
            "handles": _HANDLED & (inner.handles | {"strata"}),
            "fewest_lists": inner.fewest_lists,
            "most_lists": min(inner.most_lists, _MOST_LISTS),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def fit(self, table: CaptureTable, *, draws: int, rng: np.random.Generator) -> Fit:
        """Repair the table under each pair of rates, fit the model to each, and mix."""
        if self.missed == 0 and self.false == 0:
            fit = fit_strata(self.model, table, draws=draws, rng=rng)
            return replace(fit, label=f"{fit.label}, no link taken for wrong")
        check_possible(table, missed=self.missed, false=self.false, words=self.rates)
        missed, false = (
            spread(share, self.imputations, rng) for share in (self.missed, self.false)
        )
        tables = self._repaired(table, missed, false, rng)

        rates = {"missed": missed, "false": false}
        fit = fit_each_linkage(self.model, tables, draws=draws, rng=rng, rates=rates)
        label = f"LinkageError, {self.rates}, on {self.imputations} repaired tables: {fit.label}"
        return replace(fit, label=label, cautions=(*self._of_false_links(table), *fit.cautions))

    @property
    def rates(self) -> str:
        """Both rates in words: "missed 5% to 10%"."""
        shown = [
            f"{name} {in_words(share)}"
            for name, share in (("missed", self.missed), ("false", self.false))
            if share != 0
        ]
        return ", ".join(shown) or "no errors"

    @property
    def _assumption(self) -> Assumption:
        return Assumption(
            f"links wrong at the rates stated: {self.rates}",
            "Links between records of one person were missed, and people linked to another, at "
            f"the rates stated ({self.rates}), alike for all lists and people: the lists cannot "
            "tell.",
        )

    def _repaired(
        self, table: CaptureTable, missed: np.ndarray, false: np.ndarray, rng: np.random.Generator
    ) -> list[CaptureTable]:
        """Tables of true counts, one per pair of rates."""
        parts = table.split()
        found = linkage_repair.draw_repaired_counts(
            np.stack([part.counts() for part in parts.values()]),
            possible=table.possible(),
            missed=missed,
            false=false,
            rng=rng,
        )
        if not found.moved.all():
            lost = [
                level for level, ok in zip(parts, found.moved.all(axis=0), strict=True) if not ok
            ]
            where = f" (stratum {', '.join(map(str, lost[0]))})" if lost[0] else ""
            raise NotEstimable(
                f"{self.rates}: the lists hold too few people on one list alone{where} for so "
                "many missed links; each would be a record that stands alone.",
                "give a smaller share of missed links.",
            )
        return [table_of(table, counts, list(parts)) for counts in found.counts]

    def _of_false_links(self, table: CaptureTable) -> list[Caution]:
        flat = table.collapse() if table.strata else table
        counts = flat.counts()
        links = float(counts[np.bitwise_count(np.arange(len(counts))) > 1].sum())
        expected = linkage.expected_false_links(counts, quantile(self.false, HIGH))
        if expected <= _MANY * links:
            return []
        return [caution("many_false_links", expected=f"{expected:,.0f}", links=f"{links:,.0f}")]


def table_of(
    table: CaptureTable, counts: np.ndarray, strata: list[tuple[object, ...]]
) -> CaptureTable:
    """The same lists and strata with other counts, shape (strata, 2**k)."""
    at, codes = np.nonzero(counts)
    numbers = counts[at, codes]
    histories = ((codes[:, None] >> np.arange(table.n_lists)) & 1).astype(np.int8)
    labels = {}
    for i, name in enumerate(table.labels):
        values = np.empty(len(at), dtype=object)
        values[:] = [strata[stratum][i] for stratum in at]
        labels[name] = values
    return replace(
        table, histories=histories, low=numbers, high=numbers, labels=labels, disclosure=None
    )


def _check_inside(model: object) -> None:
    """Refuse what is no model, or corrects linkage itself."""
    example = "dk.LinkageError(dk.LogLinear(), missed=(0.02, 0.10))"
    if not isinstance(model, Model):
        raise SettingsError(f"model is {model!r}; expected settings of a model.", example)
    if isinstance(model, LinkageError):
        raise SettingsError("a LinkageError stands inside another; expected one.", example)

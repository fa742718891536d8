"""The result of a check: every case in one table, what they say in words, and one page of plots."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from darkfigure.calls import write_call
from darkfigure.contract import Model
from darkfigure.data.table import CaptureTable
from darkfigure.results.storage import as_plain, check_writable
from darkfigure.trust.answering import Timed
from darkfigure.trust.checked_case import BASE, Answered

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Check:
    """What a model answers when the table, or its prior, is varied; made by `check`.

    Attributes
    ----------
    timed : Timed
        The answers to all cases, their seed, and how long they took.
    table : CaptureTable
    model : Model
    draws, prob : int, float
        Each case has `draws` draws and a seed of its own; the intervals hold `prob`.
    cached : bool
        Whether the answers were kept from an earlier call.
    call : str
        Python text that gives this check again.
    version : str
        Of darkfigure.
    """

    timed: Timed
    table: CaptureTable
    model: Model
    draws: int
    prob: float
    cached: bool
    call: str
    version: str

    @property
    def answers(self) -> tuple[Answered, ...]:
        """The table as it is first; then a row per case, those left out among them."""
        return self.timed.answers

    @property
    def kind(self) -> str:
        """Where the draws come from: "posterior", "bootstrap", ...; "" without an estimate."""
        return self.timed.kind

    @property
    def seed(self) -> int:
        """The same seed gives the same answers."""
        return self.timed.seed

    @property
    def forecast(self) -> float:
        """The seconds foretold for all of it, once a few estimates of each size were timed."""
        return self.timed.forecast

    @property
    def seconds(self) -> float:
        """The seconds taken when the answers were made."""
        return self.timed.seconds

    @property
    def base(self) -> Answered:
        """The answer to the table as it is."""
        return self.of(BASE)[0]

    def of(self, check: str) -> tuple[Answered, ...]:
        """The answers of one check, in order."""
        return tuple(each for each in self.answers if each.check == check)

    def summary(self) -> pd.DataFrame:
        """One row per case.

        Returns
        -------
        DataFrame
            check ("estimate" is the table as it is), case; seen; estimate, low, high; truth where
            it is known, log_error (of estimate over truth) and covered; log_change (of the
            estimate over that of the table as it is: as people accrue, of the total per person
            seen; nan for other people, which are those on one list and those of some years);
            outcome ("estimated", "no estimate", "left out") and note.
        """
        base = self.base
        rows = [
            {
                "check": each.check,
                "case": each.case,
                "seen": each.seen,
                "estimate": each.estimate,
                "low": each.low,
                "high": each.high,
                "truth": each.truth,
                "log_error": each.log_error,
                "covered": each.covered,
                "log_change": each.log_change(base),
                "outcome": each.outcome,
                "note": each.note,
            }
            for each in self.answers
        ]
        frame = pd.DataFrame(rows)
        frame["covered"] = frame["covered"].astype("boolean")
        frame.attrs["prob"] = self.prob
        return frame

    def text(self) -> str:
        """The printed form: the verdict, then each check in a line or a few."""
        from darkfigure.trust.check_words import as_text

        return as_text(self)

    def plot(self) -> "Figure":
        """One page: known sizes, lists left out and merged, accrual, cells, priors."""
        from darkfigure.trust.check_plots import plot_check

        return plot_check(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """Every number as JSON text; written to a file too, if one is named."""
        from darkfigure.trust.check_words import verdict

        rows = self.summary().to_dict(orient="records")
        for row, each in zip(rows, self.answers, strict=True):
            row["covered"], row["seed"] = each.covered, each.seed
        content = {
            "verdict": verdict(self),
            "prob": self.prob,
            "kind": self.kind,
            "cases": rows,
            "model": write_call(self.model),
            "table": {
                "name": self.table.about.name,
                "lists": list(self.table.lists),
                "content_hash": self.table.content_hash,
            },
            "unit": self.table.about.people,
            "seed": self.seed,
            "draws": self.draws,
            "forecast": self.forecast,
            "seconds": self.seconds,
            "cached": self.cached,
            "call": self.call,
            "version": self.version,
        }
        text = json.dumps(as_plain(content), indent=2, ensure_ascii=False, allow_nan=False)
        if path is not None:
            check_writable(Path(path))
            Path(path).write_text(text + "\n", encoding="utf-8")
        return text

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from darkfigure.trust.check_words import as_html

        return as_html(self)

"""Statistical trouble as data on a result: each kind defined once, with its remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of trouble: a sentence to fill in, and what to do about it."""

    sentence: str
    remedy: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        # what was mended in the data
        "duplicate_histories": Kind(
            "capture histories are repeated ({rows} in all; first: row {row}, {history}); their "
            "counts were added up",
            "check that the file is not two tables under one another, and that a stratum column "
            "was not left out of by=",
        ),
        "person_twice": Kind(
            "people who stand more than once on list {list_name} ({people} of them) were counted "
            "once each",
            "nothing, if the list holds reports rather than people; otherwise check the key",
        ),
        "known_unseen": Kind(
            "the row of zeros ({count}) was taken as the known number on no list; "
            "it is shown beside the estimate and never used for it",
            "leave the row out if these people are not really known",
        ),
        "encoding": Kind(
            "the file is not UTF-8; it was read as {encoding}",
            "check names with accents, or save the file as UTF-8",
        ),
        "similar_levels": Kind(
            "column {column!r} has the levels {levels}, which differ only in capitals; they were "
            "kept apart",
            "if they are one stratum, write them alike and read the table again",
        ),
        "rows_as_people": Kind(
            "every row has a capture history of its own, and column {column!r} holds whole "
            "numbers; each row was counted as one person",
            "if {column!r} holds counts, say count={column!r}",
        ),
        "perhaps_suppressed": Kind(
            "no count is from 1 to {below}, while {number} of {cells} are from {least} to {most}: "
            "small counts may have been suppressed, and were taken for nobody",
            "look where the table was published: if counts below {least} were suppressed, say "
            "threshold={least}; if not, nothing",
        ),
        "perhaps_rounded": Kind(
            "all {cells} counts are multiples of {base}: they may have been rounded, and were "
            "taken as exact",
            "look where the table was published: if counts were rounded, say rounding={base}, and "
            "threshold=... if small ones were suppressed; if not, nothing",
        ),
        # what the overlaps cannot tell
        "no_overlap": Kind(
            "no one is on two lists: the data set no upper limit on how many were missed, and the "
            "upper part of the answer comes from the prior alone",
            "do not publish this figure; link the lists again or add one that overlaps",
        ),
        "overlap_not_certain": Kind(
            "no one is certainly on two lists: all counts that would say so lie between limits "
            "that allow 0, so that the upper part of the answer may come from the prior alone",
            "ask for the exact counts of people on two lists, or publish a lower limit only",
        ),
        "isolated_list": Kind(
            "list {list_name} shares no one with any other list",
            "check the linkage of that list, or leave it out with table.drop({list_name!r})",
        ),
        "sparse": Kind(
            "{share} of people are on one list only",
            "small changes in a few overlaps move the answer: look at table.overlap()",
        ),
        # what the posterior or the search shows
        "several_modes": Kind(
            "the {draws} has {number} modes, near {locations}: the data cannot choose between them",
            "report the modes {how} (est.modes()), never one number",
        ),
        "bootstrap_modes": Kind(
            "the bootstrap totals fall into {number} groups, near {locations}: small changes in "
            "the data switch the answer from one to another",
            "report the groups with their weights (est.modes()), never one number",
        ),
        "no_width": Kind(
            "{share:.0%} of the draws give {total}, so that the interval has no width",
            "do not report an exact number: that it seems exact comes from the model and its "
            "priors; compare others",
        ),
        "few_people": Kind(
            "only {people} people were seen: every interval from so few rests on its assumptions",
            "report the assumption with the figure, or no figure",
        ),
        "list_inside": Kind(
            "everyone on list {inner} is on list {outer} too: the two are not separate sources",
            "check how the lists were made, or join them with table.merge(...)",
        ),
        "mean_infinite": Kind(
            "the mean of the {draws} is infinite",
            "use the median and the interval",
        ),
        "sd_infinite": Kind(
            "the standard deviation of the {draws} is infinite",
            "use the interval",
        ),
        "prior_sensitivity": Kind(
            "{parameter} decides much: the median is {medians}",
            "report the whole range, and say why this prior was chosen",
        ),
        "grid_truncated": Kind(
            "the posterior falls off so slowly that a share {mass} of it lies beyond "
            "{edge} unseen; that part is drawn from its power-law tail",
            "do not report the upper limit; use a prior on the population with a lighter tail",
        ),
        "models_disagree": Kind(
            "log-linear models that fit nearly as well lie outside the interval: {models}",
            "report both; dk.compare shows the models side by side, and a reason from outside "
            "the data is needed to choose",
        ),
        "near_ties": Kind(
            "{number} of {candidates} models are within {units:g} units of the best and give "
            "from {low} to {high}: {models}",
            "look at est.models, and report the range",
        ),
        "ties": Kind(
            "other models are within {units:g} units of the best: {models}",
            "do not choose by so little; report these totals too",
        ),
        "choices_disagree": Kind(
            "this selection gives {mine}, another would give {others}",
            "report these totals too; settle the rule of choice before the data are seen",
        ),
        "poor_fit": Kind(
            "the model fits badly: of {tables} tables drawn from it, {number} fit as badly",
            "look at est.residuals(); allow more interactions, or estimate strata apart",
        ),
        "no_maximum": Kind(
            "the likelihood rises without end as the total grows, so that there is a lower limit "
            "but no estimate ({reason})",
            "report the lower limit only, or leave out an interaction",
        ),
        "no_upper_limit": Kind(
            "no upper limit can be set: a share {share:.1%} of the confidence distribution lies at "
            "infinity",
            "report the lower limit, and that these data set no upper one",
        ),
        "correction_large": Kind(
            "the estimate lies at the edge of its replicates, so that the corrected limits leave "
            "out {share:.0%} of them",
            "compare Bootstrap(kind='percentile'); an interval that depends on the correction is "
            "not to be trusted",
        ),
        "limits_at_ends": Kind(
            "a corrected limit lies beyond the {replicates} replicates and was set to their end",
            "use more replicates, or compare Bootstrap(kind='percentile'): few distinct totals "
            "bear no correction",
        ),
        "prior_tension": Kind(
            "the prior on the population and the lists {how}: {prior} puts {prob:.0%} "
            "between {low} and {high}; the lists alone say {median} ({limits}), the {which} of the "
            "two in {share:.0%} of pairs drawn from them",
            "report both, and say which of the two you trust, and why",
        ),
        "prior_excludes": Kind(
            "the prior on the population and the lists {how}: {prior} allows nothing below "
            "{least}; the lists alone say {median} ({limits}), less than that in {share:.0%} of "
            "their draws",
            "report both, and say which of the two you trust, and why",
        ),
        "prior_edge": Kind(
            "the draws pile up at {least}, the smallest number that {prior} allows: the lists "
            "alone say less",
            "estimate without that prior too, and report both",
        ),
        "not_mixed": Kind(
            "the {chains} chains do not agree (R-hat {r_hat}; it should be below 1.01): their "
            "medians run from {low} to {high}, so that neither the weights of the modes nor the "
            "interval can be relied on",
            "give no single number: name the modes (est.modes()), run longer, or use a model that "
            "is averaged exactly, such as BayesianLogLinear()",
        ),
        "few_tail_draws": Kind(
            "the interval rests on {effective} effective draws",
            "run longer, or report the limits in round numbers",
        ),
        "divergences": Kind(
            "{number} of {draws} transitions of the sampler diverged: parts of the posterior may "
            "have been missed",
            'compare inference="importance", or a prior with less room',
        ),
        "few_effective": Kind(
            "the {pool} weighted draws are worth only {effective} independent ones: the limits "
            "are noisy",
            "compare another seed; where a prior on the population contradicts the lists, report "
            "both",
        ),
        "heavy_weights": Kind(
            "the draws hardly reach where the new prior puts people: a few of them carry much of "
            "the weight (Pareto shape {shape} of the weights, above 0.5), so that the limits may "
            "be too close together",
            "estimate again with the prior as a setting of the model",
        ),
        "few_reweighted": Kind(
            "the {pool} draws are worth only {effective} independent ones under the new prior: "
            "the limits are noisy",
            "estimate again with the prior as a setting of the model",
        ),
        "threshold_fixed": Kind(
            "the interactions were chosen from the data and then held fixed: the interval leaves "
            "out that others could have been chosen",
            'compare selection="average"',
        ),
        "search_not_exhaustive": Kind(
            "{visited} of {number} models were fitted, those that a search found promising: a "
            "better one may exist",
            "give the terms yourself (terms=...), lower the order, or merge lists",
        ),
        "no_mle": Kind(
            "{number} of {candidates} candidate models have no estimate and were left out: "
            "{reason}",
            "nothing, if the best model is sensible; otherwise merge or drop lists that share few "
            "people",
        ),
        "boundary": Kind(
            "the estimate of the unseen is below one person: such a fit cannot tell no one from a "
            "few",
            "do not report 'no one missed'; look at the interval and at other models",
        ),
        "boundary_replicates": Kind(
            "a share {share:.1%} of the bootstrap totals lies on the boundary: no one missed",
            "the lower limit says no more than that many were seen",
        ),
        "failed_replicates": Kind(
            "{share:.1%} of the bootstrap replicates had no estimate and were left out",
            "the interval is too short by an unknown amount; use a Bayesian model",
        ),
        "selection_pool": Kind(
            "{share:.0%} of the bootstrap replicates chose one of the {last} last-ranked of the "
            "{pool} models allowed",
            "allow more models: Bootstrap(reselect=True)",
        ),
        "selection_fixed": Kind(
            "the model was chosen from the data and then held fixed: the interval leaves out that "
            "another could have been chosen",
            "use Bootstrap(reselect=100)",
        ),
        "strata_disagree": Kind(
            "strata estimated separately add up to {separate}, pooled they give {pooled}",
            "capture differs between strata: where lists overlap in every stratum, prefer the "
            "separate sum, and say so",
        ),
        "official_selection": Kind(
            "the model was chosen by BIC and then held fixed in the bootstrap, as in the official "
            "Dutch figures: the interval leaves out that other data would have led to another "
            "model, and years in which the chosen one is wrong",
            'compare Bootstrap(1000, kind="parametric", reselect=True)',
        ),
        "selection_repeated": Kind(
            "the stepwise selection was run again in every replicate: {models} different models "
            "were chosen, the one used here in {share:.0%}",
            "report that share; a model with priors on the interactions averages over them",
        ),
        "levels_follow_total": Kind(
            "the limits are of the total: its parts are shared out as estimated, and move with it",
            "use Bootstrap() for limits of the parts",
        ),
        "not_told": Kind(
            "{parameters} cannot be told from these data, because the lists were not at work "
            "there, and are left out",
            "nothing, if those lists would have behaved there as elsewhere; else leave them out "
            "with table.drop(...)",
        ),
        "existence_not_proven": Kind(
            "that the likelihood has its maximum at the estimate is found by the fit and not "
            "proven: the people of a summed row may all be in one of its cells",
            "compare a model with fewer terms, or one with priors: HierarchicalLogLinear()",
        ),
        "limits_at_boundary": Kind(
            "{parameters} is at minus infinity: counts known only to be small are likeliest where "
            "nobody is, and the fit lets nobody be there among the unseen either",
            "use a model with priors, such as BayesianLogLinear() or HierarchicalLogLinear(), or "
            "leave the interaction out",
        ),
        "hidden_interactions": Kind(
            "{number} of {rows} counts are known only within limits, which hardly tell an "
            "interaction: selection leaves out what only they would show, and the answer can be "
            "far from that of the exact counts, outside this interval too",
            "compare BayesianLogLinear(), which averages over all models with priors on the "
            "interactions",
        ),
        "linkages_failed": Kind(
            "{lost} of {linkages} linkages gave no estimate and were left out: {reason}",
            "the interval is too short by an unknown amount; use a Bayesian model",
        ),
        "many_false_links": Kind(
            "up to {expected} of the {links} people on two or more lists may be false links: the "
            "answer hangs on that number",
            "check a sample of the links by hand, and report the range",
        ),
        # corrected on populations of known size, and several models together
        "calibrated_no_bound": Kind(
            "the correction was learned on people who are on a list, and people on none are harder "
            "to see: even the calibrated upper limit is no upper bound",
            "report both intervals, and say what each assumes",
        ),
        "calibrated_narrower": Kind(
            "the calibrated interval is narrower than the model's own ({low} to {high}): on "
            "populations of known size errors grew less than the model's own spread did",
            "report both intervals; on data sparser than those populations, prefer the wider one",
        ),
        "known_sizes_failed": Kind(
            "the model had no estimate of {number} populations of known size, which could teach "
            "nothing: {names}",
            "on data as sparse as those, trust the calibrated interval no more than the other",
        ),
        "calibrated_strata": Kind(
            "the errors were learned on tables without strata; every stratum is corrected by the "
            "same factor in each draw",
            "report the corrected total, and take its parts as a rough guide",
        ),
        "members_disagree": Kind(
            "the models that were put together disagree; their medians are {models}",
            "report the envelope of their intervals, {low} to {high}, beside the weighted answer",
        ),
        "member_refused": Kind(
            "{model} could not be used and its weight went to the others: {reason}",
            "leave it out of Stacked, or look at why it refuses",
        ),
        "empty_pairs": Kind(
            "nobody was seen in {pairs}: the model lets nobody be there among the unseen either",
            "join levels or lists that are so small, if people can be there",
        ),
    }
)


@dataclass(frozen=True)
class Caution:
    """One thing to be careful of: its kind, a sentence with numbers, and a remedy."""

    kind: str
    text: str
    remedy: str
    values: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def __str__(self) -> str:
        return self.text


def caution(kind: str, **values: Any) -> Caution:
    """Fill in the sentence and the remedy of one kind of caution."""
    defined = KINDS[kind]
    return Caution(kind, defined.sentence.format(**values), defined.remedy.format(**values), values)

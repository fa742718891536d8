"""Models as text."""

import numpy as np

import darkfigure as dk
from darkfigure.data.observation import observe
from darkfigure.formulas import design_up_to, label_of, read_formula
from darkfigure.numerics.hierarchy import hierarchical_models
from darkfigure.terms import labels_of
from formulas.cells import observed


def test_labels_of_lists_alone_are_those_without_strata():
    observation = observe(dk.load("kosovo"))
    models = hierarchical_models(4, 3, np.ones(16, dtype=bool))
    for label in labels_of(models, observation.lists):
        assert label_of(read_formula(label, observation)) == label


def test_largest_terms_come_first():
    observation = observed()
    design = read_formula("R*O + P*year*sex + poly(year, 2)*R", observation)
    assert label_of(design) == "[P year sex][R O][R poly(year, 2)]"


def test_main_effects():
    design = design_up_to(observed(), 2)
    assert label_of(design, design.main) == "[P][R][O][year][sex]"

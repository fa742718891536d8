"""Formulas of log-linear models over lists and stratum variables, and their designs."""

from darkfigure.formulas.candidates import design_up_to as design_up_to
from darkfigure.formulas.candidates import two_way_design as two_way_design
from darkfigure.formulas.labels import label_of as label_of
from darkfigure.formulas.reading import read_formula as read_formula

"""Priors: how many people there may be, how strongly lists may depend, how well they are linked."""

from darkfigure.prior.interactions import R2D2 as R2D2
from darkfigure.prior.interactions import HyperG as HyperG
from darkfigure.prior.interactions import InteractionPrior as InteractionPrior
from darkfigure.prior.interactions import Normal as Normal
from darkfigure.prior.interactions import RegularizedHorseshoe as RegularizedHorseshoe
from darkfigure.prior.interactions import UnitInformation as UnitInformation
from darkfigure.prior.population import AtLeast as AtLeast
from darkfigure.prior.population import Flat as Flat
from darkfigure.prior.population import GammaPoisson as GammaPoisson
from darkfigure.prior.population import NegativeBinomial as NegativeBinomial
from darkfigure.prior.population import OneOverN as OneOverN
from darkfigure.prior.population import Prior as Prior
from darkfigure.prior.ranges import Between as Between
from darkfigure.prior.ranges import LogNormal as LogNormal
from darkfigure.prior.shares import Beta as Beta
from darkfigure.prior.shares import ClericalSample as ClericalSample

"""Latent classes."""

from darkfigure.models.latent_class.estimator import LatentClass as LatentClass

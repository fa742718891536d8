"""Compiled loops: plain arrays in and out. Import these modules inside functions only."""

from functools import cache
from pathlib import Path
from types import ModuleType

from darkfigure import progress


@cache
def newton_kernels() -> ModuleType:
    """The Newton kernels; says so first if they have yet to be compiled on this machine."""
    from darkfigure.numerics.kernels import newton as kernels

    _tell_if_new(kernels.fit_models)
    return kernels


@cache
def refit_kernels() -> ModuleType:
    """The kernels that fit again to many tables, likewise."""
    from darkfigure.numerics.kernels import refits as kernels

    _tell_if_new(kernels.refit_tables)
    return kernels


@cache
def selection_kernels() -> ModuleType:
    """The selection kernels, likewise."""
    from darkfigure.numerics.kernels import selection as kernels

    _tell_if_new(kernels.stepwise_tables)
    return kernels


@cache
def prospects_kernels() -> ModuleType:
    """The kernels that foretell neighbours of a model, likewise."""
    from darkfigure.numerics.kernels import prospects as kernels

    _tell_if_new(kernels.deviance_changes)
    return kernels


@cache
def laplace_prospects_kernels() -> ModuleType:
    """The kernels that foretell neighbours of a Bayesian model, likewise."""
    from darkfigure.numerics.kernels import laplace_prospects as kernels

    _tell_if_new(kernels.evidence_changes)
    return kernels


@cache
def laplace_kernels() -> ModuleType:
    """The kernels of Bayesian log-linear models, likewise."""
    from darkfigure.numerics.kernels import laplace as kernels

    _tell_if_new(kernels.fit_models)
    return kernels


@cache
def laplace_scales_kernels() -> ModuleType:
    """The kernels of their evidence over many scales of the prior, likewise."""
    from darkfigure.numerics.kernels import laplace_scales as kernels

    _tell_if_new(kernels.fit_over_scales)
    return kernels


@cache
def laplace_sums_kernels() -> ModuleType:
    """The same for cells seen in sums and between limits, likewise."""
    from darkfigure.numerics.kernels import laplace_sums as kernels

    _tell_if_new(kernels.fit_models)
    return kernels


@cache
def laplace_sums_draw_kernels() -> ModuleType:
    """The kernels that draw from these, likewise."""
    from darkfigure.numerics.kernels import laplace_sums_draws as kernels

    _tell_if_new(kernels.propose)
    return kernels


@cache
def laplace_draw_kernels() -> ModuleType:
    """The kernels that draw from Bayesian log-linear models, likewise."""
    from darkfigure.numerics.kernels import laplace_draws as kernels

    _tell_if_new(kernels.propose)
    return kernels


@cache
def latent_class_kernels() -> ModuleType:
    """The kernels of latent classes, likewise."""
    from darkfigure.numerics.kernels import latent_class as kernels

    _tell_if_new(kernels.run_chain)
    return kernels


@cache
def two_way_kernels() -> ModuleType:
    """The kernels of two-way models over lists and stratum variables, likewise."""
    from darkfigure.numerics.kernels import two_way_models as kernels

    _tell_if_new(kernels.refit_tables)
    return kernels


@cache
def two_way_step_kernels() -> ModuleType:
    """The kernels of stepwise selection among them, likewise."""
    from darkfigure.numerics.kernels import two_way_steps as kernels

    _tell_if_new(kernels.select_tables)
    return kernels


@cache
def composite_kernels() -> ModuleType:
    """The kernels of models of cells seen in sums and between limits, likewise."""
    from darkfigure.numerics.kernels import composite_models as kernels

    _tell_if_new(kernels.refit_tables)
    return kernels


@cache
def composite_step_kernels() -> ModuleType:
    """The kernels of stepwise selection among them, likewise."""
    from darkfigure.numerics.kernels import composite_steps as kernels

    _tell_if_new(kernels.select_tables)
    return kernels


def _tell_if_new(kernel: object) -> None:
    folder = Path(kernel.stats.cache_path)  # type: ignore[attr-defined]
    name = kernel.__name__  # type: ignore[attr-defined]
    if not any(folder.glob(f"*.{name}-*.nbi")):
        progress.report("compiling, on first use only", 0, 0)

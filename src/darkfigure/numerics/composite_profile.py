"""Profile likelihood of the total unseen, for sums of cells and counts between limits."""

import math

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import gammaln, xlogy

from darkfigure.errors import NotEstimable
from darkfigure.numerics.composite import CompositeFit, design_arrays
from darkfigure.numerics.composite_margins import Margins, margins_of
from darkfigure.numerics.composite_rows import Composite, counts_of
from darkfigure.numerics.composite_variance import unseen_variance
from darkfigure.numerics.design import Design
from darkfigure.numerics.kernels import composite_kernels
from darkfigure.numerics.profile import Profile

_FARTHEST = 1e13
_FAR = 1e6  # times the number at the maximum
_DEEPEST = 8.0  # signed root beyond which no draw is asked for
_LEVEL = 1e-3  # of the log-likelihood: no higher
_POINTS = 8  # fitted in turn, each from the one before
_LONGEST_STEP = 1.0  # of log n0
_FINE = 800


def profile_composite(
    data: Composite,
    design: Design,
    fit: CompositeFit,
    *,
    margins: Margins | None = None,
) -> Profile:
    """Profile one model's likelihood over the unseen, as far up as it takes.

    A row of all unseen cells is counted as n0, and

        ℓ(n0) = log Γ(N + 1) − log Γ(n0 + 1) + N − N log N + n0 log m0 − m0 + ℓ(rows),

    with N = n + n0 and m0 the mean of that row, at the maximum of the complete table. Where every
    count is known it is log Γ(N + 1) − log Γ(n0 + 1) + Σ y log(m / N), the unseen row in the sum
    (Cormack 1992, Biometrics 48:567). Where counts are known between limits n is taken in the
    middle of them; ℓ hardly depends on it.

    Parameters
    ----------
    data : Composite
    design : Design
    fit : CompositeFit
        Of the model; it need not have converged.
    margins : Margins, optional
        Those of the design, where they are at hand.

    Raises
    ------
    NotEstimable
        If the other parameters have no estimate with the number unseen given.

    Returns
    -------
    Profile
        `best` is inf where the likelihood rises without end, `bounded` False where a high enough
        limit is infinite.
    """
    margins = margins_of(design, data.stratum) if margins is None else margins
    curve = _Curve(data, design, fit, margins)
    curve.climb()
    curve.refine()
    return curve.profile()


class _Curve:
    """Points of the profile, added to from either end and about the maximum."""

    def __init__(
        self, data: Composite, design: Design, fit: CompositeFit, margins: Margins
    ) -> None:
        self.data, self.design, self.fit, self.margins = data, design, fit, margins
        self.low, self.high = counts_of(data.low), counts_of(data.high)
        limits = np.where(np.isfinite(self.high), self.high, self.low)
        self.seen = float(0.5 * (self.low + limits).sum())
        fitted = fit.unseen if fit.converged else 0.0
        self.begin = fitted if 0 < fitted < math.inf else max(self.seen, 1.0)
        variance = unseen_variance(fit, data, design) if fit.converged else 0.25
        self.step = float(np.clip(math.sqrt(variance) / 4.0, 1e-3, 0.25))
        self.unseen, self.value = np.zeros(0), np.zeros(0)

    def climb(self) -> None:
        """Points up and down from the start, until the likelihood has fallen far enough."""
        start = self.fit.start
        for upward in (True, False):
            at, step = self.begin, self.step if upward else -self.step
            coefficients = np.array(start)
            while not self._ends(at, upward):
                log = math.log(at + 1.0) + step * np.arange(0 if upward else 1, _POINTS)
                points = np.exp(log) - 1.0
                points = points[points >= 0.0]
                at = float(np.exp(log[-1] + step) - 1.0)
                if len(points) and not self._add(points, coefficients):
                    self._refuse(points, upward)
                    break
                step = math.copysign(min(1.5 * abs(step), _LONGEST_STEP), step)
        self._add(np.zeros(1), np.array(start))

    def refine(self) -> None:
        """Points closer and closer about the maximum, where the root has its sign change."""
        for shrink in (4.0, 32.0):
            best, _ = self._peak()
            if not math.isfinite(best):
                return
            width = self.step / shrink * (best + 1.0)
            around = best + width * np.arange(-2, 3)
            self._add(around[around > 0], np.array(self.fit.start))

    def profile(self) -> Profile:
        """The signed root on a fine grid, by monotone cubics through the points."""
        best, highest = self._peak()
        sign = np.where(self.unseen < best, -1.0, 1.0)
        root = sign * np.sqrt(2.0 * np.maximum(highest - self.value, 0.0))
        unseen = self.unseen
        if math.isfinite(best):
            # at the maximum the root of a small difference is rounding
            apart = np.abs(np.log((unseen + 1.0) / (best + 1.0))) > self.step / 8.0
            unseen = np.append(unseen[apart], best)
            root = np.append(root[apart], 0.0)
            order = np.argsort(unseen)
            unseen, root = unseen[order], root[order]
        root = np.maximum.accumulate(root)
        keep = np.append(True, np.diff(root) > 0)
        unseen, root = unseen[keep], root[keep]
        log = np.log(unseen + 1.0)
        if len(log) > 1:
            fine = np.union1d(log, np.linspace(log[0], log[-1], _FINE))
            root = np.maximum.accumulate(PchipInterpolator(log, root)(fine))
            keep = np.append(True, np.diff(root) > 0)
            unseen, root = np.expm1(fine[keep]), root[keep]
        return Profile(unseen, root, best, bool(root[-1] > _DEEPEST / 2))

    def _ends(self, at: float, upward: bool) -> bool:
        if at > max(_FARTHEST, self.begin * _FAR) or at <= 0.0:
            return True
        if not len(self.value):
            return False
        fallen = self.value.max() - self.value[-1 if upward else 0]
        return bool(fallen > _DEEPEST**2 / 2)

    def _add(self, points: np.ndarray, coefficients: np.ndarray) -> int:
        """Fit with the number unseen at each of the points; how many of them could be."""
        found = np.empty((len(points), 2))
        composite_kernels().profile_points(
            self.low, self.high, self.data.row_arrays, design_arrays(self.design),
            self.margins.arrays, self.data.strata_arrays, self.fit.model,
            np.ascontiguousarray(points, dtype=float), coefficients, found,
        )  # fmt: skip
        value = self._value(points, found)
        fitted = np.isfinite(value)
        unseen = np.concatenate([self.unseen, points[fitted]])
        self.unseen, first = np.unique(unseen, return_index=True)
        self.value = np.concatenate([self.value, value[fitted]])[first]
        return int(fitted.sum())

    def _refuse(self, points: np.ndarray, upward: bool) -> None:
        """With nearly nobody unseen, or all but everybody, other terms may run off; not between."""
        if upward and points[0] < self.begin * _FAR:
            raise NotEstimable(
                f"with {points[0]:,.0f} to {points[-1]:,.0f} people unseen the likelihood of the "
                "other parameters has no maximum; a profile needs one at every number.",
                "leave out the terms that the counts do not determine.",
            )

    def _value(self, points: np.ndarray, found: np.ndarray) -> np.ndarray:
        """The likelihood of the numbers unseen, from those of the rows."""
        unseen, rows = found.T
        population = self.seen + points
        with np.errstate(invalid="ignore"):
            counted = xlogy(points, unseen) - unseen - gammaln(points + 1)
        given = gammaln(population + 1) + population - population * np.log(population)
        return given + counted + rows

    def _peak(self) -> tuple[float, float]:
        """The maximum, by a parabola through the three highest points."""
        top = int(np.argmax(self.value))
        if self.value[-1] > self.value[top] - _LEVEL and top > len(self.value) - _POINTS:
            return math.inf, float(self.value[top])
        i = int(np.clip(top, 1, len(self.unseen) - 2))
        x, y = self.unseen[i - 1 : i + 2], self.value[i - 1 : i + 2]
        scale = x[2] - x[0]
        a, b, c = np.polyfit((x - x[1]) / scale, y - y[1], 2)
        if a >= 0 or top in (0, len(self.unseen) - 1):
            return float(self.unseen[top]), float(self.value[top])
        shift = float(np.clip(-b / (2 * a), (x[0] - x[1]) / scale, (x[2] - x[1]) / scale))
        return float(x[1] + shift * scale), float(y[1] + a * shift**2 + b * shift + c)

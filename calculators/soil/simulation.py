"""How sure is a projection? Quantiles of many draws, repeatable from their seed."""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from calculators.soil.quantiles import quantiles
from calculators.soil.refusals import SoilRefused, within

Draws: TypeAlias = npt.NDArray[np.float64]

GENERATOR: Final = "numpy.random.default_rng"
DRAWS: Final = 200_000
MOST_DRAWS: Final = 10_000_000
# The headline: two chances in three of at least this much (VT0014's exceedance idea, unverified).
POLICY: Final = "quantile-one-third"
POLICY_VERSION: Final = "1"
COVERAGE: Final = 0.90
QUANTILES: Final = (0.05, 1 / 3, 0.5, 0.95)
"""The shares below p05, p33, p50 and p95 [1]."""
_DIGITS: Final = 6


@dataclass(frozen=True)
class Spread:
    """A simulated yearly rate [tC/ha/yr].

    Attributes
    ----------
    central : float
        The rate without any simulation.
    mean, sd : float
        Mean and standard deviation of the draws (n − 1).
    p05, p33, p50, p95 : float
        Quantiles of the draws: ``p33`` is the headline, ``p05`` to ``p95`` the 90 % range.
    p_gain : float
        Share of draws above zero [1].
    draws, seed : int
        What repeats the figures exactly, with the name of the generator in `GENERATOR`.
    """

    central: float
    mean: float
    sd: float
    p05: float
    p33: float
    p50: float
    p95: float
    p_gain: float
    draws: int
    seed: int

    def as_json(self) -> dict[str, float | int | str]:
        """Return the figures with what repeats them, keys in their fixed order."""
        return {
            "central": self.central,
            "p33": self.p33,
            "low": self.p05,
            "high": self.p95,
            "coverage": COVERAGE,
            "p50": self.p50,
            "mean": self.mean,
            "sd": self.sd,
            "p_gain": self.p_gain,
            "unit": "tC/ha/yr",
            "draws": self.draws,
            "seed": self.seed,
            "generator": GENERATOR,
        }


class Shaker:
    """Draws each named quantity once, so that what two terms share varies together.

    Parameters
    ----------
    seed : int
        Seed of the generator, at least 0; the same seed and order of draws give the same figures.
    draws : int
        How many values of each quantity, at least 2.
    rows : int
        Arrays that are expected, draws and sums together. One block holds them: an allocator keeps
        a block for the next simulation, where it gives single arrays back to the system each time.

    Raises
    ------
    SoilRefused
        ``value_impossible`` for a seed or a number of draws that cannot be; ``draws_too_many``.
    """

    def __init__(self, seed: int, draws: int = DRAWS, rows: int = 0) -> None:
        within("seed", seed)
        within("draws", draws, least=2)
        if draws > MOST_DRAWS:
            raise SoilRefused("draws_too_many", given=draws, most=MOST_DRAWS)
        self.seed = seed
        self.draws = draws
        self._generator = np.random.default_rng(seed)
        self._drawn: dict[str, Draws] = {}
        self._free: list[Draws] = list(np.empty((rows, draws)))

    def row(self) -> Draws:
        """Return an array of no particular values, shape (draws,), to be written into."""
        return self._free.pop() if self._free else np.empty(self.draws)

    def draw(self, key: str, mean: float, sd: float, *, highest: float | None = None) -> Draws:
        """Draw a quantity from a normal distribution clipped at 0, or return its earlier draw.

        Parameters
        ----------
        key : str
            Name of the quantity; the same name is the same draw.
        mean, sd : float
            In the unit of the quantity.
        highest : float, optional
            Upper end, where the quantity is a share.

        Returns
        -------
        ndarray, shape (draws,)
            Shared: never to be changed in place.
        """
        if key not in self._drawn:
            values = self.normal(mean, sd)
            self._drawn[key] = np.clip(values, 0, highest, out=values)
        return self._drawn[key]

    def normal(self, mean: float, sd: float) -> Draws:
        """Draw from a normal distribution, shape (draws,); a rate may be negative."""
        values = self._generator.standard_normal(out=self.row())
        values *= sd
        values += mean
        return values

    def spread(self, rates: Draws, central: float) -> Spread:
        """Sum up simulated rates [tC/ha/yr], shape (draws,), rounded as they are stored."""
        spare = self.row()
        p05, p33, p50, p95 = quantiles(rates, QUANTILES, spare)
        mean = float(rates.mean())
        return Spread(
            central=round(central, _DIGITS),
            mean=round(mean, _DIGITS),
            sd=round(_deviation(rates, mean, spare), _DIGITS),
            p05=round(p05, _DIGITS),
            p33=round(p33, _DIGITS),
            p50=round(p50, _DIGITS),
            p95=round(p95, _DIGITS),
            p_gain=round(int(np.count_nonzero(rates > 0)) / len(rates), _DIGITS),
            draws=self.draws,
            seed=self.seed,
        )


def _deviation(rates: Draws, mean: float, spare: Draws) -> float:
    """Return the standard deviation (n − 1), as numpy sums it, in an array at hand."""
    apart = np.subtract(rates, mean, out=spare)
    apart *= apart
    return math.sqrt(float(apart.sum()) / (len(rates) - 1))

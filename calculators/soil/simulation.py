"""How sure is a projection? Quantiles of many draws, repeatable from their seed."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Draws: TypeAlias = npt.NDArray[np.float64]

GENERATOR: Final = "numpy.random.default_rng"
DRAWS: Final = 200_000
# The headline: two chances in three of at least this much (VT0014's exceedance idea, unverified).
POLICY: Final = "quantile-one-third"
POLICY_VERSION: Final = "1"
COVERAGE: Final = 0.90
_DIGITS: Final = 6


@dataclass(frozen=True)
class Spread:
    """A simulated yearly rate [tC/ha/yr].

    ``p33`` is the headline, ``p05`` to ``p95`` the 90 % range, ``p_gain`` the share of draws above
    zero; ``central`` is the rate without any simulation.
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


class Shaker:
    """Draws each named quantity once, so that what two terms share varies together.

    Parameters
    ----------
    seed
        Seed of the generator; the same seed and order of draws give the same figures.
    draws
        How many values of each quantity.
    """

    def __init__(self, seed: int, draws: int = DRAWS) -> None:
        self.seed = seed
        self.draws = draws
        self._generator = np.random.default_rng(seed)
        self._drawn: dict[str, Draws] = {}

    def draw(self, key: str, mean: float, sd: float, *, highest: float | None = None) -> Draws:
        """Draw a quantity from a normal distribution clipped at 0, or return its earlier draw."""
        if key not in self._drawn:
            values = self._generator.normal(mean, sd, self.draws)
            self._drawn[key] = np.clip(values, 0, highest)
        return self._drawn[key]

    def normal(self, mean: float, sd: float) -> Draws:
        """Draw a rate from a normal distribution; a rate may be negative."""
        return self._generator.normal(mean, sd, self.draws)

    def spread(self, rates: Draws, central: float) -> Spread:
        """Sum up simulated rates, rounded as they are stored."""
        p05, p33, p50, p95 = (float(q) for q in np.quantile(rates, (0.05, 1 / 3, 0.5, 0.95)))
        return Spread(
            central=round(central, _DIGITS),
            mean=round(float(rates.mean()), _DIGITS),
            sd=round(float(rates.std(ddof=1)), _DIGITS),
            p05=round(p05, _DIGITS),
            p33=round(p33, _DIGITS),
            p50=round(p50, _DIGITS),
            p95=round(p95, _DIGITS),
            p_gain=round(float((rates > 0).mean()), _DIGITS),
            draws=self.draws,
            seed=self.seed,
        )

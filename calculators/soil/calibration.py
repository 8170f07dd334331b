"""Do our 90 % ranges hold what was measured, as often as they promise?

Of ``n`` measured values ``k`` lie inside the range that was published before. The exact interval of
Clopper and Pearson 1934 (doi:10.1093/biomet/26.4.404) says which shares that count is compatible
with; it needs no large numbers and is wide where there are few.
"""

from dataclasses import dataclass
from typing import Final

from calculators.soil import simulation
from calculators.soil.refusals import within
from calculators.soil.student import incomplete_beta

PROMISED: Final = simulation.COVERAGE
"""Share of measured values that a published range is meant to hold [1]."""
METHOD: Final = "clopper-pearson"
VERSION: Final = "1"
COVERAGE: Final = 0.95
"""Share of repeated counts whose interval would hold the true share [1]."""
FEW: Final = 30
"""Counts below which even a perfect record says little: 30 of 30 leaves 88 % possible [1]."""
_CLOSE: Final = 1e-12
BELOW: Final = "below"
WITHIN: Final = "within"
ABOVE: Final = "above"


@dataclass(frozen=True)
class Score:
    """How often ranges held what was measured.

    Attributes
    ----------
    inside, count : int
        Measured values inside their range, and all of them.
    low, high : float
        Exact interval of the share inside [1].
    """

    inside: int
    count: int
    low: float
    high: float

    @property
    def says(self) -> str:
        """What the interval says of the promise.

        ``nothing`` where there is no value, ``too_wide`` where it holds less than the promise,
        ``too_narrow`` where the ranges held too few, ``kept`` otherwise.
        """
        if not self.count:
            return "nothing"
        if self.high < PROMISED:
            return "too_narrow"
        return "too_wide" if self.low > PROMISED else "kept"

    def as_json(self) -> dict[str, float | int | str]:
        """Return the figures as plain values, keys in their fixed order."""
        return {
            "inside": self.inside,
            "count": self.count,
            "promised": PROMISED,
            "low": self.low,
            "high": self.high,
            "coverage": COVERAGE,
            "method": METHOD,
        }


def score(inside: int, count: int) -> Score:
    """Return how often ranges held, with the exact interval.

    Parameters
    ----------
    inside, count : int
        Values inside their range, of all that were measured.

    Raises
    ------
    Impossible
        ``value_impossible`` for counts that cannot be.
    """
    within("measured values", count)
    within("values inside", inside, most=count)
    tail = (1 - COVERAGE) / 2
    low = 0.0 if inside == 0 else _share(inside, count - inside + 1, tail)
    high = 1.0 if inside == count else _share(inside + 1, count - inside, 1 - tail)
    return Score(inside, count, low, high)


def place(value: float, low: float, high: float) -> str:
    """Say where a value lies: ``below``, ``within`` or ``above`` a range; its bounds belong to it.

    All in one unit.
    """
    if value < low:
        return BELOW
    return ABOVE if value > high else WITHIN


def _share(a: int, b: int, probability: float) -> float:
    """Return the quantile of the beta distribution, by bisection."""
    low, high = 0.0, 1.0
    while high - low > _CLOSE:
        middle = (low + high) / 2
        if incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2

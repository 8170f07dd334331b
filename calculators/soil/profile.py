"""How does carbon change with depth, in one round of cores or in two?

Layers are cut into common depths; each depth has the mean content of all its cores, strata weighing
by their area, with its interval. Contents are told at depth, not at equal mass: a profile shows
where carbon lies, the change is judged by `stock_change` alone.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, variance
from typing import Final

from calculators.soil.equivalent_mass import Layer
from calculators.soil.refusals import SoilRefused
from calculators.soil.samples import Core
from calculators.soil.student import quantile

COVERAGE: Final = 0.95
_HALF: Final = 0.5
_FEWEST: Final = 2
_DIGITS: Final = 6
MOST_DEPTHS: Final = 8


@dataclass(frozen=True)
class Depth:
    """What a depth of soil holds in one round.

    Attributes
    ----------
    top_cm, bottom_cm : float
        Bounds [cm].
    mean : float
        Organic carbon of the fine earth [g/kg].
    low, high : float or None
        95 % interval of the mean [g/kg]; None where a stratum has a single core.
    cores : int
        Cores that reach through this depth.
    """

    top_cm: float
    bottom_cm: float
    mean: float
    low: float | None
    high: float | None
    cores: int


def depths(cores: Sequence[Core]) -> tuple[float, ...]:
    """Return the bounds that at least half of the cores share, from 0 down [cm].

    Raises
    ------
    SoilRefused
        ``no_layers`` without cores.
    """
    if not cores:
        raise SoilRefused("no_layers")
    held = Counter(bound for core in cores for bound in set(_bounds(core.layers)))
    common = sorted(bound for bound, count in held.items() if count >= _HALF * len(cores))
    return (0.0, *common[:MOST_DEPTHS])


def profile(
    cores: Sequence[Core], areas: Mapping[str, float], bounds: Sequence[float]
) -> tuple[Depth, ...]:
    """Return the mean content of each depth in one round.

    Parameters
    ----------
    cores : sequence of Core
        Of one round.
    areas : mapping of str to float
        Area of each stratum [ha].
    bounds : sequence of float, shape (n + 1,)
        Depths between which carbon is told [cm], as from `depths`.

    Returns
    -------
    tuple of Depth
        At most n: a depth that some stratum does not reach is left out.
    """
    found = []
    for top, bottom in pairwise(bounds):
        strata: dict[str, list[float]] = {name: [] for name in areas}
        for core in cores:
            content = _content(core.layers, top, bottom)
            if content is not None:
                strata.setdefault(core.stratum, []).append(content)
        if all(strata.values()):
            found.append(_depth(top, bottom, strata, areas))
    return tuple(found)


def _depth(
    top: float, bottom: float, strata: Mapping[str, Sequence[float]], areas: Mapping[str, float]
) -> Depth:
    whole = sum(areas[name] for name in strata)
    mean = sum(areas[name] / whole * fmean(held) for name, held in strata.items())
    count = sum(len(held) for held in strata.values())
    low = high = None
    if min(len(held) for held in strata.values()) >= _FEWEST:
        squared = sum(
            (areas[name] / whole) ** 2 * variance(held) / len(held) for name, held in strata.items()
        )
        half = quantile((1 + COVERAGE) / 2, count - len(strata)) * math.sqrt(squared)
        low, high = round(max(0.0, mean - half), _DIGITS), round(mean + half, _DIGITS)
    return Depth(top, bottom, round(mean, _DIGITS), low, high, count)


def _bounds(layers: Iterable[Layer]) -> list[float]:
    reached, bounds = 0.0, []
    for layer in layers:
        reached += layer.thickness_cm
        bounds.append(round(reached, 3))
    return bounds


def _content(layers: Iterable[Layer], top: float, bottom: float) -> float | None:
    """Return the carbon of a depth [g/kg], or None where the core does not reach through it."""
    above = mass = carbon = covered = 0.0
    for layer in layers:
        thickness = min(above + layer.thickness_cm, bottom) - max(above, top)
        above += layer.thickness_cm
        if thickness > 0:
            mass += thickness * layer.bulk_density
            carbon += thickness * layer.bulk_density * layer.carbon_g_kg
            covered += thickness
    return carbon / mass if covered > (bottom - top) * (1 - 1e-6) else None

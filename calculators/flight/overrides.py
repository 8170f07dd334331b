"""What does somebody know better than the defaults?"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from calculators.errors import InvalidOverride
from calculators.flight.seats import SeatMap

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITS: Final = {
    "load_factor": (0.05, 1.0),
    "cargo_mass_fraction": (0.0, 0.95),
    "distance_factor": (0.95, 3.0),
    "lto_kg": (0.0, 20_000.0),
}
_FARTHEST_KM: Final = 20_100.0  # a little more than half the way round the earth
_FEWEST_KNOTS: Final = 2


@dataclass(frozen=True, slots=True)
class Overrides:
    """Values that replace defaults on every leg; absent ones stay as they are.

    Attributes
    ----------
    great_circle_km : tuple[float, ...]
        Great-circle distance of each leg [km].
    fuel_knots : tuple[tuple[float, float], ...]
        Climb-cruise-descent distance [NM] and fuel [kg], at least two, both rising.
    lto_kg : float
        Fuel of the landing and take-off cycle [kg].
    seats : SeatMap
        Seats of each cabin.
    load_factor : float
        Passengers per seat [0.05-1].
    cargo_mass_fraction : float
        Cargo per cargo and passengers, by mass [0-0.95].
    distance_factor : float
        Flown per great-circle distance [0.95-3].
    published_rounding : bool
        Round at every step, half up, as the printed example of the Travel Impact Model does.
    contrail_ratio : tuple[float, ...]
        Contrail warming per CO2 of each leg [kg CO2e per kg CO2], by an operator's own climatology;
        it gives the trip its contrail bucket and changes no figure.

    Raises
    ------
    InvalidOverride
        When a value lies outside its limits.
    """

    great_circle_km: tuple[float, ...] | None = None
    fuel_knots: tuple[tuple[float, float], ...] | None = None
    lto_kg: float | None = None
    seats: SeatMap | None = None
    load_factor: float | None = None
    cargo_mass_fraction: float | None = None
    distance_factor: float | None = None
    published_rounding: bool = False
    contrail_ratio: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in _LIMITS.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                rule = f"between {least:g} and {most:g}"
                raise InvalidOverride({"name": name, "rule": rule, "given": value})
        self._check_distances()
        self._check_knots()
        for ratio in self.contrail_ratio or ():
            if not math.isfinite(ratio):
                rule = "a number"
                raise InvalidOverride({"name": "contrail_ratio", "rule": rule, "given": ratio})

    def as_json(self) -> dict[str, object]:
        """Return what is given, as plain values."""
        told: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and value is not False:
                told[field.name] = list(value.counts) if field.name == "seats" else value
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Overrides:
        """Return the overrides that were stored as plain values.

        Raises
        ------
        InvalidOverride, TypeError
            When a value lies outside its limits, or a name is none of an override.
        """
        given = dict(told)
        if "seats" in given:
            given["seats"] = SeatMap(*given["seats"])
        for name in ("great_circle_km", "contrail_ratio"):
            if name in given:
                given[name] = tuple(given[name])
        if "fuel_knots" in given:
            given["fuel_knots"] = tuple((nm, kg) for nm, kg in given["fuel_knots"])
        return cls(**given)

    def _check_distances(self) -> None:
        for km in self.great_circle_km or ():
            if not 0 < km <= _FARTHEST_KM:
                rule = f"above 0 and at most {_FARTHEST_KM:g} km"
                raise InvalidOverride({"name": "great_circle_km", "rule": rule, "given": km})

    def _check_knots(self) -> None:
        if self.fuel_knots is None:
            return
        rising = all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(self.fuel_knots))
        finite = all(math.isfinite(number) for knot in self.fuel_knots for number in knot)
        if len(self.fuel_knots) < _FEWEST_KNOTS or not (rising and finite):
            rule = "at least two pairs that rise in distance and fuel"
            given = str(self.fuel_knots)
            raise InvalidOverride({"name": "fuel_knots", "rule": rule, "given": given})

"""What does the same trip emit in another cabin, without the stops, or over land?

Figures over land have the boundary of the headline: using the vehicle and making its fuel or
electricity, without building it. They are given only where a way over land is known
(:mod:`calculators.flight.overland`) and a published factor is at hand for the countries of both
ends; a mode without one is named and left out. The way over land is the shortest there is, so that
figures over land are lower bounds of distance, never of what a kilometre emits.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.itinerary import DEFAULT, Itinerary, Leg, estimate
from calculators.flight.methods.numbers import show, step
from calculators.flight.overland import overland_km
from calculators.flight.seats import CABINS
from calculators.sources import Factor, Step
from calculators.units import grams, kilograms

if TYPE_CHECKING:
    from calculators.flight.airports import Place
    from calculators.flight.datasets import Dataset
    from calculators.flight.itinerary import Estimate, LegEstimate
    from calculators.flight.overrides import Overrides

MODES: Final = ("rail", "coach", "car")
"""Ways to travel over land, in the order they are told."""

PER_CAR: Final = 5
"""Most people in one car, the seats of an average one."""

NOTES: Final = {
    "shortest_way": "the shortest way over land: tracks and roads are longer",
    "british_factor": "a British average, used where no factor of the country is at hand",
    "whole_vehicle": "the whole vehicle, whoever sits in it",
    "cabin_of_longest_leg": "the direct flight is in the cabin of the longest leg",
    "aircraft_differ": "the legs have different aircraft: the direct flight is the fleet mix's",
}
"""What each note says, in plain English."""

_ANYWHERE: Final = "*"
_HOME: Final = "GB"
_OUTLINES: Final = "Natural Earth 1:10 million, shortest way on a grid of a quarter of a degree"


@dataclass(frozen=True, slots=True)
class CabinFigure:
    """The trip with every leg in one cabin.

    Attributes
    ----------
    cabin : str
        Cabin word.
    co2e_kg, low_kg, high_kg : float, float or None
        For all travellers [kg CO2e].
    chosen : bool
        Whether every leg of the trip as asked is in this cabin.
    notes : tuple[str, ...]
        Codes of the estimate, such as "seating_assumed".
    """

    cabin: str
    co2e_kg: float
    low_kg: float | None
    high_kg: float | None
    chosen: bool
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the figure as plain values."""
        return {
            "cabin": self.cabin,
            "co2e_kg": self.co2e_kg,
            "low_kg": self.low_kg,
            "high_kg": self.high_kg,
            "chosen": self.chosen,
            "notes": list(self.notes),
        }


def _stops(answer: Estimate) -> list[str]:
    return [leg.origin.code for leg in answer.legs] + [answer.legs[-1].destination.code]


@dataclass(frozen=True, slots=True)
class Direct:
    """The trip as asked beside the same ends without a stop.

    Attributes
    ----------
    via, direct : Estimate
        The two estimates, by one method.
    """

    via: Estimate
    direct: Estimate

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of `NOTES`: what had to be chosen because the legs differ."""
        found = []
        if len({leg.cabin for leg in self.via.legs}) > 1:
            found.append("cabin_of_longest_leg")
        if len({leg.aircraft for leg in self.via.legs}) > 1:
            found.append("aircraft_differ")
        return tuple(found)

    @property
    def difference_kg(self) -> float:
        """How much more the trip with its stops emits [kg CO2e]; below 0 where it emits less."""
        return kilograms(grams(self.via.co2e_kg) - grams(self.direct.co2e_kg))

    def as_json(self) -> dict[str, object]:
        """Return the comparison as plain values."""
        return {
            "via": _stops(self.via),
            "direct": _stops(self.direct),
            "via_kg": self.via.co2e_kg,
            "direct_kg": self.direct.co2e_kg,
            "difference_kg": self.difference_kg,
            "via_km": self.via.great_circle_km,
            "direct_km": self.direct.great_circle_km,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class GroundFactor:
    """What a mode emits per kilometre between two countries.

    Attributes
    ----------
    mode, id : str
        Mode and name of the factor.
    unit : str
        Per passenger-km or per vehicle-km.
    combustion, upstream : float
        Using the vehicle and making its fuel or electricity [kg CO2e per `unit`]; where the source
        gives their sum, it stands in `combustion` and `upstream` is 0.
    source, version, licence, url : str
        Publication.
    """

    mode: str
    id: str
    unit: str
    combustion: float
    upstream: float
    source: str
    version: str
    licence: str
    url: str

    @property
    def total(self) -> float:
        """Both parts together."""
        return self.combustion + self.upstream

    def factors(self) -> tuple[Factor, ...]:
        """Return the numbers as lines of provenance."""
        parts = (("use", self.combustion), ("upstream", self.upstream))
        return tuple(
            Factor(f"{self.id}_{name}", value, self.unit, self.source, self.version, "default")
            for name, value in parts
            if value
        )

    def told(self) -> str:
        """Return the sum of both parts as a reader writes it."""
        if not self.upstream:
            return show(self.combustion, 5)
        return f"({show(self.combustion, 5)} + {show(self.upstream, 5)})"


@dataclass(frozen=True, slots=True)
class GroundFigure:
    """One mode over land, for all travellers.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    km : int
        Way of one traveller, at least [km].
    co2e_kg : float
        For all travellers [kg CO2e].
    vehicles : int or None
        Cars that are driven; None for modes counted per person.
    provenance : tuple[Factor, ...]
        Each number that went into it.
    steps : tuple[Step, ...]
        The arithmetic, one line a leg.
    notes : tuple[str, ...]
        Codes of `NOTES`.
    """

    mode: str
    km: int
    co2e_kg: float
    vehicles: int | None
    provenance: tuple[Factor, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the figure as plain values."""
        return {
            "mode": self.mode,
            "km": self.km,
            "co2e_kg": self.co2e_kg,
            "vehicles": self.vehicles,
            "provenance": [factor.as_json() for factor in self.provenance],
            "steps": [step.as_json() for step in self.steps],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class ByLand:
    """The same ends over land: what is known, and the modes without a factor at hand."""

    figures: tuple[GroundFigure, ...]
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the modes as plain values."""
        return {
            "figures": [figure.as_json() for figure in self.figures],
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class AirportsOwn:
    """What the airports themselves emit for the travellers: a line of its own, added to nothing.

    Attributes
    ----------
    visits : int
        Airports one traveller passes; one where legs meet counts once.
    co2e_kg : float
        For all travellers [kg CO2e].
    factor : Factor
        Emissions of an airport per passenger.
    step : Step
        The arithmetic.
    """

    visits: int
    co2e_kg: float
    factor: Factor
    step: Step

    def as_json(self) -> dict[str, object]:
        """Return the line as plain values."""
        return {
            "visits": self.visits,
            "co2e_kg": self.co2e_kg,
            "factor": self.factor.as_json(),
            "step": self.step.as_json(),
        }


def other_cabins(
    itinerary: Itinerary,
    method: str = DEFAULT,
    dataset: str | None = None,
    overrides: Overrides | None = None,
) -> tuple[CabinFigure, ...]:
    """Return the same trip with every leg in each of the four cabins.

    Parameters
    ----------
    itinerary, method, dataset, overrides
        As in :func:`calculators.flight.itinerary.estimate`.

    Raises
    ------
    FlightError
        As the estimate does.
    """
    asked = {leg.cabin.strip().lower() for leg in itinerary.legs}
    found = []
    for cabin in CABINS:
        legs = tuple(replace(leg, cabin=cabin) for leg in itinerary.legs)
        answer = estimate(replace(itinerary, legs=legs), method, dataset, overrides)
        found.append(
            CabinFigure(
                cabin,
                answer.co2e_kg,
                answer.low_kg,
                answer.high_kg,
                asked == {cabin},
                answer.notes,
            )
        )
    return tuple(found)


def _meet(before: LegEstimate, after: LegEstimate) -> bool:
    return before.destination.main_airport == after.origin.main_airport


def _bridge(legs: tuple[LegEstimate, ...]) -> Leg:
    """Return one leg for several: the cabin of the longest, the aircraft if all have the same."""
    longest = max(legs, key=lambda leg: leg.great_circle_km)
    same = len({leg.aircraft for leg in legs}) == 1
    return Leg(
        legs[0].origin.code,
        legs[-1].destination.code,
        longest.cabin,
        longest.aircraft if same else None,
    )


def without_stops(answer: Estimate) -> Itinerary | None:
    """Return the same ends without a stop; None where there is none to leave out.

    A trip whose places read the same backwards is a return trip, and turns in the middle. Legs that
    do not meet, and round trips with different ways there and back, have no such ends.
    """
    legs = answer.legs
    if not all(itertools.starmap(_meet, itertools.pairwise(legs))):
        return None
    places = [leg.origin.main_airport for leg in legs] + [legs[-1].destination.main_airport]
    if places[0] != places[-1]:  # one way
        ways: tuple[tuple[LegEstimate, ...], ...] = (legs,)
    elif places == places[::-1]:
        half = len(legs) // 2
        ways = (legs[:half], legs[half:])
    else:
        return None
    if all(len(way) == 1 for way in ways):
        return None
    return Itinerary(tuple(_bridge(way) for way in ways), answer.travellers)


def direct(
    itinerary: Itinerary,
    method: str = DEFAULT,
    dataset: str | None = None,
) -> Direct | None:
    """Return the trip beside the same ends without a stop; None where it has no stop.

    Parameters
    ----------
    itinerary, method, dataset
        As in :func:`calculators.flight.itinerary.estimate`.

    Raises
    ------
    FlightError
        As the estimate does.

    Notes
    -----
    Whether anybody flies the direct way is not known here.
    """
    via = estimate(itinerary, method, dataset)
    straight = without_stops(via)
    return None if straight is None else Direct(via, estimate(straight, method, dataset))


@functools.cache
def ground_factors(data: Dataset) -> dict[tuple[str, str, str], GroundFactor]:
    """Return the ground factors of a data set by mode and by the countries of the two ends."""
    return {
        (row["mode"], row["origin"], row["destination"]): GroundFactor(
            row["mode"],
            row["id"],
            row["unit"],
            float(row["combustion"]),
            float(row["upstream"] or 0),
            row["title"],
            row["version"],
            row["licence"],
            row["url"],
        )
        for row in data.rows("ground")
    }


def _factor(mode: str, ends: tuple[Place, Place], data: Dataset) -> GroundFactor | None:
    """Return the factor of a mode between two countries, else the one for anywhere."""
    a, b = (place.country for place in ends)
    known = ground_factors(data)
    keys = ((a, b), (b, a), (_ANYWHERE, _ANYWHERE))
    return next((known[mode, *key] for key in keys if (mode, *key) in known), None)


def _figure(
    mode: str, ways: tuple[tuple[tuple[Place, Place], int], ...], people: int, data: Dataset
) -> GroundFigure | None:
    """Return one mode over all ways, None where a factor is missing on one of them."""
    vehicles = math.ceil(people / PER_CAR) if mode == "car" else None
    count = people if vehicles is None else vehicles
    provenance, steps, notes = [], [], ["shortest_way"]
    for ends, km in ways:
        factor = _factor(mode, ends, data)
        if factor is None:
            return None
        a, b = (place.code for place in ends)
        provenance.append(
            Factor(f"way_{a}_{b}", km, "km", _OUTLINES, "world-atlas 2.0.2", "modelled")
        )
        provenance += factor.factors()
        counted = "vehicles" if vehicles else "travellers"
        steps.append(
            step(
                f"{mode}_{a}_{b}",
                f"way × factor × {counted}",
                f"{km} × {factor.told()} × {count}",
                km * factor.total * count,
                "kg CO2e",
            )
        )
        if factor.id.startswith("british") and _HOME not in {place.country for place in ends}:
            notes.append("british_factor")
    if vehicles:
        notes.append("whole_vehicle")
    return GroundFigure(
        mode,
        sum(km for _, km in ways),
        kilograms(grams(math.fsum(one.value for one in steps))),
        vehicles,
        tuple(dict.fromkeys(provenance)),
        tuple(steps),
        tuple(dict.fromkeys(notes)),
    )


def by_land(itinerary: Itinerary, dataset: str | None = None) -> ByLand | None:
    """Return the same ends by rail, coach and car, where that is plausible.

    Parameters
    ----------
    itinerary : Itinerary
        The trip; its stops are left out where it has ends without them.
    dataset : str, optional
        Id of a data set; the latest when absent.

    Returns
    -------
    ByLand or None
        None where no way over land is known between the ends.

    Raises
    ------
    FlightError
        As the estimate does.
    """
    data = open_dataset(dataset)
    asked = estimate(itinerary, DEFAULT, data.id)
    straight = without_stops(asked)
    legs = asked.legs if straight is None else estimate(straight, DEFAULT, data.id).legs
    ways = []
    for leg in legs:
        km = overland_km(leg.origin, leg.destination, data)
        if km is None:
            return None
        ways.append(((leg.origin, leg.destination), round(km)))
    known = {mode: _figure(mode, tuple(ways), itinerary.travellers, data) for mode in MODES}
    return ByLand(
        tuple(figure for figure in known.values() if figure is not None),
        tuple(mode for mode, figure in known.items() if figure is None),
    )


def airports_own(itinerary: Itinerary, dataset: str | None = None) -> AirportsOwn:
    """Return what the airports of a trip emit for its travellers, on a line of its own.

    Parameters
    ----------
    itinerary : Itinerary
        The trip.
    dataset : str, optional
        Id of a data set; the latest when absent.

    Raises
    ------
    FlightError
        As the estimate does.
    """
    data = open_dataset(dataset)
    legs = estimate(itinerary, DEFAULT, data.id).legs
    gaps = sum(not _meet(before, after) for before, after in itertools.pairwise(legs))
    visits, people = len(legs) + 1 + gaps, itinerary.travellers
    parameter = data.parameters["airport_per_visit"]
    line = step(
        "airports",
        "airports × factor × travellers",
        f"{visits} × {show(parameter.value)} × {people}",
        visits * parameter.value * people,
        "kg CO2e",
    )
    return AirportsOwn(visits, kilograms(grams(line.value)), parameter.factor(), line)

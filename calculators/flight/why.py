"""Why do two calculators give different figures for the same trip?

Both figures are told as the same components (:mod:`calculators.flight.methods.account`), at the
finest level of detail that both methods publish. Then each component of the one is replaced by that
of the other, one at a time and in the fixed order of ``ORDER``, and what the figure changes by is
that component's difference, in whole grams: the differences add up exactly. How much a component
explains depends on the order, because the components multiply; a walk backwards is therefore a walk
of its own and not the same one negated.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import FlightError, UnknownAircraft
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.distance import haversine_km
from calculators.flight.fuel import MIX
from calculators.flight.itinerary import estimate
from calculators.flight.methods import DEFAULT, METHOD_IDS, account_of, find_aircraft
from calculators.flight.methods.account import ORDER, UNITS, Detail, total_kg
from calculators.flight.methods.figures import LegBatch
from calculators.flight.seats import cabin_number
from calculators.units import grams, kilograms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from calculators.flight.datasets import Dataset
    from calculators.flight.itinerary import Estimate, Itinerary
    from calculators.flight.methods.account import Account
    from calculators.flight.methods.figures import MethodInfo
    from calculators.flight.overrides import Overrides

COMPONENTS: Final[Mapping[str, str]] = {
    "distance": "Distance charged",
    "fuel": "Fuel of the aircraft per kilometre",
    "cargo": "Share of the fuel that the passengers carry, cargo the rest",
    "seats": "Seats",
    "load": "Seats taken",
    "combustion": "CO2e of burning a kilogram of fuel",
    "combustion_factor": "Fuel, cargo, seats, load and combustion together",
    "fuel_cycle_factor": "Fuel, cargo, seats, load, combustion and making the fuel together",
    "cabin": "Cabin weight",
    "well_to_tank": "Making the fuel (well-to-tank)",
    "well_to_tank_share": "Making the fuel (well-to-tank)",
    "non_co2": "Non-CO2 effects, as a factor on combustion",
    "non_co2_of_cycle": "Non-CO2 effects, as a factor on burning and making the fuel",
    "other": "Aircraft, airports and other parts",
    "rounding": "Rounding as published",
}
"""What each component is, in plain English."""

NOTES: Final[Mapping[str, str]] = {
    "one_factor": "the method publishes one factor for these",
    "joined_here": "put together from the method's own parts, to stand beside one factor",
    "average_passenger": "for the average passenger of all cabins",
    "cabins_alike": "the method does not tell the cabins apart",
    "seats_as_economy": "seats counted as economy seats by their floor area",
    "seats_alike": "all seats count alike",
    "fleet_mix": "effective value over the types of the fleet mix",
    "between_curves": "effective value between the short-haul and the long-haul curve",
    "running_maximum": "raised so that a longer flight never emits less",
    "uplift_in_factor": "the published factor contains this detour of 8 %, shown apart here",
    "detour_unknown": "great circle; the publication does not say what detour its factor contains",
    "not_counted": "not counted by the method",
    "beside": "stands beside the figure on a line of its own",
    "on_co2_alone": "1.7 times the CO2; CH4 and N2O are not multiplied",
    "co2_alone": "CO2 alone",
    "aircraft_and_airport": "building the aircraft, per kilometre, and the airports",
    "whole_kilograms": "each leg is rounded to a whole kilogram",
}
"""What each note says, in plain English."""

SUMMED: Final = frozenset({"distance", "other", "rounding"})
"""Components whose values add up over legs; the others are shown leg by leg."""

REASONS: Final = 2
"""How many reasons the sentence beside a comparison names."""


PRIVATE: Final = "private-jet"


@dataclass(frozen=True, slots=True)
class Swap:
    """One component of a leg, and what replacing it changes for one traveller.

    Attributes
    ----------
    component, unit : str
        Id and unit.
    from_value, to_value : float
        The two methods' own numbers.
    difference_g, running_g : int
        What the swap changes and the figure after it [g CO2e].
    from_source, to_source : str
        Publication and version of the numbers.
    from_notes, to_notes : tuple[str, ...]
        Codes of `NOTES`.
    """

    component: str
    unit: str
    from_value: float
    to_value: float
    difference_g: int
    running_g: int
    from_source: str
    to_source: str
    from_notes: tuple[str, ...]
    to_notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegWalk:
    """The swaps of one leg and one traveller, from one figure to the other [g CO2e]."""

    origin: str
    destination: str
    from_g: int
    to_g: int
    swaps: tuple[Swap, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One component over the whole trip and all travellers.

    Attributes
    ----------
    component, unit : str
        Id and unit.
    from_values, to_values : tuple[float, ...]
        The two methods' own numbers, leg by leg.
    difference_kg, running_kg : float
        What the swap changes and the figure after it [kg CO2e].
    from_sources, to_sources, from_notes, to_notes : tuple[str, ...]
        Publications and codes of `NOTES`, each once.
    """

    component: str
    unit: str
    from_values: tuple[float, ...]
    to_values: tuple[float, ...]
    difference_kg: float
    running_kg: float
    from_sources: tuple[str, ...]
    to_sources: tuple[str, ...]
    from_notes: tuple[str, ...]
    to_notes: tuple[str, ...]

    @property
    def from_value(self) -> float | None:
        """The first method's number for the trip; None where it differs from leg to leg."""
        return _one(self.component, self.from_values)

    @property
    def to_value(self) -> float | None:
        """The second method's number for the trip; None where it differs from leg to leg."""
        return _one(self.component, self.to_values)

    @property
    def note(self) -> str:
        """What a reader should know about the numbers, in plain English."""
        return "; ".join(
            f"{side}: {', '.join(NOTES[note] for note in notes)}"
            for side, notes in (("from", self.from_notes), ("to", self.to_notes))
            if notes
        )

    def as_json(self) -> dict[str, object]:
        """Return the step as plain values."""
        return {
            "component": self.component,
            "name": COMPONENTS[self.component],
            "from_value": self.from_value,
            "to_value": self.to_value,
            "unit": self.unit,
            "difference_kg": self.difference_kg,
            "running_kg": self.running_kg,
            "note": self.note,
            "notes": {"from": list(self.from_notes), "to": list(self.to_notes)},
            "source": {"from": "; ".join(self.from_sources), "to": "; ".join(self.to_sources)},
            "values_by_leg": {"from": list(self.from_values), "to": list(self.to_values)},
        }


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from one method's figure to another's, for all travellers of a trip.

    Attributes
    ----------
    start, end : MethodInfo
        The two methods.
    dataset : str
        Id of the data set.
    from_kg, to_kg : float
        Their figures [kg CO2e].
    travellers : int
        People on the trip.
    steps : tuple[Step, ...]
        One for each component, in the fixed order; differences add up to ``to_kg - from_kg``.
    legs : tuple[LegWalk, ...]
        The same leg by leg, for one traveller.
    """

    start: MethodInfo
    end: MethodInfo
    dataset: str
    from_kg: float
    to_kg: float
    travellers: int
    steps: tuple[Step, ...]
    legs: tuple[LegWalk, ...]

    @property
    def difference_kg(self) -> float:
        """How much more the second method answers [kg CO2e]."""
        return kilograms(grams(self.to_kg) - grams(self.from_kg))

    def as_json(self) -> dict[str, object]:
        """Return the walk as plain values, ready for ``json.dumps``."""
        return {
            "from": self.start.id,
            "to": self.end.id,
            "methods": {"from": self.start.as_json(), "to": self.end.as_json()},
            "dataset": self.dataset,
            "travellers": self.travellers,
            "legs": [{"origin": leg.origin, "destination": leg.destination} for leg in self.legs],
            "steps": [step.as_json() for step in self.steps],
            "total_kg": {
                "from": self.from_kg,
                "to": self.to_kg,
                "difference": self.difference_kg,
            },
        }


@dataclass(frozen=True, slots=True)
class Reasons:
    """The largest steps between two figures, for a sentence.

    Attributes
    ----------
    walk : Walk
        Where they are taken from.
    largest : tuple[Step, ...]
        At most two steps that change the figure most, the larger first; none where nothing differs.
    rest_kg : float
        What all other steps change together [kg CO2e].
    """

    walk: Walk
    largest: tuple[Step, ...]
    rest_kg: float

    def as_json(self) -> dict[str, object]:
        """Return the reasons as plain values."""
        return {
            "from": self.walk.start.id,
            "to": self.walk.end.id,
            "difference_kg": self.walk.difference_kg,
            "reasons": [
                {"component": step.component, "difference_kg": step.difference_kg}
                for step in self.largest
            ],
            "rest_kg": self.rest_kg,
        }


@dataclass(frozen=True, slots=True)
class MethodFigure:
    """What one method answers for a trip, and what it counts.

    Attributes
    ----------
    method : MethodInfo
        The method with its scope.
    co2e_kg, low_kg, high_kg : float, float or None
        Its figure and, where it is modelled here, its 90 % range [kg CO2e].
    counts : tuple[str, ...]
        Which of combustion, well_to_tank, non_co2 and other are inside the figure.
    of_default : float
        The figure as a multiple of the default method's.
    """

    method: MethodInfo
    co2e_kg: float
    low_kg: float | None
    high_kg: float | None
    counts: tuple[str, ...]
    of_default: float

    def as_json(self) -> dict[str, object]:
        """Return the figure as plain values."""
        return {
            "method": self.method.id,
            "name": self.method.name,
            "scope": self.method.scope,
            "co2e_kg": self.co2e_kg,
            "low_kg": self.low_kg,
            "high_kg": self.high_kg,
            "counts": list(self.counts),
            "of_default": self.of_default,
        }


@dataclass(frozen=True, slots=True)
class Spread:
    """All methods on one trip: how far published answers lie apart, no range of uncertainty.

    The methods count different things, so their spread says how much the choice of what to count
    and of factors matters; it is never added to the range of a figure.

    Attributes
    ----------
    figures : tuple[MethodFigure, ...]
        The smallest first.
    unanswered : tuple[str, ...]
        Ids of methods that do not cover this trip.
    """

    figures: tuple[MethodFigure, ...]
    unanswered: tuple[str, ...]

    @property
    def least_kg(self) -> float:
        """The smallest figure [kg CO2e]."""
        return self.figures[0].co2e_kg

    @property
    def most_kg(self) -> float:
        """The largest figure [kg CO2e]."""
        return self.figures[-1].co2e_kg

    def as_json(self) -> dict[str, object]:
        """Return the spread as plain values."""
        return {
            "kind": "spread between methods, not an uncertainty",
            "least_kg": self.least_kg,
            "most_kg": self.most_kg,
            "figures": [figure.as_json() for figure in self.figures],
            "unanswered": list(self.unanswered),
        }


def _one(component: str, values: tuple[float, ...]) -> float | None:
    if component in SUMMED:
        return round(math.fsum(values), 9)
    return values[0] if len(set(values)) == 1 else None


def _batch(answer: Estimate, data: Dataset, overrides: Overrides | None) -> LegBatch:
    """Return the legs of an answered question as a method takes them."""
    ends = np.array(
        [
            [(leg.origin.latitude, leg.origin.longitude) for leg in answer.legs],
            [(leg.destination.latitude, leg.destination.longitude) for leg in answer.legs],
        ]
    )
    given = overrides.great_circle_km if overrides else None
    flown = [
        None if leg.aircraft == MIX else find_aircraft(answer.method.id, leg.aircraft, data)
        for leg in answer.legs
    ]
    fleet = tuple(dict.fromkeys(flown))
    return LegBatch(
        haversine_km(*ends) if given is None else np.array(given, dtype=np.float64),
        np.array([cabin_number(leg.cabin) for leg in answer.legs], dtype=np.intp),
        np.array([fleet.index(aircraft) for aircraft in flown], dtype=np.intp),
        fleet,
        np.array([leg.origin.country for leg in answer.legs]),
        np.array([leg.destination.country for leg in answer.legs]),
        np.full(len(answer.legs), float(answer.travellers)),
        None
        if data.pairs is None
        else data.pairs.factors(
            [leg.origin.main_airport for leg in answer.legs],
            [leg.destination.main_airport for leg in answer.legs],
            [leg.origin.country for leg in answer.legs],
            [leg.destination.country for leg in answer.legs],
        ),
    )


def accounts(answer: Estimate, overrides: Overrides | None = None) -> tuple[Account, ...]:
    """Return what each leg of an estimate is made of, rounding included.

    Parameters
    ----------
    answer : Estimate
        The estimate.
    overrides : Overrides, optional
        Those the estimate was made with.
    """
    data = open_dataset(answer.dataset)
    batch = _batch(answer, data, overrides)
    return tuple(
        account_of(answer.method.id, batch, index, data, overrides).rounded_to(leg.co2e_kg)
        for index, leg in enumerate(answer.legs)
    )


def _swaps(before: Account, after: Account) -> tuple[Swap, ...]:
    """Return the swaps that lead from one account to the other."""
    detail = max(before.detail, after.detail)
    old, new = before.at(detail).terms, after.at(detail).terms
    values = {name: term.value for name, term in old.items()}
    swaps, running = [], grams(total_kg(detail, values))
    for name in ORDER[detail]:
        values[name] = new[name].value
        reached = grams(total_kg(detail, values))
        swaps.append(
            Swap(
                name,
                UNITS[name],
                old[name].value,
                new[name].value,
                reached - running,
                reached,
                old[name].source,
                new[name].source,
                old[name].notes,
                new[name].notes,
            )
        )
        running = reached
    return tuple(swaps)


def _each_once(texts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(texts)))


def _steps(legs: tuple[LegWalk, ...], travellers: int) -> tuple[Step, ...]:
    """Return the swaps of all legs, added up over legs and travellers."""
    steps, running = [], travellers * sum(leg.from_g for leg in legs)
    for column in zip(*(leg.swaps for leg in legs), strict=True):
        change = travellers * sum(swap.difference_g for swap in column)
        running += change
        steps.append(
            Step(
                column[0].component,
                column[0].unit,
                tuple(swap.from_value for swap in column),
                tuple(swap.to_value for swap in column),
                kilograms(change),
                kilograms(running),
                tuple(dict.fromkeys(swap.from_source for swap in column)),
                tuple(dict.fromkeys(swap.to_source for swap in column)),
                _each_once(swap.from_notes for swap in column),
                _each_once(swap.to_notes for swap in column),
            )
        )
    return tuple(steps)


def asked_of(method_id: str, itinerary: Itinerary, dataset: str | None = None) -> Itinerary:
    """Return the trip as a method can be asked: no scheduled flight is flown by a private jet.

    Beside a private jet the other methods answer for the fleet mix on the same route.
    """
    if method_id == PRIVATE:
        return itinerary
    data = open_dataset(dataset)
    legs = tuple(
        replace(leg, aircraft=None) if leg.aircraft and _is_jet(leg.aircraft, data) else leg
        for leg in itinerary.legs
    )
    return replace(itinerary, legs=legs)


def _is_jet(name: str, data: Dataset) -> bool:
    try:
        find_aircraft(PRIVATE, name, data)
    except UnknownAircraft:
        return False
    return True


def _answer(
    itinerary: Itinerary, method_id: str, dataset: str | None, overrides: Overrides | None
) -> Estimate:
    return estimate(asked_of(method_id, itinerary, dataset), method_id, dataset, overrides)


def walk(
    itinerary: Itinerary,
    start: str,
    end: str,
    dataset: str | None = None,
    overrides: Overrides | None = None,
) -> Walk:
    """Return how the figure of one method becomes that of another on the same trip.

    Parameters
    ----------
    itinerary : Itinerary
        The trip.
    start, end : str
        Two of `METHOD_IDS`.
    dataset : str, optional
        Id of a data set; the latest when absent.
    overrides : Overrides, optional
        Values that replace defaults, where a method takes them.

    Returns
    -------
    Walk
        Differences in whole grams that add up exactly.

    Raises
    ------
    FlightError
        As :func:`calculators.flight.itinerary.estimate` does.
    """
    before, after = (_answer(itinerary, name, dataset, overrides) for name in (start, end))
    legs = tuple(
        LegWalk(
            leg.origin.code,
            leg.destination.code,
            grams(leg.co2e_kg),
            grams(other.co2e_kg),
            _swaps(old, new),
        )
        for leg, other, old, new in zip(
            before.legs,
            after.legs,
            accounts(before, overrides),
            accounts(after, overrides),
            strict=True,
        )
    )
    return Walk(
        before.method,
        after.method,
        before.dataset,
        before.co2e_kg,
        after.co2e_kg,
        itinerary.travellers,
        _steps(legs, itinerary.travellers),
        legs,
    )


def main_reasons(
    itinerary: Itinerary,
    other: str,
    start: str = DEFAULT,
    dataset: str | None = None,
    overrides: Overrides | None = None,
) -> Reasons:
    """Return the two largest reasons why another method differs from the default.

    Parameters
    ----------
    itinerary : Itinerary
        The trip.
    other : str
        Id of the method to compare with.
    start : str
        Id of the method to start from.
    dataset, overrides
        As in :func:`walk`.

    Raises
    ------
    FlightError
        As :func:`walk` does.
    """
    way = walk(itinerary, start, other, dataset, overrides)
    ranked = sorted(way.steps, key=lambda step: -abs(step.difference_kg))
    largest = tuple(step for step in ranked[:REASONS] if step.difference_kg)
    named = sum(grams(step.difference_kg) for step in largest)
    return Reasons(way, largest, kilograms(grams(way.difference_kg) - named))


def counts(account: Account) -> tuple[str, ...]:
    """Return which of combustion, well_to_tank, non_co2 and other a figure contains."""
    terms = account.terms
    upstream = {
        Detail.FUEL: "well_to_tank",
        Detail.COMBUSTION: "well_to_tank_share",
        Detail.FUEL_CYCLE: "fuel_cycle_factor",
    }[account.detail]
    warming = "non_co2_of_cycle" if account.detail is Detail.FUEL_CYCLE else "non_co2"
    parts = (
        ("combustion", True),
        ("well_to_tank", terms[upstream].value > 0),
        ("non_co2", terms[warming].value != 1),
        ("other", terms["other"].value != 0),
    )
    return tuple(name for name, inside in parts if inside)


def spread(
    itinerary: Itinerary, dataset: str | None = None, overrides: Overrides | None = None
) -> Spread:
    """Return what every method answers for a trip, the smallest figure first.

    Parameters
    ----------
    itinerary : Itinerary
        The trip.
    dataset, overrides
        As in :func:`walk`.

    Raises
    ------
    FlightError
        When the default method itself cannot answer.
    """
    default = _answer(itinerary, DEFAULT, dataset, overrides)
    answers, unanswered = [default], []
    for method_id in METHOD_IDS[1:]:
        try:
            answers.append(_answer(itinerary, method_id, dataset, overrides))
        except FlightError:
            unanswered.append(method_id)
    figures = tuple(
        MethodFigure(
            answer.method,
            answer.co2e_kg,
            answer.low_kg,
            answer.high_kg,
            counts(accounts(answer, overrides)[0]),
            round(answer.co2e_kg / default.co2e_kg, 3),
        )
        for answer in sorted(answers, key=lambda answer: answer.co2e_kg)
    )
    return Spread(figures, tuple(unanswered))

"""What does a trip emit, between which values, and how was it computed?

An itinerary is a tuple of directed legs; a return trip is its legs and the reversed ones. Figures
of a leg are per traveller, the total is for all travellers. Everything is rounded before it leaves:
1 m and 1 g, halves to even.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import InvalidOverride, LegsOutOfRange, SamePlace, TravellersOutOfRange
from calculators.flight import airports, batch, codes, record
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.fuel import MIX, Aircraft
from calculators.flight.methods import DEFAULT, METHOD_IDS, find_aircraft, method_info
from calculators.flight.methods import method as find_method
from calculators.flight.methods.figures import (
    Figures,
    LegBatch,
    MethodInfo,
    NonCo2Scope,
)
from calculators.flight.non_co2 import (
    DEFAULT_TREATMENT,
    NONE,
    NOT_ESTIMATED,
    Treatment,
    bucket_of,
    find_treatment,
    trip_bucket,
)
from calculators.flight.overrides import Overrides
from calculators.flight.seats import CABINS, cabin_number
from calculators.uncertainty import COVERAGE
from calculators.units import grams, kilograms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from calculators.flight.airports import Place
    from calculators.flight.batch import Columns
    from calculators.flight.datasets import Dataset
    from calculators.flight.methods.figures import Explanation
    from calculators.sources import Factor, Step

__all__ = [
    "DEFAULT",
    "METHOD_IDS",
    "Estimate",
    "Itinerary",
    "Leg",
    "LegEstimate",
    "NonCo2",
    "Overrides",
    "differences",
    "estimate",
    "method_info",
    "replay",
]

_SHOWN: Final = 70  # characters of a value that a difference shows

MOST_TRAVELLERS: Final = 99
MOST_LEGS: Final = 24


@dataclass(frozen=True, slots=True)
class Leg:
    """One directed flight, as a traveller states it.

    Attributes
    ----------
    origin, destination : str
        IATA code of an airport or city, or a text that ``airports.resolve`` understands.
    cabin : str
        economy, premium, business or first.
    aircraft : str or None
        IATA or ICAO type code; None or "mix" for the fleet mix.
    """

    origin: str
    destination: str
    cabin: str = "economy"
    aircraft: str | None = None

    def reversed(self) -> Leg:
        """Return the same flight the other way round."""
        return Leg(self.destination, self.origin, self.cabin, self.aircraft)


@dataclass(frozen=True, slots=True)
class Itinerary:
    """The legs of a trip in their order, and how many people take it."""

    legs: tuple[Leg, ...]
    travellers: int = 1

    def and_back(self) -> Itinerary:
        """Return the trip with its way back: the reversed legs in reversed order."""
        return Itinerary(
            self.legs + tuple(leg.reversed() for leg in reversed(self.legs)), self.travellers
        )


@dataclass(frozen=True, slots=True)
class NonCo2:
    """Warming beside CO2, as an interval of its own that is added to nothing.

    Attributes
    ----------
    low_kg, central_kg, high_kg : float
        For all travellers [kg CO2e].
    treatment : str
        Id of the relation used.
    """

    low_kg: float
    central_kg: float
    high_kg: float
    treatment: str

    def as_json(self) -> dict[str, float | str]:
        """Return the interval as plain values."""
        return {
            "low": self.low_kg,
            "central": self.central_kg,
            "high": self.high_kg,
            "treatment": self.treatment,
        }


@dataclass(frozen=True, slots=True)
class LegEstimate:
    """One leg and one traveller.

    Attributes
    ----------
    origin, destination : Place
        Where it goes.
    great_circle_km, flown_km : float, float or None
        Distances [km]; flown where the method gives one.
    aircraft : str
        The code given, or "mix".
    cabin : str
        Cabin word.
    fuel_kg : float or None
        Fuel of the whole aircraft [kg] where the method gives it.
    co2e_kg : float
        The method's figure for one traveller [kg CO2e].
    wtt_kg, ttw_kg, wtw_kg : float or None
        Its parts [kg CO2e] where the method gives them.
    notes : tuple[str, ...]
        Codes of what to mention, such as "seating_assumed".
    explanation : callable
        Gives factors and steps when somebody asks for them.
    """

    origin: Place
    destination: Place
    great_circle_km: float
    flown_km: float | None
    aircraft: str
    cabin: str
    fuel_kg: float | None
    co2e_kg: float
    wtt_kg: float | None
    ttw_kg: float | None
    wtw_kg: float | None
    notes: tuple[str, ...]
    explanation: Callable[[], Explanation] = field(repr=False, compare=False)

    @property
    def provenance(self) -> tuple[Factor, ...]:
        """Each number that went into the figure."""
        return self.explanation().provenance

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arithmetic, each line with its numbers."""
        return self.explanation().steps

    def as_json(self) -> dict[str, object]:
        """Return the leg as plain values."""
        return {
            "origin": self.origin.code,
            "destination": self.destination.code,
            "great_circle_km": self.great_circle_km,
            "flown_km": self.flown_km,
            "aircraft": self.aircraft,
            "cabin": self.cabin,
            "fuel_kg": self.fuel_kg,
            "co2e_kg": {"wtt": self.wtt_kg, "ttw": self.ttw_kg, "wtw": self.wtw_kg},
            "provenance": [factor.as_json() for factor in self.provenance],
            "headline_kg": self.co2e_kg,
            "steps": [step.as_json() for step in self.steps],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a trip emits for all its travellers.

    Attributes
    ----------
    method : MethodInfo
        The method, with its scope, year, licence and source.
    dataset : str
        Id of the data set used.
    legs : tuple[LegEstimate, ...]
        The legs, each for one traveller.
    travellers : int
        People on the trip.
    co2e_kg : float
        The headline [kg CO2e], without what stands in `non_co2`.
    low_kg, high_kg, coverage : float or None
        Range of the headline and the share of cases it is meant to hold; None where a published
        method states none.
    non_co2 : NonCo2 or None
        Interval of its own; None where the method includes it or cannot tell it.
    non_co2_scope : NonCo2Scope
        Which of the three it is.
    overrides : Overrides or None
        Values that replaced defaults, so that the answer can be had again.
    contrail_bucket : str
        low, moderate or high where a contrail ratio of each leg was given, else "not estimated".
    asked : tuple[Leg, ...]
        The legs as they were given.
    """

    method: MethodInfo
    dataset: str
    legs: tuple[LegEstimate, ...]
    travellers: int
    co2e_kg: float
    low_kg: float | None
    high_kg: float | None
    coverage: float | None
    non_co2: NonCo2 | None
    non_co2_scope: NonCo2Scope
    overrides: Overrides | None = None
    contrail_bucket: str = NOT_ESTIMATED
    asked: tuple[Leg, ...] = field(default=(), compare=False)

    @property
    def great_circle_km(self) -> float:
        """Length of all legs [km]."""
        return round(sum(leg.great_circle_km for leg in self.legs), 3)

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what to mention on any leg, each once."""
        return tuple(dict.fromkeys(note for leg in self.legs for note in leg.notes))

    def as_json(self) -> dict[str, object]:
        """Return the estimate as plain values, ready for ``json.dumps``."""
        data = open_dataset(self.dataset)
        return {
            "method": {
                "id": self.method.id,
                "version": self.method.version,
                "dataset": self.dataset,
            },
            "legs": [leg.as_json() for leg in self.legs],
            "total": {
                "co2e_kg": self.co2e_kg,
                "low_kg": self.low_kg,
                "high_kg": self.high_kg,
                "coverage": self.coverage,
                "non_co2_kg": self.non_co2.as_json() if self.non_co2 else None,
                "non_co2_scope": self.non_co2_scope,
            },
            "travellers": self.travellers,
            "notes": list(self.notes),
            "contrail_bucket": self.contrail_bucket,
            **({"overrides": self.overrides.as_json()} if self.overrides else {}),
            "inputs": record.inputs(self.method.id, self.asked, self.legs, data),
            "tables": record.tables(self.method.id, data),
        }


def _place(text: str, data: Dataset) -> Place:
    stripped = text.strip()
    if len(stripped) == 3 and stripped.isascii():  # noqa: PLR2004 - letters of an IATA code
        return airports.find(stripped, data)
    return airports.resolve(text, data)


def _aircraft(method: str, code: str | None, data: Dataset) -> Aircraft | None:
    if code is None or not code.strip() or code.strip().lower() == MIX:
        return None
    return find_aircraft(method, code, data)


def _within(itinerary: Itinerary) -> None:
    """Refuse numbers of travellers or legs beyond the limits."""
    people, legs = itinerary.travellers, len(itinerary.legs)
    if not 1 <= people <= MOST_TRAVELLERS:
        raise TravellersOutOfRange({"least": 1, "most": MOST_TRAVELLERS, "given": people})
    if not 1 <= legs <= MOST_LEGS:
        raise LegsOutOfRange({"least": 1, "most": MOST_LEGS, "given": legs})


def _ends(leg: Leg, data: Dataset) -> tuple[Place, Place]:
    origin, destination = _place(leg.origin, data), _place(leg.destination, data)
    if origin.main_airport == destination.main_airport:
        raise SamePlace({"origin": origin.code, "destination": destination.code})
    return origin, destination


def _distances(count: int, overrides: Overrides | None) -> NDArray[np.float64]:
    """Return the distances given in place of computed ones, NaN where none is."""
    given = overrides.great_circle_km if overrides else None
    if given is None:
        return np.full(count, np.nan)
    if len(given) != count:
        rule = f"one distance for each of {count} legs"
        raise InvalidOverride({"name": "great_circle_km", "rule": rule, "given": len(given)})
    return np.array(given, dtype=np.float64)


def _legs(
    method: str,
    itinerary: Itinerary,
    ends: list[tuple[Place, Place]],
    data: Dataset,
    overrides: Overrides | None,
) -> LegBatch:
    number = codes.places(data).number
    flown = [_aircraft(method, leg.aircraft, data) for leg in itinerary.legs]
    fleet = tuple(dict.fromkeys(flown))
    return batch.legs_of(
        (
            np.array([number[origin.code] for origin, _ in ends]),
            np.array([number[destination.code] for _, destination in ends]),
        ),
        _distances(len(ends), overrides),
        np.array([cabin_number(leg.cabin) for leg in itinerary.legs], dtype=np.intp),
        (fleet, np.array([fleet.index(aircraft) for aircraft in flown], dtype=np.intp)),
        people=np.full(len(ends), float(itinerary.travellers)),
        data=data,
    )


def _given(figure: np.float64) -> float | None:
    """Return a figure of a column, or nothing where the method gives none."""
    return None if np.isnan(figure) else float(figure)


def _leg(
    ends: tuple[Place, Place],
    legs: LegBatch,
    one: Columns,
    index: int,
    explanation: Callable[[], Explanation],
) -> LegEstimate:
    aircraft = legs.fleet[legs.aircraft[index]]
    return LegEstimate(
        *ends,
        float(one.great_circle_km[index]),
        _given(one.flown_km[index]),
        aircraft.code if aircraft else MIX,
        CABINS[legs.cabin[index]],
        _given(one.fuel_kg[index]),
        float(one.co2e_kg[index]),
        _given(one.wtt_kg[index]),
        _given(one.ttw_kg[index]),
        _given(one.wtw_kg[index]),
        one.notes_of(index),
        functools.cache(explanation),
    )


def _non_co2(
    figures: Figures, travellers: int, data: Dataset, treatment: Treatment | None
) -> NonCo2 | None:
    if figures.traveller_fuel_kg is None or treatment is None:
        return None
    fuel = float(figures.traveller_fuel_kg.sum()) * travellers
    interval = treatment.of_co2(fuel * data.value("co2_per_fuel"))
    low, central, high = (kilograms(grams(kg)) for kg in interval)
    return NonCo2(low, central, high, treatment.id)


def estimate(
    itinerary: Itinerary,
    method: str = DEFAULT,
    dataset: str | None = None,
    overrides: Overrides | None = None,
    treatment: str = DEFAULT_TREATMENT,
) -> Estimate:
    """Return what a trip emits by one method.

    Parameters
    ----------
    itinerary : Itinerary
        One to 24 legs, one to 99 travellers.
    method : str
        One of `METHOD_IDS`.
    dataset : str, optional
        Id of a data set; the latest when absent. A stored id gives the stored figures again.
    overrides : Overrides, optional
        Values that replace defaults.
    treatment : str
        Id of the relation that non-CO2 effects are told by, or "none"; the headline never
        contains them, unless the method's published figure does.

    Returns
    -------
    Estimate
        Rounded to 1 m and 1 g, halves to even.

    Raises
    ------
    FlightError
        Unknown or ambiguous place, same place, unknown cabin, aircraft, method or data set,
        travellers or legs out of range, an impossible override.
    """
    module, info = find_method(method)
    data = open_dataset(dataset)
    relation = find_treatment(treatment, data)
    _within(itinerary)
    ends = [_ends(leg, data) for leg in itinerary.legs]
    legs = _legs(method, itinerary, ends, data, overrides)
    figures = module.compute(method, legs, data, overrides)
    people = np.full(len(ends), float(itinerary.travellers))
    one = batch.settle(figures, legs.great_circle_km, np.ones(len(ends)))
    total = batch.trips(
        batch.settle(figures, legs.great_circle_km, people), np.zeros(len(ends), dtype=np.intp), 1
    )
    spread = figures.uncertainty is not None
    return Estimate(
        info,
        data.id,
        tuple(
            _leg(
                pair,
                legs,
                one,
                index,
                # Told when asked: the arithmetic takes longer to write out than to do.
                functools.partial(module.explain, method, legs, index, data, overrides),
            )
            for index, pair in enumerate(ends)
        ),
        itinerary.travellers,
        float(total.co2e_kg[0]),
        _given(total.low_kg[0]),
        _given(total.high_kg[0]),
        COVERAGE if spread else None,
        _non_co2(figures, itinerary.travellers, data, relation),
        "not estimated" if info.non_co2 == "separate" and relation is None else info.non_co2,
        overrides,
        _contrails(figures, data, overrides),
        itinerary.legs,
    )


def _contrails(figures: Figures, data: Dataset, overrides: Overrides | None) -> str:
    """Return the contrail bucket of the trip, where each leg's ratio and fuel are known."""
    given = overrides.contrail_ratio if overrides else None
    if given is None:
        return NOT_ESTIMATED
    legs = len(figures.headline_kg)
    if len(given) != legs:
        rule = f"one ratio for each of {legs} legs"
        raise InvalidOverride({"name": "contrail_ratio", "rule": rule, "given": len(given)})
    if figures.fuel_kg is None:
        return NOT_ESTIMATED
    buckets = [bucket_of(ratio, data) for ratio in given]
    return trip_bucket(list(zip(figures.fuel_kg.tolist(), buckets, strict=True)), data)


def replay(stored: Mapping[str, object]) -> Estimate:
    """Return the estimate again that `Estimate.as_json` was stored of, on its own data set.

    Parameters
    ----------
    stored : Mapping
        The stored answer, as read back from JSON, also under ``estimate`` as the site's file
        holds it.

    Raises
    ------
    FlightError
        When the stored method or data set does not exist in this release.
    KeyError, TypeError
        When it is not such an answer.
    """
    stored = _answer_in(stored)
    chosen, legs = stored["method"], stored["legs"]
    if not isinstance(chosen, dict) or not isinstance(legs, list):
        raise TypeError(stored)
    trip = _asked(stored.get("inputs"), legs)
    travellers = stored["travellers"]
    if not isinstance(travellers, int):
        raise TypeError(travellers)
    overrides = stored.get("overrides")
    return estimate(
        Itinerary(trip, travellers),
        chosen["id"],
        chosen["dataset"],
        Overrides.from_json(overrides) if isinstance(overrides, dict) else None,
        treatment=_treatment(stored["total"]),
    )


def _answer_in(stored: Mapping[str, object]) -> Mapping[str, object]:
    nested = stored.get("estimate")
    return nested if isinstance(nested, dict) else stored


def _asked(inputs: object, legs: list[dict[str, str]]) -> tuple[Leg, ...]:
    """Return the legs as they were given, where that is stored and fits the legs, else as told.

    What was given leads: a name or an absent aircraft stays what it was.
    """
    given = inputs.get("given") if isinstance(inputs, dict) else None
    asked = given if isinstance(given, list) and len(given) == len(legs) else legs
    return tuple(
        Leg(leg["origin"], leg["destination"], leg["cabin"], leg["aircraft"]) for leg in asked
    )


def differences(stored: Mapping[str, object]) -> tuple[str, ...]:
    """Return where a stored answer differs from the same question asked again.

    Parameters
    ----------
    stored : Mapping
        As :func:`replay` takes it.

    Returns
    -------
    tuple of str
        The way to each value that differs, ``total.co2e_kg: 1.0, now 2.0``; what this release
        tells beside the stored answer is no difference.

    Raises
    ------
    FlightError, KeyError, TypeError
        As :func:`replay`.
    """
    told = json.loads(json.dumps(replay(stored).as_json()))
    return tuple(_differing(_answer_in(stored), told, ""))


def _differing(stored: object, now: object, way: str) -> Iterator[str]:
    if isinstance(stored, dict) and isinstance(now, dict):
        for name in stored:
            yield from _differing(stored[name], now.get(name), f"{way}.{name}".lstrip("."))
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        for at, pair in enumerate(zip(stored, now, strict=True)):
            yield from _differing(*pair, f"{way}[{at}]")
    elif stored != now:
        yield f"{way}: {_brief(stored)}, now {_brief(now)}"


def _brief(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _treatment(total: object) -> str:
    """Return the treatment that a stored total was told by."""
    if not isinstance(total, dict):
        raise TypeError(total)
    told = total["non_co2_kg"]
    if told is None:
        return NONE if total["non_co2_scope"] == "not estimated" else DEFAULT_TREATMENT
    return str(told["treatment"])

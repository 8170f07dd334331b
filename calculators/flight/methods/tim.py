"""What does a flight emit by the steps of the Travel Impact Model, on our own fuel table?

Fuel of the flight by distance and type, a share for cargo by mass, the rest divided by seats that
count by their floor area and by how many of them are taken; then well-to-tank and tank-to-wake
factors. The steps are those of the Travel Impact Model 3.0.0 (Google, CC BY 4.0); the fuel table,
the seats and the cargo shares are those of the data set, because the model's own are not public.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from calculators.errors import InvalidOverride
from calculators.flight.allocation import fly_mix, fly_profile, profile, sheet
from calculators.flight.methods import tim_account, tim_steps, worked_example
from calculators.flight.methods.figures import (
    Explanation,
    Figures,
    LegBatch,
    MethodInfo,
    by_kind,
    note_bits,
)
from calculators.flight.overrides import Overrides
from calculators.flight.seats import CABINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.allocation import Flown, Profile, Sheet
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
    from calculators.flight.methods.account import Account
    from calculators.flight.methods.figures import Answers
    from calculators.sources import Step

_MIX_NOTES: Final = ("aircraft_unknown",)
_BEYOND: Final = ("beyond_fuel_table",)

INFOS: Final = (
    MethodInfo(
        id="tim-3",
        version="3.0.0",
        name="Travel Impact Model style, own fuel table",
        year=2026,
        scope="fuel only, well-to-wake, per passenger; cargo carries its share",
        non_co2="separate",
        rounding="1 g, halves to even",
        licence="method CC BY 4.0 (Google); data set Apache-2.0 with the licences of its sources",
        source="Google Travel Impact Model 3.0.0, Poll-Schumann and FEAT fuel",
        url="https://github.com/google/travel-impact-model",
        note="Own figures by a public method: not those of Google's service.",
    ),
)


class _Answer(NamedTuple):
    """Legs before the factors of the fuel, arrays of shape (n,)."""

    flown_km: NDArray[np.float64]
    fuel_kg: NDArray[np.float64]
    traveller_kg: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    notes: NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class _Fleet:
    """Aircraft of a batch: their sheet, and what is constant about each, by cabin and aircraft."""

    sheet: Sheet
    plans: tuple[Profile, ...]
    capacity: NDArray[np.float64]
    weight: NDArray[np.float64]
    fixed: NDArray[np.float64]
    last_nm: NDArray[np.float64]
    notes: NDArray[np.uint16]


def _fixed(
    fuel: float,
    load_factor: float,
    data: Dataset,
    overrides: Overrides | None,
    icao: str = "",
) -> float:
    """Return the part of the squared uncertainty that does not depend on the distance."""
    return (
        fuel**2
        + _u_seats(data, overrides, icao) ** 2
        + (data.value("u_load_factor") / load_factor) ** 2
    )


def _u_seats(data: Dataset, overrides: Overrides | None, icao: str) -> float:
    """Return the uncertainty of the seats [1]: none where they are given."""
    known = (overrides and overrides.seats) or icao in data.seat_maps
    return 0.0 if known else data.value("u_seats")


def _uncertainty(
    fixed: float | NDArray[np.float64], cargo: NDArray[np.float64], data: Dataset
) -> NDArray[np.float64]:
    spread = data.value("u_cargo_mass_fraction") / (1 - cargo)
    spread *= spread
    spread += fixed
    return np.sqrt(spread, out=spread)


@functools.lru_cache(maxsize=64)
def _fleet(
    fleet: tuple[Aircraft | None, ...], data: Dataset, overrides: Overrides | None
) -> _Fleet:
    """Return the aircraft of a batch; the fleet mix keeps its place, so that numbers stay true."""
    named = next(one for one in fleet if one is not None)
    plans = tuple(profile(one or named, data, overrides) for one in fleet)
    return _Fleet(
        sheet(plans, data),
        plans,
        np.array([plan.capacity for plan in plans]),
        np.array([weight for plan in plans for weight in plan.weights]),
        np.array(
            [
                _fixed(
                    plan.aircraft.type.fuel_uncertainty,
                    plan.load_factor,
                    data,
                    overrides,
                    plan.aircraft.type.icao,
                )
                for plan in plans
            ]
        ),
        np.array([plan.curve.nm[-1] for plan in plans]),
        np.array(
            [
                note_bits(tim_account.notes(plan, cabin))
                for plan in plans
                for cabin in range(len(CABINS))
            ],
            dtype=np.uint16,
        ),
    )


def _check(legs: LegBatch, overrides: Overrides | None) -> None:
    """Refuse values that need a named aircraft on legs of the mix."""
    if overrides is None or None not in legs.fleet:
        return
    for name in ("fuel_knots", "lto_kg", "seats", "published_rounding"):
        if getattr(overrides, name):
            rule = "given together with an aircraft"
            raise InvalidOverride({"name": name, "rule": rule, "given": "given without one"})


def _mix(legs: LegBatch, data: Dataset, overrides: Overrides | None) -> Answers:
    mixed = fly_mix(legs.great_circle_km, data, overrides)
    taken = mixed.short.load_factor
    fixed = _fixed(data.value("u_fuel_mix"), taken, data, overrides)
    return (
        legs.great_circle_km * mixed.short.distance_factor,
        mixed.fuel_kg,
        mixed.seat_fuel_kg(legs.cabin) / taken,
        _uncertainty(fixed, mixed.cargo_fraction, data),
        np.full(len(legs), note_bits(_MIX_NOTES), dtype=np.uint16),
    )


def _named(legs: LegBatch, data: Dataset, overrides: Overrides | None) -> Answers:
    fleet = _fleet(legs.fleet, data, overrides)
    flown = fleet.sheet.fly(legs.aircraft, legs.great_circle_km)
    seat = legs.aircraft * len(CABINS)
    seat += legs.cabin
    traveller = flown.passenger_kg / fleet.capacity[legs.aircraft]
    traveller *= fleet.weight[seat]
    traveller /= fleet.plans[0].load_factor
    beyond = flown.ccd_nm > fleet.last_nm[legs.aircraft]
    return (
        flown.flown_km,
        flown.fuel_kg,
        traveller,
        _uncertainty(fleet.fixed[legs.aircraft], flown.cargo_fraction, data),
        fleet.notes[seat] | beyond * np.uint16(note_bits(_BEYOND)),
    )


def _of_leg(legs: LegBatch, index: int, overrides: Overrides | None) -> Overrides | None:
    """Return the overrides of one leg, an operator's distance factor of its route among them."""
    given = overrides is not None and overrides.distance_factor is not None
    if legs.distance_factor is None or given:
        return overrides
    own = float(legs.distance_factor[index])
    return overrides if math.isnan(own) else replace(overrides or Overrides(), distance_factor=own)


def _answer(legs: LegBatch, data: Dataset, overrides: Overrides | None) -> _Answer:
    """Return the answer of every leg, those of one distance factor together."""
    if legs.distance_factor is None:
        return _alike(legs, data, overrides)
    groups = np.unique(np.nan_to_num(legs.distance_factor), return_inverse=True)[1]
    merged: tuple[NDArray[Any], ...] = ()
    for group in range(int(groups.max()) + 1):
        rows = np.flatnonzero(groups == group)
        part = _alike(legs.part(rows), data, _of_leg(legs, int(rows[0]), overrides))
        merged = merged or tuple(np.empty(len(legs), dtype=one.dtype) for one in part)
        for whole, one in zip(merged, part, strict=True):
            whole[rows] = one
    return _Answer(*merged)


def _alike(legs: LegBatch, data: Dataset, overrides: Overrides | None) -> _Answer:
    """Return legs of the mix and of named aircraft, each by its own rule, in their order."""
    rules = (functools.partial(rule, data=data, overrides=overrides) for rule in (_mix, _named))
    return _Answer(*by_kind(legs, *rules))


def compute(
    method_id: str,  # noqa: ARG001 - one signature for all methods
    legs: LegBatch,
    data: Dataset,
    overrides: Overrides | None,
) -> Figures:
    """Return the figures of every leg; see :class:`Method`.

    Raises
    ------
    InvalidOverride
        When seats, fuel or published rounding are given for a leg without an aircraft.
    """
    _check(legs, overrides)
    answer = _answer(legs, data, overrides)
    traveller, fuel_kg = answer.traveller_kg, answer.fuel_kg
    wtt, ttw = traveller * data.value("wtt_factor"), traveller * data.value("ttw_factor")
    wtw = wtt + ttw
    published = bool(overrides and overrides.published_rounding)
    if overrides and published:
        chains = [_published(legs, index, data, overrides) for index in range(len(legs))]
        cabins = [chain.cabins[number] for chain, number in zip(chains, legs.cabin, strict=True)]
        wtt = np.array([float(cabin.passenger[0]) for cabin in cabins])
        ttw = np.array([float(cabin.passenger[1]) for cabin in cabins])
        wtw = np.array([float(cabin.passenger[2]) for cabin in cabins])
        fuel_kg = np.array([float(chain.fuel_kg) for chain in chains])
    return Figures(
        wtw,
        wtt,
        ttw,
        wtw,
        answer.flown_km,
        fuel_kg,
        traveller,
        answer.uncertainty,
        published,
        answer.notes,
    )


def _notes(plan: Profile, flown: Flown, cabin: int) -> tuple[str, ...]:
    beyond = flown.ccd_nm[0] > plan.curve.nm[-1]
    return tim_account.notes(plan, cabin) + (_BEYOND if beyond else ())


def _published(
    legs: LegBatch, index: int, data: Dataset, overrides: Overrides
) -> worked_example.Chain:
    aircraft = legs.fleet[legs.aircraft[index]]
    plan = profile(aircraft, data, overrides)
    km = legs.great_circle_km[index : index + 1]
    return worked_example.chain(
        float(km[0]),
        worked_example.Inputs(
            tuple(zip(plan.curve.nm.tolist(), plan.curve.ccd_kg.tolist(), strict=True)),
            plan.curve.lto_kg,
            plan.seats.counts,
            plan.weights,
            plan.load_factor,
            float(fly_profile(plan, km, data).cargo_fraction[0]),
            plan.distance_factor,
            plan.lto_nm,
            data.value("wtt_factor"),
            data.value("ttw_factor"),
        ),
    )


def explain(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    known = _of_leg(legs, index, overrides)
    rule = _explain_mix if legs.fleet[legs.aircraft[index]] is None else _explain_named
    told = rule(legs, index, data, known)
    told = replace(told, steps=(*told.steps, *_range_steps(legs, index, data, overrides)))
    return told if known is overrides else tim_account.by_route(told, data)


def _explain_mix(
    legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
) -> Explanation:
    ends, cabin = legs.great_circle_km[index : index + 1], int(legs.cabin[index])
    km = float(ends[0])
    mixed, flights = fly_mix(ends, data, overrides), tim_steps.members(km, data, overrides)
    return Explanation(
        tim_account.mix_factors(mixed, km, flights, data, overrides),
        tim_steps.mix_steps(mixed, km, cabin, flights, data),
        _MIX_NOTES,
    )


def _explain_named(
    legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
) -> Explanation:
    flight, flown = _flight(legs, index, data, overrides)
    km, cabin = float(legs.great_circle_km[index]), int(legs.cabin[index])
    if overrides and overrides.published_rounding:
        steps = worked_example.steps(_published(legs, index, data, overrides), cabin)
    else:
        steps = tim_steps.aircraft_steps(flight, km, cabin, data)
    factors = tim_account.aircraft_factors(flight, km, data, overrides)
    return Explanation(factors, steps, _notes(flight.plan, flown, cabin))


def _flight(
    legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
) -> tuple[tim_steps.Single, Flown]:
    """Return the flight of a named aircraft, as plain numbers and as arrays."""
    aircraft, ends = legs.fleet[legs.aircraft[index]], legs.great_circle_km[index : index + 1]
    plan = profile(aircraft, data, overrides)
    flown = fly_profile(plan, ends, data)
    return tim_steps.single(plan, flown, float(ends[0]), data), flown


def _range_steps(
    legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
) -> tuple[Step, ...]:
    """Return how the 90 % range of a leg follows from the uncertainty of its parts."""
    aircraft, known = legs.fleet[legs.aircraft[index]], _of_leg(legs, index, overrides)
    ends, icao = legs.great_circle_km[index : index + 1], aircraft.type.icao if aircraft else ""
    if aircraft is None:
        mixed = fly_mix(ends, data, known)
        fuel, cargo = data.value("u_fuel_mix"), float(mixed.cargo_fraction[0])
        taken = mixed.short.load_factor
    else:
        flight = _flight(legs, index, data, known)[0]
        fuel, cargo = aircraft.type.fuel_uncertainty, flight.cargo_fraction
        taken = flight.plan.load_factor
    figures = compute(INFOS[0].id, legs.part(np.array([index])), data, overrides)
    return tim_steps.range_steps(
        float(figures.headline_kg[0]),
        float(_uncertainty(_fixed(fuel, taken, data, known, icao), np.array([cargo]), data)[0]),
        (fuel, cargo, taken, _u_seats(data, known, icao)),
        data,
    )


def account(
    method_id: str,  # noqa: ARG001 - the signature that every method has
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    known = _of_leg(legs, index, overrides)
    ends, cabin = legs.great_circle_km[index : index + 1], int(legs.cabin[index])
    km = float(ends[0])
    if legs.fleet[legs.aircraft[index]] is None:
        return tim_account.mix_account(fly_mix(ends, data, known), km, cabin, data)
    flight = _flight(legs, index, data, known)[0]
    return tim_account.aircraft_account(flight, km, cabin, data, known)

"""What does a flight emit by the steps of the Travel Impact Model, on our own fuel table?

Fuel of the flight by distance and type, a share for cargo by mass, the rest divided by seats that
count by their floor area and by how many of them are taken; then well-to-tank and tank-to-wake
factors. The steps are those of the Travel Impact Model 3.0.0 (Google, CC BY 4.0); the fuel table,
the seats and the cargo shares are those of the data set, because the model's own are not public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.errors import InvalidOverride
from calculators.flight.allocation import fly_mix, fly_profile, profile
from calculators.flight.methods import tim_account, worked_example
from calculators.flight.methods.figures import Explanation, Figures, LegBatch, MethodInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
    from calculators.flight.methods.account import Account
    from calculators.flight.overrides import Overrides

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


def _uncertainty(
    fuel: float,
    cargo: NDArray[np.float64],
    load_factor: float,
    data: Dataset,
    overrides: Overrides | None,
) -> NDArray[np.float64]:
    seats = 0.0 if overrides and overrides.seats else data.value("u_seats")
    fixed = fuel**2 + seats**2 + (data.value("u_load_factor") / load_factor) ** 2
    return np.asarray(np.sqrt(fixed + (data.value("u_cargo_mass_fraction") / (1 - cargo)) ** 2))


def _check(legs: LegBatch, overrides: Overrides | None) -> None:
    """Refuse values that need a named aircraft on legs of the mix."""
    if overrides is None or None not in legs.fleet:
        return
    for name in ("fuel_knots", "lto_kg", "seats", "published_rounding"):
        if getattr(overrides, name):
            rule = "given together with an aircraft"
            raise InvalidOverride({"name": name, "rule": rule, "given": "given without one"})


def _one_aircraft(
    aircraft: Aircraft | None,
    great_circle_km: NDArray[np.float64],
    cabin: NDArray[np.intp],
    data: Dataset,
    overrides: Overrides | None,
) -> tuple[NDArray[np.float64], ...]:
    """Return flown km, aircraft fuel, traveller's fuel and uncertainty, each of shape (n,)."""
    if aircraft is None:
        mixed = fly_mix(great_circle_km, data, overrides)
        taken = mixed.short.load_factor
        traveller = mixed.seat_fuel_kg(cabin) / taken
        fuel_u = data.value("u_fuel_mix")
        spread = _uncertainty(fuel_u, mixed.cargo_fraction, taken, data, overrides)
        return great_circle_km * mixed.short.distance_factor, mixed.fuel_kg, traveller, spread
    plan = profile(aircraft, data, overrides)
    flown = fly_profile(plan, great_circle_km, data)
    weight = np.array(plan.weights)[cabin]
    traveller = flown.passenger_kg / plan.capacity * weight / plan.load_factor
    fuel_u = aircraft.type.fuel_uncertainty
    spread = _uncertainty(fuel_u, flown.cargo_fraction, plan.load_factor, data, overrides)
    return flown.flown_km, flown.fuel_kg, traveller, spread


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
    flown_km, fuel_kg, traveller, spread = (np.empty(len(legs)) for _ in range(4))
    for number, aircraft in enumerate(legs.fleet):
        here = np.flatnonzero(legs.aircraft == number)
        flown_km[here], fuel_kg[here], traveller[here], spread[here] = _one_aircraft(
            aircraft, legs.great_circle_km[here], legs.cabin[here], data, overrides
        )
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
    return Figures(wtw, wtt, ttw, wtw, flown_km, fuel_kg, traveller, spread, published)


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
    method_id: str,  # noqa: ARG001
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Explanation:
    """Return how the leg of that index was computed; see :class:`Method`."""
    aircraft = legs.fleet[legs.aircraft[index]]
    km, cabin = legs.great_circle_km[index : index + 1], int(legs.cabin[index])
    if aircraft is None:
        mixed = fly_mix(km, data, overrides)
        return Explanation(
            tim_account.mix_factors(mixed, data, overrides),
            tim_account.mix_steps(mixed, float(km[0]), cabin, data),
            ("aircraft_unknown",),
        )
    plan = profile(aircraft, data, overrides)
    flown = fly_profile(plan, km, data)
    if overrides and overrides.published_rounding:
        steps = worked_example.steps(_published(legs, index, data, overrides), cabin)
    else:
        steps = tim_account.aircraft_steps(plan, flown, float(km[0]), cabin, data)
    factors = tim_account.aircraft_factors(plan, flown, data, overrides)
    return Explanation(factors, steps, tim_account.notes(plan, flown, cabin))


def account(
    method_id: str,  # noqa: ARG001
    legs: LegBatch,
    index: int,
    data: Dataset,
    overrides: Overrides | None,
) -> Account:
    """Return the components of the leg of that index; see :class:`Account`."""
    aircraft = legs.fleet[legs.aircraft[index]]
    km, cabin = legs.great_circle_km[index : index + 1], int(legs.cabin[index])
    if aircraft is None:
        return tim_account.mix_account(fly_mix(km, data, overrides), float(km[0]), cabin, data)
    plan = profile(aircraft, data, overrides)
    return tim_account.aircraft_account(plan, fly_profile(plan, km, data), cabin, data, overrides)

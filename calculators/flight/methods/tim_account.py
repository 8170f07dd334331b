"""How is one leg of the Travel Impact Model told: its notes, its factors, its components?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.fuel import curves
from calculators.flight.methods.account import Account, Detail, Term, cited
from calculators.flight.methods.inputs import given, great_circle
from calculators.flight.methods.numbers import show
from calculators.flight.seats import CABINS
from calculators.sources import Factor

if TYPE_CHECKING:
    from calculators.flight.allocation import Mixed, Profile
    from calculators.flight.datasets import Dataset
    from calculators.flight.methods.figures import Explanation
    from calculators.flight.methods.tim_steps import Single
    from calculators.flight.overrides import Overrides


_TOUCH: Final = 1e-12  # a ratio this near to one is one


def notes(plan: Profile, cabin: int) -> tuple[str, ...]:
    """Return codes of what a reader should be told about an aircraft and a cabin."""
    found = []
    if plan.seats.counts[cabin] == 0:
        found.append("seating_assumed")
    if plan.curve.source == "FALLBACK":
        found.append("aircraft_fallback")
    if plan.aircraft.fuel_factor != 1:
        found.append("winglet_factor")
    return tuple(found)


def _or_given(name: str, data: Dataset, overrides: Overrides | None) -> Factor:
    value = getattr(overrides, name, None)
    if value is None:
        return data.parameters[name].factor()
    return given(name, value, "1")


def _cargo_factor(value: float, suffix: str, data: Dataset, overrides: Overrides | None) -> Factor:
    name = f"cargo_mass_fraction{suffix}"
    if overrides and overrides.cargo_mass_fraction is not None:
        return given(name, value, "1")
    return data.sources["dray"].factor(name, round(value, 6), "1", "modelled")


def _constants(data: Dataset, *names: str) -> tuple[Factor, ...]:
    return tuple(data.parameters[name].factor() for name in names)


def _around(  # noqa: PLR0917 - what every leg has, and what only this one
    km: float,
    own: tuple[Factor, ...],
    u_fuel: Factor,
    data: Dataset,
    overrides: Overrides | None,
    icao: str = "",
) -> tuple[Factor, ...]:
    """Return the numbers of a leg with those that every leg has."""
    shares = () if overrides and overrides.cargo_mass_fraction is not None else ("passenger_mass",)
    given = (overrides and overrides.seats) or icao in data.seat_maps
    seats = () if given else ("u_seats",)
    return (
        great_circle(km, data, overrides),
        _or_given("distance_factor", data, overrides),
        *_constants(data, "lto_distance"),
        *own,
        *_constants(data, *shares),
        _or_given("load_factor", data, overrides),
        *_constants(data, "wtt_factor", "ttw_factor"),
        u_fuel,
        *_constants(data, "u_cargo_mass_fraction", "u_load_factor", *seats),
    )


def _held(flight: Single, data: Dataset, overrides: Overrides | None) -> tuple[Factor, ...]:
    if overrides and overrides.cargo_mass_fraction is not None:
        return ()
    held = round(flight.held, 6)
    return (data.sources["dray"].factor("hold_load_factor", held, "1", "modelled"),)


def _fuel_factors(
    flight: Single, suffix: str, data: Dataset, overrides: Overrides | None
) -> tuple[Factor, ...]:
    """Return the fuel of a flight and its two parts."""
    curve, aircraft = flight.plan.curve, flight.plan.aircraft
    parts = (
        ("fuel_burn", flight.fuel_kg),
        ("fuel_ccd", flight.ccd_kg),
        ("fuel_lto", curve.lto_kg),
    )
    if curve.source == "GIVEN":
        burnt = [given(name + suffix, round(kg, 3), "kg") for name, kg in parts]
        known = {"fuel_ccd": "fuel_knots", "fuel_lto": "lto_kg"}
        # What was not given keeps its own source, for example the table beside a given LTO.
        for place, (name, override) in enumerate(known.items(), start=1):
            if getattr(overrides, override, None) is None:
                own = curves(data)[aircraft.type.icao]
                burnt[place] = data.sources[own.source_id].factor(
                    name + suffix, round(parts[place][1], 3), "kg", "modelled", own.version
                )
    else:
        source = data.sources[curve.source_id]
        burnt = [
            source.factor(name + suffix, round(kg, 3), "kg", "modelled", curve.version)
            for name, kg in parts
        ]
    if aircraft.fuel_factor != 1:
        winglets = data.sources["tim"].factor("winglet_factor", aircraft.fuel_factor, "1")
        burnt.append(winglets)
    return tuple(burnt)


def _hold_factors(
    flight: Single, suffix: str, data: Dataset, overrides: Overrides | None
) -> tuple[Factor, ...]:
    """Return what the cargo share of a flight is computed from."""
    share = _cargo_factor(flight.cargo_fraction, suffix, data, overrides)
    if overrides and overrides.cargo_mass_fraction is not None:
        return (share,)
    payload = flight.plan.aircraft.type.max_payload_kg
    source = data.sources["ps" if payload else "own"]
    return (
        source.factor(f"max_payload{suffix}", payload, "kg"),
        share,
    )


def _seat_factor(plan: Profile, suffix: str, data: Dataset, overrides: Overrides | None) -> Factor:
    name = f"seats{suffix}"
    if overrides and overrides.seats:
        return given(name, str(plan.seats), "seats")
    basis = plan.aircraft.type.seats_basis
    if basis == "operator":
        return data.sources[basis].factor(name, str(plan.seats), "seats", "primary")
    source = "fleet" if basis == "fleet median" else "own"
    return data.sources[source].factor(name, str(plan.seats), "seats")


def by_route(told: Explanation, data: Dataset) -> Explanation:
    """Return an account whose distance factor is an operator's for the route."""
    return replace(
        told,
        provenance=tuple(
            data.sources["operator"].factor(one.factor, one.value, one.unit, "modelled")
            if one.factor == "distance_factor"
            else one
            for one in told.provenance
        ),
    )


def _weight_text(weight: tuple[float, ...]) -> str:
    return " ".join(f"{cabin} {show(w)}" for cabin, w in zip(CABINS, weight, strict=True))


def aircraft_factors(
    flight: Single, km: float, data: Dataset, overrides: Overrides | None
) -> tuple[Factor, ...]:
    """Return the numbers behind a leg whose aircraft is named."""
    plan, own = flight.plan, data.sources["own"]
    raised = round(flight.running_maximum, 6)
    return _around(
        km,
        (
            *_fuel_factors(flight, "", data, overrides),
            *_held(flight, data, overrides),
            *_hold_factors(flight, "", data, overrides),
            own.factor("running_maximum", raised, "1", "modelled"),
            _seat_factor(plan, "", data, overrides),
            data.sources["rp1726"].factor("cabin_weights", _weight_text(plan.weights), "1"),
        ),
        own.factor("u_fuel", plan.aircraft.type.fuel_uncertainty, "1"),
        data,
        overrides,
        plan.aircraft.type.icao,
    )


def mix_factors(
    mixed: Mixed,
    km: float,
    flights: dict[str, tuple[Single, ...]],
    data: Dataset,
    overrides: Overrides | None,
) -> tuple[Factor, ...]:
    """Return the numbers behind a leg that the fleet mix flies, type by type."""
    own = data.sources["own"]
    types = " / ".join(
        " ".join(one.plan.aircraft.type.icao for one in half) for half in flights.values()
    )
    narrow, wide = (_weight_text(half[0].plan.weights) for half in flights.values())
    share = float(mixed.share[0])
    weighed = [*(flights["short"] if share < 1 else ()), *(flights["long"] if share > 0 else ())]
    return _around(
        km,
        (
            own.factor("fleet_mix", types, "types"),
            *_constants(data, "mix_short_until", "mix_long_from"),
            own.factor("long_haul_share", round(share, 6), "1", "modelled"),
            data.sources["ps"].factor(
                "fuel_burn", round(float(mixed.fuel_kg[0]), 3), "kg", "modelled"
            ),
            _cargo_factor(float(mixed.cargo_fraction[0]), "", data, overrides),
            *_held(weighed[0], data, overrides),
            *(line for one in weighed for line in _member(one, data, overrides)),
            data.sources["rp1726"].factor("cabin_weights", f"{narrow} / {wide}", "1"),
        ),
        data.parameters["u_fuel_mix"].factor(),
        data,
        overrides,
    )


def _member(flight: Single, data: Dataset, overrides: Overrides | None) -> tuple[Factor, ...]:
    suffix = f"_{flight.plan.aircraft.type.icao}"
    return (
        *_fuel_factors(flight, suffix, data, overrides),
        *_hold_factors(flight, suffix, data, overrides),
        _seat_factor(flight.plan, suffix, data, overrides),
    )


def aircraft_account(
    flight: Single, km: float, cabin: int, data: Dataset, overrides: Overrides | None
) -> Account:
    """Return the components of a leg whose aircraft is named."""
    plan, far = flight.plan, km * flight.plan.distance_factor
    factors = aircraft_factors(flight, km, data, overrides)
    told = {factor.factor: factor for factor in factors}

    def term(name: str, value: float, *notes: str) -> Term:
        return Term(value, f"{told[name].source}, {told[name].version}", notes)

    raised = ("running_maximum",) if flight.running_maximum > 1 + _TOUCH else ()
    share = flight.passenger_kg / flight.fuel_kg
    return _account(
        {
            "distance": term("distance_factor", far),
            "fuel": term("fuel_burn", flight.fuel_kg / far),
            "cargo": term("cargo_mass_fraction", share, *raised),
            "seats": term("seats", plan.capacity, "seats_as_economy"),
            "load": term("load_factor", plan.load_factor),
            "cabin": term("cabin_weights", plan.weights[cabin]),
        },
        data,
    )


def mix_account(mixed: Mixed, km: float, cabin: int, data: Dataset) -> Account:
    """Return the components of a leg that the fleet mix flies: effective values."""
    far, fuel = km * mixed.short.distance_factor, float(mixed.fuel_kg[0])
    economy, seat = (float(mixed.seat_fuel_kg(np.array([number]))[0]) for number in (0, cabin))
    share = 1 - float(mixed.cargo_fraction[0])
    tim, ps, dray, fleet, rp1726 = (
        cited(data.sources[name]) for name in ("tim", "ps", "dray", "fleet", "rp1726")
    )
    blended = "fleet_mix"
    return _account(
        {
            "distance": Term(far, tim),
            "fuel": Term(fuel / far, ps, (blended,)),
            "cargo": Term(share, dray, (blended,)),
            "seats": Term(fuel * share / economy, fleet, (blended, "seats_as_economy")),
            "load": Term(mixed.short.load_factor, tim),
            "cabin": Term(seat / economy, rp1726, (blended,)),
        },
        data,
    )


def _account(own: dict[str, Term], data: Dataset) -> Account:
    corsia, tim = cited(data.sources["corsia"]), cited(data.sources["tim"])
    absent = ("not_counted",)
    return Account(
        Detail.FUEL,
        {
            **own,
            "combustion": Term(data.value("ttw_factor"), corsia),
            "well_to_tank": Term(data.value("wtt_factor"), corsia),
            "non_co2": Term(1.0, tim, ("beside",)),
            "other": Term(0.0, tim, absent),
            "rounding": Term(0.0, tim),
        },
    )

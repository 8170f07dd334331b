"""How is one leg of the Travel Impact Model told: its notes, its steps, its factors?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from calculators.flight.allocation import mix_members
from calculators.flight.methods.account import Account, Detail, Term, cited
from calculators.flight.methods.numbers import show, step
from calculators.flight.seats import CABINS
from calculators.sources import Factor

if TYPE_CHECKING:
    from calculators.flight.allocation import Flown, Mixed, Profile
    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides
    from calculators.sources import Step


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


def running_maximum(flown: Flown) -> float:
    """Return the factor by which the running maximum raises the passengers' fuel."""
    return float(flown.passenger_kg[0] / (flown.fuel_kg[0] * (1 - flown.cargo_fraction[0])))


def aircraft_steps(
    plan: Profile, flown: Flown, km: float, cabin: int, data: Dataset
) -> tuple[Step, ...]:
    """Return the arithmetic of a leg whose aircraft is named."""
    nm, ccd, fuel = (float(a[0]) for a in (flown.ccd_nm, flown.ccd_kg, flown.fuel_kg))
    far, carried = float(flown.flown_km[0]), float(flown.passenger_kg[0])
    cargo, raised = float(flown.cargo_fraction[0]), running_maximum(flown)
    weight = plan.weights[cabin]
    seat = carried / plan.capacity * weight
    factor, lto = plan.distance_factor, plan.curve.lto_kg
    counted = " + ".join(
        f"{count} × {show(w)}" for count, w in zip(plan.seats.counts, plan.weights, strict=True)
    )
    return (
        step("great_circle", "2R asin √h", f"R = 6371.0088 km → {show(km, 3)}", km, "km"),
        step("flown", "d × DAF", f"{show(km, 3)} × {show(factor)}", far, "km"),
        step("ccd_distance", "flown ÷ 1.852 − 17", f"{show(far, 3)} ÷ 1.852 − 17", nm, "NM"),
        step(
            "ccd_fuel",
            "table(type, NM)",
            f"{plan.aircraft.type.icao} at {show(nm, 1)} NM",
            ccd,
            "kg",
        ),
        step("fuel", "CCD + LTO", f"{show(ccd, 1)} + {show(lto, 1)}", fuel, "kg"),
        step(
            "passenger_fuel",
            "fuel × (1 − CMF) × running maximum",
            f"{show(fuel, 1)} × (1 − {show(cargo)}) × {show(raised)}",
            carried,
            "kg",
        ),
        step("capacity", "Σ seats × weight", counted, plan.capacity, "economy seats"),
        step(
            "seat_fuel",
            "passengers' fuel ÷ capacity × cabin weight",
            f"{show(carried, 1)} ÷ {show(plan.capacity)} × {show(weight)}",
            seat,
            "kg",
        ),
        *_last_steps(seat, plan.load_factor, data),
    )


def _last_steps(seat: float, load_factor: float, data: Dataset) -> tuple[Step, ...]:
    fuel = seat / load_factor
    wtt, ttw = data.value("wtt_factor"), data.value("ttw_factor")
    return (
        step("traveller_fuel", "÷ load factor", f"{show(seat)} ÷ {show(load_factor)}", fuel, "kg"),
        step("wtt", "fuel × WTT", f"{show(fuel)} × {show(wtt)}", fuel * wtt, "kg CO2e"),
        step("ttw", "fuel × TTW", f"{show(fuel)} × {show(ttw)}", fuel * ttw, "kg CO2e"),
        step(
            "wtw",
            "WTT + TTW",
            f"{show(fuel * wtt)} + {show(fuel * ttw)}",
            fuel * wtt + fuel * ttw,
            "kg CO2e",
        ),
    )


def mix_steps(mixed: Mixed, km: float, cabin: int, data: Dataset) -> tuple[Step, ...]:
    """Return the arithmetic of a leg that the fleet mix flies."""
    share, fuel = float(mixed.share[0]), float(mixed.fuel_kg[0])
    factor = mixed.short.distance_factor
    halves = [(one, float(one.passenger_kg[0])) for one in (mixed.short, mixed.long)]
    seats = [carried / one.capacity * float(one.weights[cabin]) for one, carried in halves]
    seat = (1 - share) * seats[0] + share * seats[1]
    return (
        step("great_circle", "2R asin √h", f"R = 6371.0088 km → {show(km, 3)}", km, "km"),
        step("flown", "d × DAF", f"{show(km, 3)} × {show(factor)}", km * factor, "km"),
        step(
            "long_haul_share",
            "s = 3x² − 2x³, x = (d − 1500) ÷ 6500 within 0 and 1",
            f"d = {show(km, 3)}",
            share,
            "1",
        ),
        step(
            "fuel",
            "(1 − s) short + s long",
            f"(1 − {show(share)}) × {show(float(mixed.short.fuel_kg[0]), 1)}"
            f" + {show(share)} × {show(float(mixed.long.fuel_kg[0]), 1)}",
            fuel,
            "kg",
        ),
        *(
            step(
                f"seat_fuel_{name}",
                "Σ passengers' fuel ÷ Σ capacity × cabin weight",
                f"{show(carried, 1)} ÷ {show(one.capacity)} × {show(float(one.weights[cabin]))}",
                per_seat,
                "kg",
            )
            for name, (one, carried), per_seat in zip(("short", "long"), halves, seats, strict=True)
        ),
        step(
            "seat_fuel",
            "(1 − s) short + s long",
            f"(1 − {show(share)}) × {show(seats[0])} + {show(share)} × {show(seats[1])}",
            seat,
            "kg",
        ),
        *_last_steps(seat, mixed.short.load_factor, data),
    )


def _given_by_traveller(name: str, value: float | str, unit: str) -> Factor:
    return Factor(name, value, unit, "Given with the question", "as given", "primary")


def _or_given(name: str, data: Dataset, overrides: Overrides | None) -> Factor:
    value = getattr(overrides, name, None)
    if value is None:
        return data.parameters[name].factor()
    return _given_by_traveller(name, value, "1")


def _cargo_factor(value: float, data: Dataset, overrides: Overrides | None) -> Factor:
    if overrides and overrides.cargo_mass_fraction is not None:
        return _given_by_traveller("cargo_mass_fraction", value, "1")
    return data.sources["dray"].factor("cargo_mass_fraction", round(value, 6), "1", "modelled")


def _constant_factors(data: Dataset) -> tuple[Factor, ...]:
    return tuple(data.parameters[name].factor() for name in ("wtt_factor", "ttw_factor"))


def _fuel_factor(plan: Profile, flown: Flown, data: Dataset) -> Factor:
    value = round(float(flown.fuel_kg[0]), 3)
    if plan.curve.source == "GIVEN":
        return _given_by_traveller("fuel_burn", value, "kg")
    source = data.sources[plan.curve.source_id]
    return source.factor("fuel_burn", value, "kg", "modelled", plan.curve.version)


def _seat_factor(plan: Profile, data: Dataset, overrides: Overrides | None) -> Factor:
    if overrides and overrides.seats:
        return _given_by_traveller("seats", str(plan.seats), "seats")
    source = "fleet" if plan.aircraft.type.seats_basis == "fleet median" else "own"
    return data.sources[source].factor("seats", str(plan.seats), "seats")


def _weight_text(weight: tuple[float, ...]) -> str:
    return " ".join(f"{cabin} {show(w)}" for cabin, w in zip(CABINS, weight, strict=True))


def aircraft_factors(
    plan: Profile, flown: Flown, data: Dataset, overrides: Overrides | None
) -> tuple[Factor, ...]:
    """Return the numbers behind a leg whose aircraft is named."""
    return (
        _or_given("distance_factor", data, overrides),
        _fuel_factor(plan, flown, data),
        _cargo_factor(float(flown.cargo_fraction[0]), data, overrides),
        data.sources["own"].factor(
            "running_maximum", round(running_maximum(flown), 6), "1", "modelled"
        ),
        _seat_factor(plan, data, overrides),
        data.sources["rp1726"].factor("cabin_weights", _weight_text(plan.weights), "1", "default"),
        _or_given("load_factor", data, overrides),
        *_constant_factors(data),
    )


def mix_factors(mixed: Mixed, data: Dataset, overrides: Overrides | None) -> tuple[Factor, ...]:
    """Return the numbers behind a leg that the fleet mix flies."""
    short, long = (" ".join(member.type.icao for member in half) for half in mix_members(data))
    seats = f"{mixed.short.seats} in {short}; {mixed.long.seats} in {long}"
    narrow, wide = (_weight_text(tuple(one.weights.tolist())) for one in (mixed.short, mixed.long))
    fuel, cargo = round(float(mixed.fuel_kg[0]), 3), float(mixed.cargo_fraction[0])
    share = round(float(mixed.share[0]), 6)
    return (
        _or_given("distance_factor", data, overrides),
        data.sources["own"].factor("fleet_mix", f"{short} / {long}", "types", "default"),
        data.sources["own"].factor("long_haul_share", share, "1", "modelled"),
        data.sources["ps"].factor("fuel_burn", fuel, "kg", "modelled"),
        _cargo_factor(cargo, data, overrides),
        data.sources["fleet"].factor("seats", seats, "seats", "default"),
        data.sources["rp1726"].factor("cabin_weights", f"{narrow} / {wide}", "1", "default"),
        _or_given("load_factor", data, overrides),
        *_constant_factors(data),
    )


def aircraft_account(
    plan: Profile, flown: Flown, cabin: int, data: Dataset, overrides: Overrides | None
) -> Account:
    """Return the components of a leg whose aircraft is named."""
    far, fuel = float(flown.flown_km[0]), float(flown.fuel_kg[0])
    told = {factor.factor: factor for factor in aircraft_factors(plan, flown, data, overrides)}

    def term(name: str, value: float, *notes: str) -> Term:
        return Term(value, f"{told[name].source}, {told[name].version}", notes)

    raised = ("running_maximum",) if running_maximum(flown) > 1 + _TOUCH else ()
    return _account(
        {
            "distance": term("distance_factor", far),
            "fuel": term("fuel_burn", fuel / far),
            "cargo": term("cargo_mass_fraction", float(flown.passenger_kg[0]) / fuel, *raised),
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

"""By which lines of arithmetic does the Travel Impact Model reach the figure of one leg?

Each line can be redone from the numbers it prints; computed numbers are printed with eight digits,
so that the last line comes out to the gram.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calculators.flight.allocation import mix_members, profile, sheet
from calculators.flight.cargo import hold_load_factor
from calculators.flight.methods.numbers import precise, show, step, whole_grams
from calculators.uncertainty import Z90

if TYPE_CHECKING:
    from calculators.flight.allocation import Flown, Mixed, Profile
    from calculators.flight.datasets import Dataset
    from calculators.flight.overrides import Overrides
    from calculators.sources import Step


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """One flight of one aircraft, as plain numbers.

    Attributes
    ----------
    plan : Profile
        The aircraft.
    ccd_nm, ccd_kg, fuel_kg, cargo_fraction, passenger_kg : float
        As in :class:`Flown`.
    held : float
        Share of the hold that is used at the distance [0-1].
    """

    plan: Profile
    ccd_nm: float
    ccd_kg: float
    fuel_kg: float
    cargo_fraction: float
    passenger_kg: float
    held: float

    @property
    def running_maximum(self) -> float:
        """Factor by which the running maximum raises the passengers' fuel."""
        return self.passenger_kg / (self.fuel_kg * (1 - self.cargo_fraction))


def single(plan: Profile, flown: Flown, km: float, data: Dataset) -> Single:
    """Return a flight of a named aircraft as plain numbers."""
    return Single(
        plan,
        float(flown.ccd_nm[0]),
        float(flown.ccd_kg[0]),
        float(flown.fuel_kg[0]),
        float(flown.cargo_fraction[0]),
        float(flown.passenger_kg[0]),
        float(hold_load_factor(np.array([km]), data)[0]),
    )


def members(km: float, data: Dataset, overrides: Overrides | None) -> dict[str, tuple[Single, ...]]:
    """Return the flights of the fleet mix, by half."""
    halves = mix_members(data)
    plans = tuple(profile(one, data, overrides) for half in halves for one in half)
    flown = sheet(plans, data).fly(np.arange(len(plans))[:, None], np.array([km]))
    held = float(hold_load_factor(np.array([km]), data)[0])
    ccd_nm = float(flown.ccd_nm[0])
    singles = [
        Single(plan, ccd_nm, ccd_kg, fuel_kg, cargo, carried, held)
        for plan, ccd_kg, fuel_kg, cargo, carried in zip(
            plans,
            flown.ccd_kg[:, 0].tolist(),
            flown.fuel_kg[:, 0].tolist(),
            flown.cargo_fraction[:, 0].tolist(),
            flown.passenger_kg[:, 0].tolist(),
            strict=True,
        )
    ]
    count = len(halves[0])
    return {"short": tuple(singles[:count]), "long": tuple(singles[count:])}


def _way(km: float, plan: Profile, ccd_nm: float) -> tuple[Step, ...]:
    far, factor = km * plan.distance_factor, show(plan.distance_factor)
    told = f"{precise(far)} ÷ 1.852 − {show(plan.lto_nm)}"
    return (
        step("great_circle", "2R asin √h", f"R = 6371.0088 km → {show(km, 3)}", km, "km"),
        step("flown", "d × DAF", f"{show(km, 3)} × {factor}", far, "km"),
        step("ccd_distance", "flown ÷ 1.852 − LTO", told, ccd_nm, "NM"),
    )


def _cargo(flight: Single, suffix: str, data: Dataset) -> tuple[Step, ...]:
    plan, mass = flight.plan, data.value("passenger_mass")
    if plan.cargo_given is not None:
        return ()
    payload, seats = plan.aircraft.type.max_payload_kg, plan.seats.total
    cargo = flight.held * plan.hold_kg
    return (
        step(
            f"cargo{suffix}",
            "hold share × max(0, payload − 100 × seats)",
            f"{precise(flight.held)} × max(0, {show(payload)} − {show(mass)} × {seats})",
            cargo,
            "kg",
        ),
        step(
            f"passengers{suffix}",
            "seats × load factor × 100",
            f"{seats} × {show(plan.load_factor)} × {show(mass)}",
            plan.passengers_kg,
            "kg",
        ),
        step(
            f"cargo_mass_fraction{suffix}",
            "cargo ÷ (cargo + passengers)",
            f"{precise(cargo)} ÷ ({precise(cargo)} + {precise(plan.passengers_kg)})",
            flight.cargo_fraction,
            "1",
        ),
    )


def _flight(flight: Single, suffix: str, data: Dataset) -> tuple[Step, ...]:
    plan = flight.plan
    icao, share = plan.aircraft.type.icao, precise(flight.cargo_fraction)
    counted = " + ".join(
        f"{count} × {show(w)}" for count, w in zip(plan.seats.counts, plan.weights, strict=True)
    )
    return (
        step(
            f"ccd_fuel{suffix}",
            "table(type, NM)",
            f"{icao} at {precise(flight.ccd_nm)} NM → {precise(flight.ccd_kg)}",
            flight.ccd_kg,
            "kg",
        ),
        step(
            f"fuel{suffix}",
            "CCD + LTO",
            f"{precise(flight.ccd_kg)} + {precise(plan.curve.lto_kg)}",
            flight.fuel_kg,
            "kg",
        ),
        *_cargo(flight, suffix, data),
        step(
            f"passenger_fuel{suffix}",
            "fuel × (1 − CMF) × running maximum",
            f"{precise(flight.fuel_kg)} × (1 − {share}) × {precise(flight.running_maximum)}",
            flight.passenger_kg,
            "kg",
        ),
        step(f"capacity{suffix}", "Σ seats × weight", counted, plan.capacity, "economy seats"),
    )


def _last(seat: float, load_factor: float, data: Dataset) -> tuple[Step, ...]:
    fuel = seat / load_factor
    wtt, ttw = data.value("wtt_factor"), data.value("ttw_factor")
    told = precise(fuel)
    upstream, burnt = whole_grams(fuel * wtt), whole_grams(fuel * ttw)  # as the answer adds them
    return (
        step(
            "traveller_fuel",
            "÷ load factor",
            f"{precise(seat)} ÷ {show(load_factor)}",
            fuel,
            "kg",
        ),
        step("wtt", "fuel × WTT", f"{told} × {show(wtt)}", upstream, "kg CO2e"),
        step("ttw", "fuel × TTW", f"{told} × {show(ttw)}", burnt, "kg CO2e"),
        step(
            "wtw",
            "WTT + TTW",
            f"{precise(upstream)} + {precise(burnt)}",
            upstream + burnt,
            "kg CO2e",
        ),
    )


def range_steps(
    figure: float, uncertainty: float, parts: tuple[float, float, float, float], data: Dataset
) -> tuple[Step, ...]:
    """Return the arithmetic of the 90 % range.

    Parameters
    ----------
    figure : float
        The figure of one traveller [kg CO2e].
    uncertainty : float
        Its relative standard uncertainty [1].
    parts : tuple of float
        Uncertainty of the fuel [1], cargo mass fraction [1], load factor [1], uncertainty of the
        seats [1].
    data : Dataset
        The data set.
    """
    fuel, cargo, taken, seats = parts
    u_cargo, u_taken = data.value("u_cargo_mass_fraction"), data.value("u_load_factor")
    told = (
        f"√({show(fuel)}² + ({show(u_cargo)} ÷ (1 − {precise(cargo)}))²"
        f" + ({show(u_taken)} ÷ {show(taken)})² + {show(seats)}²)"
    )
    formula = "√(u fuel² + (u CMF ÷ (1 − CMF))² + (u load ÷ load)² + u seats²)"
    wide = Z90 * uncertainty
    return (
        step("uncertainty", formula, told, uncertainty, "1"),
        *(
            step(
                name,
                f"figure × (1 {sign} 1.645 u), not below 0",
                f"max(0, {precise(figure)} × (1 {sign} {Z90} × {precise(uncertainty)}))",
                max(0.0, figure * (1 + way * wide)),
                "kg CO2e",
            )
            for name, sign, way in (("low", "−", -1), ("high", "+", 1))
        ),
    )


def aircraft_steps(flight: Single, km: float, cabin: int, data: Dataset) -> tuple[Step, ...]:
    """Return the arithmetic of a leg whose aircraft is named."""
    plan, weight = flight.plan, flight.plan.weights[cabin]
    seat = flight.passenger_kg / plan.capacity * weight
    return (
        *_way(km, plan, flight.ccd_nm),
        *_flight(flight, "", data),
        step(
            "seat_fuel",
            "passengers' fuel ÷ capacity × cabin weight",
            f"{precise(flight.passenger_kg)} ÷ {show(plan.capacity)} × {show(weight)}",
            seat,
            "kg",
        ),
        *_last(seat, plan.load_factor, data),
    )


def _half_steps(
    name: str, flights: tuple[Single, ...], cabin: int, seat: float, data: Dataset
) -> tuple[Step, ...]:
    """Return the arithmetic of one half of the mix, down to its fuel per seat."""
    weight = show(flights[0].plan.weights[cabin])
    carried = " + ".join(precise(one.passenger_kg) for one in flights)
    capacity = " + ".join(show(one.plan.capacity) for one in flights)
    lines = [
        line for one in flights for line in _flight(one, f"_{one.plan.aircraft.type.icao}", data)
    ]
    return (
        *lines,
        step(
            f"seat_fuel_{name}",
            "Σ passengers' fuel ÷ Σ capacity × cabin weight",
            f"({carried}) ÷ ({capacity}) × {weight}",
            seat,
            "kg",
        ),
    )


def mix_steps(
    mixed: Mixed,
    km: float,
    cabin: int,
    flights: dict[str, tuple[Single, ...]],
    data: Dataset,
) -> tuple[Step, ...]:
    """Return the arithmetic of a leg that the fleet mix flies; a half without weight is left out.

    Parameters
    ----------
    mixed : Mixed
        The mix over the distance.
    km : float
        Great-circle distance [km].
    cabin : int
        Index into ``seats.CABINS``.
    flights : dict
        As :func:`members` returns them.
    data : Dataset
        The data set.
    """
    share, fuel = float(mixed.share[0]), float(mixed.fuel_kg[0])
    first = flights["short"][0]
    groups = {"short": mixed.short, "long": mixed.long}
    seats = {
        name: float(one.passenger_kg[0]) / one.capacity * float(one.weights[cabin])
        for name, one in groups.items()
    }
    seat = (1 - share) * seats["short"] + share * seats["long"]
    flying = [name for name, weight in (("short", 1 - share), ("long", share)) if weight > 0]
    means = {
        name: f"({' + '.join(precise(one.fuel_kg) for one in half)}) ÷ {len(half)}"
        for name, half in flights.items()
    }
    start, end = data.value("mix_short_until"), data.value("mix_long_from")
    x = min(max((km - start) / (end - start), 0.0), 1.0)
    return (
        *_way(km, first.plan, first.ccd_nm),
        step(
            "on_the_way",
            "x = (d − 1500) ÷ 6500 within 0 and 1",
            f"min(1, max(0, ({show(km, 3)} − {show(start)}) ÷ ({show(end)} − {show(start)})))",
            x,
            "1",
        ),
        step(
            "long_haul_share", "s = 3x² − 2x³", f"3 × {precise(x)}² − 2 × {precise(x)}³", share, "1"
        ),
        *(
            line
            for name in flying
            for line in _half_steps(name, flights[name], cabin, seats[name], data)
        ),
        _blend("fuel", share, {name: means[name] for name in flying}, fuel),
        _blend("seat_fuel", share, {name: precise(seats[name]) for name in flying}, seat),
        *_last(seat, mixed.short.load_factor, data),
    )


def _blend(name: str, share: float, halves: dict[str, str], value: float) -> Step:
    """Return the blend of the halves that fly, one or both."""
    s = precise(share)
    weights = {"short": f"(1 − {s}) × ", "long": f"{s} × "} if len(halves) > 1 else {}
    told = " + ".join(f"{weights.get(half, '')}{number}" for half, number in halves.items())
    return step(name, "(1 − s) × short + s × long", told, value, "kg")

"""What are the steps, factors, units and remarks of an estimate called?

A calculator's code may end in the type of an aircraft, such as ``fuel_A333``: the words are those
of the code, and the type follows.
"""

import re
from collections.abc import Mapping
from typing import Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_TYPED: Final = re.compile(r"(?P<code>.+)_(?P<type>[A-Z][A-Z0-9]{2,3})")

STEPS: Final = {
    "great_circle": _l("Shortest way over the sphere"),
    "flown": _l("Distance flown, detours included"),
    "ccd_distance": _l("Distance of climb, cruise and descent"),
    "ccd_fuel": _l("Fuel of climb, cruise and descent"),
    "fuel": _l("Fuel of the whole aircraft"),
    "fuel_short": _l("Fuel of the whole aircraft, short haul"),
    "fuel_long": _l("Fuel of the whole aircraft, long haul"),
    "cargo": _l("Cargo carried"),
    "passengers": _l("Passengers carried, with their bags"),
    "cargo_mass_fraction": _l("Share of cargo by mass"),
    "passenger_fuel": _l("Fuel that the passengers carry"),
    "capacity": _l("Seats, counted by their floor area"),
    "on_the_way": _l("How far from short to long haul"),
    "long_haul_share": _l("Weight of the long-haul types in the fleet mix"),
    "seat_fuel_short": _l("Fuel a seat, short-haul types"),
    "seat_fuel_long": _l("Fuel a seat, long-haul types"),
    "seat_fuel": _l("Fuel a seat of this cabin"),
    "traveller_fuel": _l("Fuel a traveller, empty seats shared"),
    "with_rf": _l("Burning the fuel, with non-CO₂ effects"),
    "without_rf": _l("Burning the fuel, without non-CO₂ effects"),
    "use": _l("Fuel and its production"),
    "contrails": _l("Contrails"),
    "hours": _l("Hours of flight"),
    "wtt": _l("Extracting and refining the fuel"),
    "ttw": _l("Burning the fuel in flight"),
    "wtw": _l("Both together"),
    "rounded": _l("Rounded as the method does"),
    "total": _l("Result of the method"),
    "uncertainty": _l("Uncertainty, one standard deviation"),
    "low": _l("Low end, 9 in 10"),
    "high": _l("High end, 9 in 10"),
}
FACTORS: Final = {
    "great_circle": _l("Shortest way over the sphere"),
    "distance_factor": _l("Detours, times the shortest way"),
    "detour": _l("Detour added"),
    "lto_distance": _l("Distance flown in take-off and landing"),
    "fleet_mix": _l("Types in the fleet mix, short haul / long haul"),
    "mix_short_until": _l("Short-haul types alone up to"),
    "mix_long_from": _l("Long-haul types alone from"),
    "long_haul_share": _l("Weight of the long-haul types"),
    "fuel_burn": _l("Fuel of the whole aircraft"),
    "fuel_ccd": _l("Fuel of climb, cruise and descent"),
    "fuel_lto": _l("Fuel of take-off and landing"),
    "hold_load_factor": _l("Part of the hold that is filled"),
    "max_payload": _l("Greatest load"),
    "passenger_mass": _l("Mass of a passenger with bags"),
    "cargo_mass_fraction": _l("Share of cargo by mass"),
    "running_maximum": _l("Correction so that a longer flight never emits less"),
    "seats": _l("Seats"),
    "seats_short": _l("Seats, short haul"),
    "seats_long": _l("Seats, long haul"),
    "cabin_weights": _l("How much floor a seat takes"),
    "cabin_factor": _l("Factor of the cabin"),
    "cabin_weight_short": _l("Weight of the cabin, short haul"),
    "cabin_weight_long": _l("Weight of the cabin, long haul"),
    "load_factor": _l("Seats that are taken"),
    "load_factor_short": _l("Seats that are taken, short haul"),
    "load_factor_long": _l("Seats that are taken, long haul"),
    "cargo_factor_short": _l("Share of cargo, short haul"),
    "cargo_factor_long": _l("Share of cargo, long haul"),
    "passenger_share": _l("Share of the passengers"),
    "haul": _l("Kind of flight in the published table"),
    "with_rf": _l("Burning the fuel, with non-CO₂ effects"),
    "without_rf": _l("Burning the fuel, without non-CO₂ effects"),
    "wtt": _l("Extracting and refining the fuel"),
    "use": _l("Fuel and its production"),
    "contrails": _l("Contrails"),
    "a_short": _l("Fuel curve a, short haul"),
    "b_short": _l("Fuel curve b, short haul"),
    "c_short": _l("Fuel curve c, short haul"),
    "a_long": _l("Fuel curve a, long haul"),
    "b_long": _l("Fuel curve b, long haul"),
    "c_long": _l("Fuel curve c, long haul"),
    "emission_factor": _l("CO₂ of burning fuel"),
    "multiplier": _l("Non-CO₂ effects, times CO₂"),
    "preproduction": _l("Production of the fuel"),
    "aircraft_factor": _l("Building the aircraft"),
    "airport": _l("Running the airports"),
    "co2_per_fuel": _l("CO₂ of burning fuel"),
    "on_board": _l("People on board"),
    "gallons_per_hour": _l("Fuel an hour"),
    "block_speed": _l("Speed from gate to gate"),
    "litres_per_gallon": _l("Litres in a US gallon"),
    "kerosene_density": _l("Density of kerosene"),
    "wtt_factor": _l("Extracting and refining"),
    "ttw_factor": _l("Burning in flight"),
    "u_fuel": _l("Uncertainty of the fuel"),
    "u_fuel_mix": _l("Uncertainty of the fuel, aircraft unknown"),
    "u_cargo_mass_fraction": _l("Uncertainty of the share of cargo"),
    "u_load_factor": _l("Uncertainty of the seats taken"),
    "u_seats": _l("Uncertainty of the seating"),
}
# Symbols such as kg and km stay as they are in every language.
UNITS: Final = {
    "seats": _l("seats"),
    "economy seats": _l("economy seats"),
    "types": _l("types"),
    "people": _l("people"),
    "class": "",
    "kg fuel": _l("kg fuel"),
    "kg fuel per km": _l("kg fuel per km"),
    "kg fuel per km²": _l("kg fuel per km²"),
    "kg CO2 per kg fuel": _l("kg CO₂ per kg fuel"),
    "kg CO2e per kg fuel": _l("kg CO₂e per kg fuel"),
    "kg CO2e per passenger-km": _l("kg CO₂e per passenger-km"),
    "kg CO2e per km": _l("kg CO₂e per km"),
    "kg CO2e": "kg CO₂e",
    "kg CO2": "kg CO₂",
    "l per US gallon": _l("l per US gallon"),
    "kg per l": _l("kg per l"),
    "1": "",
}
NOTES: Final = {
    "seating_assumed": _l(
        "This aircraft is not usually fitted with this cabin: its seating is assumed."
    ),
    "aircraft_fallback": _l(
        "No fuel figures of this type are published: those of the nearest type stand in."
    ),
    "winglet_factor": _l("The variant with winglets is taken to burn 3 % less than its type."),
    "beyond_fuel_table": _l(
        "This flight is longer than this type flies: its fuel is carried on along a straight line."
    ),
    "aircraft_unknown": _l("The aircraft is not known: a mix of common types stands in for it."),
    "cabin_not_published": _l("The method gives no figure for this cabin: the nearest stands in."),
    "region_pair_missing": _l(
        "No load factors are published between these regions: the world's average stands in."
    ),
    "all_on_board": _l("The travellers are taken to be alone on board and share the flight."),
}


def say(words: Mapping[str, object], code: str) -> str:
    """Return the words for a code, with the type of aircraft it ends in."""
    if code in words:
        return str(words[code])
    typed = _TYPED.fullmatch(code)
    if typed is None or typed["code"] not in words:
        return code.replace("_", " ")
    return gettext("%(what)s, %(type)s", what=str(words[typed["code"]]), type=typed["type"])

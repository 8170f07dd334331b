"""Which words do public pages use for the codes of the rooms below?

Every table holds message ids; ``say`` translates when a page is written.
"""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, lazy_gettext

from offset.web.language import language
from offset.web.public.trips import Fault

CABINS: Final = {
    "economy": lazy_gettext("Economy"),
    "premium": lazy_gettext("Premium economy"),
    "business": lazy_gettext("Business"),
    "first": lazy_gettext("First"),
}
# in the line above the figure, where the word stands in the middle of a sentence
CABINS_INSIDE: Final = {
    "economy": lazy_gettext("economy"),
    "premium": lazy_gettext("premium economy"),
    "business": lazy_gettext("business"),
    "first": lazy_gettext("first"),
}
CABINS_SHORT: Final = {
    **CABINS_INSIDE,
    "economy": lazy_gettext("eco"),
    "premium": lazy_gettext("premium"),
}
REASONS: Final = {
    "half": lazy_gettext("half"),
    "fuel": lazy_gettext("fuel"),
    "fuel_and_non_co2": lazy_gettext("fuel and contrails"),
}
REASONS_SHORT: Final = {**REASONS, "fuel_and_non_co2": lazy_gettext("with contrails")}
# Stripe's own words for its rows, then ours; a kind we do not know is shown as it stands.
ENTRY_KINDS: Final = {
    "charge": lazy_gettext("Gift received by card"),
    "bank_gift": lazy_gettext("Gift received by bank transfer"),
    "unidentified": lazy_gettext("Money received, sender not yet known"),
    "identified": lazy_gettext("Sender found"),
    "fee": lazy_gettext("Fee of the payment service"),
    "network_cost": lazy_gettext("Fee of the payment service"),
    "refund": lazy_gettext("Refund paid"),
    "refund_failure": lazy_gettext("Refund came back"),
    "dispute": lazy_gettext("Payment disputed"),
    "dispute_reversal": lazy_gettext("Dispute won"),
    "payout": lazy_gettext("Payout to our bank"),
    "payout_reversal": lazy_gettext("Payout came back"),
    "payout_arrived": lazy_gettext("Payout arrived at our bank"),
    "allocation": lazy_gettext("Allocated to a project"),
    "deallocation": lazy_gettext("Allocation taken back"),
    "source_refund": lazy_gettext("Refund prepared"),
    "disbursement_order": lazy_gettext("Payment to a project ordered"),
    "disbursement_sent": lazy_gettext("Paid to a project"),
    "disbursement_returned": lazy_gettext("Payment to a project came back"),
    "bank_fee": lazy_gettext("Bank fee"),
    "fx": lazy_gettext("Currency exchange"),
    "fund_move": lazy_gettext("Moved between funds"),
    "share_drawn": lazy_gettext("Secretariat share drawn"),
    "reserve_endowed": lazy_gettext("Refund reserve filled"),
    "reversal": lazy_gettext("Correction: an earlier entry reversed"),
    "opening": lazy_gettext("Opening balance"),
}
# What a method is called on the axis: a short name, and what follows it where there is room.
METHODS: Final = {
    "tim-3": ("TIM", ""),
    "desnz-2023": ("DESNZ", " 2023"),
    "desnz-2024": ("DESNZ", " 2024"),
    "desnz-2025": ("DESNZ", " 2025"),
    "ademe": ("ADEME", lazy_gettext(", with contrails")),
    "ademe-nocontrails": ("ADEME", lazy_gettext(", without contrails")),
    "myclimate": ("myclimate", ""),
    "myclimate-2019": ("myclimate", " 2019"),
    "goclimate": ("GoClimate", lazy_gettext(", until 2022")),
    "goclimate-2023": ("GoClimate", ""),
    "icao-style": (lazy_gettext("ICAO style"), ""),
    "private-jet": (lazy_gettext("Private jet"), ""),
    "distance": (lazy_gettext("By distance"), ""),
}
# What stands beside the estimate, the method of the reader's country first in the list.
COMPARED: Final = ("desnz-2025", "ademe", "myclimate", "goclimate-2023")
_FIRST: Final = {"fr": "ademe", "en": "desnz-2025"}

SCOPES: Final = {
    "tim-3": lazy_gettext("fuel and its production; cargo carries its share; no contrails"),
    **{
        f"desnz-{year}{parts}": words
        for year in (2023, 2024, 2025)
        for parts, words in (
            ("", lazy_gettext("fuel in flight, × 1.7 for non-CO₂ effects; production left out")),
            ("-norf", lazy_gettext("fuel in flight only")),
            ("-wtt", lazy_gettext("fuel in flight, × 1.7 for non-CO₂ effects, and production")),
            ("-norf-wtt", lazy_gettext("fuel in flight and its production")),
        )
    },
    "ademe": lazy_gettext("fuel, its production and contrails; cabins are not told apart"),
    "ademe-nocontrails": lazy_gettext("fuel and its production; cabins are not told apart"),
    "myclimate": lazy_gettext(
        "fuel counted three times for non-CO₂ effects, production, aircraft and airport"
    ),
    "myclimate-2019": lazy_gettext(
        "fuel counted twice for non-CO₂ effects, production, aircraft and airport"
    ),
    "goclimate": lazy_gettext("fuel counted twice for non-CO₂ effects, and production"),
    "goclimate-2023": lazy_gettext("fuel counted three times for non-CO₂ effects, and production"),
    "icao-style": lazy_gettext("fuel in flight only, freight taken off by fixed factors"),
    "private-jet": lazy_gettext("the fuel of the whole aircraft, shared by its travellers"),
    "distance": lazy_gettext("fuel and its production, by distance alone"),
}
NON_CO2: Final = {
    "separate": lazy_gettext("on a line of its own"),
    "included": lazy_gettext("inside the figure"),
    "not estimated": lazy_gettext("not estimated"),
}
CATEGORIES: Final = {
    "primary": lazy_gettext("given"),
    "modelled": lazy_gettext("modelled"),
    "default": lazy_gettext("assumed"),
}
FACTORS: Final = {
    "distance_factor": lazy_gettext("Detours, times the shortest way"),
    "fleet_mix": lazy_gettext("Types in the fleet mix, short haul / long haul"),
    "long_haul_share": lazy_gettext("Weight of the long-haul types"),
    "fuel_burn": lazy_gettext("Fuel of the whole aircraft"),
    "cargo_mass_fraction": lazy_gettext("Share of cargo by mass"),
    "running_maximum": lazy_gettext("Correction so that a longer flight never emits less"),
    "seats": lazy_gettext("Seats"),
    "cabin_weights": lazy_gettext("How much floor a seat takes"),
    "load_factor": lazy_gettext("Seats that are taken"),
    "wtt_factor": lazy_gettext("Extracting and refining"),
    "ttw_factor": lazy_gettext("Burning in flight"),
}
NOTES: Final = {
    "seating_assumed": lazy_gettext(
        "This aircraft is not usually fitted with this cabin: its seating is assumed."
    ),
}
STEPS: Final = {
    "great_circle": lazy_gettext("Shortest way over the sphere"),
    "flown": lazy_gettext("Distance flown, detours included"),
    "ccd_distance": lazy_gettext("Distance of climb, cruise and descent"),
    "ccd_fuel": lazy_gettext("Fuel of climb, cruise and descent"),
    "fuel": lazy_gettext("Fuel of the whole aircraft"),
    "passenger_fuel": lazy_gettext("Fuel that the passengers carry"),
    "capacity": lazy_gettext("Seats, counted by their floor area"),
    "long_haul_share": lazy_gettext("Weight of the long-haul types in the fleet mix"),
    "seat_fuel_short": lazy_gettext("Fuel a seat, short-haul types"),
    "seat_fuel_long": lazy_gettext("Fuel a seat, long-haul types"),
    "seat_fuel": lazy_gettext("Fuel a seat of this cabin"),
    "traveller_fuel": lazy_gettext("Fuel a traveller, empty seats shared"),
    "wtt": lazy_gettext("Extracting and refining the fuel"),
    "ttw": lazy_gettext("Burning the fuel in flight"),
    "wtw": lazy_gettext("Both together"),
    "total": lazy_gettext("Result of the method"),
}

_SENTENCES: Final = {
    "place_missing": lazy_gettext("Enter a city or an airport."),
    "unknown_place": lazy_gettext("No airport or city is called “%(given)s”."),
    "same_place": lazy_gettext("This leg begins and ends at the same place, %(place)s."),
    "unknown_cabin": lazy_gettext("There is no cabin called “%(given)s”."),
    "unknown_aircraft": lazy_gettext("No aircraft type has the code “%(given)s”."),
    "unknown_method": lazy_gettext("There is no method called “%(given)s”."),
    "unknown_dataset": lazy_gettext("There is no data set called “%(given)s”."),
    "travellers_out_of_range": lazy_gettext("Enter a number of travellers from 1 to %(most)s."),
    "legs_out_of_range": lazy_gettext("A trip has at most %(most)s legs, the way back included."),
}


def say(words: Mapping[str, object], code: str) -> str:
    """Return the words for a code; a code without words is shown as it stands."""
    return str(words.get(code, code.replace("_", " ")))


def sentence(fault: Fault) -> str:
    """Write what is wrong with a field, and the nearest names that exist."""
    told = _SENTENCES.get(fault.code)
    text = str(told) if told else gettext("This cannot be used here.")
    text = text % dict(fault.values) if told else text
    if fault.nearest:
        nearest = gettext(" or ").join(fault.nearest)
        text = gettext("%(fault)s Did you mean %(nearest)s?", fault=text, nearest=nearest)
    return text


def compared(own: str) -> tuple[str, ...]:
    """Return the methods shown beside one method, the reader's own country first."""
    first = _FIRST.get(language(), COMPARED[0])
    rest = (method for method in COMPARED if method != first)
    return tuple(method for method in (first, *rest) if method != own)


def method_name(method: str) -> str:
    """Write the name of a method in one piece."""
    short, rest = METHODS.get(method, (method, ""))
    return f"{short}{rest}"

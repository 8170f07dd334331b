"""How do pages say what a method counts, why two differ, and how well a figure was checked?

Every table holds message ids for the codes of the calculators; ``texts.say`` translates them.
"""

from typing import Final

from flask_babel import lazy_gettext as _l  # the name that extraction looks for

# In the middle of a sentence and as the label of a bar.
COMPONENTS: Final = {
    "distance": _l("distance charged"),
    "fuel": _l("fuel of the aircraft per kilometre"),
    "cargo": _l("share that cargo carries"),
    "seats": _l("seats in the aircraft"),
    "load": _l("seats taken"),
    "combustion": _l("burning a kilogram of fuel"),
    "combustion_factor": _l("fuel, cargo, seats and load in one factor"),
    "fuel_cycle_factor": _l("fuel, its production, cargo, seats and load in one factor"),
    "whole_factor": _l("everything but the distance in one factor"),
    "cabin": _l("weight of the cabin"),
    "well_to_tank": _l("making the fuel"),
    "well_to_tank_share": _l("making the fuel"),
    "non_co2": _l("contrails and other non-CO₂ effects"),
    "non_co2_of_cycle": _l("contrails and other non-CO₂ effects"),
    "other": _l("building aircraft and airports"),
    "rounding": _l("rounding as published"),
}
NOTES: Final = {
    "one_factor": _l("the method publishes one factor for these"),
    "joined_here": _l("put together from the method’s own parts, to stand beside one factor"),
    "average_passenger": _l("for the average passenger of all cabins"),
    "cabins_alike": _l("the method does not tell the cabins apart"),
    "seats_as_economy": _l("seats counted as economy seats by their floor area"),
    "seats_alike": _l("all seats count alike"),
    "fleet_mix": _l("effective value over the types of the fleet mix"),
    "between_curves": _l("effective value between the short-haul and the long-haul curve"),
    "running_maximum": _l("raised so that a longer flight never emits less"),
    "uplift_in_factor": _l("the published factor contains this detour of 8 %%, shown apart here"),
    "detour_unknown": _l(
        "great circle; the publication does not say what detour its factor contains"
    ),
    "not_counted": _l("not counted by the method"),
    "beside": _l("stands beside the figure on a line of its own"),
    "on_co2_alone": _l("1.7 times the CO₂; CH₄ and N₂O are not multiplied"),
    "co2_alone": _l("CO₂ alone"),
    "aircraft_and_airport": _l("building the aircraft, per kilometre, and the airports"),
    "whole_kilograms": _l("each leg is rounded to a whole kilogram"),
}
UNITS: Final = {
    "km": _l("km"),
    "1": "",
    "seats": _l("seats"),
    "kg fuel per km": _l("kg fuel per km"),
    "kg CO2e per kg fuel": _l("kg CO₂e per kg fuel"),
    "kg CO2e per passenger-km": _l("kg CO₂e per passenger-km"),
    "kg CO2e per kg CO2e burnt": _l("kg CO₂e per kg burnt"),
    "kg CO2e": _l("kg CO₂e"),
}
BOUNDARIES: Final = {
    "TTW": _l("fuel burned in flight"),
    "WTW": _l("fuel burned in flight and its production"),
    "WTT": _l("production of the fuel"),
}
VERDICTS: Final = {
    "exact": _l("equal to the printed digits"),
    "within": _l("within the limit set"),
    "outside": _l("outside the limit set"),
    "listed": _l("listed, no limit set"),
    "not applicable": _l("not comparable"),
}
VERDICTS_SHORT: Final = {
    "exact": _l("exact"),
    "within": _l("within"),
    "outside": _l("outside"),
    "listed": _l("listed"),
    "not applicable": _l("not comparable"),
}
TREATMENTS: Final = {
    "lee2021-contrails-gwp100": _l("Contrails over 100 years (Lee and others 2021)"),
    "lee2021-total-gwp100": _l("All non-CO₂ effects over 100 years (Lee and others 2021)"),
    "tim-2025-contrails-gwp100": _l("Contrails flight by flight, worldwide mean (TIM 2025)"),
    "cocip-2019-contrails-gwp100": _l("Contrails of 2019 modelled flight by flight (CoCiP)"),
    "cocip-2020-contrails-gwp100": _l("Contrails of 2020 modelled flight by flight (CoCiP)"),
    "cocip-2021-contrails-gwp100": _l("Contrails of 2021 modelled flight by flight (CoCiP)"),
    "zheng-2023-contrails-gwp100": _l("Contrails (Zheng and others 2023)"),
    "desnz": _l("As DESNZ counts since 2023: 1.7 times the CO₂"),
    "desnz-before-2023": _l("As DESNZ counted before 2023: 1.9 times the CO₂"),
    "myclimate": _l("As myclimate counts: 3 times the CO₂"),
    "myclimate-before-2022": _l("As myclimate counted until 2022: twice the CO₂"),
    "none": _l("Not counted"),
}

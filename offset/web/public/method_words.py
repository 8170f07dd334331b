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
# What the lines of a formula mean, as ``calculators.flight.methods.papers`` writes it in English.
MEANINGS: Final = (
    _l("Great circle on a sphere of 6,371.0088 km."),
    _l("Distance factor for the detour."),
    _l("Nautical miles outside the airport cycle."),
    _l("Linear between knots and beyond both ends."),
    _l("Hold filled as in 2019 at that distance; 100 kg a passenger."),
    _l("Never less than at any shorter distance."),
    _l("By the floor area of the cabin."),
    _l("Empty seats are carried by those taken."),
    _l("Upstream and combustion."),
    _l(
        "Domestic, short to 3,700 km, long, or international where neither end is in the United "
        "Kingdom."
    ),
    _l("Factor by haul and cabin."),
    _l("Factor by the length of the flight."),
    _l("Detour."),
    _l(
        "Short haul to 1,500 km, long haul from 2,500 km, a straight line between the two end "
        "values."
    ),
    _l("Detour in three steps."),
    _l(
        "Short haul to d = 1,500 km, long haul from 2,500 km, a straight line between; a leg is "
        "rounded to 1 kg."
    ),
    _l("Below 550 km, between, above 5,500 km."),
    _l("Our fuel table."),
    _l("Cabins above economy count twice beyond 3,000 km."),
    _l("Great circle by the speed of its kind."),
    _l("Fuel of the flight."),
    _l("No cabin factor."),
    _l("By distance alone."),
    _l("Combustion and upstream."),
)
# What surprises a reader of a method, by code.
ODDITIES: Final = {
    "not_googles": _l(
        "Follows Google's public steps on our own fuel table; its figures are not those of "
        "Google's service."
    ),
    "cargo_lever": _l(
        "The cargo share is a world average of 2019 by distance; on a long flight it moves the "
        "economy figure by about a fifth."
    ),
    "seat_split": _l("Seats of each cabin are a split by body class, not an airline's own layout."),
    "weak_types": _l(
        "Fuel of the A220 is likely too low; types without a recorded payload carry no cargo."
    ),
    "running_maximum": _l(
        "Where cargo would make a longer flight emit less, the passengers' fuel stays at the "
        "largest value of any shorter distance; the correction is at most 5 %%."
    ),
    "jumps": _l("The figure jumps at the distances named above, as published."),
    "uplift_inside": _l(
        "The factors already contain 8 %% for the detour, so the great circle is what they are "
        "multiplied with."
    ),
    "year_drop": _l(
        "Averages fell by 16 %% (domestic) to 42 %% (long haul) from 2024 to 2025: the year of "
        "the factors matters more than the cabin."
    ),
    "haul_bound": _l(
        "The publication gives no exact bound between short and long haul; 3,700 km is its "
        "typical length."
    ),
    "cabins_missing": _l(
        "Cabins the publication does not tell apart are answered by the nearest one below, and "
        "noted."
    ),
    "forcing_on_co2": _l("Radiative forcing counts the CO2 of combustion 1.7 times, nothing else."),
    "longer_is_less": _l(
        "A little above 1,000 km a flight counts less than one of 850 km; the other steps do the "
        "same."
    ),
    "no_cabins": _l("All cabins have one factor."),
    "construction_left_out": _l(
        "Building the aircraft is published but not counted, as in the publisher's own interface."
    ),
    "threshold_on_x": _l(
        "Copies differ on whether 1,500 and 2,500 km apply to the great circle or to the distance"
        " with its detour; here to the latter."
    ),
    "year_inferred": _l("The year of the parameters is inferred."),
    "cargo_26": _l("The short-haul cargo factor of 0.26 looks odd, but all copies agree."),
    "rounding_up": _l("The service rounds a trip up to 100 kg; that is not done here."),
    "multiplier_inferred": _l("The multiplier of 3 is inferred from answers of June 2023."),
    "not_icaos": _l(
        "Not ICAO's calculator: its formula with our fuel and seats and with regional values of "
        "ICCT 2018."
    ),
    "premium_unverified": _l("The factor of premium cabins beyond 3,000 km is unverified."),
    "pairs_missing": _l(
        "Four pairs of regions are not published; the mean of the two regions stands in, and is "
        "noted."
    ),
    "speed_assumed": _l("Block speeds are an assumption by kind of aircraft."),
    "positioning": _l("The empty flight that often precedes a private one is not counted."),
    "brochure": _l(
        "Fuel per hour is a maker's or dealer's figure; that of the PA-46-600TP was read on the "
        "page of another aircraft and is doubtful."
    ),
    "uk_table": _l(
        "The table is made for flights to and from the United Kingdom; elsewhere it is an "
        "approximation."
    ),
}
# Comparisons in words, the weak ones among them, and why a row has no limit.
STATEMENTS: Final = {
    "airlines_2024": _l(
        "Against fuel that US airlines reported for 2024 (28 rows, stage length × 1.05) the Poll-"
        "Schumann table with cargo has a median error of 6.8 %% and a mean of -2.2 %%; wide "
        "bodies -2.2 %% mean and 6.1 %% median, narrow bodies -2.3 %% and 7.4 %%."
    ),
    "airlines_2024_worst": _l(
        "It is worst for the A220-300 (-21 %%), the 737-700 (-17 %%), the A220-100 (-14 %%), the "
        "787-8 (-13 %%), the 757-300 (+16 %%) and the 757-200 (+12 %%)."
    ),
    "feat_2024": _l(
        "The FEAT rows have a median error of 7.8 %% against the same airlines; for the ATR 72 "
        "they lie 30 to 40 %% above the EMEP/EEA figures of 2009."
    ),
    "ps_against_feat": _l(
        "Poll-Schumann and FEAT, both without cargo, agree to a median ratio of 1.001 over 580 "
        "points of 59 types; 5 to 95 %% of them lie between 0.888 and 1.118."
    ),
    "tim_own_comparison": _l(
        "The Travel Impact Model reports for its own choices a median error of 7.8 %% (EEA 2023),"
        " 14.8 %% (ICAO's calculator) and 15.2 %% (Poll-Schumann, untuned)."
    ),
    "cargo_share": _l(
        "The printed example takes 8 %% of the load as cargo; by default we take a 2019 world "
        "average by distance, 28 %% on the same flight, so the default figure is 16 %% lower."
    ),
}
NO_LIMIT: Final = {
    "other_model": _l(
        "A figure of another model or edition: the difference is listed, no limit set."
    ),
    "our_lto": _l("Fuel of the landing and take-off cycle by another engine table: listed."),
    "primary_data": _l("Made from an airline's own load, cargo and seats, which we do not have."),
    "secondary": _l("Reported second-hand by a user: listed."),
    "needs_schedules": _l("Needs flight schedules, which we do not have."),
    "superseded": _l("An earlier edition that no method here offers."),
    "other_factor_year": _l("The publication used another year's factors or its own distances."),
    "read_from_figure": _l(
        "Read off a printed figure, so without printed digits; the figure blends the two curves "
        "where the published rule draws a straight line."
    ),
    "needs_duration": _l("Asked by duration; the rule from hours to kilometres is not published."),
}
# Numbers of a method, as its page names them.
FACTORS: Final = {
    "a": _l("a, of the square of the distance"),
    "b": _l("b, of the distance"),
    "c": _l("c, fixed part"),
    "ef": _l("CO₂ of burning a kilogram of fuel"),
    "preproduction": _l("Making a kilogram of fuel"),
    "multiplier": _l("Multiplier for non-CO₂ effects"),
    "cargo_factor": _l("Share of cargo"),
    "passenger_share": _l("Share of the passengers"),
    "aircraft_factor": _l("Building the aircraft"),
    "airport_kg": _l("Airports"),
    "detour": _l("Detour"),
    "seats": _l("Seats"),
    "load_factor": _l("Seats that are taken"),
    "seat_share": _l("Share of the seats"),
    "weight": _l("How much floor a seat takes"),
    "economy": _l("Cabin weight, economy"),
    "premium": _l("Cabin weight, premium economy"),
    "business": _l("Cabin weight, business"),
    "first": _l("Cabin weight, first"),
    "with_rf": _l("In flight, with non-CO₂ effects"),
    "without_rf": _l("In flight, without non-CO₂ effects"),
    "wtt": _l("Production of the fuel"),
    "use": _l("Fuel and its production"),
    "contrails": _l("Contrails"),
    "distance_factor": _l("Detours, times the shortest way"),
    "lto_distance": _l("Distance flown in the airport cycle"),
    "passenger_mass": _l("A passenger with luggage"),
    "wtt_factor": _l("Extracting and refining"),
    "ttw_factor": _l("Burning in flight"),
    "u_load_factor": _l("Uncertainty of the seats taken"),
    "u_cargo_mass_fraction": _l("Uncertainty of the cargo share"),
    "u_seats": _l("Uncertainty of the seats"),
    "u_fuel_mix": _l("Uncertainty of the fuel of the fleet mix"),
    "mix_short_until": _l("Only short-haul types up to"),
    "mix_long_from": _l("Only long-haul types from"),
    "co2_per_fuel": _l("CO₂ of burning a kilogram of fuel"),
    "cabin_factor": _l("Cabin weight"),
    "litres_per_gallon": _l("Litres in a US gallon"),
    "kerosene_density": _l("Density of kerosene"),
    "gallons_per_hour": _l("Fuel per hour"),
    "block_kt": _l("Block speed, assumed"),
}

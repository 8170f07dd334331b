"""What does a method's own page say: formula, factors, sources, oddities, checks?

Everything here is taken from the constants the method computes with, so that a page can only say
what the code does. The written pages ``docs/method-*.md`` and the pages of the site show the same
content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from calculators.flight.datasets import dataset
from calculators.flight.methods import (
    METHOD_IDS,
    distance,
    goclimate,
    icao,
    method_info,
    myclimate,
)
from calculators.flight.validation import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from calculators.flight.datasets import Dataset
    from calculators.flight.methods.figures import MethodInfo
    from calculators.flight.validation import Check
    from calculators.sources import Source


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """One line of a formula: a stable name, the rule in symbols, and what it means in English."""

    id: str
    formula: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PaperFactor:
    """One number of a method.

    Attributes
    ----------
    name : str
        Stable name.
    of : str
        For which case it holds, such as "long, economy"; "" for all.
    value : float
        The number.
    unit : str
        Its unit; "1" for a ratio.
    source : Source
        Where it was published.
    """

    name: str
    of: str
    value: float
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class Oddity:
    """What surprises a reader of the method: a stable code and an English sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class MethodPaper:
    """The content of one method's page.

    Attributes
    ----------
    info : MethodInfo
        Name, year, boundary, non-CO2, rounding, licence, jumps.
    formula : tuple[FormulaLine, ...]
        The computation, line by line.
    factors : tuple[PaperFactor, ...]
        Every number in it; the fuel table, seats and airports are named by their source alone.
    sources : tuple[Source, ...]
        The publications behind the factors and tables, each once.
    oddities : tuple[Oddity, ...]
        What a reader should know.
    checks : tuple[Check, ...]
        Its rows of the validation report; empty where no published value is at hand.
    """

    info: MethodInfo
    formula: tuple[FormulaLine, ...]
    factors: tuple[PaperFactor, ...]
    sources: tuple[Source, ...]
    oddities: tuple[Oddity, ...]
    checks: tuple[Check, ...]


Content = tuple[tuple[FormulaLine, ...], tuple[PaperFactor, ...], tuple[str, ...]]
"""Formula, factors and the ids of further sources of a method."""

ODDITIES: Final[dict[str, str]] = {
    "not_googles": "Follows Google's public steps on our own fuel table; its figures are not those "
    "of Google's service.",
    "cargo_lever": "The cargo share is a world average of 2019 by distance; on a long flight it "
    "moves the economy figure by about a fifth.",
    "seat_split": "Seats of each cabin are a split by body class, not an airline's own layout.",
    "weak_types": "Fuel of the A220 is likely too low; types without a recorded payload carry no "
    "cargo.",
    "running_maximum": "Where cargo would make a longer flight emit less, the passengers' fuel "
    "stays at the largest value of any shorter distance; the correction is at most 5 %.",
    "jumps": "The figure jumps at the distances named above, as published.",
    "uplift_inside": "The factors already contain 8 % for the detour, so the great circle is what "
    "they are multiplied with.",
    "year_drop": "Averages fell by 16 % (domestic) to 42 % (long haul) from 2024 to 2025: the year "
    "of the factors matters more than the cabin.",
    "forcing_on_co2": "Radiative forcing counts the CO2 of combustion 1.7 times, nothing else.",
    "haul_bound": "The publication gives no exact bound between short and long haul; 3,700 km is "
    "its typical length.",
    "cabins_missing": "Cabins the publication does not tell apart are answered by the nearest one "
    "below, and noted.",
    "no_cabins": "All cabins have one factor.",
    "longer_is_less": "A little above 1,000 km a flight counts less than one of 850 km; the "
    "other steps do the same.",
    "construction_left_out": "Building the aircraft is published but not counted, as in the "
    "publisher's own interface.",
    "cargo_26": "The short-haul cargo factor of 0.26 looks odd, but all copies agree.",
    "threshold_on_x": "Copies differ on whether 1,500 and 2,500 km apply to the great circle or to "
    "the distance with its detour; here to the latter.",
    "year_inferred": "The year of the parameters is inferred.",
    "rounding_up": "The service rounds a trip up to 100 kg; that is not done here.",
    "multiplier_inferred": "The multiplier of 3 is inferred from answers of June 2023.",
    "not_icaos": "Not ICAO's calculator: its formula with our fuel and seats and with regional "
    "values of ICCT 2018.",
    "premium_unverified": "The factor of premium cabins beyond 3,000 km is unverified.",
    "pairs_missing": "Four pairs of regions are not published; the mean of the two regions stands "
    "in, and is noted.",
    "speed_assumed": "Block speeds are an assumption by kind of aircraft.",
    "positioning": "The empty flight that often precedes a private one is not counted.",
    "brochure": "Fuel per hour is a maker's or dealer's figure; that of the PA-46-600TP was read "
    "on the page of another aircraft and is doubtful.",
    "uk_table": "The table is made for flights to and from the United Kingdom; elsewhere it is an "
    "approximation.",
}
"""Every oddity in English, by code."""

_PKM: Final = "kg CO2e per passenger-km"


def _line(id: str, formula: str, meaning: str) -> FormulaLine:  # noqa: A002 - the public name of the field
    return FormulaLine(id, formula, meaning)


def _constants(data: Dataset, *names: str) -> tuple[PaperFactor, ...]:
    return tuple(
        PaperFactor(name, "", one.value, one.unit, one.source)
        for name in names
        for one in (data.parameters[name],)
    )


def _columns(
    rows: list[dict[str, str]],
    keys: tuple[str, ...],
    units: dict[str, str],
    source: Source,
) -> tuple[PaperFactor, ...]:
    """Return the numbers of a table, one factor a column, told by its key columns."""
    return tuple(
        PaperFactor(column, ", ".join(row[key] for key in keys), float(row[column]), unit, source)
        for row in rows
        for column, unit in units.items()
        if row[column]
    )


def _tim(data: Dataset, method_id: str) -> Content:  # noqa: ARG001 - one signature for all papers
    weights = data.rows("cabins")
    return (
        (
            _line("great_circle", "d = 2R asin √h", "Great circle on a sphere of 6,371.0088 km."),
            _line("flown", "flown = d × DAF", "Distance factor for the detour."),
            _line(
                "ccd_distance",
                "CCD = flown ÷ 1.852 − 17",
                "Nautical miles outside the airport cycle.",
            ),
            _line(
                "fuel",
                "fuel = table(type, CCD) + LTO",
                "Linear between knots and beyond both ends.",
            ),
            _line(
                "cargo",
                "CMF = cargo ÷ (cargo + passengers)",
                "Hold filled as in 2019 at that distance; 100 kg a passenger.",
            ),
            _line("passenger_fuel", "fuel × (1 − CMF)", "Never less than at any shorter distance."),
            _line("seat", "÷ Σ(seats × weight) × weight", "By the floor area of the cabin."),
            _line("traveller", "÷ load factor", "Empty seats are carried by those taken."),
            _line("wtw", "× (WTT + TTW)", "Upstream and combustion."),
        ),
        _constants(
            data,
            "distance_factor",
            "lto_distance",
            "passenger_mass",
            "load_factor",
            "wtt_factor",
            "ttw_factor",
            "u_load_factor",
            "u_cargo_mass_fraction",
            "u_seats",
            "u_fuel_mix",
            "mix_short_until",
            "mix_long_from",
        )
        + _columns(weights, ("body", "cabin"), {"weight": "1"}, data.sources["rp1726"])
        + _columns(weights, ("body", "cabin"), {"seat_share": "1"}, data.sources["own"]),
        ("ps", "feat", "dray", "fleet", "geo"),
    )


def _desnz(data: Dataset, method_id: str) -> Content:
    column = "without_rf" if "-norf" in method_id else "with_rf"
    units = {column: _PKM, "wtt": _PKM} if method_id.endswith("-wtt") else {column: _PKM}
    rows = [row for row in data.rows("desnz") if row["year"] == method_id.split("-")[1]]
    formula = f"d × {' + d × '.join(units)}"
    return (
        (
            _line(
                "haul",
                "haul(countries, d)",
                "Domestic, short to 3,700 km, long, or "
                "international where neither end is in the United Kingdom.",
            ),
            _line("total", formula, "Factor by haul and cabin."),
        ),
        _columns(rows, ("haul", "cabin"), units, data.sources["desnz"]),
        ("geo",),
    )


def _ademe(data: Dataset, method_id: str) -> Content:
    units = {"use": _PKM, "contrails": _PKM} if method_id == "ademe" else {"use": _PKM}
    rows = [
        {**row, "band": f"{row['above_km']} to {row['until_km'] or 'more'} km"}
        for row in data.rows("ademe")
    ]
    formula = "d × (use + contrails)" if method_id == "ademe" else "d × use"
    return (
        (_line("total", formula, "Factor by the length of the flight."),),
        _columns(rows, ("band",), units, data.sources["ademe"]),
        ("geo",),
    )


_CURVE_UNITS: Final = {
    "seats": "seats",
    "load_factor": "1",
    "a": "kg per km²",
    "b": "kg per km",
    "c": "kg",
    "economy": "1",
    "premium": "1",
    "business": "1",
    "first": "1",
    "ef": "kg CO2 per kg fuel",
    "preproduction": "kg CO2e per kg fuel",
}


def _myclimate(data: Dataset, method_id: str) -> Content:
    name = myclimate.SETS[method_id]
    rows = [row for row in data.rows("myclimate") if row["set"] == name]
    units = {
        **_CURVE_UNITS,
        "cargo_factor": "1",
        "multiplier": "1",
        "aircraft_factor": "kg CO2e per km",
        "airport_kg": "kg CO2e",
    }
    source = data.sources["myclimate"]
    return (
        (
            _line("flown", "x = d + 95 km", "Detour."),
            _line(
                "total",
                "E = (a x² + b x + c) ÷ (S PLF) · (1 − CF) · CW · (EF M + P) + AF x + A",
                "Short haul to 1,500 km, long haul from 2,500 km, a straight line between the two "
                "end values.",
            ),
        ),
        (
            PaperFactor("detour", "", myclimate.DETOUR_KM, "km", source),
            *_columns(rows, ("haul",), units, source),
        ),
        ("geo",),
    )


def _goclimate(data: Dataset, method_id: str) -> Content:
    source = data.sources["goclimate"]
    units = {**_CURVE_UNITS, "passenger_share": "1"}
    detours = zip(("below 550 km", "between", "above 5500 km"), goclimate.DETOUR_KM, strict=True)
    return (
        (
            _line("flown", "x = d + detour(d)", "Detour in three steps."),
            _line(
                "total",
                "E = (a x² + b x + c) ÷ (S PLF) · CF · CW · (EF M + P)",
                "Short haul to d = 1,500 km, long haul from 2,500 km, a straight line between; a "
                "leg is rounded to 1 kg.",
            ),
        ),
        (
            PaperFactor("multiplier", "", goclimate.MULTIPLIER[method_id], "1", source),
            *(PaperFactor("detour", of, float(km), "km", source) for of, km in detours),
            *_columns(data.rows("goclimate"), ("haul",), units, source),
        ),
        ("geo",),
    )


def _icao(data: Dataset, method_id: str) -> Content:  # noqa: ARG001 - the signature that every method has
    loads = {"load_factor": "1", "passenger_share": "1"}
    source = data.sources["icao"]
    return (
        (
            _line("flown", "d + 50, 100 or 125 km", "Below 550 km, between, above 5,500 km."),
            _line("fuel", "table(type, NM)", "Our fuel table."),
            _line(
                "ttw",
                "3.16 × fuel × passenger share ÷ (seats × load factor) × cabin",
                "Cabins above economy count twice beyond 3,000 km.",
            ),
        ),
        (
            *_constants(data, "co2_per_fuel", "lto_distance"),
            PaperFactor("cabin_factor", "premium", icao.PREMIUM_FACTOR, "1", source),
            *_columns(
                data.rows("icao_loads"), ("origin", "destination"), loads, data.sources["icct"]
            ),
        ),
        ("ps", "feat", "fleet", "geo"),
    )


def _private_jet(data: Dataset, method_id: str) -> Content:  # noqa: ARG001 - the signature that every method has
    rows = data.rows("private_jets")
    return (
        (
            _line("hours", "h = d ÷ block speed", "Great circle by the speed of its kind."),
            _line("fuel", "gal/h × h × l/gal × kg/l", "Fuel of the flight."),
            _line("ttw", "fuel × 3.16 ÷ people on board", "No cabin factor."),
        ),
        _constants(data, "litres_per_gallon", "kerosene_density", "co2_per_fuel")
        + _columns(rows, ("model",), {"gallons_per_hour": "US gal/h"}, data.sources["jets"])
        + _columns(rows, ("model",), {"block_kt": "kt"}, data.sources["own"]),
        ("geo",),
    )


def _distance(data: Dataset, method_id: str) -> Content:  # noqa: ARG001 - the signature that every method has
    year = str(distance.YEAR)
    rows = [
        row
        for row in data.rows("desnz")
        if row["year"] == year and row["haul"] in {"short", "long"} and row["cabin"] != "average"
    ]
    return (
        (
            _line("haul", "short if d < 3700 km, else long", "By distance alone."),
            _line("total", "d × without_rf + d × wtt", "Combustion and upstream."),
        ),
        _columns(rows, ("haul", "cabin"), {"without_rf": _PKM, "wtt": _PKM}, data.sources["desnz"]),
        ("geo",),
    )


_UK: Final = ("jumps", "uplift_inside", "year_drop", "haul_bound", "cabins_missing")
_FAMILIES: Final[dict[str, tuple[Callable[[Dataset, str], Content], tuple[str, ...]]]] = {
    "tim": (_tim, ("not_googles", "cargo_lever", "seat_split", "weak_types", "running_maximum")),
    "desnz": (_desnz, _UK),
    "ademe": (_ademe, ("jumps", "longer_is_less", "no_cabins", "construction_left_out")),
    "myclimate": (_myclimate, ("threshold_on_x", "year_inferred")),
    "goclimate": (_goclimate, ("jumps", "rounding_up")),
    "icao": (_icao, ("jumps", "not_icaos", "premium_unverified", "pairs_missing")),
    "private": (_private_jet, ("speed_assumed", "positioning", "brochure")),
    "distance": (_distance, ("jumps", "uplift_inside", "uk_table", "cabins_missing")),
}


# Methods whose factors are checked under the ids of others.
_CHECKED_AS: Final = {
    "desnz-2025-wtt": ("desnz-2025", "desnz-2025-wtt"),
    "desnz-2025-norf-wtt": ("desnz-2025-norf", "desnz-2025-wtt"),
    "distance": ("desnz-2025-norf", "desnz-2025-wtt"),
}


def _oddities(method_id: str, family: tuple[str, ...]) -> tuple[Oddity, ...]:
    codes = list(family)
    if method_id.startswith("desnz") and "-norf" not in method_id:
        codes.append("forcing_on_co2")
    if method_id == "myclimate":
        codes.append("cargo_26")
    if method_id == "goclimate-2023":
        codes.append("multiplier_inferred")
    return tuple(Oddity(code, ODDITIES[code]) for code in codes)


def paper(method_id: str, data: Dataset | None = None) -> MethodPaper:
    """Return the content of a method's page.

    Parameters
    ----------
    method_id : str
        One of `METHOD_IDS`.
    data : Dataset, optional
        The data set; the latest when absent.

    Raises
    ------
    UnknownMethod
        With the nearest ids as suggestions.
    """
    info = method_info(method_id)
    data = data or dataset()
    family, oddities = _FAMILIES[method_id.split("-", maxsplit=1)[0]]
    formula, factors, further = family(data, method_id)
    named = [factor.source for factor in factors] + [data.sources[one] for one in further]
    return MethodPaper(
        info,
        formula,
        factors,
        tuple(dict.fromkeys(named)),
        _oddities(method_id, oddities),
        tuple(
            check
            for one in _CHECKED_AS.get(method_id, (method_id,))
            for check in report().of_method(one)
        ),
    )


def papers(data: Dataset | None = None) -> tuple[MethodPaper, ...]:
    """Return the content of every method's page, the default first."""
    return tuple(paper(method_id, data) for method_id in METHOD_IDS)

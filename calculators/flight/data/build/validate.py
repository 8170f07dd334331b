"""How far are our figures from every published value that is at hand?

Run as ``python validate.py``; it needs numpy and the published values in tests/data/flight. It
writes calculators/flight/data/validation.json and docs/validation.md; a test compares both.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import itertools
import json
import math
import pathlib
import sys
import textwrap
from decimal import Decimal

ROOT = pathlib.Path(__file__).parents[4]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - the path is set above

from calculators.errors import FlightError  # noqa: E402 - the path is set above
from calculators.flight.airports import find  # noqa: E402 - the path is set above
from calculators.flight.datasets import LATEST, dataset  # noqa: E402 - the path is set above
from calculators.flight.distance import great_circle_km  # noqa: E402 - the path is set above
from calculators.flight.fuel import burn  # noqa: E402 - the path is set above
from calculators.flight.itinerary import (  # noqa: E402 - the path is set above
    Itinerary,
    Leg,
    Overrides,
    estimate,
)
from calculators.flight.methods import (  # noqa: E402 - the path is set above
    myclimate,
    private_jet,
    worked_example,
)
from calculators.flight.non_co2 import bucket_of, treatments, trip_ratio  # noqa: E402 - the path is set above
from calculators.flight.seats import weights  # noqa: E402 - the path is set above
from calculators.flight.validation import VERDICTS, Check, Verdict  # noqa: E402 - the path is set above
from calculators.units import KM_PER_NM, half_up  # noqa: E402 - the path is set above

REFERENCES = ROOT / "tests" / "data" / "flight" / "references.csv"
JSON_FILE = ROOT / "calculators" / "flight" / "data" / "validation.json"
PAGE = ROOT / "docs" / "validation.md"

Row = dict[str, str]
CABINS = ("ECONOMY", "PREMIUM_ECONOMY", "BUSINESS", "FIRST")
WORDS = {
    "economy": "economy", "average": "economy", "": "economy", "premiumeconomy": "premium",
    "business": "business", "first": "first",
}  # fmt: skip
HAULS = {
    "Domestic, to/from UK": "domestic",
    "Short-haul, to/from UK": "short",
    "Long-haul, to/from UK": "long",
    "International, to/from non-UK": "international",
}
CLASSES = {
    "Average passenger": "average", "Economy class": "economy",
    "Premium economy class": "premium", "Business class": "business", "First class": "first",
}  # fmt: skip
COLUMNS = {"TTW with RF": "with_rf", "TTW without RF": "without_rf", "WTT": "wtt"}
EXAMPLE_KM, CCD_LIMIT, FLIGHT_LIMIT, DISTANCE_LIMIT = 9369.0, 0.08, 0.07, 0.001
COORDINATES_LIMIT = 0.0001  # the airport's coordinates are another source's
TYPES = {"B787": "B789", "B757": "B752", "B777": "B772", "A330": "A333"}

GROUPS = {
    "TIM": ("Google Travel Impact Model", "CC BY 4.0"),
    "TIMAPI": ("Travel Impact Model website, illustrative answers", "Apache-2.0"),
    "NONCO": ("Travel Impact Model, contrails update of 5 November 2025", "facts"),
    "DESNZ": ("UK Government GHG conversion factors", "Open Government Licence v3.0"),
    "FOOT": ("footprint, a package on UK factors", "MIT"),
    "MYC": ("myclimate parameters, copies with tests", "MIT"),
    "GOC": ("GoClimate, specification and answers", "facts"),
    "ADEME": ("ADEME Impact CO2 and Base Empreinte", "MIT"),
    "FUEL": ("Fuel of other models", "CC BY 4.0, MIT, facts"),
    "PJET": ("private-jets", "MIT"),
}

REASONS = {
    "other_model": "A figure of another model or edition: the difference is listed, no limit set.",
    "our_lto": "Fuel of the landing and take-off cycle by another engine table: listed.",
    "primary_data": "Made from an airline's own load, cargo and seats, which we do not have.",
    "secondary": "Reported second-hand by a user: listed.",
    "needs_schedules": "Needs flight schedules, which we do not have.",
    "superseded": "An earlier edition that no method here offers.",
    "other_factor_year": "The publication used another year's factors or its own distances.",
    "read_from_figure": "Read off a printed figure, so without printed digits; the figure blends "
    "the two curves where the published rule draws a straight line.",
    "needs_duration": "Asked by duration; the rule from hours to kilometres is not published.",
}

STATEMENTS = (
    (
        "airlines_2024",
        (
            "Against fuel that US airlines reported for 2024 (28 rows, stage length × 1.05) the "
            "Poll-Schumann table with cargo has a median error of 6.8 % and a mean of -2.2 %; wide "
            "bodies -2.2 % mean and 6.1 % median, narrow bodies -2.3 % and 7.4 %."
        ),
        "US DOT BTS T-2, 2024 (public domain), computed once",
    ),
    (
        "airlines_2024_worst",
        (
            "It is worst for the A220-300 (-21 %), the 737-700 (-17 %), the A220-100 (-14 %), the "
            "787-8 (-13 %), the 757-300 (+16 %) and the 757-200 (+12 %)."
        ),
        "US DOT BTS T-2, 2024 (public domain), computed once",
    ),
    (
        "feat_2024",
        (
            "The FEAT rows have a median error of 7.8 % against the same airlines; for the ATR 72 "
            "they lie 30 to 40 % above the EMEP/EEA figures of 2009."
        ),
        "US DOT BTS T-2, 2024; EMEP/EEA guidebook 2009",
    ),
    (
        "ps_against_feat",
        (
            "Poll-Schumann and FEAT, both without cargo, agree to a median ratio of 1.001 over 580 "
            "points of 59 types; 5 to 95 % of them lie between 0.888 and 1.118."
        ),
        "FEAT, Seymour et al. 2020, Table M.7",
    ),
    (
        "tim_own_comparison",
        (
            "The Travel Impact Model reports for its own choices a median error of 7.8 % (EEA "
            "2023), 14.8 % (ICAO's calculator) and 15.2 % (Poll-Schumann, untuned)."
        ),
        "Google Travel Impact Model, documentation",
    ),
    (
        "cargo_share",
        (
            "The printed example takes 8 % of the load as cargo; by default we take a 2019 world "
            "average by distance, 28 % on the same flight, so the default figure is 16 % lower."
        ),
        "Travel Impact Model 3.0.0, worked example; Dray et al. 2024",
    ),
)


@functools.cache
def references() -> tuple[Row, ...]:
    """Return the published values."""
    with REFERENCES.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def digits(text: str) -> int:
    """Return the decimals of a printed number."""
    return max(0, -int(Decimal(text).as_tuple().exponent))


def agrees(ours: float, printed: str) -> bool:
    """Say whether a figure equals a printed one to its printed digits, halves either way."""
    unit = 10.0 ** -digits(printed)
    return abs(ours - float(printed)) <= 0.5 * unit + 1e-9 * abs(ours)


def check(  # noqa: PLR0917 - the columns of a row
    row: Row,
    method: str,
    asked: str,
    ours: float | None,
    limit: float | None = None,
    reason: str = "",
) -> Check:
    """Return a row of the report; without limit and reason it must be exact."""
    published = float(row["value"])
    off = None if ours is None or not published else ours / published - 1
    verdict: Verdict
    if ours is None:
        verdict = "not applicable"
    elif limit is None and reason:
        verdict = "listed"
    elif agrees(ours, row["value"]):
        verdict = "exact"
    else:
        verdict = "within" if off is not None and abs(off) <= (limit or 0) else "outside"
    return Check(
        row["id"],
        row["id"].rstrip("0123456789") if row["id"].isalnum() else "TIM",
        method,
        asked,
        published,
        None if ours is None else float(f"{ours:.9g}"),
        row["unit"],
        None if off is None else round(off, 6),
        limit,
        verdict,
        reason,
        row["source"],
    )


def named(row: Row, *more: str) -> str:
    """Return a short name of what a row is about."""
    parts = (row["origin"], row["destination"], row["aircraft"], row["cabin"], *more, row["scope"])
    return ", ".join(part for part in parts if part)


def knots(year: str) -> tuple[tuple[tuple[float, float], ...], float]:
    """Return the printed 787-9 knots (NM, kg) and landing and take-off fuel of an edition."""
    rows = [row for row in references() if row["method"].endswith(f"(EEA {year})")]
    ccd = [row for row in rows if row["scope"] == "fuel CCD" and "example" not in row["note"]]
    lto = next(row for row in rows if row["scope"] == "fuel LTO")
    pairs = ((float(row["distance_km"]) / KM_PER_NM, float(row["value"])) for row in ccd)
    return tuple((round(nm, 6), kg) for nm, kg in pairs), float(lto["value"])


@functools.cache
def printed_chain() -> worked_example.Chain:
    """Return the worked example of the Travel Impact Model 3.0.0 from its own fuel."""
    pairs, lto = knots("2023")
    data = dataset()
    return worked_example.chain(
        EXAMPLE_KM,
        worked_example.Inputs(
            pairs,
            lto,
            (188, 21, 48, 0),
            weights("wide", data),
            0.845,
            0.08,
            1.0273,
            data.value("lto_distance"),
            data.value("wtt_factor"),
            data.value("ttw_factor"),
        ),
    )


@functools.cache
def earlier_chain() -> worked_example.Chain:
    """Return the worked example of the model's version 1.8: no detour, no cargo, no 17 NM."""
    pairs, lto = knots("2019")
    data = dataset()
    inputs = worked_example.Inputs(
        pairs,
        lto,
        (188, 21, 48, 0),
        weights("wide", data),
        0.845,
        0.0,
        1.0,
        0.0,
        data.value("wtt_factor"),
        data.value("ttw_factor"),
    )
    nm = half_up(Decimal(repr(EXAMPLE_KM)) / Decimal(repr(KM_PER_NM)), 1)
    ccd = half_up(worked_example.interpolate(pairs, nm))
    return worked_example.from_fuel((nm, nm, nm, ccd), inputs)


PARTS = ("WTT", "TTW", "WTW")


def of_chain(row: Row, chain: worked_example.Chain) -> float:
    """Return the number of a chain that a row prints."""
    scope, cabin = row["scope"], row["cabin"]
    if cabin:
        figures = chain.cabins[CABINS.index(cabin)]
        three = figures.seat if row["unit"].endswith("seat") else figures.passenger
        return float(three[PARTS.index(scope)])
    if scope in PARTS:
        return float(chain.flight[PARTS.index(scope)])
    what, _, who = scope.partition(" ")
    if who in {"cargo", "pax"}:
        three = chain.cargo if who == "cargo" else chain.passengers
        return float(three[PARTS.index(what)])
    return float(
        {
            "distance CCD": chain.ccd_nm,
            "fuel CCD": chain.ccd_kg,
            "fuel total": chain.fuel_kg,
        }[scope]
    )


def one(leg: Leg, method: str = "tim-3", **given: object) -> float:
    """Return the figure of one leg and one traveller [kg CO2e]."""
    overrides = Overrides(**given) if given else None  # type: ignore[arg-type]  # read from JSON
    return estimate(Itinerary((leg,)), method, overrides=overrides).co2e_kg


def tim_fuel(row: Row) -> list[Check]:
    """Compare the printed 787-9 fuel."""
    nm = float(row["distance_km"]) / KM_PER_NM if row["distance_km"] else 0.0
    if "interpolation" in row["note"]:
        ours = float(half_up(worked_example.interpolate(knots("2023")[0], Decimal(round(nm)))))
        return [check(row, "tim-3", "787-9, 5250 NM, between printed knots", ours)]
    edition = row["method"].partition("(")[2].rstrip(")")
    if row["scope"] == "fuel LTO":
        own = burn("789", 500).lto_kg
        return [check(row, "fuel", f"787-9, {edition}, LTO", own, reason="our_lto")]
    own, lto = burn("789", nm), knots(edition[-4:])[1]
    asked = f"787-9, {edition}, {nm:.0f} NM"
    if edition == "EEA 2019":
        return [check(row, "fuel", f"{asked}, CCD", own.ccd_kg, reason="other_model")]
    total = {**row, "id": f"{row['id']} + TIM0005", "value": f"{float(row['value']) + lto:.0f}"}
    return [
        check(row, "fuel", f"{asked}, CCD", own.ccd_kg, CCD_LIMIT),
        check(total, "fuel", f"{asked}, LTO and CCD", own.total_kg, CCD_LIMIT),
    ]


def own_flight_fuel(row: Row) -> Check:
    """Compare the printed example's flight fuel with that of our own table."""
    trip = Itinerary((Leg("ZRH", "SFO", "economy", "789"),))
    given = Overrides(great_circle_km=(EXAMPLE_KM,), distance_factor=1.0273)
    ours = estimate(trip, overrides=given).legs[0].fuel_kg
    asked = "ZRH-SFO, 787-9, flight fuel by our own table"
    return check({**row, "id": f"{row['id']} own fuel"}, "tim-3", asked, ours, FLIGHT_LIMIT)


def contrail_example(row: Row) -> Check:
    """Compare the two printed examples of a trip's contrail ratio."""
    data = dataset()
    legs = {
        "1": ((100.0, bucket_of(0.0, data)), (50.0, bucket_of(1.0, data))),
        "2": ((50.0, bucket_of(0.2, data)), (500.0, bucket_of(1.0, data))),
    }[row["source"][-1]]
    return check(row, "contrails", f"trip ratio, {row['note']}", trip_ratio(legs, data))


def tim_other(row: Row) -> Check:
    """Compare the rows of the model that are neither fuel nor the worked example."""
    data = dataset()
    constant = {"TTW": "ttw_factor", "WTT": "wtt_factor"}
    if row["method"] == "CORSIA x ISO 14083":
        names = [constant[row["scope"]]] if row["scope"] in constant else list(constant.values())
        return check(row, "tim-3", f"factor {row['scope']}", sum(map(data.value, names)))
    if row["scope"] == "contrail ratio":
        return contrail_example(row)
    if row["scope"] == "airport hub":
        return check(row, "tim-3", "an airport's own emissions", data.value("airport_per_visit"))
    if row["method"] == "TIM typical":
        return check(row, "", row["note"], None, reason="needs_schedules")
    origin, destination = (
        {"Paris": "PAR", "Tokyo": "TYO"}.get(row[end], row[end])
        for end in ("origin", "destination")
    )
    return check(row, "tim-3", named(row), one(Leg(origin, destination)), reason="secondary")


def tim(row: Row) -> list[Check]:
    """Compare a row of the Travel Impact Model."""
    if (
        row["scope"].startswith("fuel")
        and row["method"].startswith("TIM ")
        and "EEA" in (row["method"])
    ):
        return tim_fuel(row)
    if row["scope"] == "distance GCD":
        ours = great_circle_km(find("ZRH"), find("SFO"))
        return [check(row, "tim-3", "ZRH-SFO, great circle", ours, DISTANCE_LIMIT)]
    if row["method"] in {"TIM 3.0", "TIM 1.8"}:
        chain = printed_chain() if row["method"] == "TIM 3.0" else earlier_chain()
        unit = "per seat" if row["unit"].endswith("seat") else ""
        asked = named(row, row["method"], unit)
        found = [check(row, "tim-3", asked, of_chain(row, chain))]
        if row["method"] == "TIM 3.0" and row["scope"] == "fuel total":
            found.append(own_flight_fuel(row))
        return found
    return [tim_other(row)]


def timapi(row: Row) -> list[Check]:
    """List the illustrative answers beside ours for the same route."""
    cabin = WORDS[row["cabin"].casefold()]
    given: dict[str, object] = {}
    if "LF 0.80852" in row["note"]:
        given = {"load_factor": 0.80852, "cargo_mass_fraction": 0.29637}
    overrides = Overrides(**given) if given else None  # type: ignore[arg-type]  # read from JSON
    trip = Itinerary((Leg(row["origin"], row["destination"], cabin),))
    leg = estimate(trip, overrides=overrides).legs[0]
    part = {"WTT": leg.wtt_kg, "TTW": leg.ttw_kg, "WTW": leg.wtw_kg}[row["scope"]]
    return [check(row, "tim-3", named(row), part, reason="primary_data")]


def nonco(row: Row) -> list[Check]:
    """Compare the published contrail ratios with the treatments offered."""
    data, known = dataset(), treatments(dataset())
    tim2025 = known["tim-2025-contrails-gwp100"]
    offered = {
        "TIM new global average": tim2025.central,
        "TIM new min": tim2025.low,
        "TIM new max": tim2025.high,
        "Teoh CoCiP 2019": known["cocip-2019-contrails-gwp100"].central,
        "Teoh CoCiP 2020": known["cocip-2020-contrails-gwp100"].central,
        "Teoh CoCiP 2021": known["cocip-2021-contrails-gwp100"].central,
        "Zheng 2023": known["zheng-2023-contrails-gwp100"].central,
    }
    note = row["note"]
    if row["unit"].startswith("W m-2"):
        return [check(row, "contrails", "AGWP100 of CO2", data.value("agwp100_co2"))]
    if note in offered:
        return [check(row, "contrails", note, offered[note])]
    if note.startswith("Lee et al."):
        central = known["lee2021-contrails-gwp100"].central
        return [check(row, "contrails", note, central, reason="other_model")]
    return [check(row, "contrails", note, None, reason="superseded")]


def desnz(row: Row) -> list[Check]:
    """Compare a UK factor with the committed table; 2020 is kept for comparison only."""
    year, haul, cabin = row["method"][-4:], HAULS[row["note"]], CLASSES[row["cabin"]]
    column = COLUMNS[row["scope"]]
    found = next(
        one
        for one in dataset().rows("desnz")
        if (one["year"], one["haul"], one["cabin"]) == (year, haul, cabin)
    )
    suffix = {"with_rf": "", "without_rf": "-norf", "wtt": "-wtt"}[column]
    method = f"desnz-{year}{suffix}" if year != "2020" else ""
    return [check(row, method, f"{year}, {haul}, {cabin}, {row['scope']}", float(found[column]))]


def foot(row: Row) -> list[Check]:
    """List the footprint package's answers beside the nearest year offered."""
    year = row["method"].split()[1]
    method = f"desnz-{year if year in {'2023', '2024'} else '2023'}"
    ends = (row["origin"][:3], *row["destination"].split(" via ")[::-1])
    codes = [end[:3] for end in ends]
    cabin = WORDS[row["cabin"].casefold()]
    asked = f"{named(row)}, UK factors of {year} beside {method}"
    if "N2O" in row["scope"]:
        return [check(row, "", asked, None, reason="other_factor_year")]
    legs = tuple(Leg(a, b, cabin) for a, b in itertools.pairwise(codes))
    try:
        ours = estimate(Itinerary(legs), method).co2e_kg
    except FlightError:
        return [check(row, "", asked, None, reason="other_factor_year")]
    return [check(row, method, asked, ours, reason="other_factor_year")]


def regional(origin: str, destination: str) -> float:
    """Return the 2019 formula with ICCT's load and freight within Europe [kg CO2e]."""
    data = dataset()
    pair = next(
        one for one in data.rows("icao_loads") if one["origin"] == one["destination"] == "ERES"
    )
    hauls = tuple(
        dataclasses.replace(
            haul,
            load_factor=float(pair["load_factor"]),
            cargo_factor=1 - float(pair["passenger_share"]),
        )
        for haul in myclimate.parameters(data, "2019")
    )
    km = great_circle_km(find(origin), find(destination)) + myclimate.DETOUR_KM
    return float(myclimate.between((hauls[0], hauls[1]), np.array([km]), np.array([0]))[0])


def myc(row: Row) -> list[Check]:
    """Compare the myclimate rows."""
    data, km = dataset(), float(row["distance_km"] or 0)
    if row["scope"] == "fuel":
        short, long = myclimate.parameters(data, "current")
        x = np.array([km])
        t = min(max((km - 1500) / 1000, 0.0), 1.0)
        ends = (
            float(short.fuel_kg(np.minimum(x, 1500.0))[0]),
            float(long.fuel_kg(np.maximum(x, 2500.0))[0]),
        )
        ours = (1 - t) * ends[0] + t * ends[1]
        asked = f"fuel of the standard aircraft, {km:.0f} km"
        return [check(row, "myclimate", asked, ours, reason="read_from_figure")]
    if km:
        hauls = myclimate.parameters(data, "2019")
        each = float(myclimate.between(hauls, np.array([km]), np.array([0]))[0])
        times = 2 if row["trip"] == "return" else 1
        return [check(row, "myclimate-2019", f"{km:.0f} km, {row['trip']}", times * each)]
    if row["origin"]:
        ours = regional(row["origin"], row["destination"])
        asked = f"{named(row)}, with the regional load and freight of ICCT 2018"
        return [check(row, "myclimate-2019", asked, ours, COORDINATES_LIMIT)]
    return [check(row, "", row["note"], None, reason="needs_duration")]


def goc(row: Row) -> list[Check]:
    """Compare GoClimate's specification and the answers of its service."""
    leg = Leg("ZRH", "SFO", row["cabin"].casefold())
    ours = one(leg, "goclimate", great_circle_km=(float(row["distance_km"]),))
    asked = named(row, f"{row['distance_km']} km")
    if row["method"] == "GoClimate API":
        ours = math.ceil(ours / 100) * 100.0
        asked += ", rounded up to 100 kg as the service does"
    return [check(row, "goclimate", asked, ours)]


def ademe(row: Row) -> list[Check]:
    """Compare ADEME's factors and the answers of its interface."""
    bands = dataset().rows("ademe")
    at = {"court": 0, "moyen-long": 2, "moyen": 1, "long": 3}
    band = next((bands[i] for word, i in at.items() if row["note"].startswith(word)), bands[0])
    if row["method"] == "ADEME Impact CO2 API":
        method = "ademe" if row["scope"] == "with trainees" else "ademe-nocontrails"
        return [
            check(row, method, "100 km", one(Leg("CDG", "LHR"), method, great_circle_km=(100.0,)))
        ]
    if row["method"].startswith("ADEME Base"):
        ours = float(band["use"]) + float(band["contrails"])
        return [
            check(row, "ademe", f"Base Empreinte 2023, {row['note']}", ours, reason="other_model")
        ]
    column = {"construction": "construction", "trainees": "contrails"}.get(row["scope"], "use")
    method = "" if column == "construction" else "ademe"
    return [check(row, method, f"{row['note'].split(';')[0]}, {column}", float(band[column]))]


def fuel(row: Row) -> list[Check]:
    """List fuel of other models beside our table."""
    aircraft, km = TYPES.get(row["aircraft"], row["aircraft"]), float(row["distance_km"])
    flown = km / KM_PER_NM
    nm = flown if "EEA" in row["method"] else flown - dataset().value("lto_distance")
    asked = f"{row['method']}, {row['aircraft']}, {flown:.0f} NM"
    return [check(row, "fuel", asked, burn(aircraft, nm).total_kg, reason="other_model")]


def pjet(row: Row) -> list[Check]:
    """Compare the worked example of the private-jet formula."""
    ours = private_jet.co2_kg(280.0, 2.0, dataset())
    return [check(row, "private-jet", "280 gal/h, 2 h", ours)]


BY_GROUP = {
    "TIM": tim, "TIMAPI": timapi, "NONCO": nonco, "DESNZ": desnz, "FOOT": foot, "MYC": myc,
    "GOC": goc, "ADEME": ademe, "FUEL": fuel, "PJET": pjet,
}  # fmt: skip


def group_of(row: Row) -> str:
    """Return the group of a row."""
    return "NONCO" if row["id"].startswith("NONCO") else row["id"].rstrip("0123456789")


def build() -> dict[str, object]:
    """Return the whole report as plain values."""
    found: dict[str, list[Check]] = {name: [] for name in GROUPS}
    for row in references():
        name = group_of(row)
        checks = BY_GROUP[name](row)
        found[name] += [dataclasses.replace(one, group=name) for one in checks]
    return {
        "dataset": LATEST,
        "groups": [
            {
                "id": name,
                "title": title,
                "licence": licence,
                "checks": [dataclasses.asdict(one) for one in found[name]],
            }
            for name, (title, licence) in GROUPS.items()
        ],
        "statements": [
            {"code": code, "text": text, "source": source} for code, text, source in STATEMENTS
        ],
        "reasons": REASONS,
    }


def text() -> str:
    """Return validation.json."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


def shown(value: float | None, unit: str = "") -> str:
    """Return a number for a table."""
    return "–" if value is None else f"{value:,.6g} {unit}".strip()


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def percent(value: float | None) -> str:
    """Return a difference with its sign."""
    return "–" if value is None else f"{value:+.2%}"


def overview(groups: list[dict[str, list[dict[str, str]]]]) -> str:
    """Return how many rows of each group ended how."""
    rows = []
    for group in groups:
        verdicts = [one["verdict"] for one in group["checks"]]
        counts = (str(verdicts.count(verdict) or "–") for verdict in VERDICTS)
        rows.append((str(group["title"]), *counts))
    return table(("published by", *VERDICTS), rows)


INTRODUCTION = f"""# How far our figures are from the published ones

Generated by `make validate` from data set {LATEST}; do not edit.

Every published value in `tests/data/flight/references.csv` stands here once. *Exact*: equal to the
printed digits. *Within* or *outside*: inside or beyond the limit that stands in the row. *Listed*:
the difference is told without a limit. *Not applicable*: why stands in the row. A row "A + B" is a
sum of two rows; "own fuel" repeats a row with our own fuel table in place of the printed one.
"""


def page(built: dict[str, object]) -> str:
    """Return docs/validation.md."""
    groups: list[dict[str, list[dict[str, str]]]] = built["groups"]  # type: ignore[assignment]  # read from JSON
    parts = [INTRODUCTION, "## Overview\n", overview(groups), "\n## Where it is weaker\n"]
    parts += [
        "\n".join(textwrap.wrap(f"- {said} Source: {source}.", 100, subsequent_indent="  "))
        for _, said, source in STATEMENTS
    ]
    for group in groups:
        parts.append(f"\n## {group['title']}\n\nTerms: {group['licence']}.\n")
        rows = [
            (
                one["id"],
                f"`{one['method']}`" if one["method"] else "–",
                one["asked"].replace("|", "/"),
                shown(float(one["published"]), one["unit"]),
                shown(one["ours"]),  # type: ignore[arg-type]  # read from JSON
                percent(one["difference"]),  # type: ignore[arg-type]  # read from JSON
                one["verdict"] + (f" ({float(one['limit']):.2%})" if one["limit"] else ""),
                REASONS.get(one["reason"], ""),
            )
            for one in group["checks"]
        ]
        header = ("row", "method", "asked", "published", "ours", "difference", "verdict", "why")
        parts.append(table(header, rows))
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write both files and return the number of rows that are outside their limit."""
    built = build()
    JSON_FILE.write_text(text(), encoding="utf-8")
    PAGE.write_text(page(built), encoding="utf-8")
    groups: list[dict[str, list[dict[str, str]]]] = built["groups"]  # type: ignore[assignment]  # read from JSON
    verdicts = [one["verdict"] for group in groups for one in group["checks"]]
    print(", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS))
    return verdicts.count("outside")


if __name__ == "__main__":
    sys.exit(main())

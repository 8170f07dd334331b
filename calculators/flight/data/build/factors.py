"""What do the small tables say: published factors, constants, assumptions and their sources?

Run as ``python factors.py DATASET``; it needs nothing but the standard library. It writes
ademe.csv, myclimate.csv, goclimate.csv, desnz.csv, cabins.csv, mix.csv, non_co2.csv,
parameters.csv, private_jets.csv and sources.csv. Each block names the publication it was read in;
titles and addresses of the sources are kept by hand in inputs/sources.csv.
"""

from __future__ import annotations

import csv
import io
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
INPUTS = HERE / "inputs"

# incubateur-ademe/impactco2 at 8076a489 of 2026-07-01, src/data/categories/deplacement.ts, MIT.
# The last band is printed as "from 2,001 km" beside one that ends at 5,000 km: read as above it.
ADEME = """\
above_km,until_km,use,contrails,construction
0,1000,0.1232,0.101,0.000372
1000,2000,0.1013,0.083,0.000361
2000,5000,0.0915,0.075,0.000294
5000,,0.0976,0.080,0.000294
"""

# myclimate, "The myclimate flight emission calculator", current parameters and those of 2019 (copy
# in tmrowco/northapp-contrib at 2ca1654, MIT).
MYCLIMATE = """\
set,haul,seats,load_factor,cargo_factor,a,b,c,economy,premium,business,first,ef,multiplier,\
preproduction,aircraft_factor,airport_kg
current,short,157.86,0.796,0.26,0.000007,2.775,1260.608,1,1,1.5,1.5,3.16,3,0.538,0.00034,11.68
current,long,302.58,0.82,0.26,0.00029,3.475,3259.691,1,1.5,4,5,3.16,3,0.538,0.00034,11.68
2019,short,153.51,0.82,0.07,0,2.714,1166.52,0.96,,1.26,2.4,3.15,2,0.54,0.00038,11.68
2019,long,280.21,0.82,0.26,0.0001,7.104,5044.93,0.80,,1.54,2.4,3.15,2,0.54,0.00038,11.68
"""

# netlight-johannadagfalk/goclimate (fork of goclimateneutral), generic_flight_footprint.rb.
GOCLIMATE = """\
haul,seats,load_factor,passenger_share,a,b,c,economy,premium,business,first,ef,preproduction
short,158.44,0.77,0.951,0.0000387871,2.9866,1263.42,0.96,1.0,1.26,2.4,3.15,0.51
long,280.39,0.77,0.951,0.000134576,6.1798,3446.20,0.80,0.90,1.54,2.4,3.15,0.51
"""

# Weights: IATA RP 1726 as given by the Travel Impact Model 3.0.0. Shares: assumption, between the
# printed example's layout and an all-economy one; see docs/method-flight.md.
CABINS = """\
body,cabin,seat_share,weight
narrow,economy,1,1
narrow,premium,0,1
narrow,business,0,1.5
narrow,first,0,1.5
wide,economy,0.785,1
wide,premium,0.08,1.5
wide,business,0.135,4
wide,first,0,5
"""

# Assumption: the types that fly most seats on short and on long routes.
MIX = """\
haul,icao
short,A320
short,A321
short,B738
long,A333
long,A359
long,B77W
long,B789
"""

# kg CO2e of non-CO2 effects per kg of CO2. What the bounds are: "5-95 %", the lowest and highest
# flight ("flights"), or nothing ("point"). Values: Lee et al. 2021 as quoted in the Travel Impact
# Model 1.4.0 brief; the model's contrails update of 5 November 2025, p. 7; DESNZ sheets 2020 and
# 2025; myclimate's calculation principles. The total of Lee et al. is unverified.
NON_CO2 = """\
treatment,low,central,high,bounds,source
lee2021-contrails-gwp100,0.18,0.61,1.04,5-95 %,lee2021
lee2021-total-gwp100,0.7,0.7,0.7,point,lee2021
tim-2025-contrails-gwp100,-0.28,0.24,5.2,flights,tim2025
cocip-2019-contrails-gwp100,0.33,0.33,0.33,point,cocip
cocip-2020-contrails-gwp100,0.28,0.28,0.28,point,cocip
cocip-2021-contrails-gwp100,0.29,0.29,0.29,point,cocip
zheng-2023-contrails-gwp100,0.19,0.19,0.19,point,zheng
desnz,0.7,0.7,0.7,point,desnz
desnz-before-2023,0.9,0.9,0.9,point,desnz
myclimate,2,2,2,point,myclimate
myclimate-before-2022,1,1,1,point,myclimate
"""

PARAMETERS = """\
name,value,unit,source,category
wtt_factor,0.6465,kg CO2e per kg fuel,corsia,default
ttw_factor,3.1894,kg CO2e per kg fuel,corsia,default
load_factor,0.845,1,tim,default
distance_factor,1.052,1,tim,default
lto_distance,17,NM,tim,default
passenger_mass,100,kg,tim,default
u_load_factor,0.04,1,own,default
u_cargo_mass_fraction,0.05,1,own,default
u_seats,0.08,1,own,default
u_fuel_mix,0.20,1,own,default
mix_short_until,1500,km,own,default
mix_long_from,8000,km,own,default
non_co2_low,0.18,kg CO2e per kg CO2,lee2021,modelled
non_co2_central,0.61,kg CO2e per kg CO2,lee2021,modelled
non_co2_high,1.04,kg CO2e per kg CO2,lee2021,modelled
co2_per_fuel,3.16,kg CO2 per kg fuel,icao,default
airport_per_visit,1.71,kg CO2e per passenger and airport,aca,default
litres_per_gallon,3.78541,l per US gallon,jets,default
kerosene_density,0.8,kg per l,jets,default
bucket_low_mean,0.1,kg CO2e per kg CO2,tim2025,default
bucket_moderate_mean,0.6,kg CO2e per kg CO2,tim2025,default
bucket_high_mean,1.2,kg CO2e per kg CO2,tim2025,default
bucket_moderate_from,0.2,kg CO2e per kg CO2,tim2025,default
bucket_high_from,1.0,kg CO2e per kg CO2,tim2025,default
agwp100_co2,8.95e-14,W m-2 yr per kg,tim2025,default
contrail_efficacy,0.42,1,tim2025,default
"""

HAULS = {
    "Domestic, to/from UK": "domestic",
    "Short-haul, to/from UK": "short",
    "Long-haul, to/from UK": "long",
    "International, to/from non-UK": "international",
}
CABIN_WORDS = {
    "Average passenger": "average",
    "Economy class": "economy",
    "Premium economy class": "premium",
    "Business class": "business",
    "First class": "first",
}

# Flight hours = great-circle distance / block speed. The speeds [kt] are an assumption by kind of
# aircraft: no publication gives them model by model under free terms.
BLOCK_KT = {"propeller": 250, "light jet": 380, "midsize jet": 420, "large jet": 460}
PROPELLER = ("PC-12", "PA-46", "Super King Air")
LIGHT_UNTIL_GPH, MIDSIZE_UNTIL_GPH = 190, 300


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of an input."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def desnz() -> list[tuple[str, ...]]:
    """Return desnz.csv: factors of 2020, 2023 and 2024 as copied, of 2025 from the flat files."""
    columns = ("year", "haul", "cabin", "with_rf", "without_rf")
    rows = [(*(row[name] for name in columns), "") for row in read("desnz_2020_2024.csv")]
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, with_rf, without_rf in (
        ("desnz2025_air.csv", "with_rf", "without_rf"),
        ("desnz2025_wtt_air.csv", "wtt", "wtt"),
    ):
        for row in read(name):
            if row["GHG/Unit"] == "kg CO2e":
                key = HAULS[row["Level 3"]], CABIN_WORDS[row["Level 4"]]
                column = with_rf if row["Column Text"] == "With RF" else without_rf
                found.setdefault(key, {})[column] = row["GHG Conversion Factor 2025"]
    rows += [
        ("2025", *key, row["with_rf"], row["without_rf"], row["wtt"]) for key, row in found.items()
    ]
    return [(*columns, "wtt"), *rows]


MAKERS = (
    "Beech", "Bombardier", "Cessna/Textron", "Dassault", "Eclipse-Aerospace", "Embraer",
    "Gulfstream", "Hawker/Textron", "Honda-Aircraft-Company", "Pilatus", "Piper",
)  # fmt: skip
FAMILY = {"Cessna/Textron": "Citation", "Gulfstream": "Gulfstream", "Hawker/Textron": "Hawker"}
# What people call a model where the brochure's address does not say it.
CALLED = {
    "BEECH 200 Super King Air": "Super King Air 200",
    "BEECHCRAFT Super King Air 350": "Super King Air 350",
    "BEECH 400XT Beechjet": "Beechjet 400XT",
    "CESSNA 550 Citation S2": "Citation S2",
    "CESSNA 650 Citation": "Citation 650",
    "CESSNA 550B Citation Bravo": "Citation Bravo",
    "CESSNA 525 CitationJet": "Citation CJ1",
    "CESSNA 560 Citation Ultra": "Citation Ultra",
    "DASSAULT Falcon 200": "Falcon 200",
    "DASSAULT Falcon 100": "Falcon 100",
    "DASSAULT Falcon 6X": "Falcon 6X",
    "GULFSTREAM G-8 G800": "Gulfstream G800",
    "RAYTHEON Hawker 1000": "Hawker 1000",
    "BAE 125-1000A": "Hawker 1000",
    "HAWKER SIDDELEY HS-125": "HS-125",
    "PIPER PA-46-500TP": "PA-46-500TP",
    "PIPER PA-46-600TP": "PA-46-600TP",
    "CIRRUS SF-50 Vision": "Vision SF50",
    "LOCKHEED L-1329 Jetstar 731": "Jetstar 731",
    "NORTH AMERICAN Sabre 40/50/60/65": "Sabreliner 60",
    "LEARJET 35": "Learjet 35",
    "LEARJET 55": "Learjet 55",
    "IAI 1124 Westwind": "Westwind",
    "SWEARINGEN SJ-30": "SJ30",
    "ECLIPSE 550": "Eclipse 550",
    "HONDA HondaJet": "HondaJet",
    "HA-420": "HondaJet",
}


def jet_name(row: dict[str, str]) -> str:
    """Return what people call a model: the brochure's words without maker and number."""
    if row["model"] in CALLED:
        return CALLED[row["model"]]
    brochure = row["source"].rsplit("?m=", 1)[1].rsplit("-", 1)[0]
    maker = next(maker for maker in MAKERS if brochure.startswith(maker))
    model = brochure.removeprefix(f"{maker}-")
    if maker == "Pilatus":
        return "-".join(model.split("-")[:2]) + "".join(f" {w}" for w in model.split("-")[2:])
    model = model.replace("CL-", "Challenger ").replace("Challenger 601-", "Challenger_601-")
    model = model.replace("-", " ") if "_" not in model else model.replace("_", " ")
    family = FAMILY.get(maker, "")
    return model if model.startswith(family) else f"{family} {model}"


def jet_kind(name: str, gph: int) -> str:
    """Return the kind of aircraft that decides the block speed."""
    if any(word in name for word in PROPELLER):
        return "propeller"
    if gph < LIGHT_UNTIL_GPH:
        return "light jet"
    return "midsize jet" if gph < MIDSIZE_UNTIL_GPH else "large jet"


def jets() -> list[tuple[str, ...]]:
    """Return private_jets.csv: one row a model, the newest where the list repeats one."""
    found: dict[str, tuple[str, ...]] = {}
    for row in sorted(read("private_jet_models.csv"), key=lambda row: row["date"]):
        name, gph = jet_name(row), int(row["gph"])
        kind = jet_kind(name, gph)
        told = (str(gph), kind, str(BLOCK_KT[kind]), row["source"], row["date"])
        found[name] = (name, *told)
    columns = ("model", "gallons_per_hour", "kind", "block_kt", "source", "date")
    return [columns, *(found[name] for name in sorted(found, key=str.casefold))]


def text_of(rows: list[tuple[str, ...]]) -> str:
    """Return rows as CSV with plain line ends."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def tables() -> dict[str, str]:
    """Return the text of every table of this script, by name."""
    return {
        "ademe": ADEME,
        "myclimate": MYCLIMATE,
        "goclimate": GOCLIMATE,
        "desnz": text_of(desnz()),
        "cabins": CABINS,
        "mix": MIX,
        "non_co2": NON_CO2,
        "parameters": PARAMETERS,
        "private_jets": text_of(jets()),
        "sources": (INPUTS / "sources.csv").read_text(encoding="utf-8"),
    }


def main() -> int:
    """Write the tables."""
    folder = HERE.parent / sys.argv[1]
    for name, text in tables().items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(tables())} tables")
    return 0


if __name__ == "__main__":
    sys.exit(main())

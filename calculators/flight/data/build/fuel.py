"""Which rows make fuel_burn.csv, aircraft.csv, aircraft_codes.csv and cargo.csv of a data set?

Run as ``python fuel.py [DATASET]`` with the data-building packages installed; the newest data set
when none is named. Options: ``--processes N``, ``--check`` (regenerate three types and compare,
write nothing) and ``--tables`` (write all but the fuel table, which takes minutes).
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import pathlib
import sys

import feat
import poll_schumann
from pycontrails.models.ps_model.ps_aircraft_params import load_aircraft_engine_params
from pycontrails.physics import jet

HERE = pathlib.Path(__file__).parent
SOURCE_FOLDER = pathlib.Path(jet.__file__).parent / "static"
FUEL_COLUMNS = ("icao", "source", "model_version", "nm", "lto_kg", "ccd_kg")

# Types that neither source holds: the nearest type that one does, flagged FALLBACK.
NEAREST = {
    "A19N": "A20N", "AN26": "AN24", "AN32": "AN24", "AT45": "AT43", "AT46": "AT43",
    "AT75": "AT72", "AT76": "AT72", "B721": "B722", "C500": "C25A", "CL30": "C680",
    "IL76": "IL96", "P212": "PA31",
}  # fmt: skip

# Seats where the fleet medians have none: the maker's typical passenger layout.
DOCUMENTED_SEATS = {
    "A140": 52, "A313": 220, "AN24": 48, "AN26": 40, "AN32": 50, "AT43": 48, "AT45": 48,
    "AT46": 48, "AT72": 70, "AT75": 68, "AT76": 72, "B190": 19, "B3XM": 204, "B721": 106,
    "B742": 366,
    "BN2P": 9, "C208": 9, "C500": 6, "CL30": 9, "D228": 19, "DH8A": 37, "DH8B": 37, "DH8C": 50,
    "DH8D": 78, "DHC2": 6, "DHC6": 19, "DHC7": 50, "E110": 18, "E120": 30, "E135": 37, "F50": 50,
    "GLF5": 16, "IL76": 140, "IL96": 262, "J328": 32, "JS31": 19, "JS32": 19, "JS41": 29,
    "L410": 19, "P212": 9, "PC12": 9, "SB20": 50, "SF34": 34, "SW4": 19,
}  # fmt: skip

WIDE_WITHOUT_WING = {"IL96", "IL76"}  # every other twin-aisle type has a wing area on record
PAYLOAD_KG = {"IL96": 40_000.0}  # Il-96-300, maker's maximum payload
PROPELLER = {"AN26", "AN32", "AT45", "AT46", "AT75", "AT76", "P212"}
DOUBTFUL_JETS = {"BCS1", "BCS3"}  # fuel 14-21 % below what airlines report
PLAIN, DOUBLED = "0.10", "0.20"  # relative standard uncertainty of the fuel figure
WINGLET = "Supported via winglet/sharklet correction factor"
WINGLET_FACTOR = "0.97"

# An own row of the fuel table replaces the public mapping where that mapping only reflects a gap
# of the table it was made for.
DEVIATIONS = {
    "338": "A338", "342": "A342", "743": "B743", "74H": "B748", "77L": "B77L",
    "7M1": "B3XM", "7M7": "B37M",
}  # fmt: skip

NAMES = {
    "A19N": "Airbus A319neo", "A313": "Airbus A310-300", "A338": "Airbus A330-800neo",
    "A342": "Airbus A340-200", "AT46": "ATR 42-600", "AT75": "ATR 72-500", "AT76": "ATR 72-600",
    "B37M": "Boeing 737 MAX 7", "B3XM": "Boeing 737 MAX 10", "B722": "Boeing 727-200",
    "B742": "Boeing 747-200", "B743": "Boeing 747-300", "B748": "Boeing 747-8",
    "B77L": "Boeing 777-200LR", "DC93": "McDonnell Douglas DC-9-30", "GLF5": "Gulfstream V",
}  # fmt: skip


def read(path: pathlib.Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: pathlib.Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a CSV file with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def mapping() -> list[dict[str, str]]:
    """Return the public IATA-to-ICAO mapping (Travel Impact Model, Appendix A)."""
    return read(HERE / "inputs" / "tim_appendix_a.csv")


def targets() -> list[str]:
    """Return every ICAO type the data set answers for."""
    public = {row["Mapping (ICAO aircraft code)"] for row in mapping()}
    return sorted(public | set(poll_schumann.types()) | set(NEAREST))


def fuel_type(icao: str) -> str:
    """Return the type whose fuel is used for `icao`."""
    if icao in poll_schumann.types() or icao in feat.coefficients():
        return icao
    return NEAREST[icao]


def fuel_rows(icao: str) -> list[tuple[object, ...]]:
    """Return the fuel rows of one type."""
    of = fuel_type(icao)
    rows = poll_schumann.rows_for(of) if of in poll_schumann.types() else feat.rows_for(of)
    if of == icao:
        return list(rows)
    return [(icao, "FALLBACK", f"{row[2]} as {of}", *row[3:]) for row in rows]


def engine(icao: str) -> str:
    """Return jet or propeller."""
    row = feat.coefficients().get(fuel_type(icao))
    slow = row is not None and row["e_type"] != "Jet" and icao not in poll_schumann.types()
    return "propeller" if slow or icao in PROPELLER else "jet"


def payload_kg(icao: str) -> str:
    """Return the maximum payload [kg], empty where no source states it."""
    row = load_aircraft_engine_params().get(fuel_type(icao))
    if row is None:
        return f"{PAYLOAD_KG[icao]:.0f}" if icao in PAYLOAD_KG else ""
    override = poll_schumann.PASSENGER_VARIANT.get(icao, {})
    return f"{override.get('amass_mpl', row.amass_mpl):.0f}"


def body(icao: str) -> str:
    """Return wide or narrow: all twin-aisle types have more than 200 m2 of wing."""
    row = load_aircraft_engine_params().get(fuel_type(icao))
    if row is None:
        return "wide" if icao in WIDE_WITHOUT_WING else "narrow"
    return "wide" if row.wing_surface_area > poll_schumann.WIDE_BODY_WING_M2 else "narrow"


def name(icao: str) -> str:
    """Return a name for people."""
    direct = [
        row["Aircraft full name"]
        for row in mapping()
        if row["Mapping (ICAO aircraft code)"] == icao
    ]
    exact = [
        row["Aircraft full name"]
        for row in mapping()
        if row["Mapping (ICAO aircraft code)"] == icao
        and row["Support status"] == "Direct match in EEA"
    ]
    return NAMES.get(icao) or (exact or direct)[0]


def aircraft_rows() -> list[tuple[object, ...]]:
    """Return the rows of aircraft.csv."""
    out: list[tuple[object, ...]] = []
    for icao in targets():
        documented = DOCUMENTED_SEATS.get(icao)
        doubtful = engine(icao) == "propeller" or icao in DOUBTFUL_JETS or icao != fuel_type(icao)
        out.append(
            (
                icao,
                name(icao),
                body(icao),
                engine(icao),
                documented or jet.number_of_seats(icao),
                "maker's layout" if documented else "fleet median",
                payload_kg(icao),
                fuel_type(icao),
                DOUBLED if doubtful else PLAIN,
            )
        )
    return out


def code_rows() -> list[tuple[object, ...]]:
    """Return the rows of aircraft_codes.csv."""
    out: list[tuple[object, ...]] = []
    for row in sorted(mapping(), key=lambda row: row["IATA aircraft code"]):
        iata, public = row["IATA aircraft code"], row["Mapping (ICAO aircraft code)"]
        icao = DEVIATIONS.get(iata, public)
        status = row["Support status"]
        match = "own row" if iata in DEVIATIONS else status.removesuffix(" in EEA")
        factor = WINGLET_FACTOR if status == WINGLET else "1"
        out.append((iata, row["Aircraft full name"], icao, factor, match, public))
    return out


def cargo_rows() -> list[tuple[object, ...]]:
    """Return the rows of cargo.csv: share of hold freight capacity that is used, by distance."""
    rows = read(SOURCE_FOLDER / "dray-2019-annual-mean-cargo-load-factors.csv")
    out: list[tuple[object, ...]] = []
    for row in rows:
        if row["origin"] == row["destination"] == "Global":
            carried = float(row["pax_hold_freight_carried_tonnes"])
            capacity = float(row["pax_hold_freight_capacity_tonnes"])
            share = carried / capacity if capacity else 0.0
            out.append((f"{float(row['dist_mid']):.0f}", f"{share:.4f}"))
    return out


def check(folder: pathlib.Path) -> int:
    """Regenerate three types and compare with the committed table."""
    committed = read(folder / "fuel_burn.csv")
    for icao in ("A320", "B789", "AT72"):
        old = [tuple(row[c] for c in FUEL_COLUMNS) for row in committed if row["icao"] == icao]
        new = [tuple(str(value) for value in row) for row in fuel_rows(icao)]
        if old != new:
            print(f"{icao}: the committed rows differ from the regenerated ones")
            return 1
    print("A320, B789, AT72: as committed")
    return 0


def main() -> int:
    """Build or check the tables."""
    parser = argparse.ArgumentParser()
    newest = max(path.parent.name for path in HERE.parent.glob("*/fuel_burn.csv"))
    parser.add_argument("dataset", nargs="?", default=newest)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tables", action="store_true")
    arguments = parser.parse_args()
    folder = HERE.parent / arguments.dataset
    if arguments.check:
        return check(folder)
    folder.mkdir(exist_ok=True)
    if not arguments.tables:
        write_fuel(folder, arguments.processes)
    write_tables(folder)
    print(f"{len(targets())} types")
    return 0


def write_fuel(folder: pathlib.Path, processes: int) -> None:
    """Write the fuel table."""
    with multiprocessing.Pool(processes) as pool:
        fuel = [row for rows in pool.map(fuel_rows, targets(), chunksize=1) for row in rows]
    write(folder / "fuel_burn.csv", FUEL_COLUMNS, fuel)


def write_tables(folder: pathlib.Path) -> None:
    """Write types, codes and cargo shares."""
    write(
        folder / "aircraft.csv",
        (
            "icao",
            "name",
            "body",
            "engine",
            "seats",
            "seats_basis",
            "max_payload_kg",
            "fuel_of",
            "u_fuel",
        ),
        aircraft_rows(),
    )
    write(
        folder / "aircraft_codes.csv",
        ("iata", "name", "icao", "fuel_factor", "match", "public_mapping"),
        code_rows(),
    )
    write(folder / "cargo.csv", ("distance_km", "hold_load_factor"), cargo_rows())


if __name__ == "__main__":
    sys.exit(main())

"""How much fuel does a type burn by FEAT's reduced model, for types Poll-Schumann lacks?

Coefficients: Table M.7 of the supplementary information of Seymour et al. 2020, doi
10.1016/j.trd.2020.102528, CC BY 4.0. They derive from EUROCONTROL's BADA; the authors ask not to
compare aircraft models or makers with them.
"""

from __future__ import annotations

import csv
import pathlib

KM_PER_NM = 1.852
LTO_NM = 17  # flown inside the landing and take-off cycle
PATH_FACTOR, PATH_KM = 1.0387, 40.5  # FEAT's simulated path: 1.0387 d + 40.5 km
MODEL_VERSION = "FEAT 2020 Table M.7"
SHORT_TABLE_NM = 1500  # last knot of propeller types and of curves that bend down
KNOTS_NM = (125, 250, 500, 750, *range(1000, 6001, 500), 7000, 8000)
INPUT = pathlib.Path(__file__).parent / "inputs" / "feat_coef.csv"


def coefficients() -> dict[str, dict[str, str]]:
    """Return the published rows by ICAO type."""
    with INPUT.open(encoding="utf-8", newline="") as file:
        return {row["ac_code_icao"]: row for row in csv.DictReader(file)}


def total_kg(row: dict[str, str], nm: float) -> float:
    """Return whole-flight fuel [kg] for a climb-cruise-descent distance [NM]."""
    km = max(0.0, ((nm + LTO_NM) * KM_PER_NM - PATH_KM) / PATH_FACTOR)
    a1, a2 = float(row["reduced_fuel_a1"]), float(row["reduced_fuel_a2"])
    return a1 * km * km + a2 * km + float(row["reduced_fuel_intercept"])


def rows_for(icao: str) -> list[tuple[str, str, str, int, str, str]]:
    """Return the CSV rows of one type, ending at the last knot that still rises."""
    row = coefficients()[icao]
    short = row["e_type"] != "Jet" or float(row["reduced_fuel_a1"]) < 0
    out: list[tuple[str, str, str, int, str, str]] = []
    last = 0.0
    for nm in KNOTS_NM:
        kg = total_kg(row, nm)
        if kg <= last or (short and nm > SHORT_TABLE_NM):
            break
        last = kg
        out.append((icao, "FEAT", MODEL_VERSION, nm, "0.0", f"{kg:.1f}"))
    return out

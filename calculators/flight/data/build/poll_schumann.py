"""How much fuel does one aircraft type burn over one distance, by the Poll-Schumann model?

The mission flown here is a standard one: climb from 3,000 ft, cruise at the best of five levels,
optional step climbs, descent to 3,000 ft, in the standard atmosphere and without wind. The
performance model itself is pycontrails' ``PSFlight`` (Apache-2.0); nothing of it is copied.

References
----------
Poll and Schumann 2021, Aeronautical Journal 125, 257-295 and 296-340.
"""

from __future__ import annotations

import csv
import functools
import math
import pathlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pycontrails
from pycontrails.core.flight import Flight
from pycontrails.models.ps_model.ps_aircraft_params import load_aircraft_engine_params
from pycontrails.models.ps_model.ps_model import PSFlight
from pycontrails.physics import jet

MODEL_VERSION = f"pycontrails {pycontrails.__version__} ps-aircraft-params-20250328"

KM_PER_NM = 1.852
FT_PER_M = 1 / 0.3048
EARTH_RADIUS_M = 6_371_229.0  # the sphere pycontrails measures segments on
LOAD_FACTOR = 0.845  # passengers per seat, Travel Impact Model default
WIDE_BODY_WING_M2 = 200.0  # every twin-aisle type of the table has a larger wing
STEP_S = 20.0
FLOOR_FT = 3_000.0
CEILING_FT = 43_000.0
MTOW_FRACTION = 0.9999
LOWEST_LEVEL_FT = 9_000.0
SLOW_KT, SLOW_BELOW_FT = 250.0, 10_000.0
# Rates [ft/min] below an altitude [ft].
CLIMB_FTMIN = ((10_000.0, 2200.0), (24_000.0, 1900.0), (math.inf, 1100.0))
DESCENT_FTMIN = ((10_000.0, 1100.0), (30_000.0, 1900.0), (math.inf, 1700.0))

Row = tuple[str, str, str, int, str, str]
"""One line of fuel_burn.csv."""

KNOTS_NM = (125, 250, 500, 750, *range(1000, 6001, 500), 7000, 8000)
FIRST_LEVELS_FT = (31_000.0, 33_000.0, 35_000.0, 37_000.0, 39_000.0)
STEP_CLIMB_FROM_NM = 1500
STEP_CLIMB_EVERY_NM = (None, 1200.0, 2000.0)

# The parameter row of B748 is the freighter's. Empty and payload mass of the 747-8
# Intercontinental: Boeing D6-58326-3, Airplane Characteristics for Airport Planning (kg).
PASSENGER_VARIANT = {"B748": {"amass_oew": 220_128.0, "amass_mpl": 76_067.0}}

# Seats for types without a fleet median in the source, or (B742) whose remaining fleet is
# mostly combis and freighters: the maker's typical passenger layout.
DOCUMENTED_SEATS = {"A313": 220, "B3XM": 204, "B742": 366, "E135": 37, "GLF5": 16}


@dataclass(frozen=True)
class Knot:
    """One point of a fuel table: climb, cruise and descent fuel [kg] over `nm`."""

    nm: int
    ccd_kg: float
    take_off_kg: float


def temperature_k(altitude_ft: float) -> float:
    """Return the temperature of the standard atmosphere [K]."""
    return 288.15 - 0.0065 * min(altitude_ft / FT_PER_M, 11_000.0)


def pressure_pa(altitude_ft: float) -> float:
    """Return the pressure of the standard atmosphere [Pa]."""
    metres = altitude_ft / FT_PER_M
    low = 101_325.0 * (1 - 0.0065 * min(metres, 11_000.0) / 288.15) ** 5.255877
    return low * math.exp(-max(metres - 11_000.0, 0.0) / 6_341.62)


@functools.cache
def true_airspeed_ms(altitude_ft: float, cas_kt: float, mach: float) -> float:
    """Return the true airspeed [m/s]: calibrated speed, never above the design Mach number."""
    cas = (SLOW_KT if altitude_ft < SLOW_BELOW_FT else cas_kt) * KM_PER_NM * 1000 / 3600
    impact = 101_325.0 * ((1 + 0.2 * (cas / 340.294) ** 2) ** 3.5 - 1)
    sound = 340.294 * math.sqrt(temperature_k(altitude_ft) / 288.15)
    from_cas = math.sqrt(5 * ((impact / pressure_pa(altitude_ft) + 1) ** (1 / 3.5) - 1))
    return sound * min(from_cas, mach)


def climb_rate_ftmin(altitude_ft: float) -> float:
    """Return the rate of climb [ft/min]."""
    return next(rate for below, rate in CLIMB_FTMIN if altitude_ft < below)


def descent_rate_ftmin(altitude_ft: float) -> float:
    """Return the rate of descent [ft/min]."""
    return next(rate for below, rate in DESCENT_FTMIN if altitude_ft < below)


@functools.cache
def climb(level_ft: float, cas_kt: float, mach: float) -> tuple[tuple[float, ...], ...]:
    """Return (altitudes [ft], distances [m]) of the climb in steps of 20 s."""
    altitudes, distances = [FLOOR_FT], [0.0]
    while altitudes[-1] < level_ft:
        here = altitudes[-1]
        distances.append(distances[-1] + true_airspeed_ms(here, cas_kt, mach) * STEP_S)
        altitudes.append(min(here + climb_rate_ftmin(here) * STEP_S / 60, level_ft))
    return tuple(altitudes), tuple(distances)


@functools.cache
def descent(level_ft: float, cas_kt: float, mach: float) -> tuple[tuple[float, ...], ...]:
    """Return (altitudes [ft], distances [m]) of the descent in steps of 20 s."""
    altitudes, distances = [level_ft], [0.0]
    while altitudes[-1] > FLOOR_FT:
        here = altitudes[-1]
        distances.append(distances[-1] + true_airspeed_ms(here, cas_kt, mach) * STEP_S)
        altitudes.append(max(here - descent_rate_ftmin(here) * STEP_S / 60, FLOOR_FT))
    return tuple(altitudes), tuple(distances)


def trajectory(  # noqa: PLR0917 - the six numbers that a mission is
    distance_m: float,
    level_ft: float,
    step_nm: float | None,
    cap_ft: float,
    cas_kt: float,
    mach: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (seconds, metres, feet) of a mission; the level falls until the cruise fits."""
    while (
        climb(level_ft, cas_kt, mach)[1][-1] + descent(level_ft, cas_kt, mach)[1][-1]
        >= 0.9 * distance_m
        and level_ft > LOWEST_LEVEL_FT
    ):
        level_ft -= 2_000.0
    up_ft, up_m = climb(level_ft, cas_kt, mach)
    down_ft, down_m = descent(level_ft, cas_kt, mach)
    cruise_m = max(distance_m - up_m[-1] - down_m[-1], 0.0)
    speed = true_airspeed_ms(level_ft, cas_kt, mach)
    parts = min(max(int(cruise_m / speed / 120.0) + 1, 2), 60)
    seconds = [i * STEP_S for i in range(len(up_m))]
    metres, feet = list(up_m), list(up_ft)
    mission_nm = distance_m / 1000 / KM_PER_NM
    for part in range(1, parts + 1):
        steps = int(part / parts * mission_nm / step_nm) if step_nm else 0
        here = max(level_ft, min(level_ft + 2_000.0 * steps, cap_ft))
        seconds.append(seconds[-1] + cruise_m / parts / true_airspeed_ms(here, cas_kt, mach))
        metres.append(metres[-1] + cruise_m / parts)
        feet.append(here)
    start_s, start_m = seconds[-1], metres[-1]
    seconds += [start_s + i * STEP_S for i in range(1, len(down_m))]
    metres += [start_m + m for m in down_m[1:]]
    feet += list(down_ft[1:])
    far = np.concatenate(([True], np.diff(metres) >= 1.0))
    return np.array(seconds)[far], np.array(metres)[far], np.array(feet)[far]


class Mission:
    """One aircraft type and the model that flies it."""

    def __init__(self, icao: str) -> None:
        self.icao = icao
        self.row = load_aircraft_engine_params()[icao]
        self.model = PSFlight(
            fill_low_altitude_with_isa_temperature=True, fill_low_altitude_with_zero_wind=True
        )
        self.cas_kt = 290.0 if self.row.wing_surface_area > WIDE_BODY_WING_M2 else 280.0
        self.cap_ft = min(100.0 * self.row.fl_max - 1000.0, CEILING_FT)
        self.seats = DOCUMENTED_SEATS.get(icao) or jet.number_of_seats(icao)

    @property
    def lto_kg(self) -> float:
        """Landing and take-off cycle fuel [kg]: idle 26 min and the ICAO climb settings."""
        full_min = 0.7 + 0.83 * 2.2 + 0.29 * 4
        return 60 * (self.row.ff_idle_sls * 26 + self.row.ff_max_sls * full_min)

    def fly(self, nm: int, level_ft: float, step_nm: float | None) -> Knot:
        """Return the fuel of one mission at one first level and one step-climb habit."""
        seconds, metres, feet = trajectory(
            nm * KM_PER_NM * 1000, level_ft, step_nm, self.cap_ft, self.cas_kt, self.row.m_des
        )
        speed = np.diff(metres) / np.diff(seconds)
        flight = Flight(
            longitude=np.degrees(metres / EARTH_RADIUS_M),
            latitude=np.zeros_like(metres),
            altitude_ft=feet,
            time=pd.Timestamp("2019-01-01") + pd.to_timedelta(seconds, unit="s"),
            air_temperature=np.array([temperature_k(foot) for foot in feet]),
            true_airspeed=np.append(speed, speed[-1]),
            aircraft_type=self.icao,
            flight_id=self.icao,
            n_seats=self.seats,
            passenger_load_factor=LOAD_FACTOR,
            **PASSENGER_VARIANT.get(self.icao, {}),
        )
        out = self.model.eval(flight)
        return Knot(nm, float(out.attrs["total_fuel_burn"]), float(out["aircraft_mass"][0]))

    def best(self, nm: int) -> Knot:
        """Return the mission of least fuel among first levels and step climbs."""
        levels = sorted({min(level, self.cap_ft) for level in FIRST_LEVELS_FT})
        habits = STEP_CLIMB_EVERY_NM if nm >= STEP_CLIMB_FROM_NM else (None,)
        flown = [self.fly(nm, level, habit) for level in levels for habit in habits]
        return min(flown, key=lambda knot: knot.ccd_kg)

    def table(self, knots: tuple[int, ...] = KNOTS_NM) -> list[Knot]:
        """Return the knots until the take-off mass meets the type's limit."""
        out: list[Knot] = []
        for nm in knots:
            knot = self.best(nm)
            limit = MTOW_FRACTION * self.row.amass_mtow
            if nm > KNOTS_NM[2] and knot.take_off_kg >= limit:
                break
            out.append(knot)
        return out


def rows_for(icao: str, knots: tuple[int, ...] = KNOTS_NM) -> list[Row]:
    """Return the CSV rows (icao, source, model_version, nm, lto_kg, ccd_kg) of one type."""
    mission = Mission(icao)
    lto = f"{mission.lto_kg:.1f}"
    return [
        (icao, "PS", MODEL_VERSION, knot.nm, lto, f"{knot.ccd_kg:.1f}")
        for knot in mission.table(knots)
    ]


def write(path: pathlib.Path, rows: list[Row]) -> None:
    """Write rows of :func:`rows_for` with their header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("icao", "source", "model_version", "nm", "lto_kg", "ccd_kg"))
        writer.writerows(rows)


def types() -> list[str]:
    """Return every type the parameter table holds, sorted."""
    return sorted(load_aircraft_engine_params())

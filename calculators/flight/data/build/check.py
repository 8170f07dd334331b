"""Do the committed tables keep their promises: rising fuel, and a running maximum within 5 %?

Run as ``python check.py DATASET``; it needs numpy only. On a grid of 25 NM it computes the
passengers' fuel of every type with and without the running maximum, and the fleet mix per cabin,
which must rise without one. It writes running_maximum.csv, and fails where a correction exceeds
5 %, where fuel does not rise from knot to knot, or where the mix falls.
"""

from __future__ import annotations

import csv
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3]))

from calculators.flight.allocation import fly_mix, fly_profile, profile  # noqa: E402 - the path is set above
from calculators.flight.datasets import Dataset  # noqa: E402 - the path is set above
from calculators.flight.fuel import curves, find_aircraft, types  # noqa: E402 - the path is set above
from calculators.flight.seats import CABINS  # noqa: E402 - the path is set above

LARGEST = 0.05
GRID_NM, FARTHEST_KM, KM_PER_NM = 25.0, 19_000.0, 1.852


def main() -> int:
    """Write the report and return the number of faults."""
    data = Dataset(sys.argv[1])
    km = np.arange(GRID_NM * KM_PER_NM, FARTHEST_KM, GRID_NM * KM_PER_NM)
    faults, rows = 0, []
    for icao in sorted(types(data)):
        curve = curves(data)[icao]
        if not (np.all(np.diff(curve.ccd_kg) > 0) and curve.ccd_kg[0] > 0):
            print(f"{icao}: fuel does not rise")
            faults += 1
        flown = fly_profile(profile(find_aircraft(icao, data), data, None), km, data)
        factor = flown.passenger_kg / (flown.fuel_kg * (1 - flown.cargo_fraction))
        at = int(np.argmax(factor))
        if factor[at] > 1:
            rows.append((icao, f"{factor[at] - 1:.6f}", f"{km[at]:.1f}"))
        if factor[at] > 1 + LARGEST:
            print(f"{icao}: the running maximum raises fuel by {factor[at] - 1:.1%}")
            faults += 1
    mixed = fly_mix(km, data)
    for number, cabin in enumerate(CABINS):
        if np.any(np.diff(mixed.seat_fuel_kg(np.full(len(km), number))) < 0):
            print(f"mix, {cabin}: falls with distance")
            faults += 1
    with (data.folder / "running_maximum.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("icao", "largest_correction", "at_km"))
        writer.writerows(rows)
    print(f"{len(types(data))} types, {len(rows)} corrected, {faults} faults")
    return faults


if __name__ == "__main__":
    sys.exit(main())

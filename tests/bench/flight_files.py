"""How fast is a file of flights answered beside the bare arithmetic, and in how much memory?

The floor is the arithmetic that no answer can do without, on numbers that are already there:
great circle, fuel by interpolation, well-to-wake, cargo, cabin, load. Wanted: CSV to CSV at most 25
times the floor with the pyarrow extra and 60 times without, below 500 MB for ten million rows, and
time that grows with the rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from calculators.flight import airports
from calculators.flight.datasets import dataset
from calculators.flight.files.conversion import convert
from calculators.flight.files.manifest import Options
from calculators.flight.files.tables import Reading
from tests.bench.flight import a_floor, bare

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = bool(os.environ.get("FULL"))
ROWS = 1_000_000 if FULL else 100_000
STREAMED = 10 * ROWS
CHUNK = 65_536


def floor(rows: int) -> float:
    """Time the bare arithmetic for that many rows [s]."""
    held, chance = a_floor(), np.random.default_rng(7)
    a, b = chance.integers(0, len(held.place), (2, rows))
    cabin, kind = chance.integers(0, 4, rows), chance.integers(0, len(held.lto_kg), rows)
    return best(lambda: bare(held, a, b, cabin, kind))


def best(run: Callable[[], object]) -> float:
    """Return the shortest of three runs [s of processor time, so that neighbours do not count]."""
    times = []
    for _ in range(3):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def write_flights(path: Path, rows: int) -> None:
    """Write a file of eight columns with random routes."""
    rng = np.random.default_rng(7)
    known = np.array([p.code for p in airports.by_code(dataset()).values() if p.kind == "airport"])
    with path.open("w", encoding="utf-8") as file:
        file.write("id,name,origin,destination,date,class,travellers,cost\n")
        for at in range(0, rows, CHUNK):
            n = min(CHUNK, rows - at)
            ends = known[rng.integers(0, len(known), (2, n))].tolist()
            letters, days = rng.choice(list("YBMJCW"), n), rng.integers(1, 28, n)
            cells = zip(*ends, letters.tolist(), days.tolist(), strict=True)
            file.writelines(
                f"{at + i},Traveller {i % 977},{a},{b},2025-03-{day:02d},{c},{i % 3 + 1},{i}.50\n"
                for i, (a, b, c, day) in enumerate(cells)
            )


def answer(folder: Path, source: Path) -> None:
    """Answer a file by the default method."""
    convert(source, folder / "out.csv", Options(("tim-3",), Reading()))


_PEAK = """
import resource, sys
from pathlib import Path
from tests.bench.flight_files import answer
answer(Path(sys.argv[1]).parent, Path(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


_WITHOUT = """
import sys
sys.modules["pyarrow"] = None
from pathlib import Path
from tests.bench.flight_files import answer, best
source = Path(sys.argv[1])
answer(source.parent, source)
print(best(lambda: answer(source.parent, source)))
"""


def child(program: str, source: Path) -> str:
    """Return what a program prints about a file, in a process of its own."""
    words = [sys.executable, "-c", program, str(source)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def peak_megabytes(source: Path) -> float:
    """Return the most memory that answering a file takes [MB]."""
    return int(child(_PEAK, source)) * 1024 / 1e6


def flight_files() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "in.csv"
        bare = floor(ROWS)
        times = {}
        for rows in (ROWS // 4, ROWS):
            write_flights(source, rows)
            answer(folder, source)  # the data set is read
            times[rows] = best(lambda: answer(folder, source))
        took = times[ROWS]
        print(f"floor, {ROWS:,} rows: {bare:.3f} s")
        print(f"CSV to CSV, {ROWS:,} rows: {took:.2f} s, {took / bare:.1f} times (wanted: 25)")
        without = float(child(_WITHOUT, source))
        print(f"the same without pyarrow: {without:.2f} s, {without / bare:.1f} times (wanted: 60)")
        slope = took / times[ROWS // 4] / 4
        print(f"time a row at {ROWS:,} beside {ROWS // 4:,} rows: {slope:.2f} (wanted: about 1)")
        write_flights(source, STREAMED)
        began = time.perf_counter()
        peak = peak_megabytes(source)
        took = time.perf_counter() - began
        print(f"{STREAMED:,} rows streamed: {took:.1f} s, {peak:.0f} MB (wanted: below 500)")

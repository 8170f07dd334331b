"""How fast is the flight calculator beside the bare arithmetic and a per-call peer?

Every figure is a ratio or a time within one run, the best of several rounds that alternate, with
the stated bound beside it; nothing here is a gate. A tenth of a million itineraries by default,
``FULL=1`` the million.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COUNT = 1_000_000 if os.environ.get("FULL") else 100_000
ROUNDS = 5
PEER = "jetfuelburn==4.0.0"
PEER_SECONDS = 180
TYPES = ("789", "73H", "320", "321", "77W", "333", "359", "388", "E90", "AT7")
CABINS = np.array(["economy", "premium", "business", "first"])
MIX_SHARE = 0.5  # of the itineraries name no aircraft

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


class Question(NamedTuple):
    """Itineraries as a caller holds them: texts in arrays."""

    origin: NDArray[np.str_]
    destination: NDArray[np.str_]
    cabin: NDArray[np.str_]
    aircraft: NDArray[np.str_]


class Floor(NamedTuple):
    """What the bare arithmetic needs, one row a type; the last is the fleet mix as one type."""

    place: Floats
    grid_nm: Floats
    start_kg: Floats
    slope: Floats
    lto_kg: Floats
    middle_km: Floats
    share: Floats
    hold_kg: Floats
    passengers_kg: Floats
    per_traveller: Floats


def say(what: str, figure: str, bound: str) -> None:
    print(f"{what:<58} {figure:>14}   {bound}")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(*works: Callable[[], object]) -> list[float]:
    """Return the least seconds of each, in rounds that alternate so that noise falls on all."""
    for work in works:
        work()
    return [min(times) for times in zip(*(map(timed, works) for _ in range(ROUNDS)), strict=True)]


def a_question(count: int) -> Question:
    from calculators.flight import airports  # noqa: PLC0415 - the import is timed apart
    from calculators.flight.datasets import dataset  # noqa: PLC0415 - loaded where it is used

    chance = np.random.default_rng(2026)
    known = airports.by_code(dataset()).values()
    places = np.array([place.code for place in known if place.kind == "airport"])
    a = chance.integers(0, len(places), count)
    b = (a + chance.integers(1, len(places), count)) % len(places)
    flown = np.array(["", *TYPES])[chance.integers(1, len(TYPES) + 1, count)]
    flown[chance.random(count) < MIX_SHARE] = ""
    return Question(places[a], places[b], CABINS[chance.integers(0, 4, count)], flown)


def a_floor() -> Floor:
    from calculators.flight import codes  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.allocation import profile  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.cargo import hold_bands  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.datasets import dataset  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.fuel import find_aircraft  # noqa: PLC0415 - loaded where it is used

    data = dataset()
    # The mix stands here as if it were one type: the floor looks up one table a row.
    plans = [profile(find_aircraft(code), data, None) for code in (*TYPES, "A321")]
    grid = np.arange(125.0, 8001.0, 125.0)
    fuel = np.array([plan.curve.between(grid) for plan in plans])
    middle, share = hold_bands(data)
    return Floor(
        np.radians([(place.latitude, place.longitude) for place in codes.places(data).known]),
        grid,
        fuel,
        np.diff(fuel, append=2 * fuel[:, -1:] - fuel[:, -2:-1]) / 125.0,
        np.array([plan.curve.lto_kg for plan in plans]),
        middle,
        share,
        np.array([plan.hold_kg for plan in plans]),
        np.array([plan.passengers_kg for plan in plans]),
        np.array([np.array(plan.weights) / plan.capacity / plan.load_factor for plan in plans]),
    )


def bare(floor: Floor, a: Indices, b: Indices, cabin: Indices, kind: Indices) -> Floats:
    """Return kg CO2e by haversine, one table, cargo, cabin, load factor and both factors."""
    out = np.empty(len(a))
    for start in range(0, len(a), 65_536):
        part = slice(start, start + 65_536)
        p, q, k = floor.place[a[part]], floor.place[b[part]], kind[part]
        half = np.sin((q - p) / 2) ** 2
        h = half[:, 0] + np.cos(p[:, 0]) * np.cos(q[:, 0]) * half[:, 1]
        km = 2 * 6371.0088 * np.arcsin(np.sqrt(h))
        nm = km * 1.052 / 1.852 - 17
        at = np.clip(np.searchsorted(floor.grid_nm, nm) - 1, 0, None)
        fuel = floor.start_kg[k, at] + floor.slope[k, at] * (nm - floor.grid_nm[at])
        fuel += floor.lto_kg[k]
        cargo = np.interp(km, floor.middle_km, floor.share) * floor.hold_kg[k]
        fuel *= 1 - cargo / (cargo + floor.passengers_kg[k])
        fuel *= floor.per_traveller[k, cabin[part]]
        out[part] = fuel * 0.6465 + fuel * 3.1894
    return out


def a_million() -> float:
    """Time itineraries in memory beside the bare arithmetic; return our seconds a row."""
    from calculators.flight import codes  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.batch import estimate_many  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.datasets import dataset  # noqa: PLC0415 - loaded where it is used

    asked, floor, data = a_question(COUNT), a_floor(), dataset()
    kind = np.array([TYPES.index(code) if code else len(TYPES) for code in asked.aircraft])
    numbers = {
        "origin": codes.place_numbers(asked.origin, data),
        "destination": codes.place_numbers(asked.destination, data),
        "cabin": codes.cabin_numbers(asked.cabin),
        "aircraft": codes.aircraft_numbers(asked.aircraft, data),
    }
    a, b, cabin = numbers["origin"], numbers["destination"], numbers["cabin"]
    lists = {name: column.tolist() for name, column in asked._asdict().items()}
    tenth = Question(*(column[: COUNT // 10] for column in asked))
    least, texts, indices, listed, short = best(
        lambda: bare(floor, a, b, cabin, kind),
        lambda: estimate_many(**asked._asdict()),
        lambda: estimate_many(**numbers),
        lambda: estimate_many(**lists),
        lambda: estimate_many(**tenth._asdict()),
    )
    say(f"bare numpy on prepared indices, {COUNT:,} itineraries", f"{least * 1e3:.0f} ms", "")
    say("from codes in arrays, faults, notes and ranges included", f"{texts * 1e3:.0f} ms", "")
    say("  beside the bare arithmetic", f"{texts / least:.1f} x", "at most 6 x")
    say("from codes in Python lists", f"{listed / least:.1f} x", "")
    say("from prepared indices", f"{indices / least:.1f} x", "")
    say("itineraries a second from codes", f"{COUNT / texts / 1e6:.2f} million", "")
    say("time a row, whole beside a tenth", f"{texts / short / 10:.2f} x", "linear: about 1 x")
    return texts / COUNT


def every_method() -> None:
    from calculators.flight.batch import estimate_many  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.itinerary import METHOD_IDS  # noqa: PLC0415 - loaded where it is used

    asked = a_question(COUNT // 10)._asdict()
    jets = asked | {"aircraft": np.where(asked["aircraft"] == "", "PC-12", "PC-24")}
    slowest = max(
        (
            best(lambda m=method: estimate_many(**(jets if "jet" in m else asked), method=m))[0],
            method,
        )
        for method in METHOD_IDS
    )
    rate = COUNT / 10 / slowest[0] / 1e6
    say(f"slowest of {len(METHOD_IDS)} methods: {slowest[1]}", f"{rate:.2f} million/s", "")


def one_itinerary() -> None:
    """Time one itinerary, in process, after a warm-up."""
    from calculators.flight.itinerary import Itinerary, Leg, estimate  # noqa: PLC0415 - loaded where it is used

    for name, trip in (
        ("two legs, fleet mix", (Leg("CDG", "JNB"), Leg("JNB", "CDG"))),
        ("one leg, 787-9", (Leg("CDG", "JNB", "business", "789"),)),
    ):
        asked = Itinerary(trip)
        figures = median(timed(lambda: estimate(asked)) for _ in range(300))  # noqa: B023
        told = median(timed(lambda: estimate(asked).as_json()) for _ in range(300))  # noqa: B023
        say(f"one itinerary: {name}", f"{figures * 1e3:.2f} ms", "under 1 ms")
        say("  with its provenance and every step, as JSON", f"{told * 1e3:.2f} ms", "")


def imported() -> None:
    """Time the import, and the first answer, in fresh processes, by the processor's time."""
    lines = (
        "from time import process_time as now; a = now()",
        "import numpy; n = now()",
        "from calculators.flight.itinerary import Itinerary, Leg, estimate",
        "b = now()",
        "estimate(Itinerary((Leg('CDG', 'JNB'),)))",
        "print(b - a, now() - b, n - a)",
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", "\n".join(lines)], check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(ROUNDS)
    ]
    first, second, numpy = (min(float(run[at]) for run in runs) for at in range(3))
    say("import in a fresh process, numpy included", f"{first * 1e3:.0f} ms", "under 300 ms")
    say("  of which numpy", f"{numpy * 1e3:.0f} ms", "")
    say("  the first estimate after it, tables read", f"{second * 1e3:.0f} ms", "")


def searched() -> None:
    """Time airport search for every code and every beginning of three letters, uncached."""
    from calculators.flight import airports  # noqa: PLC0415 - loaded where it is used
    from calculators.flight.datasets import dataset  # noqa: PLC0415 - loaded where it is used

    began = time.perf_counter()
    airports.prepare()
    ready = time.perf_counter() - began
    known = airports.by_code(dataset())
    wanted = {
        "codes": list(known)[::4],
        "prefixes": sorted(
            {place.city[:length] for place in known.values() for length in (1, 2, 3, 4)}
        )[::4],
    }
    for kind, queries in wanted.items():
        times = [timed(lambda: airports.search(query)) for query in queries]  # noqa: B023
        shown = f"{median(times) * 1e3:.2f} ms"
        say(f"airport search, {len(queries)} {kind}: median", shown, "under 2 ms")
        say("  99 in 100 below", f"{np.quantile(times, 0.99) * 1e3:.2f} ms", "")
    say("  the index is built once, in", f"{ready * 1e3:.0f} ms", "")


def peer(ours: float) -> None:
    """Time the peer's call where it installs, in an environment of its own that is thrown away.

    Its call takes a type and a distance and answers the fuel: a row of ours is asked the same, and
    answers emissions with their range as well.
    """
    from calculators.flight.batch import estimate_many  # noqa: PLC0415 - loaded where it is used

    km = np.linspace(5000.0, 6000.0, COUNT)
    same = best(lambda: estimate_many(distance_km=km, aircraft="B789"))[0] / COUNT
    script = (
        "import time; from jetfuelburn import ureg\n"
        "from jetfuelburn.reducedorder import myclimate, seymour_etal\n"
        "for model, kind in ((seymour_etal, 'B789'), (myclimate, 'standard aircraft')):\n"
        "    model.calculate(kind, 5000.0 * ureg.km)\n"
        "    began = time.perf_counter()\n"
        "    for step in range(1000): model.calculate(kind, (5000.0 + step) * ureg.km)\n"
        "    print((time.perf_counter() - began) / 1000)\n"
    )
    shared = Path("/dev/shm")  # noqa: S108 - memory, where the machine has it
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        python = Path(folder) / "bin" / "python"
        try:
            for command in (
                [sys.executable, "-m", "venv", folder],
                [python, "-m", "pip", "install", "-q", PEER],
            ):
                subprocess.run(command, check=True, capture_output=True, timeout=PEER_SECONDS)
            answer = subprocess.run(
                [python, "-c", script], check=True, capture_output=True, text=True, timeout=60
            )
        except (OSError, subprocess.SubprocessError) as fault:
            say(f"{PEER}, per call", "not installed", type(fault).__name__)
            return
    for name, seconds in zip(("FEAT", "myclimate"), map(float, answer.stdout.split()), strict=True):
        say(f"{PEER} {name}, one call, fuel only", f"{seconds * 1e6:.0f} us", "")
        say("  beside the same question to us", f"{seconds / same:,.0f} x", "at least 1,000 x")
        say("  beside an itinerary of ours from codes", f"{seconds / ours:,.0f} x", "")


def flight() -> None:
    """Print the table."""
    imported()
    one_itinerary()
    ours = a_million()
    every_method()
    searched()
    peer(ours)

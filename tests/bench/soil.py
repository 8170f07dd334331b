"""How much does a simulation cost beside its bare draws, and how fast is a table of layers read?

Figures are ratios or times within one run, the best of rounds that alternate. The simulation runs
at its stated size always; the table has a tenth of its 50,000 layers, ``FULL=1`` all of them.
"""

import os
import time
from collections.abc import Callable

import numpy as np

DRAWS = 100_000
LAYERS = 50_000 if os.environ.get("FULL") else 5_000
ROUNDS = 15
DEPTHS = ((0, 10), (10, 20), (20, 30), (30, 50), (50, 70))


def say(what: str, figure: str, bound: str) -> None:
    print(f"{what:<58} {figure:>14}   {bound}")


def timed(work: Callable[[], object]) -> float:
    # the processor's time: a neighbour on the machine does not count
    began = time.process_time()
    work()
    return time.process_time() - began


def best(*works: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return the least seconds of each, in rounds that alternate so that noise falls on all."""
    for work in works:
        work()
    return [min(times) for times in zip(*(map(timed, works) for _ in range(rounds)), strict=True)]


def simulated() -> None:
    """Time Tier 1 beside numpy's normal draws of the same size: one row a quantity drawn."""
    from calculators.soil import tier1  # noqa: PLC0415 - as the other rooms
    from calculators.soil.tier1 import Management, Question  # noqa: PLC0415 - loaded where it is used

    crops = Management("annual_crops")
    place = ("high_activity_clay_soils", "warm_temperate_dry")
    no_till = Management("annual_crops", "no_tillage", "cropland_high_with_manure")
    low = Management("annual_crops", "reduced_tillage", "cropland_low")
    for quantities, asked in (
        (2, Question(*place, Management(None, "severely_degraded"), Management())),
        (4, Question(*place, crops, no_till)),
        (7, Question(*place, low, no_till, "cropland")),
    ):
        bare, ours = best(
            lambda n=quantities: np.random.default_rng(1).normal(size=(n, DRAWS)),
            lambda q=asked: tier1.project(q, seed=1, draws=DRAWS),
        )
        say(f"bare draws, {quantities} x {DRAWS:,}", f"{bare * 1e3:.2f} ms", "")
        say("  Tier 1 beside them", f"{ours / bare:.2f} x", "at most 2 x")


def read() -> None:
    """Time a table of layers, read and compared."""
    from calculators.soil import samples  # noqa: PLC0415 - loaded where it is used

    chance = np.random.default_rng(2)
    cores = LAYERS // len(DEPTHS) // 2
    rows = [
        {
            "round": str(number),
            "stratum": f"S{core % 8}",
            "area_ha": "10",
            "core": str(core),
            "top_cm": str(top),
            "bottom_cm": str(bottom),
            "soc_percent": f"{chance.uniform(0.5, 3):.3f}",
            "bulk_density_g_cm3": f"{chance.uniform(1.1, 1.6):.3f}",
            "density_basis": "fine_earth",
        }
        for number in (0, 5)
        for core in range(cores)
        for top, bottom in DEPTHS
    ]
    headings = list(rows[0])
    held = samples.loaded(rows, headings)
    seconds, compared = best(
        lambda: samples.read(rows, headings), lambda: samples.compared(held), rounds=3
    )
    say(f"{len(rows):,} layers checked in one pass", f"{seconds * 1e3:.0f} ms", "")
    say("  layers a second", f"{len(rows) / seconds:,.0f}", "")
    say(f"{2 * cores:,} cores compared at equal mass", f"{compared * 1e3:.0f} ms", "")


def soil() -> None:
    """Print the table."""
    simulated()
    read()

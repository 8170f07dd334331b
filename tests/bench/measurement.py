"""How long does a laboratory's table take: checked in one pass, committed, with how much memory?

A tenth of the 50,000 layers by default, ``FULL=1`` all of them.
"""

import os
import resource
import tempfile
import time
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

LAYERS = 50_000 if os.environ.get("FULL") else 5_000
DEPTHS = ((0, 10), (10, 20), (20, 30), (30, 40), (40, 50))
AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
_KILOBYTE = 1024


def say(what: str, figure: str, bound: str = "") -> None:
    print(f"{what:<58} {figure:>14}   {bound}")


def lines(cores: int, day: date) -> list[str]:
    from tests.builders import soil  # noqa: PLC0415 - as the other rooms

    latitude, longitude = soil.PLACE
    return [
        f"{'North' if core % 2 else 'South'},{core},{day},{top},{bottom},"
        f"{1.9 - top / 40 + (core * 37 % 100) / 500:.3f},{1.2 + top / 200:.3f},whole_soil,4,"
        f"{latitude},{longitude}"
        for core in range(cores)
        for top, bottom in DEPTHS
    ]


def measurement() -> None:
    """Print the table."""
    from offset.projects import layer_checks, layer_files  # noqa: PLC0415 - loaded where it is used
    from offset.projects.layer_checks import Plan  # noqa: PLC0415 - loaded where it is used
    from offset.projects.measurement_models import Design  # noqa: PLC0415 - loaded where it is used
    from tests.builders import soil  # noqa: PLC0415 - as the other rooms

    plan = Plan(
        0, {"North": 500, "South": 350}, {"North": 2, "South": 2}, 30, Design.PAIRED, AT.date()
    )  # fmt: skip
    told = lines(LAYERS // len(DEPTHS), soil.BASELINE_DAY)
    for kind, data in (("CSV", soil.table(told)), ("XLSX", soil.workbook(told))):
        began = time.process_time()
        report = layer_checks.check(data, plan)
        seconds = time.process_time() - began
        assert report.clean, report.faults[:3]
        say(f"{len(told):,} layers of {kind} checked in one pass", f"{seconds:.2f} s")
        table = layer_files.opened(data)
        tracemalloc.start()
        for _row in table.rows:
            pass
        say("  held at once while its rows are read", f"{_megabytes():.1f} MB")
        tracemalloc.stop()
    wrong = soil.table([one.replace("whole_soil", "dry") for one in told])
    began = time.process_time()
    report = layer_checks.check(wrong, plan)
    say(
        f"{len(report.faults) + report.more:,} faults, {len(report.faults)} of them told",
        f"{time.process_time() - began:.2f} s",
    )
    committed(told)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTE
    say("peak of the whole process", f"{peak:.0f} MB")


def _megabytes() -> float:
    return tracemalloc.get_traced_memory()[1] / 10**6


def committed(told: list[str]) -> None:
    """Time the second phase into a fresh database."""
    from offset.database import migrate  # noqa: PLC0415 - loaded where it is used
    from offset.database.session import Database  # noqa: PLC0415 - loaded where it is used
    from tests.builders import projects as build  # noqa: PLC0415 - as the other rooms
    from tests.builders import soil  # noqa: PLC0415 - as the other rooms
    from tests.models import load_models  # noqa: PLC0415 - as the other rooms

    load_models()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate.upgrade(url)
        database = Database(url)
        way = build.a_project(database, at=AT)
        database.run(soil.projected, way, at=AT)
        first = database.run(soil.a_round, way, at=AT)
        began = time.process_time()
        database.run(soil.handed_in, way, first, soil.table(told), at=AT)
        say(
            f"{len(told):,} layers checked twice and stored", f"{time.process_time() - began:.2f} s"
        )
        database.dispose()

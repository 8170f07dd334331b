"""Do the scripts beside this one still give the committed tables, byte for byte?

Run as ``python compare.py [DATASET]`` with the data-building packages installed, or by ``make
data-check``; about half a minute. Every table is written anew into a temporary folder and compared,
but for fuel_burn.csv, of which three types are regenerated (all of them: ``python fuel.py
--processes 2``, some minutes), and land.csv with landmass.csv, whose outlines are fetched by hand.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile

import write_sources

HERE = pathlib.Path(__file__).parent
BY_HAND = {"land.py"}
PART = "fuel_burn"
ORDER = ("fuel.py", "airports.py", "factors.py", "icao.py", "ground.py", "check.py")


def run(script: str, *words: str) -> None:
    """Run a script of this folder and fail with it."""
    subprocess.run([sys.executable, str(HERE / script), *words], check=True)  # noqa: S603 - our own scripts


def main() -> int:
    """Return how many tables differ."""
    newest = max(path.parent.name for path in HERE.parent.glob("*/fuel_burn.csv"))
    committed = HERE.parent / (sys.argv[1] if len(sys.argv) > 1 else newest)
    run("fuel.py", committed.name, "--check")
    with tempfile.TemporaryDirectory() as name:
        made = pathlib.Path(name) / "again"
        shutil.copytree(committed, made)
        again = [
            table for script in ORDER for table in write_sources.SCRIPTS[script] if table != PART
        ]
        for table in again:
            if table not in {"countries", "running_maximum"}:  # later scripts read these
                (made / f"{table}.csv").unlink()
        for script in ORDER:
            run(script, str(made), *(["--tables"] if script == "fuel.py" else []))
        different = [
            table
            for table in again
            if (made / f"{table}.csv").read_bytes() != (committed / f"{table}.csv").read_bytes()
        ]
    for table in different:
        print(f"{table}.csv: differs from the committed one")
    left = sorted(table for script in BY_HAND for table in write_sources.SCRIPTS[script])
    print(f"{len(again) - len(different)} of {len(again)} tables as committed; by hand: {left}")
    if write_sources.text() != write_sources.PAGE.read_text(encoding="utf-8"):
        print("SOURCES.md: differs; run write_sources.py")
        return len(different) + 1
    return len(different)


if __name__ == "__main__":
    sys.exit(main())

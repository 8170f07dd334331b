"""Does the demonstration start again on its data, keep it, and end whole?"""

import contextlib
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from tests.walks.conftest import Site, start_demo

pytestmark = [pytest.mark.walk]


def _children(parent: int) -> set[int]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if re.search(rf"^PPid:\s+{parent}$", text, re.MULTILINE):
            found.add(int(status.parent.name))
    return found


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()


def _copy(source: Path, place: Path) -> None:
    """Copy what a running demonstration keeps, its databases as of one instant."""
    for name in ("offset.db", "stripe-stand-in.db"):
        with (
            contextlib.closing(sqlite3.connect(source / name)) as told,
            contextlib.closing(sqlite3.connect(place / name)) as kept,
        ):
            told.backup(kept)
    shutil.copy(source / "demo.env", place)


def test_a_second_start_keeps_its_data_and_nothing_outlives_it(site: Site, tmp_path: Path) -> None:
    _copy(site.data_dir, tmp_path)
    kept = (tmp_path / "demo.env").read_text()
    size = (tmp_path / "offset.db").stat().st_size
    second, _site = start_demo(tmp_path)
    secrets = [line for line in kept.splitlines() if "SECRET" in line]
    assert all(line in (tmp_path / "demo.env").read_text() for line in secrets)
    assert (tmp_path / "offset.db").stat().st_size >= size
    children = _children(second.pid)
    assert len(children) >= 2
    os.kill(second.pid, 9)
    second.wait()
    if second.stdout is not None:
        second.stdout.close()
    until = time.monotonic() + 20
    while time.monotonic() < until and any(_alive(child) for child in children):
        time.sleep(0.2)
    assert [child for child in children if _alive(child)] == []

"""Which published values do the flight tests compare with?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

REFERENCES = Path(__file__).parents[2] / "data" / "flight" / "references.csv"


@pytest.fixture(scope="session")
def references() -> dict[str, dict[str, str]]:
    with REFERENCES.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}

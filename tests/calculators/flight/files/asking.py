"""How does a test put a file to the calculator?"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from calculators.flight.files.conversion import Done, convert
from calculators.flight.files.manifest import Options
from calculators.flight.files.tables import Reading


def options(*methods: str, dataset: str | None = None, **reading: Any) -> Options:
    return Options(methods or ("tim-3",), Reading(**reading), dataset)


class Asked:
    """A text that was answered: the rows of the answer by heading, and what was said."""

    def __init__(
        self, folder: Path, text: str | bytes, *methods: str, by: str | None = None, **reading: Any
    ) -> None:
        self.source, self.target = folder / "in.csv", folder / "out.csv"
        raw = text.encode() if isinstance(text, str) else text
        self.source.write_bytes(raw)
        self.done: Done = convert(self.source, self.target, options(*methods, **reading), by=by)
        self.manifest = self.done.manifest
        self.encoding = self.manifest["detected"]["encoding"]
        self.raw = self.target.read_bytes()
        errors = "surrogateescape" if self.encoding == "utf-8" else "strict"
        self.text = self.raw.decode(self.encoding, errors).removeprefix("\ufeff")
        delimiter = self.manifest["detected"]["delimiter"]
        table = list(csv.reader(io.StringIO(self.text, newline=""), delimiter=delimiter))
        top = self.manifest["detected"]["heading_row"] - 1
        self.head = table[top]
        self.rows = [dict(zip(self.head, row, strict=False)) for row in table[top + 1 :]]

    @property
    def faults(self) -> list[str]:
        return [row["fault"] for row in self.rows]

    @property
    def kg(self) -> list[str]:
        return [row["co2e_kg"] for row in self.rows]

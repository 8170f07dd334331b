"""How does a file of flights become its answer, and how is that proven afterwards?

The input is read twice: once for its checksum and encoding, once for its rows, some at a time. The
answer is written under a temporary name and renamed when it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from calculators.errors import BadManifest, MissingColumn, UnreadableFile
from calculators.flight.files import manifest
from calculators.flight.files.editions import choice
from calculators.flight.files.manifest import Options
from calculators.flight.files.parquet import ParquetFile, ParquetTarget
from calculators.flight.files.rows import Rows
from calculators.flight.files.sniffing import BLOCK, read_bytes
from calculators.flight.files.summary import Summary
from calculators.flight.files.tables import Kind, Source, kind_of
from calculators.flight.files.text import TextFile
from calculators.flight.files.workbook import Workbook, WorkbookTarget
from calculators.flight.files.writing import Target, TextTarget

if TYPE_CHECKING:
    from calculators.flight.files.sniffing import Bytes

Progress = Callable[[int], None]
"""Told the number of rows done so far."""


def _quiet(rows: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a conversion did.

    Attributes
    ----------
    manifest : dict
        From what the answer was made, what was found out, and the counts.
    summary : Summary or None
        The totals asked for.
    """

    manifest: dict[str, Any]
    summary: Summary | None


def convert(
    source: Path,
    target: Path,
    options: Options,
    *,
    by: str | None = None,
    progress: Progress = _quiet,
) -> Done:
    """Answer a file: write its rows again, each with its figures, and a manifest beside it.

    Parameters
    ----------
    source, target : Path
        CSV and the like, XLSX or Parquet by the ending of their names.
    options : Options
        Methods, and how the file is to be read.
    by : str, optional
        Column to add up by.
    progress : callable, optional
        Told the rows done so far.

    Returns
    -------
    Done
        The manifest as written, and the totals.

    Raises
    ------
    FileError
        When the file as a whole cannot be used; then nothing is left behind.
    UnknownMethod, UnknownDataset
        About the options.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise UnreadableFile({"path": target.name, "reason": "the answer would replace it"})
    made = Conversion(source, options, by, kind_of(target.name))
    with _whole(target) as file:
        done = made.into(file, progress)
    done.manifest["output"]["name"] = target.name
    manifest.write(target.with_name(target.name + manifest.ENDING), done.manifest)
    return done


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name when it is whole, and is gone when it is not."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("x+b") as file:
            yield file
        part.replace(target)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise UnreadableFile({"path": target.name, "reason": reason}) from fault
    finally:
        part.unlink(missing_ok=True)


def _open(path: Path, raw: Bytes, options: Options) -> Source:
    kind = kind_of(path.name)
    if kind == "xlsx":
        return Workbook(path, options.reading)
    if kind == "parquet":
        return ParquetFile(path, options.reading)
    return TextFile(path, raw, options.reading)


class Conversion:
    """One file on its way to its answer.

    Parameters
    ----------
    source : Path
        The file.
    options : Options
        Methods, and how the file is to be read.
    by : str or None
        Column to add up by.
    kind : Kind
        Kind of the answer.

    Raises
    ------
    FileError
        When it cannot be used.
    """

    def __init__(self, source: Path, options: Options, by: str | None, kind: Kind) -> None:
        self._path, self._options, self._kind = source, options, kind
        self._choices = [choice(name) for name in dict.fromkeys(options.methods)]
        try:
            self._raw = read_bytes(source)
        except OSError as fault:
            reason = fault.strerror or str(fault)
            raise UnreadableFile({"path": source.name, "reason": reason}) from fault
        self._source = _open(source, self._raw, options)
        self._check_dates()
        headings = self._source.headings
        names = [each.name for each in self._choices]
        self._rows = Rows(headings, self._source.style, self._choices, options.dataset)
        self._summary = None if by is None else Summary(by, headings, names)

    def _check_dates(self) -> None:
        headings = self._source.headings
        for each in self._choices:
            if each.first_days and "date" not in headings.places:
                found = ", ".join(map(repr, headings.names))
                raise MissingColumn({"option": each.name, "column": "date", "found": found})

    def _target(self, file: IO[bytes]) -> Target:
        if self._kind == "xlsx":
            return WorkbookTarget(file, self._source.kind)
        if self._kind == "parquet":
            return ParquetTarget(file, self._source.kind)
        return TextTarget(file, self._source.kind, self._source.style)

    def into(self, file: IO[bytes], progress: Progress = _quiet) -> Done:
        """Write the answer and return from what it was made."""
        target = self._target(file)
        target.begin(self._source)
        for chunk in self._source.chunks():
            answers = self._rows.answer(chunk)
            target.rows(chunk, answers)
            if self._summary is not None:
                self._summary.add(chunk, answers)
            progress(self._rows.counts.rows)
        target.end()
        file.seek(0)
        digest = hashlib.sha256()
        while block := file.read(BLOCK):
            digest.update(block)
        return Done(self._manifest(digest.hexdigest()), self._summary)

    def _manifest(self, sha256: str) -> dict[str, Any]:
        methods = [
            {"chosen": each.name, "editions": [{"id": i, "version": v} for i, v in each.versions]}
            for each in self._choices
        ]
        source = self._source
        return {
            "format": manifest.FORMAT,
            "input": {
                "name": self._path.name,
                "sha256": self._raw.sha256,
                "bytes": self._raw.size,
            },
            "output": {"name": "", "kind": self._kind, "sha256": sha256},
            "versions": manifest.versions(),
            "methods": methods,
            "dataset": manifest.tables_of(self._options.dataset),
            "options": self._options.as_json(),
            "detected": {
                "kind": source.kind,
                **source.told,
                "columns": source.headings.told,
                "places_read_from_names": dict(sorted(self._rows.names.items())),
            },
            "counts": asdict(self._rows.counts),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a verification compared."""

    what: str
    same: bool


def verify(
    path: Path, source: Path | None = None, target: Path | None = None, progress: Progress = _quiet
) -> list[Check]:
    """Make an answer again from its input and compare.

    Parameters
    ----------
    path : Path
        The manifest.
    source, target : Path, optional
        Input and answer; beside the manifest, by the names it holds, when absent.
    progress : callable, optional
        Told the rows done so far.

    Returns
    -------
    list of Check
        Input, data set, answer made again, and the answer as it lies there.

    Raises
    ------
    FileError
        When the manifest, the input or the answer cannot be read.
    """
    told = manifest.read(path)
    options = manifest.options_of(told)
    source = source or path.with_name(told["input"]["name"])
    target = target or path.with_name(told["output"]["name"])
    try:
        lying = read_bytes(target).sha256
    except OSError as fault:
        raise BadManifest({"path": path.name, "reason": f"there is no {target.name}"}) from fault
    again = Conversion(source, options, None, told["output"]["kind"])
    with tempfile.TemporaryFile() as file:
        done = again.into(file, progress).manifest
    wanted = told["output"]["sha256"]
    return [
        Check(f"input {source.name}", done["input"]["sha256"] == told["input"]["sha256"]),
        Check(f"data set {told['dataset']['id']}", done["dataset"] == told["dataset"]),
        Check("answer made again", done["output"]["sha256"] == wanted),
        Check(f"answer {target.name}", lying == wanted),
    ]

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

from calculators.errors import BadManifest, MissingColumn, UnknownDataset, UnreadableFile
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
    keeps: bool = True,
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
    keeps : bool
        The input stays where it is, so that the manifest says where.

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
    if keeps:
        done.manifest["input"]["path"] = manifest.relative(source, target.parent)
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
        raise UnreadableFile({"path": str(target), "reason": reason}) from fault
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
        self._raw = _bytes_of(source)
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
                "not_used": list(source.headings.unused),
                "places_read_from_names": dict(sorted(self._rows.names.items())),
            },
            "counts": asdict(self._rows.counts),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a verification compared.

    Attributes
    ----------
    what : str
        What was compared.
    same : bool
        It is the same.
    matters : bool
        A difference means that the answer is not verified. Other versions of the program do not
        matter by themselves: the bytes do.
    """

    what: str
    same: bool
    matters: bool = True


def verify(
    path: Path, source: Path | None = None, target: Path | None = None, progress: Progress = _quiet
) -> list[Check]:
    """Make an answer again from its input and compare all that the manifest holds.

    Parameters
    ----------
    path : Path
        The manifest.
    source : Path, optional
        The input; by default where the manifest says it lay from there, else beside the manifest
        under its name.
    target : Path, optional
        The answer; by default beside the manifest under its name.
    progress : callable, optional
        Told the rows done so far.

    Returns
    -------
    list of Check
        Input, data set, answer made again, the answer as it lies there, what else is recorded, and
        the versions.

    Raises
    ------
    FileError
        When the manifest, the input or the answer cannot be read.
    """
    told = manifest.read(path)
    options = manifest.options_of(told)
    source = source or manifest.input_of(path, told)
    target = target or path.with_name(told["output"]["name"])
    for place, word in ((source, "IN"), (target, "OUT")):
        if not place.is_file():
            reason = f"there is no {place}; give {word}, as in: flights IN OUT --verify MANIFEST"
            raise BadManifest({"path": path.name, "reason": reason})
    if source.samefile(target):
        reason = f"{source} is the answer; give IN and OUT, as in: flights IN OUT --verify MANIFEST"
        raise BadManifest({"path": path.name, "reason": reason})
    lying = _bytes_of(target).sha256
    try:
        again = Conversion(source, options, None, kind_of(told["output"]["name"]))
    except UnknownDataset as fault:
        if manifest.OPERATOR not in str(options.dataset):
            raise
        reason = f"it was made on an operator's own data ({options.dataset}); give"
        reason += " --operator-data FOLDER with the same files"
        raise BadManifest({"path": path.name, "reason": reason}) from fault
    with tempfile.TemporaryFile() as file:
        done = manifest.plain(again.into(file, progress).manifest)
    return _compared(done, told, lying, source, target)


def _compared(
    done: dict[str, Any], told: dict[str, Any], lying: str, source: Path, target: Path
) -> list[Check]:
    wanted = told["output"]["sha256"]
    inputs = all(done["input"][name] == told["input"].get(name) for name in ("sha256", "bytes"))
    checks = [
        Check(f"input {source.name}", inputs),
        Check(f"data set {done['dataset']['id']}", done["dataset"] == told["dataset"]),
        Check("answer made again", done["output"]["sha256"] == wanted),
        Check(f"answer {target.name}", lying == wanted),
    ]
    rest = dict.fromkeys([*done, *told])
    for name in ("format", "input", "output", "dataset", "versions"):
        rest.pop(name, None)
    checks += [Check(name, done.get(name) == told.get(name)) for name in rest]
    kind = done["output"]["kind"] == told["output"].get("kind")
    checks.append(Check("kind of the answer", kind))
    checks.append(_versions(done["versions"], told.get("versions")))
    return checks


def _versions(here: dict[str, str], then: object) -> Check:
    if here == then:
        return Check("versions", same=True, matters=False)
    if not isinstance(then, dict):
        return Check("versions: none are recorded", same=False)
    names = [name for name in dict.fromkeys([*here, *then]) if here.get(name) != then.get(name)]
    listed = ", ".join(f"{n} {then.get(n, 'absent')}, here {here.get(n, 'absent')}" for n in names)
    return Check(f"made with other versions: {listed}", same=False, matters=False)


def _bytes_of(path: Path) -> Bytes:
    try:
        return read_bytes(path)
    except OSError as fault:
        raise UnreadableFile({"path": str(path), "reason": fault.strerror or str(fault)}) from fault

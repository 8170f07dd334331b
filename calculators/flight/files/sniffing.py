"""How is a text file written: which bytes, which delimiter, which line ends?

One pass over the bytes tells the encoding, for a first accent may come in the last row.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from calculators.errors import UnknownOption
from calculators.flight.files.headings import heading_row, matched

DELIMITERS: Final = (",", ";", "\t", "|")
"""What may stand between cells; the first wins among equals."""

ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
"""What the bytes of a file may mean."""

TITLE_ROWS: Final = 20
"""Rows that may stand above the headings."""

BLOCK: Final = 1 << 20  # bytes read at a time
_SAMPLE: Final = 1 << 18  # bytes that the delimiter is told from
_ROWS: Final = 200  # rows that the delimiter is told from
_MARK: Final = "\ufeff"
_UNDEFINED: Final = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # bytes that cp1252 gives no meaning to
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NEWLINE: Final = re.compile("\r\n|\n|\r")
_SPELLED: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True)
class Bytes:
    """What one pass over a file tells.

    Attributes
    ----------
    sha256 : str
        Checksum of the file.
    size : int
        Its bytes.
    encoding : str
        One of `ENCODINGS`.
    mark : bool
        A byte order mark stands at the start.
    broken : bool
        Some bytes are not of the encoding; they come back as they were.
    """

    sha256: str
    size: int
    encoding: str
    mark: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a text file are told apart."""

    delimiter: str
    newline: str


class _Utf8:
    """Follows the bytes of a file and tells whether they are UTF-8, and else what they may be."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._seen = False  # letters beyond ASCII that were UTF-8
        self._failed = False
        self._undefined = False

    def feed(self, block: bytes, *, final: bool) -> None:
        if block.isascii() and self._decoder.getstate()[0] == b"":
            return
        self._undefined = self._undefined or any(byte in block for byte in _UNDEFINED)
        if self._failed:
            return
        try:
            self._seen = not self._decoder.decode(block, final).isascii() or self._seen
        except UnicodeDecodeError as fault:
            self._failed = True
            self._seen = self._seen or not fault.object[: fault.start].isascii()

    def answer(self) -> tuple[str, bool]:
        """Return the encoding, and whether bytes are broken: UTF-8 once seen stays UTF-8."""
        if not self._failed or self._seen:
            return "utf-8", self._failed
        return ("latin-1" if self._undefined else "cp1252"), False


def read_bytes(path: Path) -> Bytes:
    """Return checksum and encoding of a file, in one pass."""
    digest, size, utf8, head = hashlib.sha256(), 0, _Utf8(), b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            head = head or block
            digest.update(block)
            size += len(block)
            utf8.feed(block, final=False)
    utf8.feed(b"", final=True)
    encoding, broken = utf8.answer()
    known = _marked(head) or _unmarked_utf16(head)
    if known is not None:
        encoding, broken = known, broken and known == "utf-8"
    return Bytes(digest.hexdigest(), size, encoding, _marked(head) is not None, broken)


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> str | None:
    """Return the UTF-16 that has a NUL in nearly every second byte, as Latin letters give."""
    sample = head[:4096]
    half = len(sample) // 2
    if half == 0:
        return None
    zeros = {"utf-16-be": sample[0::2].count(0), "utf-16-le": sample[1::2].count(0)}
    likely = max(zeros, key=lambda name: zeros[name])
    return likely if zeros[likely] > 0.7 * half else None


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open a file so that bytes that are not UTF-8 come back as they were; a mark is skipped."""
    errors = "surrogateescape" if encoding == "utf-8" else "strict"
    file = path.open("r", encoding=encoding, errors=errors, newline="")
    try:
        if file.read(1) != _MARK:
            file.seek(0)
    except UnicodeDecodeError:
        file.close()
        raise
    return file


def spelled(delimiter: str | None) -> str | None:
    """Return the delimiter a caller names, by itself or as a word such as tab.

    Raises
    ------
    UnknownOption
        When it is more than one character.
    """
    if delimiter is None:
        return None
    meant = _SPELLED.get(delimiter.lower(), delimiter)
    if len(meant) != 1 or meant in '"\r\n':
        raise UnknownOption({"name": "delimiter", "given": delimiter}, tuple(_SPELLED))
    return meant


def told_encoding(encoding: str | None) -> str | None:
    """Return the encoding a caller names, in the spelling of `ENCODINGS`.

    Raises
    ------
    UnknownOption
        When it is none of `ENCODINGS`.
    """
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = encoding
    name = {"iso8859-1": "latin-1", "utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(name, name)
    if name not in ENCODINGS:
        raise UnknownOption({"name": "encoding", "given": encoding}, ENCODINGS)
    return name


def tell_dialect(sample: str, delimiter: str | None, given: Mapping[str, str]) -> Dialect:
    """Return how the cells of a text are told apart.

    Parameters
    ----------
    sample : str
        The beginning of the file.
    delimiter : str or None
        As the caller says; None to look for it.
    given : mapping of str to str
        Headings that the caller assigned to columns.
    """
    found = _NEWLINE.search(sample)
    newline = found.group() if found else "\n"
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda mark: _score(sample, mark, given))
    return Dialect(delimiter, newline)


def _score(sample: str, delimiter: str, given: Mapping[str, str]) -> tuple[int, int]:
    """Return (known columns, cells of the row that has them, or of the most common width)."""
    rows = _rows(sample, delimiter)
    found = heading_row(rows[:TITLE_ROWS], given)
    if found is not None:
        return len(matched(rows[found], given)), len(rows[found])
    widths = [len(row) for row in rows if len(row) > 1]
    return 0, max(widths, key=widths.count, default=0)


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a sample; its last line may be cut."""
    lines = list(io.StringIO(sample, newline=""))[:_ROWS]
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a quoted cell without end; the rows before it tell enough
        return rows
    return rows


def sample_of(path: Path, encoding: str) -> str:
    """Return the beginning of a text file.

    Raises
    ------
    UnicodeDecodeError
        When it is not of that encoding.
    """
    with open_text(path, encoding) as file:
        return file.read(_SAMPLE)

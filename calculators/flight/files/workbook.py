"""How is a workbook (XLSX) read and written? Row by row, never evaluated.

Formulas are read as the values that the spreadsheet stored beside them. A text that begins with an
equals sign comes back as a text. Needs ``pip install offset-platform[xlsx]``.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from calculators.errors import MissingExtra, UnknownOption, UnreadableFile, WorkbookTooLarge
from calculators.flight.files.headings import Headings, heading_row, read_headings
from calculators.flight.files.sniffing import TITLE_ROWS
from calculators.flight.files.tables import Chunk, Kind, Reading, Source, Style, told_style
from calculators.flight.files.writing import added_headings

if TYPE_CHECKING:
    from types import ModuleType

    from calculators.flight.files.rows import Answer

MOST_BYTES: Final = 200_000_000
"""Most bytes that a workbook may hold once unpacked."""

MOST_MEMBERS: Final = 1_000
"""Most files in a workbook."""

CHUNK: Final = 8_192
"""Rows in memory at a time: a cell of a workbook is larger than its text."""

_JUDGED: Final = 1_000  # rows that decimal mark and dates are told from
_STILL: Final = (1980, 1, 1, 0, 0, 0)  # the first moment an archive can tell
_MOMENT: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CORE: Final = "docProps/core.xml"


def _openpyxl() -> ModuleType:
    try:
        import openpyxl  # noqa: PLC0415 - an extra, loaded when a workbook is opened
    except ImportError as fault:
        raise MissingExtra({"kind": "xlsx"}) from fault
    return openpyxl  # type: ignore[no-any-return,unused-ignore]


def _bounded(path: Path) -> None:
    """Refuse an archive that unpacks to more than is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise UnreadableFile({"path": path.name, "reason": "it is not a workbook"}) from fault
    size = sum(member.file_size for member in members)
    for what, given, most in (("files", len(members), MOST_MEMBERS), ("bytes", size, MOST_BYTES)):
        if given > most:
            raise WorkbookTooLarge({"path": path.name, "what": what, "given": given, "most": most})


def as_text(value: object) -> str:
    """Return what a cell of a workbook says: dates as ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class Workbook:
    """One sheet of a workbook.

    Parameters
    ----------
    path : Path
        The file.
    wanted : Reading
        What the caller says.

    Raises
    ------
    MissingExtra, UnreadableFile, WorkbookTooLarge, UnknownOption, UnknownHeading, UnknownColumns
        When it cannot be used.
    """

    kind: Kind = "xlsx"

    def __init__(self, path: Path, wanted: Reading) -> None:
        openpyxl = _openpyxl()
        _bounded(path)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        except (KeyError, ValueError, OSError, SyntaxError) as fault:
            raise UnreadableFile({"path": path.name, "reason": "it is not a workbook"}) from fault
        self._sheet, top, rows = self._choose(wanted)
        self._top = top
        self.title: Sequence[Any] = rows[:top]
        self.head = rows[top]
        texts = [[as_text(cell.value) for cell in row] for row in rows[top : top + _JUDGED]]
        while len(texts[0]) > 1 and not texts[0][-1].strip():
            texts[0].pop()  # columns that only carry a format
        self.headings: Headings = read_headings(texts[0], wanted.columns)
        decimal, dates = told_style(texts[1:], self.headings, wanted, "")
        self.style = Style(decimal, dates)
        self.told: Mapping[str, str | int | bool] = {
            "sheet": self._sheet.title,
            "decimal": decimal,
            "dates": dates,
            "heading_row": top + 1,
        }

    def _choose(self, wanted: Reading) -> tuple[Any, int, list[Any]]:
        """Return the sheet named, or the first with headings, its heading row and first rows."""
        names = self._book.sheetnames
        if wanted.sheet is not None and wanted.sheet not in names:
            raise UnknownOption({"name": "sheet", "given": wanted.sheet}, tuple(names))
        found = []
        for name in [wanted.sheet] if wanted.sheet is not None else names:
            sheet = self._book[name]
            rows = list(sheet.iter_rows(max_row=TITLE_ROWS + _JUDGED))
            texts = [[as_text(cell.value) for cell in row] for row in rows[:TITLE_ROWS]]
            top = heading_row(texts, wanted.columns)
            if top is not None:
                return sheet, top, rows
            found.append((sheet, 0, rows))
        filled = [each for each in found if each[2]]
        if not filled:
            raise UnreadableFile({"path": "workbook", "reason": "no sheet has a row"})
        return filled[0]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows below the headings."""
        row, width = self._top + 2, len(self.headings.names)
        kept: list[Any] = []
        for cells in self._sheet.iter_rows(min_row=row):
            kept.append(cells[:width] if not any(c.value for c in cells[width:]) else cells)
            if len(kept) == CHUNK:
                yield self._chunk(row, kept)
                row, kept = row + CHUNK, []
        if kept:
            yield self._chunk(row, kept)

    @staticmethod
    def _chunk(row: int, kept: list[Any]) -> Chunk:
        records = [[as_text(cell.value) for cell in cells] for cells in kept]
        return Chunk(row, tuple(kept), records)


class WorkbookTarget:
    """Writes a workbook of one sheet; its bytes depend on nothing but its cells.

    Parameters
    ----------
    file : binary file
        Where to.
    source_kind : Kind
        Cells of a workbook keep their values and number formats; other rows come as text.
    """

    def __init__(self, file: IO[bytes], source_kind: Kind) -> None:
        self._file, self._as_it_stood = file, source_kind == "xlsx"
        openpyxl = _openpyxl()
        self._book = openpyxl.Workbook(write_only=True)
        self._cell = openpyxl.cell.WriteOnlyCell
        self._sheet = self._book.create_sheet("flights")
        self._width = 0

    def begin(self, source: Source) -> None:
        """Write what stands above the rows."""
        self._width = len(source.headings.names)
        if self._as_it_stood:
            for row in source.title:
                self._sheet.append([self._copy(cell) for cell in row])
        self._sheet.append(
            [
                self._text(n)
                for n in (*source.headings.names, *added_headings(source.headings.names))
            ]
        )

    def rows(self, chunk: Chunk, answers: Sequence[Answer]) -> None:
        """Write rows, each once for every answer."""
        values = [answer.figures.T.tolist() for answer in answers]
        for index, record in enumerate(chunk.records):
            for answer, figures in zip(answers, values, strict=True):
                # Made anew for each answer: the writer puts values into cells it has seen.
                if self._as_it_stood:
                    cells = [self._copy(cell) for cell in chunk.kept[index]]
                else:
                    cells = [self._text(text) for text in record]
                own, extra = cells[: self._width], cells[self._width :]
                own += [None] * (self._width - len(own))
                label = (*answer.labels, ("", ""))[answer.label[index]]
                added = [*map(self._text, label), *map(self._number, figures[index])]
                said = self._text(answer.said.get(index, ""))
                self._sheet.append([*own, *added, said, *extra])

    def end(self) -> None:
        """Write the workbook, without the moment it was written."""
        with tempfile.TemporaryFile() as made:
            self._book.save(made)
            with zipfile.ZipFile(made) as old, zipfile.ZipFile(self._file, "w") as new:
                for member in old.infolist():
                    _still(old, new, member.filename)

    def _text(self, text: str) -> Any:
        """Return a cell that is a text even when it begins like a formula."""
        if not text:
            return None
        cell = self._cell(self._sheet, value="")
        cell._value, cell.data_type = _printable(text), "s"  # noqa: SLF001 - no other way past formulas
        return cell

    def _number(self, value: float) -> Any:
        """Return a cell of its own: a bare number would be written into the cell before it."""
        return None if value != value else self._cell(self._sheet, value=value)  # noqa: PLR0124 - NaN is not itself

    def _copy(self, cell: Any) -> Any:
        if cell.value is None:
            return None
        if isinstance(cell.value, str):
            own = self._text(cell.value)
            if cell.data_type == "e" and own is not None:
                own.data_type = "e"  # what a formula failed with, such as #N/A
            return own
        own = self._cell(self._sheet, value=cell.value)
        own.number_format = cell.number_format
        return own


def _printable(text: str) -> str:
    """Return a text without the control letters that a workbook cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def _still(old: zipfile.ZipFile, new: zipfile.ZipFile, name: str) -> None:
    """Copy a member of an archive as if it had been written at no particular moment."""
    info = zipfile.ZipInfo(name, _STILL)
    info.compress_type = zipfile.ZIP_DEFLATED
    if name == _CORE:
        new.writestr(info, _MOMENT.sub(b"1980-01-01T00:00:00Z", old.read(name)))
        return
    with old.open(name) as from_, new.open(info, "w") as to:
        shutil.copyfileobj(from_, to)

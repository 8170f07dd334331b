"""How does a table of any length become a workbook without filling the memory?

The smallest form of Office Open XML (ECMA-376): one part a sheet, texts inside their cells. The
libraries that write workbooks keep to a few thousand rows a second; books have millions of lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MOST_ROWS: Final = 1_048_575
_BATCH: Final = 500
# what XML cannot hold at all
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# zip files know no year before 1980; the same books give the same bytes
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


def write(
    out: BinaryIO,
    name: str,
    names: Sequence[str],
    numbers: Sequence[bool],
    rows: Iterator[Sequence[str]],
) -> None:
    """Write rows below their names; a full sheet is followed by another.

    Parameters
    ----------
    out
        Where the workbook goes.
    name
        The name of the first sheet.
    names
        The names of the columns.
    numbers
        Which columns hold numbers, written with a decimal point.
    rows
        The cells as text.
    """
    write_sheets(out, [Sheet(name, names, numbers, rows)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook: its name, the names of its columns, which hold numbers, its rows."""

    name: str
    names: Sequence[str]
    numbers: Sequence[bool]
    rows: Iterator[Sequence[str]]


def write_sheets(out: BinaryIO, tables: Iterable[Sheet]) -> None:
    """Write several tables into one workbook, one after the other, row by row."""
    sheets: list[str] = []
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as book:
        for table in tables:
            for count, part in enumerate(_sheets(table.rows), start=1):
                sheets.append(table.name if count == 1 else f"{table.name} {count}")
                place = _part(f"xl/worksheets/sheet{len(sheets)}.xml")
                with book.open(place, "w", force_zip64=True) as file:
                    for piece in _sheet(table.names, table.numbers, part):
                        file.write(piece.encode())
        for path, content in _frame(sheets).items():
            book.writestr(_part(path), _HEAD + content)


def _sheet(
    names: Sequence[str], numbers: Sequence[bool], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        "</sheetView></sheetViews><sheetData>"
    )
    yield _row([_text(cell) for cell in names])
    writers = [_number if number else _text for number in numbers]
    waiting: list[str] = []
    for row in rows:
        waiting.append(_row([put(cell) for put, cell in zip(writers, row, strict=True)]))
        if len(waiting) == _BATCH:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)
    yield "</sheetData></worksheet>"


def _row(cells: Iterable[str]) -> str:
    return f"<row>{''.join(cells)}</row>"


def _number(text: str) -> str:
    return f"<c><v>{text}</v></c>" if text else "<c/>"


def _text(text: str) -> str:
    if not text:
        return "<c/>"
    if not text.isprintable():
        text = _UNWRITABLE.sub("", text)
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _sheets(rows: Iterator[Sequence[str]]) -> Iterator[Iterator[Sequence[str]]]:
    """Cut rows into sheets; there is one sheet even without any row."""
    first: Sequence[str] | None = next(rows, None)
    if first is None:
        yield iter(())
    while first is not None:
        yield _one_sheet(first, rows)
        first = next(rows, None)


def _one_sheet(first: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield first
    for _ in range(MOST_ROWS - 1):
        row = next(rows, None)
        if row is None:
            return
        yield row


def _part(path: str) -> ZipInfo:
    part = ZipInfo(path, _MOMENT)
    part.compress_type = ZIP_DEFLATED
    return part


def _frame(sheets: Sequence[str]) -> dict[str, str]:
    """Write the parts that say what the others are."""
    counted = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{s}" sheetId="{n}" r:id="rId{n}"/>' for n, s in counted)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for n, _ in counted
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in counted
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
            f"{types}</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
            f' Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
        ),
    }

"""Do workbooks and columns of Parquet come back with their own values, and from one to another?"""

from __future__ import annotations

import builtins
import csv
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calculators.errors import FileError, MissingExtra, WorkbookTooLarge
from calculators.flight.files import workbook
from calculators.flight.files.conversion import convert
from calculators.flight.files.workbook import as_text
from tests.calculators.flight.files.asking import Asked, options

DAY = dt.datetime(2025, 3, 1)  # noqa: DTZ001 - a workbook knows no time zone


def a_workbook(path: Path) -> Path:
    """A workbook as an accountant has it: a merged title, a date, a sum, an empty first sheet."""
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Vols")
    sheet.append(["Vols 2025"])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(["Départ", "Arrivée", "Date de vol", "Prix", "Classe"])
    sheet.append(["CDG", "JNB", DAY, 12.5, "Affaires"])
    sheet.append(["CDX", "JNB", 45717, 3, None])
    sheet.append(["LHR", "JFK", "02/01/2025", "=1+1", "Y"])
    sheet["A6"].data_type = "s"
    sheet.cell(4, 8).value = "beyond"
    sheet["D6"].data_type = "s"
    book.save(path)
    return path


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path)
    return list(book.active.iter_rows(values_only=True))


def test_a_workbook_comes_back_with_titles_dates_and_texts(tmp_path: Path) -> None:
    source, target = a_workbook(tmp_path / "in.xlsx"), tmp_path / "out.xlsx"
    done = convert(source, target, options("by-date"))
    rows = rows_of(target)
    assert done.manifest["detected"]["sheet"] == "Vols"
    assert done.manifest["detected"]["heading_row"] == 3
    assert rows[0][0] == "Vols 2025"
    assert rows[2][:7] == (
        "Départ",
        "Arrivée",
        "Date de vol",
        "Prix",
        "Classe",
        "method",
        "version",
    )
    assert rows[3][:6] == ("CDG", "JNB", DAY, 12.5, "Affaires", "desnz-2025")
    assert rows[3][-1] == "beyond"
    assert rows[4][13].startswith("Row 5, Départ 'CDX'")
    assert rows[5][3] == "=1+1"
    assert openpyxl.load_workbook(target).active["D6"].data_type == "s"
    assert rows[5][10] > 0


@pytest.mark.parametrize(
    "methods", [("ademe",), ("ademe", "tim-3"), ("tim-3", "ademe", "icao-style")]
)
def test_every_cell_of_a_workbook_comes_back_once_for_each_method(
    tmp_path: Path, methods: tuple[str, ...]
) -> None:
    """Cells of every type, the last of the row among them, whatever stands after them."""
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    rows = [
        ("CDG", "JNB", 12.5, True, DAY, None, "CDG"),
        ("JNB", "CDG", 3, False, dt.time(9, 30), "x", DAY),
        ("LHR", "XXX", None, None, None, None, 7),
        ("LHR", "JFK", -1.25, "#N/A", "text", 0, None),
        ("LHR", "DXB", 1, True, DAY.replace(hour=9), "1", False),
    ]
    book = openpyxl.Workbook()
    for row in [("from", "to", "a", "b", "c", "d", "e"), *rows]:
        book.active.append(row)
    book.save(source)
    convert(source, target, options(*methods))
    told = rows_of(target)[1:]
    alone = {}
    for method in methods:
        convert(source, tmp_path / f"{method}.csv", options(method))
        with (tmp_path / f"{method}.csv").open(encoding="utf-8-sig", newline="") as file:
            alone[method] = [row[7:] for row in csv.reader(file)][1:]
    assert len(told) == len(rows) * len(methods)
    for at, cells in enumerate(told):
        number, method = at // len(methods), methods[at % len(methods)]
        assert cells[:7] == rows[number]
        assert [type(cell) for cell in cells[:7]] == [type(cell) for cell in rows[number]]
        assert cells[7] == method
        wanted = [float(text) if text else None for text in alone[method][number][2:8]]
        assert list(cells[9:15]) == wanted
        assert (cells[15] or "") == alone[method][number][8]
    assert openpyxl.load_workbook(target).active["D" + str(2 + 3 * len(methods))].data_type == "e"


def test_a_text_becomes_a_workbook_with_several_methods(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to,who\nCDG,JNB,a\nCDX,JNB,2\n")
    convert(asked.source, tmp_path / "out.xlsx", options("tim-3", "ademe"))
    told = rows_of(tmp_path / "out.xlsx")[1:]
    assert [row[:4] for row in told] == [
        ("CDG", "JNB", "a", "tim-3"),
        ("CDG", "JNB", "a", "ademe"),
        ("CDX", "JNB", "2", "tim-3"),
        ("CDX", "JNB", "2", "ademe"),
    ]
    assert all(isinstance(row[8], float) for row in told[:2])


def test_a_workbook_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    source = a_workbook(tmp_path / "in.xlsx")
    for name in ("a.xlsx", "b.xlsx"):
        convert(source, tmp_path / name, options())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_from_a_workbook_to_text_and_columns_and_back(tmp_path: Path) -> None:
    source = a_workbook(tmp_path / "in.xlsx")
    convert(source, tmp_path / "out.csv", options())
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert text.startswith("Départ,Arrivée,Date de vol,Prix,Classe,method,")
    assert "CDG,JNB,2025-03-01,12.5,Affaires,tim-3" in text
    convert(source, tmp_path / "out.parquet", options("tim-3", "ademe"))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column("method").to_pylist()[:4] == ["tim-3", "ademe", "tim-3", "ademe"]
    assert table.column("Prix").to_pylist()[0] == "12.5"
    convert(tmp_path / "out.parquet", tmp_path / "again.xlsx", options())
    assert rows_of(tmp_path / "again.xlsx")[1][:2] == ("CDG", "JNB")


def test_columns_keep_their_types(tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = pa.table(
        {
            "origin": ["CDG", "CDX"],
            "destination": ["JNB", None],
            "date": [dt.date(2025, 1, 1)] * 2,
            "paid": [1.5, None],
            "travellers": [1, -2],
        }
    )
    pq.write_table(table, source)
    convert(source, target, options())
    back = pq.read_table(target)
    assert back.select(table.column_names).equals(table)
    assert back.column("co2e_kg").to_pylist()[0] > 0
    assert back.column("co2e_kg").to_pylist()[1] is None
    assert back.column("fault").to_pylist()[1].startswith("Row 3, origin 'CDX'")
    pq.write_table(table.slice(0, 0), source)
    convert(source, target, options())
    assert pq.read_table(target).num_rows == 0


def test_a_text_with_letters_that_other_kinds_cannot_hold(tmp_path: Path) -> None:
    asked = Asked(tmp_path, b"from,to,\nCDG,JNB,\x01\xc3\xa9\nCDG,JNB,\xff\n")
    convert(asked.source, tmp_path / "out.xlsx", options())
    assert rows_of(tmp_path / "out.xlsx")[1][2] == "\ufffdé"
    convert(asked.source, tmp_path / "out.parquet", options())
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column("column_3").to_pylist() == ["\x01é", "?"]


def test_files_that_are_not_of_their_kind(tmp_path: Path) -> None:
    for name in ("in.xlsx", "in.parquet"):
        (tmp_path / name).write_bytes(b"from,to\nCDG,JNB\n")
        with pytest.raises(FileError, match="it is not"):
            convert(tmp_path / name, tmp_path / "out.csv", options())
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(FileError, match="it is not a workbook"):
        convert(tmp_path / "in.xlsx", tmp_path / "out.csv", options())


def test_a_sheet_by_name_and_a_workbook_without_rows(tmp_path: Path) -> None:
    source = a_workbook(tmp_path / "in.xlsx")
    with pytest.raises(FileError, match=r"'Flüge' is not a value of sheet.*Notes"):
        convert(source, tmp_path / "out.csv", options(sheet="Flüge"))
    with pytest.raises(FileError, match="no sheet has a row"):
        convert(source, tmp_path / "out.csv", options(sheet="Notes"))
    done = convert(source, tmp_path / "out.csv", options(sheet="Vols"))
    assert done.manifest["detected"]["sheet"] == "Vols"
    book = openpyxl.Workbook()
    book.active.append(["Von", "Nach", None])
    book.save(source)
    with pytest.raises(FileError, match="Found: 'Von', 'Nach'"):
        convert(source, tmp_path / "out.csv", options())


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_workbook(tmp_path / "in.xlsx")
    monkeypatch.setattr(workbook, "MOST_BYTES", 100)
    with pytest.raises(WorkbookTooLarge, match="bytes, at most 100 are read"):
        convert(source, tmp_path / "out.csv", options())
    monkeypatch.setattr(workbook, "MOST_MEMBERS", 1)
    with pytest.raises(WorkbookTooLarge, match="files, at most 1 are read"):
        convert(source, tmp_path / "out.csv", options())


def test_rows_of_a_workbook_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "CHUNK", 2)
    source = a_workbook(tmp_path / "in.xlsx")
    done = convert(source, tmp_path / "out.csv", options())
    assert done.manifest["counts"]["rows"] == 3
    monkeypatch.setattr(workbook, "CHUNK", 3)
    assert convert(source, tmp_path / "out.csv", options()).manifest["counts"]["rows"] == 3
    assert "Row 5, D" in (tmp_path / "out.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_kind_whose_reader_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    usual = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name in {"openpyxl", "pyarrow"}:
            raise ImportError(name)
        return usual(name, *rest)

    source = tmp_path / f"in.{kind}"
    source.write_bytes(b"x")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=rf"pip install offset-platform\[{kind}\]"):
        convert(source, tmp_path / "out.csv", options())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (2.5, "2.5"),
        (DAY, "2025-03-01"),
        (DAY.replace(hour=9), "2025-03-01 09:00:00"),
        (DAY.date(), "2025-03-01"),
        (dt.time(9), "09:00:00"),
        ("x", "x"),
    ],
)
def test_a_cell_as_text(value: object, text: str) -> None:
    assert as_text(value) == text

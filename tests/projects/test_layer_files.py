"""Is a laboratory's file read as what it is, within bounds, and refused where it is not a table?"""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator

import openpyxl
import pytest

from calculators.soil import samples
from offset.errors import InvalidInput
from offset.projects import layer_files
from tests.builders import soil

LINES = soil.rows()
AREAS = {part.name: part.area_ha for part in soil.STRATA}


def read(data: bytes) -> tuple[list[tuple[int, dict[str, str]]], layer_files.Table]:
    table = layer_files.opened(data)
    return [(number, dict(cells)) for number, cells in table.rows], table


def cores(data: bytes) -> samples.Samples:
    table = layer_files.opened(data)
    found = samples.read_numbered(table.rows, table.headings, round_number=0, areas=AREAS)
    assert found.samples is not None, [str(one) for one in found.faults]
    assert table.faults == []
    return found.samples


def refused(data: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        read(data)
    assert refusal.value.field == "file"
    return refusal.value


def with_semicolons(data: bytes) -> bytes:
    return data.replace(b",", b";").replace(b".", b",")


@pytest.mark.parametrize(
    "data",
    [
        soil.table(LINES),
        b"\xef\xbb\xbf" + soil.table(LINES),
        soil.table(LINES).decode().encode("utf-16"),
        with_semicolons(soil.table(LINES)),
        b"sep=;\r\n" + with_semicolons(soil.table(LINES)),
        soil.table(LINES).replace(b",", b"\t"),
        soil.table(LINES).replace(b",", b"|"),
        soil.table(LINES).replace(b"\n", b"\r\n"),
        soil.table(LINES).replace(b"\n", b"\n\n"),
        soil.table(LINES, soil.HEADINGS.upper().replace("_", " ")),
        soil.table([f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in LINES]),
        soil.workbook(LINES),
        soil.workbook(LINES, sheets=["My table"]),
    ],
    ids=[
        "csv", "mark", "utf-16", "decimal-comma", "sep", "tabs", "bars", "crlf", "empty-lines",
        "headings", "quotes", "xlsx", "one-sheet",
    ],
)  # fmt: skip
def test_however_it_is_written_it_holds_the_same(data: bytes) -> None:
    held = cores(data)
    assert held == cores(soil.table(LINES))
    assert (held.rows, len(held.cores)) == (14, 7)
    assert held.cores[0].taken_on == soil.BASELINE_DAY
    assert held.cores[0].rows[0].latitude == 43.3


def test_letters_of_another_table_are_guessed_and_said() -> None:
    data = soil.table([line.replace("North", "Côté") for line in LINES]).decode().encode("cp1252")
    rows, table = read(data)
    assert rows[0][1]["stratum"] == "Côté"
    assert table.notices == ("encoding_guessed",)


def test_rows_keep_their_numbers_where_empty_ones_stand_between() -> None:
    data = soil.table([LINES[0], "", ",,,,,,,,,,", LINES[1]])
    assert [number for number, _ in read(data)[0]] == [2, 5]


def test_empty_lines_above_the_headings_hide_neither_them_nor_their_delimiter() -> None:
    data = b"\n \n" + soil.table(LINES[:1])
    assert [number for number, _ in read(data)[0]] == [4]


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_damaged_on_the_way_is_broken_and_never_more(packed: int) -> None:
    with zipfile.ZipFile(io.BytesIO(soil.workbook(LINES))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", packed) as archive:
        for name, part in held.items():
            archive.writestr(name, part)
    whole = again.getvalue()
    codes = set()
    for place in range(40, len(whole), 97):
        data = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            list(layer_files.opened(data).rows)
        except InvalidInput as fault:
            codes.add(fault.code)
    assert "sheet_broken" in codes


def test_a_comma_too_many_is_a_fault_of_its_row() -> None:
    _, table = read(soil.table([LINES[0].replace("1.500", "1,500"), *LINES[1:]]))
    assert [(one.code, one.row) for one in table.faults] == [("cells_too_many", 2)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "layers_none"),
        (b"\n\n", "layers_none"),
        (b"%PDF-1.7 whatever", "sheet_kind_unknown"),
        (b"<html><table></table></html>", "sheet_kind_unknown"),
        (b'{"rows": []}', "sheet_kind_unknown"),
        (b"\x89PNG\r\n\x1a\n\0\0", "sheet_kind_unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet_old"),
        (b"stratum\x81,core\n", "sheet_encoding"),
        (b"PK\x03\x04broken", "sheet_broken"),
        (soil.zipped({"mimetype": b"application/vnd.oasis.opendocument"}), "sheet_kind_unknown"),
        (soil.table(['North,"1,2021-11-01']), "sheet_broken"),
        (soil.table([]) + b"," * 300 + b"\n", "sheet_broken"),
        (soil.workbook(LINES, sheets=["a", "b"]), "sheet_which"),
        (soil.workbook(LINES)[:-200], "sheet_broken"),
        (b"x" * (layer_files.MOST_BYTES + 1), "file_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


def changed(data: bytes, **parts: bytes) -> bytes:
    """The same archive with other parts; a name's double underscores are slashes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held |= {name.replace("__", "/").replace("_xml", ".xml"): one for name, one in parts.items()}
    return soil.zipped(held)


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    bomb = soil.zipped({"xl/workbook.xml": b"", "xl/a": b"\0" * (layer_files.MOST_UNPACKED + 1)})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert refused(bomb).code == "sheet_hostile"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    many = {f"xl/{n}": b"" for n in range(layer_files.MOST_MEMBERS + 1)}
    assert refused(soil.zipped({"xl/workbook.xml": b"", **many})).code == "sheet_hostile"


def test_a_workbook_that_could_act_is_refused() -> None:
    for part in ("xl__vbaProject.bin", "xl__externalLinks__externalLink1_xml"):
        assert refused(changed(soil.workbook(LINES), **{part: b"x"})).code == "sheet_active"


def test_entities_are_refused_and_never_filled_in() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<si><t>&b;</t></si></sst>"
    )
    found = refused(changed(soil.workbook(LINES), xl__sharedStrings_xml=laughs))
    assert found.code == "sheet_hostile"


def test_formulas_are_faults_with_their_row_and_column_whatever_they_show() -> None:
    book = openpyxl.load_workbook(io.BytesIO(soil.workbook(LINES)))
    sheet = book["layers"]
    sheet["F3"] = "=1+0.5"
    sheet["L2"] = "=HYPERLINK(1)"
    _, table = read(soil.saved(book))
    assert [(one.code, one.row, one.column) for one in table.faults] == [
        ("formula", 2, "12"),
        ("formula", 3, "soc_percent"),
    ]


def test_the_sheet_called_layers_is_read_and_hidden_ones_are_not() -> None:
    assert len(cores(soil.workbook(LINES, sheets=["notes", "Layers"])).cores) == 7
    book = openpyxl.load_workbook(io.BytesIO(soil.workbook(LINES, sheets=["a", "b"])))
    book["b"].sheet_state = "hidden"
    assert len(cores(soil.saved(book)).cores) == 7


def test_days_of_the_other_calendar_are_told_rightly() -> None:
    book = openpyxl.load_workbook(io.BytesIO(soil.workbook(LINES)))
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert cores(soil.saved(book)).cores[0].taken_on == soil.BASELINE_DAY


def test_there_is_an_end_to_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_files, "MOST_LAYERS", 10)
    for data in (soil.table(LINES), soil.workbook(LINES)):
        assert refused(data).code == "layers_too_many"


def with_rows(extra: bytes) -> bytes:
    """A good workbook with more below its last row."""
    book = soil.workbook(LINES)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        part = next(one for one in archive.namelist() if one.startswith("xl/worksheets/sheet"))
        sheet = archive.read(part).replace(b"</sheetData>", extra + b"</sheetData>")
        held = {name: archive.read(name) for name in archive.namelist()}
    return soil.zipped({**held, part: sheet})


def test_empty_tags_and_rows_fill_neither_memory_nor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_files, "_MOST_TAGS", 10_000)
    assert refused(with_rows(b"<a/>" * 20_000)).code == "sheet_hostile"
    monkeypatch.setattr(layer_files, "_MOST_ROWS", 1_000)
    assert refused(with_rows(b"<row/>" * 2_000)).code == "layers_too_many"
    assert refused(soil.table([*LINES, *[""] * 2_000])).code == "layers_too_many"
    assert refused(with_rows(b'<row r="1048577"/>')).code == "sheet_broken"
    assert len(cores(with_rows(b'<row r="99999999999999999999"/>')).cores) == 7


def test_a_tick_is_no_number() -> None:
    book = openpyxl.load_workbook(io.BytesIO(soil.workbook(LINES)))
    book["layers"]["F3"] = True
    table = layer_files.opened(soil.saved(book))
    found = samples.read_numbered(table.rows, table.headings, round_number=0, areas=AREAS)
    told = [(one.code, one.parameters["row"], one.parameters["given"]) for one in found.faults]
    assert told == [("value_impossible", 3, "'TRUE'")]


def test_rows_are_streamed() -> None:
    def lines() -> Iterator[str]:
        for core in range(20_000):
            yield f"North,{core},2021-11-01,0,40,1.5,1.3,fine_earth,,43.3,-0.4"

    data = soil.table(lines())
    table = layer_files.opened(data)
    tracemalloc.start()
    assert sum(1 for _ in table.rows) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()

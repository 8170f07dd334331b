"""Is a file that cannot be used refused with its reason, and is nothing left behind?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calculators.errors import (
    BrokenEncoding,
    FileError,
    OpenQuote,
    RowTooLong,
    UnknownOption,
    UnreadableFile,
)
from calculators.flight.files import text as text_file
from calculators.flight.files.conversion import convert
from calculators.flight.files.sniffing import spelled, told_encoding
from tests.calculators.flight.files.asking import Asked, options

HEAD = b"from,to,who\n"


@pytest.mark.parametrize(
    ("raw", "reading", "error", "says"),
    [
        (b"", {}, UnreadableFile, "the file is empty"),
        (b"\n \n", {}, UnreadableFile, "the file is empty"),
        (b"\xef\xbb\xbf", {}, UnreadableFile, "the file is empty"),
        (b"CDG,JNB\n", {}, FileError, "Found: 'CDG', 'JNB'"),
        (HEAD + b'CDG,JNB,"open\nCDG,JNB,x\n', {}, OpenQuote, "row 2 is never closed"),
        (HEAD + b'CDG,JNB,"' + b"x" * 200_000, {}, OpenQuote, "row 2"),
        (b"\xff\xfe" + "from,to\nCDG".encode("utf-16-le") + b"\x00", {}, BrokenEncoding, "utf-16"),
        (HEAD + b"CDG,JNB,\x81\n", {"encoding": "cp1252"}, BrokenEncoding, "--encoding"),
        (HEAD, {"encoding": "klingon"}, UnknownOption, "'klingon' is not a value of encoding"),
        (HEAD, {"delimiter": "::"}, UnknownOption, "delimiter"),
        (HEAD, {"columns": {"date": "When"}}, FileError, "'When'"),
    ],
)
def test_the_reason_is_told_and_nothing_is_left(
    tmp_path: Path, raw: bytes, reading: dict[str, Any], error: type[FileError], says: str
) -> None:
    with pytest.raises(error, match=says):
        Asked(tmp_path, raw, **reading)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_row_that_never_ends_is_refused_after_a_bounded_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_file, "LONGEST", 1_000)
    with pytest.raises(RowTooLong, match=r"Row 3 is longer than 1,000 characters; it begins 'CDG"):
        Asked(tmp_path, HEAD + b"CDG,JNB,a\nCDG,JNB," + b"x" * 5_000)


def test_a_late_broken_byte_names_the_row_before_it(tmp_path: Path) -> None:
    rows = HEAD + b"CDG,JNB,a\n" * 120_000 + b"CDG,JNB,\x81\n"
    with pytest.raises(BrokenEncoding, match=r"After row \d{5,6} come bytes"):
        Asked(tmp_path, rows, "ademe", encoding="cp1252")
    assert not list(tmp_path.glob(".*"))


def test_a_missing_file_and_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        convert(tmp_path / "no.csv", tmp_path / "out.csv", options())
    source = tmp_path / "in.csv"
    source.write_bytes(HEAD + b"CDG,JNB,a\n")
    with pytest.raises(UnreadableFile, match="No such file"):
        convert(source, tmp_path / "no" / "out.csv", options())
    with pytest.raises(UnreadableFile, match="would replace it"):
        convert(source, source, options())
    with pytest.raises(UnreadableFile, match=r"save the \.xls file"):
        convert(source, tmp_path / "out.xls", options())


def test_nuls_and_old_line_ends_are_rows_like_others(tmp_path: Path) -> None:
    asked = Asked(tmp_path, b"from,to,who\rCDG,JNB,\0a\rC\0G,JNB,b\r")
    assert asked.kg[0]
    assert asked.faults[1].startswith("Row 3, from 'C\\x00G'")
    assert b"CDG,JNB,\0a,tim-3" in asked.raw
    assert asked.raw.endswith(b"\r")


def test_what_the_caller_says_overrides_what_is_found(tmp_path: Path) -> None:
    text = "Ab|An|km\nCDG|JNB|1,234\n"
    asked = Asked(
        tmp_path, text, columns={"origin": "Ab", "destination": "An"}, decimal=",", delimiter="|"
    )
    assert asked.rows[0]["great_circle_km"] == "1,234"
    dated = Asked(tmp_path, "from,to,date\nLHR,JFK,31/12/2024\n", "by-date", dates="mdy")
    assert "not a date" in dated.faults[0]
    assert spelled("TAB") == "\t"
    assert told_encoding("ISO-8859-1") == "latin-1"
    assert told_encoding("windows-1252") == "cp1252"

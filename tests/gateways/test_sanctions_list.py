"""Is the EU's list read whole, from XML and CSV alike, and is everything else refused in words?"""

from datetime import date
from pathlib import Path

import pytest

from offset.errors import InvalidInput
from offset.gateways.sanctions_list import EuSanctionsReader

DATA = Path(__file__).parents[1] / "data" / "sanctions"
XML = (DATA / "eu-export.xml").read_bytes()
CSV = (DATA / "eu-export.csv").read_bytes()
HEAD, ROWS = CSV.split(b"\n", 1)


def test_the_export_is_read_with_its_day_names_and_births() -> None:
    edition = EuSanctionsReader().read(XML)
    assert (edition.published_on, edition.form) == (date(2026, 11, 10), "xml")
    person, house = edition.entries
    assert (person.ref, person.kind, person.born) == ("EU.27.28", "person", "1961-02-03")
    assert person.names == ("Otto Invented", "Оттон Инвентед")
    assert (house.kind, house.names) == ("organisation", ("Imaginary Trading House Ltd.",))


def test_the_csv_says_the_same() -> None:
    edition = EuSanctionsReader().read(b"\xef\xbb\xbf" + CSV)
    assert (edition.published_on, edition.form) == (date(2026, 11, 10), "csv")
    person, house = edition.entries
    assert (person.ref, person.kind, person.born) == ("EU.27.28", "person", "1961-02-03")
    assert person.names == ("Otto Invented", "Оттон Инвентед")
    assert house.names == ("Imaginary Trading; House Ltd.",)


def test_the_older_columns_are_known_too() -> None:
    old = (
        b'"Date_file","Entity_logical_id","Subject_type","Naal_lastname","Naal_firstname",'
        b'"Naal_wholename"\n"2026-11-10","13","P","Invented","Otto",""\n\n'
    )
    (only,) = EuSanctionsReader().read(old).entries
    assert (only.ref, only.names) == ("13", ("Otto Invented",))


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE export [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    b'<export generationDate="2026-11-10"><sanctionEntity>&b;</sanctionEntity></export>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE export [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b'<export generationDate="2026-11-10"><sanctionEntity>&x;</sanctionEntity></export>'
)
DEEP = b'<export generationDate="2026-11-10">' + b"<a>" * 40 + b"</a>" * 40 + b"</export>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sanctions_empty"),
        (b" \n", "sanctions_empty"),
        (BOMB, "sanctions_hostile"),
        (BOMB.decode().encode("utf-16"), "sanctions_"),
        (OUTSIDE, "sanctions_hostile"),
        (DEEP, "sanctions_hostile"),
        (XML[:700], "sanctions_not_xml"),
        (b"<html><body>Sign in</body></html>", "sanctions_not_the_list"),
        (XML.replace(b"generationDate", b"madeOn"), "sanctions_undated"),
        (XML.replace(b"2026-11-10T", b"2026-13-10T"), "sanctions_undated"),
        (XML.replace(b"sanctionEntity", b"somethingElse"), "sanctions_no_names"),
        (b"name;born\nOtto;1961\n", "sanctions_not_the_list"),
        (HEAD + b"\n", "sanctions_undated"),
        (CSV.replace(b"10/11/2026", b"soon"), "sanctions_undated"),
        (CSV[: CSV.rindex(b";;")], "sanctions_row_short"),
        (HEAD + b'\n10/11/2026;13;"cut', "sanctions_row_short"),
        ("Größe;x".encode("latin-1"), "sanctions_not_text"),
        (b"\x00\x01\x02\xff", "sanctions_not_text"),
    ],
)
def test_what_is_no_whole_list_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput, match=code) as caught:
        EuSanctionsReader().read(data)
    assert caught.value.field == "file"


def test_a_file_beyond_any_list_is_not_read() -> None:
    with pytest.raises(InvalidInput, match="sanctions_too_large"):
        EuSanctionsReader(max_bytes=100).read(XML)

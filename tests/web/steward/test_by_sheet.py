"""Can an application and an update be filled in offline, checked row by row, committed once?"""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from offset.people.access import Role
from offset.projects import rooms
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import House, Visitor


@pytest.fixture
def running(house: House) -> Way:
    return once_built(house.database, build.admitted, at=house.at(), cast=house.people)


@pytest.fixture
def draft(house: House) -> Way:
    return house.database.run(build.a_draft, at=house.at(), cast=house.people, slug="hedges")


def downloaded(steward: Visitor, path: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(steward.get(path).data))


def lines(book: Any) -> dict[str, int]:
    """The row of each question."""
    return {row[0].value: row[0].row for row in book.active.iter_rows() if row[0].value}


def fill(book: Any, **answers: Any) -> None:
    rows = lines(book)
    for name, answer in answers.items():
        book.active.cell(rows[name.replace("__", ".")], 3).value = answer


def written(book: Any) -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    book.save(out)
    return io.BytesIO(out.getvalue()), "filled.xlsx"


def an_update(steward: Visitor, way: Way) -> Any:
    book = downloaded(steward, f"/steward/projects/{way.project_id}/update.xlsx")
    fill(book, title="Rain at last", done="We sowed.", changed="The soil drinks.", next="Weeding.")
    return book


def test_an_update_comes_back_is_checked_and_committed_once(
    house: House, steward: Visitor, running: Way
) -> None:
    path = f"/steward/projects/{running.project_id}/updates/sheet"
    book = an_update(steward, running)
    checked = steward.post(path, {"file": written(book)}).place
    assert "Rain at last" in steward.get(checked).plain
    assert told(house, running) == []
    made = steward.post(checked).place
    assert steward.post(checked).place == made
    # the same sheet saved by another program is another file, and still the same update
    again = steward.post(path, {"file": written(book)}).place
    assert steward.post(again).place == made
    assert told(house, running) == [("Rain at last", "draft")]
    assert "The soil drinks." in steward.get(made).plain


def test_faults_of_an_update_are_told_with_their_rows(
    house: House, steward: Visitor, running: Way
) -> None:
    path = f"/steward/projects/{running.project_id}/updates/sheet"
    book = an_update(steward, running)
    rows = lines(book)
    fill(book, title="x" * 161, language="klingon", changed="This will offset flights.")
    book.active.append(["surprise", "", "42"])
    page = steward.post(path, {"file": written(book)}, expect=422)
    assert f"Row {rows['title']}, title: This is longer than 160 characters." in page.plain
    assert f"Row {rows['language']}, language:" in page.plain
    assert f"Row {book.active.max_row}, surprise: This line is not one of ours." in page.plain
    fill(book, title="Short", language="en")
    book.active.delete_rows(book.active.max_row)
    page = steward.post(path, {"file": written(book)}, expect=422)
    assert f"Row {rows['changed']}, changed: “offset”" in page.plain
    assert told(house, running) == []


def test_an_application_is_prefilled_and_only_what_changed_is_saved(
    house: House, steward: Visitor, draft: Way
) -> None:
    path = f"/steward/projects/{draft.project_id}"
    book = downloaded(steward, f"{path}/application.xlsx")
    rows = lines(book)
    assert book.active.cell(rows["project.region"], 3).value == "Béarn"
    unchanged = steward.post(f"{path}/sheet", {"file": written(book)}).place
    assert "It says what is saved already." in steward.get(unchanged).plain
    fill(book, project__region="Bigorre", land__area_ha=912.5, safeguards__open_disputes=3)
    checked = steward.post(f"{path}/sheet", {"file": written(book)}).place
    page = steward.get(checked)
    assert "Bigorre" in page.plain
    assert "Béarn" not in page.plain
    before = document(house, draft)
    assert before["project"]["region"] == "Béarn"
    steward.post(checked)
    after = document(house, draft)
    assert after["project"]["region"] == "Bigorre"
    assert after["land"]["area_ha"] == 912.5
    assert after["benefits"] == before["benefits"], "tables come back as they went out"


def test_faults_of_an_application_are_told_with_row_and_question(
    house: House, steward: Visitor, draft: Way
) -> None:
    path = f"/steward/projects/{draft.project_id}"
    book = downloaded(steward, f"{path}/application.xlsx")
    rows = lines(book)
    fill(book, land__latitude="north", land__soil="cheese", practice__starts_on="soon")
    page = steward.post(f"{path}/sheet", {"file": written(book)}, expect=422)
    for name in ("land.latitude", "land.soil", "practice.starts_on"):
        assert f"Row {rows[name]}, {name}:" in page.plain
    assert document(house, draft)["land"]["latitude"] == 43.3


@pytest.mark.parametrize("language", ["", "/fr", "/es"])
def test_each_language_reads_its_own_sheet(
    house: House, steward: Visitor, draft: Way, language: str
) -> None:
    path = f"{language}/steward/projects/{draft.project_id}"
    book = downloaded(steward, f"{path}/application.xlsx")
    fill(book, land__area_ha=1.234)
    # sent back through the pages of another language
    checked = steward.post(f"/steward/projects/{draft.project_id}/sheet", {"file": written(book)})
    steward.post(checked.place)
    assert document(house, draft)["land"]["area_ha"] == 1.234


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
    return out.getvalue()


def parts(book: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(written(book)[0]) as held:
        return {name: held.read(name) for name in held.namelist()}


def with_entities(book: Any) -> bytes:
    told = parts(book)
    told["xl/worksheets/sheet1.xml"] = (
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + told["xl/worksheets/sheet1.xml"]
    )
    return archive(told)


def changed(row: str, text: str) -> Callable[[Any], bytes]:
    def act(book: Any) -> bytes:
        book.active.cell(lines(book)[row], 3).value = text
        return written(book)[0].getvalue()

    return act


def appended(book: Any) -> bytes:
    book.active.append(["title", "", "Again"])
    return written(book)[0].getvalue()


HOSTILE: dict[str, Callable[[Any], bytes]] = {
    "formula": changed("done", "=1+1"),
    "bomb": lambda _: archive({"xl/worksheets/sheet1.xml": b" " * 210_000_000}),
    "pdf": lambda _: b"%PDF-1.7",
    "csv": lambda _: b"sheet;title\n",
    "zip": lambda _: archive({"content.xml": b"<x/>"}),
    "macros": lambda book: archive({**parts(book), "xl/vbaProject.bin": b"x"}),
    "entities": with_entities,
    "long": changed("done", "x" * 5000),
    "twice": appended,
    "other": changed("sheet", "update/other/en/x"),
    "empty": lambda _: b"",
}


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("formula", r"Row \d+: formulas are not taken"),
        ("bomb", "unpacks to far more"),
        ("pdf", "no spreadsheet in XLSX form"),
        ("csv", "no spreadsheet in XLSX form"),
        ("zip", "cannot be read"),
        ("macros", "carries macros"),
        ("entities", "unpacks to far more|cannot be read"),
        ("long", r"Row \d+: a cell holds at most 3999 characters"),
        ("twice", r"Row \d+, title: This line stands in row \d+ already"),
        ("other", "not the spreadsheet of this project"),
        ("empty", "Choose a file first"),
    ],
)
def test_what_is_no_sheet_of_ours_is_refused_and_nothing_is_saved(
    house: House, steward: Visitor, running: Way, kind: str, sentence: str
) -> None:
    path = f"/steward/projects/{running.project_id}/updates/sheet"
    data = HOSTILE[kind](an_update(steward, running))
    page = steward.post(path, {"file": (io.BytesIO(data), "filled.xlsx")}, expect=422)
    assert re.search(sentence, page.plain), page.plain
    assert told(house, running) == []


def test_sheets_of_others_are_not_there(house: House, steward: Visitor, running: Way) -> None:
    path = f"/steward/projects/{running.project_id}/updates/sheet"
    checked = steward.post(path, {"file": written(an_update(steward, running))}).place

    other = house.visit(
        house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    )
    other.get(checked, 404)
    other.post(checked, expect=404)
    other.get(path, 404)


def told(house: House, way: Way) -> list[tuple[str, str]]:
    with house.database.reading() as session:
        found = rooms.steward_project(session, house.people.steward, way.project_id)
    return [(line.title, line.status.value) for line in found.updates]


def document(house: House, way: Way) -> Any:
    with house.database.reading() as session:
        return rooms.steward_project(session, house.people.steward, way.project_id).document

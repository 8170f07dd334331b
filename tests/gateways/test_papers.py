"""Is a plain PDF let in, and everything that acts kept out with the reason?"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from offset.errors import InvalidInput
from offset.gateways import papers
from offset.gateways.papers import PdfPapers
from offset.sandbox.demo_application import a_pdf

PLAIN = a_pdf(["One", "Two", "Three"])
NO_PAGES = a_pdf([])


def made(change: Callable[[PdfWriter], Any]) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def action(kind: str, **more: Any) -> DictionaryObject:
    told = DictionaryObject({NameObject("/S"): NameObject(kind)})
    for name, value in more.items():
        told[NameObject(f"/{name}")] = value
    return told


def opens(told: Any) -> Callable[[PdfWriter], Any]:
    return lambda writer: writer.root_object.update({NameObject("/OpenAction"): told})


def noted(**told: Any) -> Callable[[PdfWriter], Any]:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
        for name, value in told.items():
            note[NameObject(f"/{name}")] = value
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])  # noqa: SLF001 - the writer offers no other way

    return change


def test_a_plain_document_tells_its_pages() -> None:
    assert PdfPapers().read(PLAIN).pages == 3
    assert PdfPapers().read(PLAIN + b"\n\x00 \n").pages == 3


def test_what_only_leads_somewhere_may_stay() -> None:
    def first_page(writer: PdfWriter) -> None:
        place = ArrayObject([writer.pages[0].indirect_reference, NameObject("/Fit")])
        writer.root_object[NameObject("/OpenAction")] = place

    link = action("/URI", URI=TextStringObject("https://4p1000.org"))
    for change in (first_page, noted(Subtype=NameObject("/Link"), A=link)):
        assert PdfPapers().read(made(change)).pages == 1


SCRIPT = action("/JavaScript", JS=TextStringObject("app.alert(1)"))
ACTIVE: list[tuple[Callable[[PdfWriter], Any], str]] = [
    (opens(SCRIPT), "pdf_active_script"),
    (opens(action("/Launch", F=TextStringObject("cmd.exe"))), "pdf_active_launch"),
    (opens(action("/URI", URI=TextStringObject("JavaScript:x"))), "pdf_active_script"),
    (opens(action("/GoToR", F=TextStringObject("\\\\host\\x.pdf"))), "pdf_active_launch"),
    (opens(action("/GoToE")), "pdf_active_embedded"),
    (opens(action("/SubmitForm")), "pdf_active_form"),
    (opens(action("/ImportData")), "pdf_active_form"),
    (opens(action("/Named", N=NameObject("/Print"))), "pdf_active_action"),
    (
        opens(action("/GoTo", Next=ArrayObject([SCRIPT]))),
        "pdf_active_script",
    ),
    (lambda writer: writer.add_attachment("a.exe", b"MZ"), "pdf_active_embedded"),
    (noted(Subtype=NameObject("/FileAttachment")), "pdf_active_embedded"),
    (noted(Subtype=NameObject("/RichMedia")), "pdf_active_media"),
    (noted(Subtype=NameObject("/Screen")), "pdf_active_media"),
    (noted(AA=DictionaryObject({NameObject("/E"): SCRIPT})), "pdf_active_action"),
    (noted(Subtype=NameObject("/Link"), A=SCRIPT), "pdf_active_script"),
    (
        lambda writer: writer.root_object.update(
            {
                NameObject("/AcroForm"): DictionaryObject(
                    {NameObject("/XFA"): TextStringObject("<x/>")}
                )
            }
        ),
        "pdf_active_form",
    ),
    (lambda writer: writer.encrypt("secret"), "pdf_encrypted"),
    (lambda writer: writer.encrypt("", "owner"), "pdf_encrypted"),
]


@pytest.mark.parametrize(("change", "code"), ACTIVE, ids=range(len(ACTIVE)))
def test_what_acts_is_refused_with_the_reason(
    change: Callable[[PdfWriter], Any], code: str
) -> None:
    with pytest.raises(InvalidInput, match=f"^{code}$") as refusal:
        PdfPapers().read(made(change))
    assert refusal.value.field == "file"


def test_a_name_written_in_another_way_hides_nothing() -> None:
    hidden = PLAIN.replace(
        b"/Type /Catalog", b"/Type /Catalog /Open#41ction << /S /J#61vaScript >>"
    )
    with pytest.raises(InvalidInput, match="pdf_active_script"):
        PdfPapers().read(hidden)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_missing"),
        (b"PK\x03\x04" + PLAIN, "file_no_pdf"),
        (b"<html>%PDF-1.4 %%EOF", "file_no_pdf"),
        (b" " + PLAIN, "file_no_pdf"),
        (PLAIN[:300], "pdf_broken"),
        (PLAIN + b"PK\x03\x04", "pdf_broken"),
        (b"%PDF-1.4\n%%EOF", "pdf_broken"),
        (b"%PDF-1.7" + b"\0" * 100 + b"%%EOF", "pdf_broken"),
        (NO_PAGES, "pdf_broken"),
        (b"%PDF-" + b"0" * papers.MOST_BYTES, "file_too_large"),
    ],
)
def test_what_is_no_document_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{code}\\b"):
        PdfPapers().read(data)


def test_there_is_an_end_to_pages() -> None:
    many = made(lambda writer: [writer.add_blank_page(10, 10) for _ in range(papers.MOST_PAGES)])
    with pytest.raises(InvalidInput, match="pdf_too_long"):
        PdfPapers().read(many)


@settings(max_examples=25, deadline=None)
@given(st.integers(9, len(PLAIN) - 8), st.binary(min_size=1, max_size=6))
def test_a_damaged_document_never_breaks_the_reader(place: int, noise: bytes) -> None:
    damaged = PLAIN[:place] + noise + PLAIN[place + len(noise) :]
    try:
        told = str(PdfPapers().read(damaged).pages)
    except InvalidInput as refusal:
        told = refusal.code
    assert told in {"1", "2", "3"} or told.startswith(("pdf_", "file_"))

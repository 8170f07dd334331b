import importlib
import io
import logging
import re
from typing import Any

import pypdf
import pytest

from offset.errors import Refused
from offset.gateways.pdf import PrintedDocuments
from offset.giving import wording
from offset.web.templating import environment_for
from tests.conftest import missing

# WeasyPrint leaves the colour profile of PDF/A to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")


@pytest.fixture(autouse=True)
def drawing_library() -> None:
    try:
        importlib.import_module("weasyprint")
    except OSError:
        missing("the system lacks Pango: make system")


def eur(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


def facts(language: str = "en", **changes: object) -> dict[str, Any]:
    return {
        "number": "2026-000001",
        "issued_on": "2026-11-15",
        "paid_on": "2026-11-15",
        "issuer": {"legal_name": "[receiver]", "country": "[country]", "address": ""},
        "sentences": wording.load(language).some((*wording.ON_THE_RECEIPT, "refunded")),
        "reference": "DON-7K3QX9AB",
        "payment_reference": "ch_1",
        "exchange_rate": None,
        "amount": eur(6000),
        "gross": eur(6000),
        "fee": eur(115),
        "share": eur(300),
        "projects": eur(5585),
        "refunded": None,
        "entry_id": "018f0000-0000-7000-8000-000000000001",
        "salt": "ab" * 16,
        "leaf_hash": "cd" * 32,
        "gift_path": "/gift/abc",
        "receipt_path": "/receipts/xyz",
        "name": "Zoë <b>Œuvré</b>",
        **changes,
    }


@pytest.fixture
def documents() -> PrintedDocuments:
    return PrintedDocuments(environment_for, public_url="https://give.example")


def words_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    return re.sub(r"\s+", " ", pages[0].extract_text())


def test_a_receipt_says_what_its_facts_say(documents: PrintedDocuments) -> None:
    text = words_of(documents.render("receipt", "en", facts()))
    assert "You contributed €60.00." in text
    assert "€55.85 of it goes to soil projects assessed by the STC" in text
    assert "Zoë <b>Œuvré</b>" in text
    assert "https://give.example/gift/abc" in text
    assert "cd" * 32 in text
    assert "CO2" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Vous avez contribué à hauteur de 60,00"), ("es", "Ha contribuido con 60,00")],
)
def test_it_speaks_the_language_of_the_gift(
    documents: PrintedDocuments, language: str, said: str
) -> None:
    text = words_of(documents.render("receipt", language, facts(language)))
    assert said in text
    assert f"https://give.example/{language}/gift/abc" in text


def test_a_refund_is_on_it(documents: PrintedDocuments) -> None:
    assert "€10.00" in words_of(documents.render("receipt", "en", facts(refunded=eur(1000))))


def test_the_same_facts_give_the_same_bytes(documents: PrintedDocuments) -> None:
    first = documents.render("receipt", "en", facts())
    assert documents.render("receipt", "en", facts()) == first
    assert documents.render("receipt", "en", facts(number="2026-000002")) != first


def test_it_is_tagged_and_archivable_and_carries_our_fonts(documents: PrintedDocuments) -> None:
    pdf = documents.render("receipt", "en", facts())
    read = pypdf.PdfReader(io.BytesIO(pdf))
    assert read.root_object["/MarkInfo"]["/Marked"]
    assert "pdfaid:part" in read.root_object["/Metadata"].get_data().decode()
    fonts = read.pages[0]["/Resources"]["/Font"]
    names = {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts.values()}
    assert {"Source-Serif-4-Semi-Bold", "Source-Sans-3-Bold"} <= names


def test_no_other_file_is_opened(
    documents: PrintedDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        documents.render("receipt", "en", facts())
    assert caplog.records == []


def test_without_the_drawing_library_it_says_so(
    documents: PrintedDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango'")
        return original(name, *rest, **more)

    original = __import__
    monkeypatch.setattr("builtins.__import__", refuse)
    with pytest.raises(Refused, match="pdf_unavailable"):
        documents.render("receipt", "en", facts())

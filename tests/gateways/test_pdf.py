import functools
import hashlib
import importlib
import io
import json
import logging
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import pypdf
import pytest
import zxingcpp
from PIL import Image

from offset.database.types import canonical
from offset.gateways.pdf import PrintedDocuments
from offset.giving import tax, wording
from offset.giving.pledge_papers import Account, epc
from offset.money import Money
from offset.people import phrases
from offset.people.issuers import Regime
from offset.web.templating import environment_for
from tests.builders.receipts import AMERICAN, FRENCH
from tests.conftest import missing

ROOT: Final = Path(__file__).resolve().parents[2]

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


@functools.cache
def drawn(paper: str, language: str) -> bytes:
    """Draw a paper with its usual facts; once for all who only read it."""
    documents = PrintedDocuments(environment_for, public_url="https://give.example")
    return documents.render(paper, language, PAPERS[paper](language))


def words_of(pdf: bytes, *, pages: int = 1) -> str:
    read = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(read) == pages
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in read))


def roles_of(pdf: bytes) -> list[str]:
    """Every role of the structure tree, in reading order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(pypdf.PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"])
    return found


def test_a_receipt_says_what_its_facts_say() -> None:
    text = words_of(drawn("receipt", "en"))
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
def test_it_speaks_the_language_of_the_gift(language: str, said: str) -> None:
    text = words_of(drawn("receipt", language))
    assert said in text
    assert f"https://give.example/{language}/gift/abc" in text


def test_a_refund_is_on_it(documents: PrintedDocuments) -> None:
    assert "€10.00" in words_of(documents.render("receipt", "en", facts(refunded=eur(1000))))


GIFT_PATH: Final = "/gift/abc"
ORGANISATION: Final = {
    "legal_name": "Aerial Travel SE",
    "registration": "HRB 12345",
    "purchase_order": "PO-77",
}


def annual(language: str) -> dict[str, Any]:
    one = {
        "reference": "DON-7K3QX9AB",
        "paid_on": "2026-03-01",
        "kept": eur(6000),
        "entry_id": "018f0000-0000-7000-8000-000000000001",
        "leaf_hash": "cd" * 32,
        "salt": "ab" * 16,
        "gift_path": GIFT_PATH,
    }
    return facts(
        language,
        covers_year=2026,
        gifts=[one, {**one, "paid_on": "2026-04-01"}],
        totals=[eur(12000)],
        tax=None,
        replaces=None,
        sentences=wording.load(language).texts,
    )


def cancellation(language: str) -> dict[str, Any]:
    return facts(
        language,
        cancelled_number="2026-000001",
        cancelled_issued_on="2026-11-15",
        cancelled_sha256="ef" * 32,
        replacement_number="2026-000002",
        replacement_issued_on="2026-11-20",
        sentences=wording.load(language).texts,
    )


def certificate(language: str) -> dict[str, Any]:
    return facts(
        language,
        projects=["Green bridges"],
        sentences=wording.load(language).some(wording.ON_THE_CERTIFICATE),
    )


def transfer(language: str) -> dict[str, Any]:
    account = Account("Fund for Living Soils", "FR7630006000011234567890189", "AGRIFRPP")
    return {
        "reference": "DON-7K3QX9AB",
        "made_on": "2026-11-15",
        "expires_on": "2027-01-14",
        "amount": eur(6000),
        "received": eur(2000),
        "open": eur(4000),
        "payable": True,
        "holder": account.holder,
        "iban": account.grouped,
        "bic": account.bic,
        "code": epc(account, Money(4000, "EUR"), "DON-7K3QX9AB"),
        "organisation": ORGANISATION,
        "name": None,
        "parts": [{"arrived_on": "2026-11-18", "amount": eur(2000)}],
        "sentences": wording.load(language).some(wording.BESIDE_THE_BUTTON),
        "pledge_path": "/pledge/abc",
    }


def law(regime: str) -> dict[str, Any] | None:
    issuer = FRENCH if regime == "FR_200" else AMERICAN
    told = tax.Told(
        issuer=issuer,
        number="2026-000001",
        kept=(Money(6000, "EUR"),),
        paid_on=date(2026, 11, 15),
        year=2026,
        issued_on=date(2026, 11, 16),
    )
    return tax.mentions(tax.Choice(Regime(regime)), told)


PAPERS: Final = {
    "receipt": facts,
    "annual": annual,
    "cancellation": cancellation,
    "certificate": certificate,
    "transfer": transfer,
}
# What each paper must say in each language, besides its figures.
TITLES: Final = {
    ("receipt", "en"): "Receipt 2026-000001",
    ("receipt", "fr"): "Reçu 2026-000001",
    ("receipt", "es"): "Recibo 2026-000001",
    ("annual", "en"): "In 2026 you contributed €120.00.",
    ("annual", "fr"): "En 2026, vous avez contribué à hauteur de 120,00",
    ("annual", "es"): "En 2026 ha contribuido con 120,00",
    ("cancellation", "en"): "Receipt 2026-000002 of 20 November 2026 takes its place.",
    ("cancellation", "fr"): "Le reçu 2026-000002 du 20 novembre 2026 le remplace.",
    ("cancellation", "es"): "El recibo 2026-000002 del 20 de noviembre de 2026 lo sustituye.",
    ("certificate", "en"): "Acknowledgement of contribution",
    ("certificate", "fr"): "Attestation de contribution",
    ("certificate", "es"): "Constancia de contribución",
    ("transfer", "en"): "Pledge letter DON-7K3QX9AB",
    ("transfer", "fr"): "Lettre d’engagement DON-7K3QX9AB",
    ("transfer", "es"): "Carta de compromiso DON-7K3QX9AB",
}


@pytest.mark.parametrize(("paper", "language"), TITLES)
def test_every_paper_is_archivable_tagged_and_in_its_language(paper: str, language: str) -> None:
    pdf = drawn(paper, language)
    words = words_of(pdf)
    assert TITLES[paper, language] in words
    assert phrases.scan(words, language) == ()
    read = pypdf.PdfReader(io.BytesIO(pdf))
    root = read.root_object
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (language, True)
    told = root["/Metadata"].get_data().decode()
    assert re.search(r'pdfaid:part(="|>)3', told)
    assert re.search(r'pdfaid:conformance(="|>)A', told)
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert "/DestOutputProfile" in intent.get_object()
    roles = roles_of(pdf)
    assert roles[0] == "/Document"
    assert roles.count("/H1") == 1
    assert "/P" in roles
    if paper != "certificate":
        assert {"/Table", "/TR", "/TH", "/TD"} <= set(roles)
    fonts = [
        font.get_object() for page in read.pages for font in page["/Resources"]["/Font"].values()
    ]
    assert all("+" in font["/BaseFont"] for font in fonts)


@pytest.mark.parametrize("paper", PAPERS)
def test_the_same_facts_give_the_same_bytes(documents: PrintedDocuments, paper: str) -> None:
    told = PAPERS[paper]("en")
    first = drawn(paper, "en")
    assert documents.render(paper, "en", told) == first
    assert documents.render(paper, "en", {**told, "reference": "DON-OTHER"}) != first


def test_another_process_on_another_day_prints_the_same_bytes() -> None:
    here = hashlib.sha256(drawn("receipt", "fr")).hexdigest()
    code = (
        "import hashlib, time_machine\n"
        "from tests.gateways.test_pdf import PrintedDocuments, environment_for, facts\n"
        "with time_machine.travel('2031-05-05', tick=True):\n"
        "    made = PrintedDocuments(environment_for, public_url='https://give.example')\n"
        "    pdf = made.render('receipt', 'fr', facts('fr'))\n"
        "print(hashlib.sha256(pdf).hexdigest())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == here


@pytest.mark.parametrize("paper", ["receipt", "annual", "cancellation"])
def test_its_facts_travel_inside_it_without_the_name(
    documents: PrintedDocuments, paper: str
) -> None:
    told = PAPERS[paper]("en")
    pdf = documents.render(paper, "en", {**told, "address": "Main Street 1"})
    read = pypdf.PdfReader(io.BytesIO(pdf))
    (packed,) = read.attachments[f"{paper}.json"]
    inside = json.loads(packed)
    assert inside == json.loads(
        canonical({key: value for key, value in told.items() if key != "name"})
    )
    (linked,) = {one.idnum: one.get_object() for one in read.root_object["/AF"]}.values()
    assert linked["/AFRelationship"] == "/Data"


def test_a_french_tax_receipt_stands_on_its_own_page_in_french(
    documents: PrintedDocuments,
) -> None:
    told = facts("es", issuer=FRENCH, tax=law("FR_200"), address="3 allée des Chênes")
    pdf = documents.render("receipt", "es", told)
    text = words_of(pdf, pages=2)
    for mention in (
        "***60,00*** euros",
        "Numéro d'ordre du reçu 2026-000001",
        "732 829 320",
        "Zoë <b>Œuvré</b>",
        "3 allée des Chênes",
        "Virement, prélèvement ou carte bancaire",
        "prévue à l'article 200 du CGI",
        "Ada Exemple, présidente",
    ):
        assert mention in text, mention
    assert "No es un recibo fiscal" not in text


def test_an_american_acknowledgment_says_what_the_law_asks(documents: PrintedDocuments) -> None:
    told = facts("en", tax=law("US_501C3"), address=None)
    text = words_of(documents.render("receipt", "en", told), pages=2)
    assert "No goods or services were provided in exchange for this contribution." in text
    assert "12-3456789" in text
    assert "It is not a tax receipt" not in text


def test_the_code_on_a_transfer_is_read_back_from_the_paper(
    documents: PrintedDocuments, tmp_path: Path
) -> None:
    drawer = shutil.which("pdftoppm")
    if drawer is None:
        missing("the system lacks pdftoppm: make system")
    told = transfer("en")
    (tmp_path / "t.pdf").write_bytes(documents.render("transfer", "en", told))
    subprocess.run(
        [str(drawer), "-r", "150", "-png", "-singlefile", "t.pdf", "t"], cwd=tmp_path, check=True
    )
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "t.png"))
    assert (found.text, found.ec_level) == (told["code"], "M")


def test_it_carries_our_fonts() -> None:
    pdf = drawn("receipt", "en")
    fonts = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    names = {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts.values()}
    assert {"Source-Serif-4-Semi-Bold", "Source-Sans-3-Bold"} <= names


def test_no_other_file_is_opened(
    documents: PrintedDocuments, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        documents.render("receipt", "en", facts())
    assert caplog.records == []


def test_without_the_system_s_library_it_says_so_and_the_site_starts() -> None:
    """In a process of its own, where the drawing library finds no Pango."""
    code = (
        "import ctypes.util, sys\n"
        "class NoPango:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'weasyprint':\n"
        "            raise OSError('cannot load library libpango-1.0')\n"
        "sys.meta_path.insert(0, NoPango())\n"
        "from offset.errors import Refused\n"
        "import offset.app\n"
        "from offset.gateways.pdf import PrintedDocuments\n"
        "from offset.web.templating import environment_for\n"
        "made = PrintedDocuments(environment_for, public_url='https://give.example')\n"
        "try:\n"
        "    made.render('receipt', 'en', {})\n"
        "except Refused as fault:\n"
        "    print(fault.code, made.missing())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["pdf_unavailable", "Pango"]


def test_with_the_library_nothing_is_missing(documents: PrintedDocuments) -> None:
    assert documents.missing() is None

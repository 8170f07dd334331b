"""Is every kind of printed document a PDF/A-3a, object by object, in its language?"""

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from offset.gateways.pdf import PrintedDocuments
from tests.archivable import faults
from tests.gateways.test_pdf import PAPERS, documents, drawing_library

__all__ = ["documents", "drawing_library"]

# WeasyPrint leaves the colour profile of PDF/A to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")

WITH_FACTS = {"receipt", "annual", "cancellation"}
ORDER = {
    "number": "DISB-2026-0042",
    "facts": {"payment": "DISB-2026-0042", "amount": "9.56 USD", "rate agreed on": "2026-11-02"},
}


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_paper_for_a_donor(documents: PrintedDocuments, paper: str, language: str) -> None:
    pdf = documents.render(paper, language, PAPERS[paper](language))
    assert faults(pdf, language, facts=paper in WITH_FACTS) == []


def test_an_order_to_the_bank(documents: PrintedDocuments) -> None:
    assert faults(documents.render("payment_order", "fr", ORDER), "fr") == []


def without(*names: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for name in names:
            del root[NameObject(name)]

    return change


def acting(root: Any) -> None:
    root[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
    )


def unrelated(root: Any) -> None:
    root["/AF"][0].get_object()[NameObject("/AFRelationship")] = NameObject("/Unspecified")


def profileless(root: Any) -> None:
    root[NameObject("/OutputIntents")] = ArrayObject()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without("/MarkInfo"), "it is not marked"),
        (without("/Lang"), "its language is None"),
        (without("/StructTreeRoot"), "it has no structure tree"),
        (without("/AF"), "1 files inside, 0 told of"),
        (acting, "it does something when it is opened"),
        (unrelated, "a file in the relationship /Unspecified"),
        (profileless, "0 output intents of PDF/A"),
    ],
)
def test_the_examiner_sees_what_is_broken(
    documents: PrintedDocuments, change: Callable[[Any], None], told: str
) -> None:
    whole = documents.render("receipt", "en", PAPERS["receipt"]("en"))
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(whole))
    change(writer.root_object)
    broken = io.BytesIO()
    writer.write(broken)
    assert told in faults(broken.getvalue(), "en", facts=True)


def test_the_examiner_sees_a_font_that_is_not_there(documents: PrintedDocuments) -> None:
    whole = documents.render("receipt", "en", PAPERS["receipt"]("en"))
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(whole))
    fonts = writer.pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for name in ("/FontFile", "/FontFile2", "/FontFile3"):
            inner.get_object().pop(NameObject(name), None)
    broken = io.BytesIO()
    writer.write(broken)
    assert any("is not embedded" in one for one in faults(broken.getvalue(), "en", facts=True))

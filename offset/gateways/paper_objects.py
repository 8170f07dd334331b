"""What does a PDF hold, object by object, and does any of it act?"""

import io
import logging
from collections.abc import Iterator
from typing import Any, Final

import pypdf
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    StreamObject,
)

from offset.errors import InvalidInput
from offset.gateways.papers import MOST_PAGES
from offset.projects.ports import PaperFacts

_MOST_OBJECTS: Final = 200_000
_MOST_DEPTH: Final = 60
# a key of a dictionary, and what a reader is told it holds
_KEYS: Final = {
    "/JS": "script",
    "/JavaScript": "script",
    "/AA": "action",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/RichMedia": "media",
    "/RichMediaContent": "media",
    "/XFA": "form",
    "/Rendition": "media",
    "/3DD": "media",
}
_ACTIONS: Final = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "form",
    "/ImportData": "form",
    "/ResetForm": "form",
    "/GoToE": "embedded",
    "/GoToR": "launch",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
    "/Trans": "action",
    "/SetOCGState": "action",
    "/Hide": "action",
    "/Named": "action",
    "/GoTo3DView": "media",
}
_TYPES: Final = {
    "/FileAttachment": "embedded",
    "/Screen": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMedia": "media",
    "/3D": "media",
}
# addresses that run or open something on the reader's own machine
_ACTING: Final = ("javascript:", "vbscript:", "data:", "file:")
# actions that only lead somewhere
_HARMLESS: Final = frozenset({"/GoTo", "/URI"})

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def facts(data: bytes) -> PaperFacts:
    """Read every object of a PDF and count its pages.

    Raises
    ------
    InvalidInput
        As ``papers.PdfPapers.read``; the parser itself raises many other kinds.
    """
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False, root_object_recovery_limit=100)
    if reader.is_encrypted:
        raise InvalidInput("pdf_encrypted", field="file")
    for number, found in enumerate(_objects(reader)):
        if number > _MOST_OBJECTS:
            raise InvalidInput("pdf_too_long", field="file", highest=MOST_PAGES)
        _judge(found)
    pages = len(reader.pages)
    if not pages:
        raise InvalidInput("pdf_broken", field="file")
    if pages > MOST_PAGES:
        raise InvalidInput("pdf_too_long", field="file", highest=MOST_PAGES)
    return PaperFacts(pages)


def _objects(reader: pypdf.PdfReader) -> Iterator[DictionaryObject]:
    """Walk every dictionary of the file: those of its table, and those inside one another."""
    yield from _inside(reader.trailer, 0)
    numbers = {
        (number, generation)
        for generation, table in reader.xref.items()
        for number in table
        if number
    } | {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(numbers):
        found = reader.get_object(IndirectObject(number, generation, reader))
        yield from _inside(found, 0)


def _inside(told: Any, depth: int) -> Iterator[DictionaryObject]:
    if depth > _MOST_DEPTH:
        raise InvalidInput("pdf_broken", field="file")
    if isinstance(told, DictionaryObject):
        yield told
        # what is named elsewhere has its own turn
        for value in dict.values(told):
            if not isinstance(value, IndirectObject):
                yield from _inside(value, depth + 1)
    elif isinstance(told, ArrayObject):
        for value in list.__iter__(told):
            if not isinstance(value, IndirectObject):
                yield from _inside(value, depth + 1)


def _judge(told: DictionaryObject) -> None:
    """Refuse a dictionary that acts."""
    what = next((_KEYS[key] for key in told if key in _KEYS), None)
    kind = told.get("/Type")
    if kind == "/Action" or ("/S" in told and str(told.get("/S")) in _ACTIONS):
        action = str(told.get("/S"))
        what = what or _ACTIONS.get(action) or (None if action in _HARMLESS else "action")
    what = what or _TYPES.get(str(told.get("/Subtype")))
    if what is None and str(told.get("/URI", "")).strip().lower().startswith(_ACTING):
        what = "script"
    if what is None and isinstance(told, StreamObject | EncodedStreamObject):
        what = "embedded" if str(kind) == "/EmbeddedFile" else None
    if what is not None:
        raise InvalidInput(f"pdf_active_{what}", field="file")

"""What of a printed document breaks the rules of PDF/A-3a? Each fault in words, none if it is well.

Read with pypdf, object by object, after ISO 19005-3 and ISO 32000-1: what a validator would ask of
the file, its colours, its fonts, its tags and what travels inside it.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf
from lxml import etree

_PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_ACTS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide"}
_CLEAR = {"/Normal", "/Compatible"}


def faults(pdf: bytes, language: str, *, facts: bool = False) -> list[str]:
    """Name every fault; ``facts`` says that the document carries its facts as a file."""
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    root = reader.root_object
    objects = [one for one in _objects(reader) if isinstance(one, dict)]
    return [
        *_file(pdf, reader),
        *_metadata(root),
        *_colours(root, objects),
        *_tags(root, reader, language),
        *_fonts(objects),
        *_acts(root, objects),
        *_clear(objects),
        *_files(root, objects, facts=facts),
    ]


def _objects(reader: pypdf.PdfReader) -> Iterator[Any]:
    """Read every object of the file, each with the dictionaries inside it."""
    numbers = {number for table in reader.xref.values() for number in table}
    for number in sorted(numbers | set(reader.xref_objStm)):
        if number:
            yield from _inside(reader.get_object(number), 0)


def _inside(told: Any, depth: int) -> Iterator[Any]:
    if depth > 12 or isinstance(told, pypdf.generic.IndirectObject):
        return
    yield told
    if isinstance(told, dict):
        for value in dict.values(told):
            yield from _inside(value, depth + 1)
    elif isinstance(told, list):
        for value in list.__iter__(told):
            yield from _inside(value, depth + 1)


def _file(pdf: bytes, reader: pypdf.PdfReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", pdf):
        yield "the header names another version, or no binary comment follows it"
    if not pdf.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "something follows the end"
    if reader.is_encrypted:
        yield "it is encrypted"
    if len(reader.trailer.get("/ID", ())) != 2:
        yield "the trailer has no ID"


def _metadata(root: Any) -> Iterator[str]:
    stream = root["/Metadata"].get_object()
    xmp = etree.fromstring(stream.get_data())
    for name, wanted in (("part", "3"), ("conformance", "A")):
        found = xmp.findtext(f".//{_PDFAID}{name}") or next(
            (one.get(f"{_PDFAID}{name}") for one in xmp.iter(f"{_RDF}Description")), None
        )
        if found != wanted:
            yield f"pdfaid:{name} is {found}"


def _colours(root: Any, objects: list[Any]) -> Iterator[str]:
    intents = [
        one.get_object()
        for one in root.get("/OutputIntents", ())
        if one.get_object().get("/S") == "/GTS_PDFA1"
    ]
    if len(intents) != 1:
        yield f"{len(intents)} output intents of PDF/A"
        return
    profile = intents[0]["/DestOutputProfile"].get_object()
    data = profile.get_data()
    spaces = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}
    if data[36:40] != b"acsp" or spaces.get(data[16:20]) != profile["/N"]:
        yield "the colour profile is none"
    if profile["/N"] == 3 and any(one.get("/ColorSpace") == "/DeviceCMYK" for one in objects):
        yield "a colour of another space than the output intent's"


def _tags(root: Any, reader: pypdf.PdfReader, language: str) -> Iterator[str]:
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "it is not marked"
    if root.get("/Lang") != language:
        yield f"its language is {root.get('/Lang')}"
    tree = root.get("/StructTreeRoot")
    if tree is None or "/ParentTree" not in tree.get_object():
        yield "it has no structure tree"
    for number, page in enumerate(reader.pages, start=1):
        if "/StructParents" not in page:
            yield f"page {number} is not in the structure tree"
        marked = re.findall(rb"\b(BDC|BMC|EMC)\b", page.get_contents().get_data())
        opened = sum(one != b"EMC" for one in marked)
        if not opened or opened != marked.count(b"EMC"):
            yield f"page {number} opens and closes its marks unevenly"


def _fonts(objects: list[Any]) -> Iterator[str]:
    fonts = [one for one in objects if one.get("/Type") == "/Font"]
    if not fonts:
        yield "it has no font"
    for font in fonts:
        name = font.get("/BaseFont")
        if font["/Subtype"] == "/Type0":
            if "/ToUnicode" not in font:
                yield f"{name} does not say its letters"
            continue
        described = font.get("/FontDescriptor")
        if font["/Subtype"] == "/Type3":
            continue
        held = described.get_object() if described is not None else {}
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(held):
            yield f"{name} is not embedded"


def _acts(root: Any, objects: list[Any]) -> Iterator[str]:
    if {"/AA", "/NeedsRendering", "/Perms", "/XFA"} & set(root) or "/OpenAction" in root:
        yield "it does something when it is opened"
    if "/JavaScript" in root.get("/Names", {}):
        yield "it holds a script"
    for one in objects:
        if one.get("/S") in _ACTS or "/JS" in one:
            yield f"it holds an action {one.get('/S')}"
        if one.get("/Type") == "/XObject" and ("/Alternates" in one or "/OPI" in one):
            yield "an image has another one behind it"
        if one.get("/Subtype") == "/Link" and not int(one.get("/F", 0)) & 4:
            yield "a link is not printed"
        if str(one.get("/Filter")) == "/LZWDecode":
            yield "something is packed with LZW"


def _clear(objects: list[Any]) -> Iterator[str]:
    """Find what shines through: allowed in part 3, and not needed on paper."""
    for one in objects:
        if one.get("/BM", "/Normal") not in _CLEAR:
            yield f"a blend mode {one['/BM']}"
        if one.get("/SMask", "/None") != "/None" and one.get("/Type") != "/XObject":
            yield "a soft mask"
        group = one.get("/Group")
        if group is not None and group.get_object().get("/S") == "/Transparency":
            space = group.get_object().get("/CS")
            if space not in {None, "/DeviceRGB"} and not isinstance(space, list):
                yield f"a transparency group in {space}"


def _files(root: Any, objects: list[Any], *, facts: bool) -> Iterator[str]:
    held = [one for one in objects if one.get("/Type") == "/Filespec" or "/EF" in one]
    # The drawing library names the same file twice.
    told = {(one.idnum, one.generation) for one in list.__iter__(root.get("/AF", []))}
    if len(held) != int(facts) or len(told) != int(facts):
        yield f"{len(held)} files inside, {len(told)} told of"
    for one in held:
        if one.get("/AFRelationship") not in {"/Data", "/Source", "/Alternative", "/Supplement"}:
            yield f"a file in the relationship {one.get('/AFRelationship')}"
        if not {"/F", "/UF"} <= set(one):
            yield "a file without both its names"
        stream = one["/EF"]["/F"].get_object()
        if "/Subtype" not in stream or "/ModDate" not in stream.get("/Params", {}):
            yield "a file without its kind or its day"

"""How is the EU's consolidated list of sanctions read without trusting the file?

The list comes as XML (the export of the Commission's financial sanctions database) or as its CSV
in two shapes. Elements and columns are found by name. XML is streamed: no DTD, no entities, no
network, bounded size and depth. A file that is cut short is refused whole, since a name that is
missing would read like a name that is not listed.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from lxml import etree

from offset.errors import InvalidInput
from offset.treasury.payee_ports import Edition, Listed

MAX_BYTES: Final = 100_000_000
_MAX_DEPTH: Final = 32
_MAX_ENTITIES: Final = 200_000
_LONGEST_NAME: Final = 500
_EUROPEAN: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_PERSONS: Final = frozenset({"person", "p"})
# The columns of the two published shapes of the CSV, version 1.1 first.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "made": ("filegenerationdate", "date_file"),
    "entity": ("entity_logicalid", "entity_logical_id"),
    "reference": ("entity_eu_referencenumber", "eu_ref_num"),
    "kind": ("entity_subjecttype", "subject_type"),
    "whole": ("namealias_wholename", "naal_wholename"),
    "first": ("namealias_firstname", "naal_firstname"),
    "middle": ("namealias_middlename", "naal_middlename"),
    "last": ("namealias_lastname", "naal_lastname"),
    "born": ("birthdate_birthdate", "birt_date"),
    "year": ("birthdate_year", "birt_year"),
}


@dataclass
class _Gathered:
    """What several rows or elements say of one entity."""

    ref: str
    kind: str
    names: dict[str, None] = field(default_factory=dict)
    born: dict[str, None] = field(default_factory=dict)

    def listed(self) -> Listed | None:
        """Return the entity, or None when it has no name to compare with."""
        if not self.names:
            return None
        born = ", ".join(self.born)
        return Listed(ref=self.ref, kind=self.kind, names=tuple(self.names), born=born)


class EuSanctionsReader:
    """Reads the EU's list from XML or CSV; the port is ``treasury.payee_ports.SanctionsReader``."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes

    def read(self, data: bytes) -> Edition:
        """Read an edition from the bytes of its file.

        Raises
        ------
        InvalidInput
            ``sanctions_empty``, ``sanctions_too_large``, ``sanctions_not_xml``,
            ``sanctions_hostile``, ``sanctions_not_the_list``, ``sanctions_undated``,
            ``sanctions_no_names``, ``sanctions_row_short`` or ``sanctions_not_text``.
        """
        if len(data) > self.max_bytes:
            megabytes = self.max_bytes // 10**6
            raise InvalidInput("sanctions_too_large", field="file", megabytes=megabytes)
        head = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
        if not head:
            raise InvalidInput("sanctions_empty", field="file")
        # UTF-16 shows by its mark; the published CSV is never written so.
        xml = head.startswith(b"<") or data.startswith((b"\xff\xfe", b"\xfe\xff"))
        edition = _xml(data) if xml else _csv(data)
        if not edition.entries:
            raise InvalidInput("sanctions_no_names", field="file")
        return edition


def _xml(data: bytes) -> Edition:
    try:
        return _streamed(data)
    except etree.XMLSyntaxError as fault:
        line = fault.lineno or 0
        raise InvalidInput("sanctions_not_xml", field="file", line=line) from None


def _streamed(data: bytes) -> Edition:
    depth = 0
    made: date | None = None
    found: list[Listed] = []
    for event, node in etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    ):
        if event == "start":
            depth += 1
            if depth == 1:
                made = _root(node)
            if depth > _MAX_DEPTH:
                raise InvalidInput("sanctions_hostile", field="file")
            continue
        depth -= 1
        if _name(node) == "sanctionEntity":
            entity = _entity(node).listed()
            found.extend([entity] if entity else [])
            if len(found) > _MAX_ENTITIES:
                raise InvalidInput("sanctions_too_large", field="file", megabytes=0)
            node.clear(keep_tail=False)
    if made is None:
        raise InvalidInput("sanctions_undated", field="file")
    return Edition(published_on=made, form="xml", entries=tuple(found))


def _root(node: etree._Element) -> date | None:
    """Look at the first element: no DTD before it, and it is the list's own."""
    if node.getroottree().docinfo.doctype:  # type: ignore[attr-defined]  # the stubs forget it
        raise InvalidInput("sanctions_hostile", field="file")
    if _name(node) != "export":
        raise InvalidInput("sanctions_not_the_list", field="file")
    return _day(node.get("generationDate") or "")


def _entity(node: etree._Element) -> _Gathered:
    ref = node.get("euReferenceNumber") or node.get("logicalId") or ""
    gathered = _Gathered(ref, "organisation")
    for child in node:
        match _name(child):
            case "subjectType":
                told = child.get("code") or child.get("classificationCode") or ""
                gathered.kind = _kind(told)
            case "nameAlias":
                parts = [child.get(part) or "" for part in ("firstName", "middleName", "lastName")]
                _note_name(gathered, child.get("wholeName") or "", parts)
            case "birthdate":
                told = child.get("birthdate") or child.get("year") or ""
                _note_birth(gathered, told)
    return gathered


def _csv(data: bytes) -> Edition:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("sanctions_not_text", field="file") from None
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        header = [cell.strip().lower() for cell in next(rows)]
        places = _places(header)
        return _rows(rows, places, len(header))
    except csv.Error:
        raise InvalidInput("sanctions_row_short", field="file", row=rows.line_num) from None


def _places(header: list[str]) -> dict[str, int]:
    found = {
        what: header.index(name)
        for what, names in _COLUMNS.items()
        for name in names
        if name in header
    }
    if not {"made", "entity", "whole"} <= found.keys():
        raise InvalidInput("sanctions_not_the_list", field="file")
    return found


def _rows(rows: Iterator[list[str]], places: Mapping[str, int], width: int) -> Edition:
    made: date | None = None
    entities: dict[str, _Gathered] = {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < width:
            raise InvalidInput("sanctions_row_short", field="file", row=number)
        told = {what: row[place].strip() for what, place in places.items()}
        made = made or _day(told["made"])
        key = told["entity"]
        if key not in entities:
            kind = _kind(told.get("kind", ""))
            entities[key] = _Gathered(told.get("reference", "") or key, kind)
        parts = [told.get(part, "") for part in ("first", "middle", "last")]
        _note_name(entities[key], told["whole"], parts)
        _note_birth(entities[key], told.get("born", "") or told.get("year", ""))
    if made is None:
        raise InvalidInput("sanctions_undated", field="file")
    listed = (one.listed() for one in entities.values())
    return Edition(published_on=made, form="csv", entries=tuple(one for one in listed if one))


def _kind(told: str) -> str:
    return "person" if told.strip().lower() in _PERSONS else "organisation"


def _note_name(gathered: _Gathered, whole: str, parts: list[str]) -> None:
    name = " ".join((whole or " ".join(parts)).split())[:_LONGEST_NAME]
    if name:
        gathered.names[name] = None


def _note_birth(gathered: _Gathered, told: str) -> None:
    if told.strip() and told.strip() != "0":
        gathered.born[told.strip()[:20]] = None


def _day(text: str) -> date | None:
    """Read the day of an edition: ISO, or day first as the CSV writes it."""
    try:
        if found := _ISO.match(text):
            return date(*map(int, found.groups()))
        if found := _EUROPEAN.match(text):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
    except ValueError:
        return None
    return None


def _name(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]

"""What does an auditor take home? A year in one zip that opens without us, and proves itself.

The books in every format, the banks' own files, what the processor said, what was decided, the
proofs with the scripts that check them, and a page that links it all. Givers stand in it as ids;
only the banks' files say what the bank said, and may be left out. The same books give the same
bytes: no clock and no chance is in it, and nothing is held whole in memory.
"""

import contextlib
import hashlib
import html
import io
import json
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import InvalidInput, OffsetError
from offset.ledger import checkpoints, evidence
from offset.ledger.models import Entry
from offset.reports import documents, listings, pack_lists, proofs
from offset.reports.exports import KINDS
from offset.reports.listings import Listing
from offset.reports.monthly import MONTHS, PROJECTS
from offset.reports.ready_lists import READY
from offset.reports.rows import Books, Span, snapshot
from offset.treasury.models import BankFile, BankStatement, DisbursementDecision

_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_BLOCK: Final = 1 << 20
_IN_MEMORY: Final = 4 << 20
_PROOFS: Final = 200
# Columns that name people of the house or hold free remarks: a pack carries ids alone.
_NAMING: Final = frozenset(
    {"reason", "prepared_by", "decided_by", "recorded_by", "first_person", "second_person"}
    | {"person", "granted_by", "entered_by", "checked_by", "why"}
)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written: how many files, how many bytes, and what could not be in it and why."""

    path: Path
    files: int
    size: int
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    what: str
    sha256: str
    size: int


def pack(database: Database, year: int, out: Path, *, bank_files: bool = True) -> Packed:
    """Write the audit pack of a year; beside its place first, so that nobody reads half of one.

    Raises
    ------
    InvalidInput
        ``export_place_missing``: the folder of ``out`` does not exist; ``export_empty``: the books
        hold nothing in this year; ``year_unreadable``.
    """
    if not date.min.year < year < date.max.year:
        raise InvalidInput("year_unreadable", field="year")
    if not out.parent.is_dir():
        raise InvalidInput("export_place_missing", field="out", folder=out.parent)
    span = Span(date(year, 1, 1), date(year, 12, 31))
    draft = out.parent / f".audit-{secrets.token_hex(8)}.part"
    try:
        with snapshot(database) as session:
            _refuse_empty(session, span)
            with draft.open("xb") as file:
                written = _Zip(session, span, file, bank_files=bank_files).write()
        draft.replace(out)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return Packed(out, len(written.files), out.stat().st_size, tuple(written.left_out))


def _refuse_empty(session: Session, span: Span) -> None:
    wanted = select(Entry.id).where(Entry.effective_on.between(span.since, span.until)).limit(1)
    if session.scalar(wanted) is None:
        raise InvalidInput("export_empty", field="year", since=span.since, until=span.until)


class _Zip:
    """A pack on its way: every member is hashed while it is written."""

    def __init__(self, session: Session, span: Span, out: BinaryIO, *, bank_files: bool) -> None:
        self.session, self.span, self.bank_files = session, span, bank_files
        self.book = ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6)
        self.files: list[_File] = []
        self.left_out: list[tuple[str, str]] = []

    def write(self) -> "_Zip":
        with self.book:
            self._books()
            self._lists()
            self._bank()
            self._evidence()
            for script in (proofs.VERIFIER, proofs.VERIFIER.with_name("verify_pack.py")):
                self.text(script.name, _SCRIPTS[script.name], script.read_text(encoding="utf-8"))
            self.text("index.html", "this page", _index(self))
            manifest = {
                "year": self.span.since.year,
                "files": [
                    {"path": one.path, "sha256": one.sha256, "size": one.size} for one in self.files
                ],
            }
            told = json.dumps(manifest, indent=1, sort_keys=True)
            with self.book.open(_member("manifest.json"), "w") as file:
                file.write(told.encode())
        return self

    @contextlib.contextmanager
    def member(self, path: str, what: str) -> Iterator[BinaryIO]:
        """Open a member of the zip."""
        with self.book.open(_member(path), "w", force_zip64=True) as file:
            hashed = _Hashed(file)
            yield hashed  # type: ignore[misc]  # it writes, and is asked for nothing else
        self.files.append(_File(path, what, hashed.made.hexdigest(), hashed.size))

    def text(self, path: str, what: str, told: str) -> None:
        """Write a member at once."""
        with self.member(path, what) as file:
            file.write(told.encode())

    def listing(self, path: str, what: str, listing: Listing) -> None:
        """Write a list as CSV, without the columns that name people of the house."""
        with self.member(path, what) as file:
            listings.write(self.session, _without_names(listing), self.span, "csv", file)

    def _books(self) -> None:
        for kind in KINDS.values():
            path = f"books/{kind.name}.{kind.suffix}"
            # Some kinds refuse a year, and only know it half-way: whole first, then in.
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as whole:
                try:
                    kind.write(Books(self.session, self.span), whole)  # type: ignore[arg-type]  # it is a file
                except OffsetError as fault:
                    self.left_out.append((path, fault.code))
                    continue
                whole.seek(0)
                with self.member(path, kind.what) as file:
                    while block := whole.read(_BLOCK):
                        file.write(block)

    def _lists(self) -> None:
        for path, what, listing in pack_lists.LISTS:
            self.listing(path, what, listing)
        self.listing("reports/months.csv", "what came in and went out, by month", MONTHS)
        self.listing("reports/projects.csv", "what each project was given and paid", PROJECTS)
        for name, ready in READY.items():
            if name not in _HOUSE:
                self.listing(f"lists/{name}.csv", _LISTS[name], ready)

    def _bank(self) -> None:
        """Copy the banks' files block by block, as they were received."""
        if not self.bank_files:
            self.left_out.append(("statements/files", "asked_for_without"))
            return
        wanted = (
            select(BankFile.id, BankFile.sha256, BankFile.form, func.length(BankFile.data))
            .where(
                BankFile.id.in_(
                    select(BankStatement.file_id).where(
                        BankStatement.closed_on >= self.span.since,
                        BankStatement.opened_on <= self.span.until,
                    )
                )
            )
            .order_by(BankFile.sha256)
        )
        for file_id, sha256, form, size in self.session.execute(wanted).all():
            path = f"statements/files/{sha256}.{documents.suffix(form or '')}"
            with self.member(path, f"a bank's file as it was received: {form or 'table'}") as file:
                for block in documents.blocks(self.session, file_id, size):
                    file.write(block)

    def _evidence(self) -> None:
        session = self.session
        views = checkpoints.recent(session, 1_000_000)[::-1]
        told = [proofs.checkpoint_document(one, {}) for one in views]
        for one in told:
            one.pop("covers")
        self.text(
            "proofs/checkpoints.json",
            "every published root: compare it with your own copy",
            json.dumps({"checkpoints": told}, indent=1, sort_keys=True),
        )
        self.listing("proofs/leaves.csv", "the leaves of the tree, in order", pack_lists.LEAVES)
        with self.member("proofs/entries.jsonl", "what each entry's hash covers") as file:
            for line in pack_lists.entry_contents(session, self.span):
                file.write(line.encode())
        for entry_id in self._proved():
            document = evidence.document(session, checkpoints.ENTRY_KIND, entry_id)
            if document is not None:
                self.text(
                    f"proofs/payments/{entry_id}.json",
                    "the proof of one payment's order: python verify_proof.py FILE",
                    json.dumps(document, indent=1, sort_keys=True),
                )

    def _proved(self) -> list[Any]:
        wanted = (
            select(DisbursementDecision.entry_id)
            .join(Entry, Entry.id == DisbursementDecision.entry_id)
            .where(Entry.effective_on.between(self.span.since, self.span.until))
            .order_by(Entry.effective_on, Entry.id)
            .limit(_PROOFS)
        )
        return list(self.session.scalars(wanted))


class _Hashed(io.RawIOBase):
    """A member of a zip that is hashed as it is written; it cannot be sought in."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file, self.made, self.size = file, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        self.made.update(block)
        self.size += len(block)
        self._file.write(block)
        return len(block)


def _member(path: str) -> ZipInfo:
    told = ZipInfo(path, _MOMENT)
    told.compress_type = ZIP_DEFLATED
    return told


def _without_names(listing: Listing) -> Listing:
    kept = [place for place, one in enumerate(listing.columns) if one.name not in _NAMING]
    if len(kept) == len(listing.columns):
        return listing

    def rows(session: Session, span: Span) -> Iterator[listings.Row]:
        for row in listing.rows(session, span):
            yield [row[place] for place in kept]

    return replace(listing, columns=tuple(listing.columns[place] for place in kept), rows=rows)


_HOUSE: Final = frozenset({"rights", "looks"})
_LISTS: Final = {
    "by-hand": "entries that a person prepared",
    "recorded-late": "entries recorded after the month they belong to",
    "reversals": "entries that undo another",
    "two-people": "acts that needed two people",
    "payee-accounts": "accounts of payees that were entered or changed",
    "payments-decisions": "payments, and the decision each rested on that day",
    "receipt-gaps": "receipt numbers that are missing: empty is good",
}
_SCRIPTS: Final = {
    "verify_proof.py": "checks one proof: python verify_proof.py FILE proofs/checkpoints.json",
    "verify_pack.py": "checks the whole pack: python verify_pack.py",
}
_FOLDERS: Final = {
    "books": "The books, in each format the ledger offers",
    "reports": "Reports",
    "lists": "Ready lists",
    "gifts": "Gifts, receipts and allocations, by id",
    "processor": "What the payment processor stated",
    "statements": "What the banks stated",
    "decisions": "What was decided: by the committee, by the secretariat",
    "payments": "Payments to projects",
    "proofs": "Proofs",
    "": "Check it yourself",
}


def _index(pack: _Zip) -> str:
    year = pack.span.since.year
    head = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Audit pack {year}"
        "</title><style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;"
        "padding:0 1rem}code{word-break:break-all;font-size:.8em}li{margin:.3rem 0}</style></head>"
        f"<body><h1>Audit pack {year}</h1><p>Every link leads to a file beside this page; nothing"
        " is fetched from elsewhere. Run <code>python verify_pack.py</code> in this folder: it"
        " compares each file with <a href='manifest.json'>manifest.json</a> and builds the tree of"
        " hashes again. Givers and people of the house stand here as ids. Reviews of single"
        " members of the committee are not in it.</p>"
    )
    parts = [head]
    if pack.bank_files:
        parts.append(
            "<p>The files below <code>statements/files</code> are the banks' own and name whoever"
            " the bank named: keep them as you keep bank statements.</p>"
        )
    for folder, title in _FOLDERS.items():
        here = [one for one in pack.files if one.path.rpartition("/")[0].split("/")[0] == folder]
        if here:
            listed = "".join(
                f"<li><a href='{html.escape(one.path)}'>{html.escape(one.path)}</a>"
                f" {html.escape(one.what)}, {one.size} bytes<br><code>{one.sha256}</code></li>"
                for one in here
            )
            parts.append(f"<h2>{html.escape(title)}</h2><ul>{listed}</ul>")
    if pack.left_out:
        listed = "".join(
            f"<li>{html.escape(path)}: <code>{html.escape(why)}</code></li>"
            for path, why in pack.left_out
        )
        parts.append(f"<h2>Not in this pack, and why</h2><ul>{listed}</ul>")
    return "".join(parts) + "</body></html>\n"

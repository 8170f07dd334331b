"""Which exports are there, and how does one become a whole file or none at all?

A file is written beside its place under a passing name and renamed when it is complete, so that
nobody ever reads half of one and a failure leaves nothing behind.
"""

import contextlib
import io
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.ledger.models import Entry
from offset.reports import beancount, fec, hledger, iati, tables
from offset.reports.rows import Books, Span, snapshot

Writer = Callable[[Books, BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export: what it is for, how its file is named and written.

    ``yearly`` kinds are one file a year: over several years the place is a folder.
    """

    name: str
    what: str
    suffix: str
    write: Writer
    yearly: bool = False


def export(database: Database, name: str, span: Span, out: Path) -> tuple[Path, ...]:
    """Write an export to a file, or, for a yearly kind over several years, to a folder.

    Where ``out`` is a folder that exists, the file gets its usual name in it.

    Raises
    ------
    NotFound
        ``export_unknown``.
    InvalidInput
        ``export_place_missing``: the folder of ``out`` does not exist; ``export_empty``: the books
        hold nothing in these days; and what the kind itself refuses.
    Refused
        What the kind itself refuses.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound("export_unknown", kind=name)
    if not out.parent.is_dir():
        raise InvalidInput("export_place_missing", field="out", folder=out.parent)
    with snapshot(database) as session:
        spans = [part for part in (span.years() if kind.yearly else (span,)) if _any(session, part)]
        if not spans:
            raise InvalidInput("export_empty", field="from", since=span.since, until=span.until)
        with _folder(out, wanted=len(spans) > 1), _several() as written:
            for part in spans:
                written.append((_draft(session, kind, part, out), _place(session, kind, part, out)))
    return tuple(place for _, place in written)


@contextlib.contextmanager
def _folder(out: Path, *, wanted: bool) -> Iterator[None]:
    """Make the folder that several files go to, and take it away again on a failure."""
    made = wanted and not out.is_dir()
    if made:
        out.mkdir()
    try:
        yield
    except BaseException:
        if made:
            out.rmdir()
        raise


@contextlib.contextmanager
def _several() -> Iterator[list[tuple[Path, Path]]]:
    """Rename every file when all are whole; on a failure remove them all."""
    drafts: list[tuple[Path, Path]] = []
    try:
        yield drafts
        for draft, place in drafts:
            draft.replace(place)
    except BaseException:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)
        raise


def _draft(session: Session, kind: Kind, span: Span, out: Path) -> Path:
    folder = out if out.is_dir() else out.parent
    path = folder / f".{kind.name}-{secrets.token_hex(8)}.part"
    try:
        with path.open("xb") as file:
            kind.write(Books(session, span), file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _place(session: Session, kind: Kind, span: Span, out: Path) -> Path:
    if not out.is_dir():
        return out
    if kind.name == "fec":
        return out / fec.file_name(session, span)
    if kind.yearly:
        return out / f"{span.since.year}.{kind.suffix}"
    return out / f"{kind.name}-{span.since}-{span.until}.{kind.suffix}"


def _any(session: Session, span: Span) -> bool:
    found = session.scalar(
        select(Entry.id).where(Entry.effective_on.between(span.since, span.until)).limit(1)
    )
    return found is not None


def _text(write: Callable[[Books, TextIO], None], encoding: str = "utf-8") -> Writer:
    """Let a writer of text write bytes; its line ends stay as it wrote them."""

    def written(books: Books, out: BinaryIO) -> None:
        text = io.TextIOWrapper(out, encoding=encoding, newline="")
        try:
            write(books, text)
        finally:
            text.detach()

    return written


def _csv(table: tables.Table) -> Writer:
    return _text(partial(tables.write_csv, table))


def _fec_description(books: Books, out: TextIO) -> None:
    out.write(fec.description(books.session))


_ALL: Final = (
    Kind("beancount", "a Beancount file a year, accepted by bean-check", "beancount",
         _text(beancount.write), yearly=True),
    Kind("hledger", "an hledger journal a year, accepted by hledger check --strict", "journal",
         _text(hledger.write), yearly=True),
    Kind("iati", "IATI 2.03 activities: gifts, allocations, payments, outcomes", "xml", iati.write),
    Kind("fec", "the French FEC of a fiscal year, 18 columns, locked months only", "txt",
         _text(fec.write, fec.ENCODING), yearly=True),
    Kind("fec-description", "the description of fields that goes with the FEC", "txt",
         _text(_fec_description, fec.ENCODING)),
    Kind("csv", "every line of every entry as CSV", "csv", _csv(tables.ENTRIES)),
    Kind("xlsx", "every line of every entry as a workbook", "xlsx",
         partial(tables.write_xlsx, tables.ENTRIES)),
    Kind("accounts", "the accounts as CSV", "csv", _csv(tables.ACCOUNTS)),
    Kind("trial-balance", "opening, debits, credits and closing of each account as CSV", "csv",
         _csv(tables.TRIAL_BALANCE)),
    Kind("trial-balance-xlsx", "the same as a workbook", "xlsx",
         partial(tables.write_xlsx, tables.TRIAL_BALANCE)),
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _ALL}

"""Which entries does an auditor look at, so that anybody draws the same ones again?

A sample is a function of the books, the days, the method and a seed. The hash of the population
shows that it was drawn from the same entries. Nothing is random that a reader cannot repeat:

- ``random``: each entry gets SHA-256 of ``seed:id``; the n smallest are the sample;
- ``monetary``: entries stand in the order of their ids, each as long as its amount; the sample is
  what lies under every interval = total // n, from SHA-256 of the seed modulo the interval on; an
  entry as large as the interval is always in it;
- ``stratum``: n by ``random`` of each kind of entry.
"""

import hashlib
import heapq
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import BinaryIO, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput
from offset.ledger import checkpoints
from offset.ledger import queries as ledger
from offset.ledger.models import Entry, Posting
from offset.money import Money
from offset.reports import trails, workbook
from offset.reports.listings import NUMBER, Column, harmless, stream, told
from offset.reports.rows import Span
from offset.reports.trail_steps import Step
from offset.reports.workbook import Sheet

MOST: Final = 200
MOST_OF_EACH: Final = 20
LONGEST_SEED: Final = 64


class Method(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    MONETARY = "monetary"
    STRATUM = "stratum"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sample is drawn of: the entries of some days in one currency, and how.

    ``kind`` narrows it to one kind of entry; empty is every kind.
    """

    span: Span
    currency: str
    method: Method
    seed: str
    size: int
    kind: str = ""

    def __post_init__(self) -> None:
        # So many of each kind: with as many kinds as there are, the whole stays a sample.
        most = MOST_OF_EACH if self.method is Method.STRATUM else MOST
        if not 1 <= self.size <= most:
            raise InvalidInput("sample_size", field="size", most=most)
        if not self.seed.strip() or len(self.seed) > LONGEST_SEED:
            raise InvalidInput("sample_seed", field="seed", longest=LONGEST_SEED)


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the population, or of the sample: its amount is the sum of its debits."""

    id: uuid.UUID
    kind: str
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with all that is needed to draw it again."""

    asked: Asked
    population: int
    total: Money
    sha256: str
    interval: int | None
    items: tuple[Item, ...]


def draw(session: Session, asked: Asked) -> Sample:
    """Draw a sample: two passes over the population, of which nothing is kept but the sample.

    Raises
    ------
    InvalidInput
        ``sample_empty``: no entry of these days moved this currency.
    """
    digest, count, total = hashlib.sha256(), 0, 0
    for one in _population(session, asked):
        digest.update(f"{one.id} {one.amount.minor} {one.amount.currency}\n".encode())
        count, total = count + 1, total + one.amount.minor
    if not count:
        raise InvalidInput("sample_empty", field="since")
    interval = max(1, total // asked.size) if asked.method is Method.MONETARY else None
    items = {
        Method.RANDOM: _smallest,
        Method.MONETARY: _monetary,
        Method.STRATUM: _strata,
    }[asked.method](session, asked, interval or 1)
    return Sample(
        asked, count, Money(total, asked.currency), digest.hexdigest(), interval, tuple(items)
    )


def rank(seed: str, thing_id: uuid.UUID) -> bytes:
    """Give an entry its place in the order of a seed."""
    return hashlib.sha256(f"{seed}:{thing_id}".encode()).digest()


def _population(session: Session, asked: Asked) -> Iterator[Item]:
    debits = func.sum(Posting.amount)
    wanted = (
        select(Entry.id, Entry.kind, Entry.effective_on, debits)
        .join(Posting, Posting.entry_id == Entry.id)
        .where(
            Entry.effective_on.between(asked.span.since, asked.span.until),
            Posting.currency == asked.currency,
            Posting.amount > 0,
        )
        .group_by(Entry.id, Entry.kind, Entry.effective_on)
        .order_by(Entry.id)
    )
    if asked.kind:
        wanted = wanted.where(Entry.kind == asked.kind)
    for entry_id, kind, on, minor in stream(session, wanted):
        yield Item(entry_id, kind, on, Money(int(minor), asked.currency))


def _smallest(session: Session, asked: Asked, _interval: int) -> list[Item]:
    chosen = heapq.nsmallest(
        asked.size, _population(session, asked), key=lambda one: rank(asked.seed, one.id)
    )
    return sorted(chosen, key=lambda one: one.id)


def _strata(session: Session, asked: Asked, _interval: int) -> list[Item]:
    """Keep the n smallest of each kind: at most n times the kinds there are."""
    heaps: dict[str, list[tuple[int, int, Item]]] = {}
    for place, one in enumerate(_population(session, asked)):
        # The heap gives away its smallest: kept upside down, that is the largest rank.
        key = (-int.from_bytes(rank(asked.seed, one.id)), -place, one)
        heap = heaps.setdefault(one.kind, [])
        if len(heap) < asked.size:
            heapq.heappush(heap, key)
        else:
            heapq.heappushpop(heap, key)
    chosen = [one for heap in heaps.values() for _, _, one in heap]
    return sorted(chosen, key=lambda one: (one.kind, one.id))


def _monetary(session: Session, asked: Asked, interval: int) -> list[Item]:
    start = int.from_bytes(hashlib.sha256(asked.seed.encode()).digest()) % interval
    chosen, so_far, mark = [], 0, start
    for one in _population(session, asked):
        so_far += one.amount.minor
        if mark < so_far:
            chosen.append(one)
            mark += ((so_far - 1 - mark) // interval + 1) * interval
    return chosen


def write(session: Session, sample: Sample, out: BinaryIO) -> None:
    """Write a sample with its whole trail as a workbook: a sheet each for what it rests on."""
    found = trails.of_entries(session, [one.id for one in sample.items])
    workbook.write_sheets(out, _sheets(session, sample, found))


def _sheets(
    session: Session, sample: Sample, found: dict[uuid.UUID, list[Step]]
) -> Iterator[Sheet]:
    yield _sheet("sample", (Column("what"), Column("value")), _about(sample))
    yield _sheet("items", _ITEMS, _items(sample, found))
    yield _sheet("postings", _POSTINGS, _postings(session, sample))
    for name, kinds in _DOCUMENTS:
        yield _sheet(name, _STEPS, _documents(sample, found, kinds))
    yield _sheet("proofs", _PROOFS, _proofs(session, sample))


def _sheet(name: str, columns: tuple[Column, ...], rows: Iterator[list[str]]) -> Sheet:
    numbers = [one.kind == NUMBER for one in columns]
    safe = (harmless(row, numbers) for row in rows)
    return Sheet(name, [one.name for one in columns], numbers, safe)


def _about(sample: Sample) -> Iterator[list[str]]:
    asked = sample.asked
    yield from (
        ["method", asked.method.value],
        ["seed", asked.seed],
        ["size asked for", str(asked.size)],
        ["from", str(asked.span.since)],
        ["to", str(asked.span.until)],
        ["currency", asked.currency],
        ["kind of entry", asked.kind or "every kind"],
        ["entries in the population", str(sample.population)],
        ["sum of the population", sample.total.decimal()],
        ["SHA-256 of the population", sample.sha256],
        ["interval", "" if sample.interval is None else str(sample.interval)],
        ["entries in the sample", str(len(sample.items))],
        [
            "how to draw it again",
            _AGAIN,
        ],
    )


def _items(sample: Sample, found: dict[uuid.UUID, list[Step]]) -> Iterator[list[str]]:
    for number, one in enumerate(sample.items, start=1):
        kinds = sorted({step.kind for step in found.get(one.id, ())})
        yield [str(number), str(one.id), str(one.on), one.kind, one.amount.currency,
               one.amount.decimal(), ", ".join(kinds)]  # fmt: skip


def _postings(session: Session, sample: Sample) -> Iterator[list[str]]:
    for number, one in enumerate(sample.items, start=1):
        seen = ledger.entry(session, one.id)
        for line in seen.lines:
            yield [str(number), str(one.id), told(seen.recorded_at), seen.idem_key,
                   seen.source_type, seen.source_id, told(seen.reverses_id), str(line.line),
                   line.account, line.amount.currency, line.amount.decimal()]  # fmt: skip


def _documents(
    sample: Sample, found: dict[uuid.UUID, list[Step]], kinds: frozenset[str]
) -> Iterator[list[str]]:
    for number, one in enumerate(sample.items, start=1):
        for step in found.get(one.id, ()):
            if step.kind in kinds:
                yield [str(number), str(one.id), step.kind, step.id, step.name, told(step.on),
                       step.amount.currency if step.amount else "",
                       step.amount.decimal() if step.amount else "", step.note]  # fmt: skip


def _proofs(session: Session, sample: Sample) -> Iterator[list[str]]:
    for number, one in enumerate(sample.items, start=1):
        seen = ledger.entry(session, one.id)
        proof = checkpoints.inclusion(session, checkpoints.ENTRY_KIND, one.id)
        place = ("", "", "", "")
        if proof is not None:
            point = proof.checkpoint
            place = (str(proof.pos), str(point.n), str(point.size), point.root.hex())
        path = " ".join(step.hex() for step in proof.path) if proof else ""
        yield [str(number), str(one.id), seen.hash.hex(), seen.salt.hex(), *place, path]


_AGAIN: Final = (
    "population: entries in the order of their ids, a line each: id, space, sum of debits in minor"
    " units, space, currency, line feed; random: the n smallest SHA-256 of seed:id; monetary:"
    " SHA-256 of the seed modulo the interval, then every interval"
)
_DOCUMENTS: Final = (
    ("processor rows", frozenset({"movement"})),
    ("bank lines", frozenset({"line", "statement"})),
    ("decisions", frozenset({"allocation", "payment", "decision"})),
)
_ITEM: Final = (Column("item", NUMBER), Column("entry_id"))
_ITEMS: Final = (
    *_ITEM, Column("effective_on"), Column("kind"), Column("currency"), Column("amount", NUMBER),
    Column("documents"),
)  # fmt: skip
_POSTINGS: Final = (
    *_ITEM, Column("recorded_at"), Column("key"), Column("source_type"), Column("source_id"),
    Column("reverses_id"), Column("line", NUMBER), Column("account"), Column("currency"),
    Column("amount", NUMBER),
)  # fmt: skip
_STEPS: Final = (
    *_ITEM, Column("what"), Column("id"), Column("name"), Column("day"), Column("currency"),
    Column("amount", NUMBER), Column("note"),
)  # fmt: skip
_PROOFS: Final = (
    *_ITEM, Column("leaf_hash"), Column("salt"), Column("position"), Column("checkpoint"),
    Column("size"), Column("root"), Column("path"),
)  # fmt: skip

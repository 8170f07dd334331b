"""Is a file a sound FEC? Each rule of its form, checked line by line, each fault with its line.

Written from article A47 A-1 of the Livre des procédures fiscales. It reads a file of any length
once and keeps, of the journals, only the last number of each.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

COLUMNS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
_MAY_BE_EMPTY: Final = frozenset(
    {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}
)
_PAIRS: Final = (
    ("CompAuxNum", "CompAuxLib"),
    ("EcritureLet", "DateLet"),
    ("Montantdevise", "Idevise"),
)
_DATES: Final = ("EcritureDate", "PieceDate", "DateLet", "ValidDate")
_AMOUNT: Final = re.compile(r"-?\d+(?:,\d{1,4})?", re.ASCII)
_SEPARATOR: Final = re.compile(r'["\t|]')
_ACCOUNT: Final = re.compile(r"[1-8]\d{2}[0-9A-Za-z]*", re.ASCII)
_NAME: Final = re.compile(r"\d{9}FEC(\d{8})\.txt", re.ASCII)
_NUMBER: Final = re.compile(r"(.*?)(\d+)", re.ASCII)
_OPENING: Final = "AN"
_DECIMALS: Final = 4


@dataclass(slots=True)
class _State:
    """What the check remembers on its way down the file."""

    year: str = ""
    entry: tuple[str, str] = ("", "")
    entry_line: int = 0
    date: str = ""
    sum: int = 0
    total: int = 0
    lines: int = 0
    journals: dict[str, tuple[int, str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    others_began: bool = False


def check_file(path: Path) -> Iterator[str]:
    """Check a file and its name; yield every fault."""
    told = _NAME.fullmatch(path.name)
    if told is None or _day(told[1]) is None:
        yield f"{path.name}: a FEC is named SIREN, FEC, closing date: 123456789FEC20261231.txt"
    try:
        with path.open(encoding="iso8859-15", newline="") as lines:
            yield from check(lines, closing=told[1] if told else "")
    except UnicodeDecodeError as fault:  # pragma: no cover - every byte is a letter of 8859-15
        yield f"{path.name}: {fault}"


def check(lines: Iterable[str], *, closing: str = "") -> Iterator[str]:
    """Check the lines of a FEC, each with its end; ``closing`` is the last day of the year."""
    rows = iter(lines)
    head = next(rows, "")
    separator = "|" if "|" in head else "\t"
    if not head.endswith("\r\n"):
        yield "line 1: does not end with CR LF"
    if tuple(head.rstrip("\r\n").split(separator)) != COLUMNS:
        yield "line 1: is not the 18 names in their order"
        return
    state = _State(year=closing[:4])
    for count, line in enumerate(rows, start=2):
        for fault in _line(line, separator, state, count):
            yield f"line {count}: {fault}"
    yield from _entry_end(state)
    if not state.lines:
        yield "the file holds no entry"
    if state.total:
        yield f"debits and credits differ by {state.total} of 1/10,000"


def _line(line: str, separator: str, state: _State, count: int) -> Iterator[str]:
    if not line.endswith("\r\n"):
        yield "does not end with CR LF"
    cells = line.rstrip("\r\n").split(separator)
    if len(cells) != len(COLUMNS):
        yield f"has {len(cells)} fields, 18 are due"
        return
    row = dict(zip(COLUMNS, cells, strict=True))
    state.lines += 1
    yield from _cells(row)
    yield from _dates(row)
    yield from _account(row, state)
    yield from _order(row, state, count)
    yield from _amounts(row, state)


def _cells(row: dict[str, str]) -> Iterator[str]:
    for name, text in row.items():
        if not text.strip() and name not in _MAY_BE_EMPTY:
            yield f"{name} is empty"
        elif _SEPARATOR.search(text):
            yield f"{name} holds a separator or a quotation mark"
    for one, other in _PAIRS:
        if bool(row[one]) != bool(row[other]):
            yield f"{one} and {other} go together"
    if row["Idevise"] and not re.fullmatch(r"[A-Z]{3}", row["Idevise"]):
        yield f"Idevise {row['Idevise']!r} is not a currency of ISO 4217"


def _dates(row: dict[str, str]) -> Iterator[str]:
    for name in _DATES:
        if row[name] and _day(row[name]) is None:
            yield f"{name} {row[name]!r} is not a date as AAAAMMJJ"
    if row["ValidDate"] < row["EcritureDate"]:
        yield "ValidDate is before EcritureDate"


def _account(row: dict[str, str], state: _State) -> Iterator[str]:
    number, label = row["CompteNum"], row["CompteLib"]
    if not _ACCOUNT.fullmatch(number):
        yield f"CompteNum {number!r} does not begin with three digits of the French chart"
    if state.accounts.setdefault(number, label) != label:
        yield f"CompteNum {number} has two names"


def _order(row: dict[str, str], state: _State, count: int) -> Iterator[str]:
    journal, number, day = row["JournalCode"], row["EcritureNum"], row["EcritureDate"]
    if not state.year:
        state.year = day[:4]
    if day[:4] != state.year:
        yield f"EcritureDate {day} is in another fiscal year than {state.year}"
    if (journal, number) == state.entry:
        if day != state.date:
            yield f"entry {number} has two dates"
        return
    yield from _entry_end(state)
    state.entry, state.entry_line, state.date, state.sum = (journal, number), count, day, 0
    if journal == _OPENING and state.others_began:
        yield "opening balances come first"
    state.others_began = state.others_began or journal != _OPENING
    yield from _sequence(journal, number, day, state)


def _sequence(journal: str, number: str, day: str, state: _State) -> Iterator[str]:
    told = _NUMBER.fullmatch(number)
    if told is None:
        yield f"EcritureNum {number!r} does not end with a number"
        return
    last, last_day = state.journals.get(journal, (0, ""))
    if int(told[2]) != last + 1:
        yield f"EcritureNum {number} of journal {journal} does not follow {last}"
    if day < last_day:
        yield f"EcritureDate {day} of journal {journal} is before {last_day}"
    state.journals[journal] = int(told[2]), day


def _amounts(row: dict[str, str], state: _State) -> Iterator[str]:
    for name in ("Debit", "Credit", "Montantdevise"):
        if row[name] and not _AMOUNT.fullmatch(row[name]):
            yield f"{name} {row[name]!r} is not digits with a decimal comma"
            return
    debit, credit = _minor(row["Debit"]), _minor(row["Credit"])
    if (debit == 0) == (credit == 0):
        yield "exactly one of Debit and Credit must be other than zero"
    state.sum += debit - credit
    state.total += debit - credit


def _entry_end(state: _State) -> Iterator[str]:
    if state.sum:
        yield f"entry {state.entry[1]} from line {state.entry_line} on does not balance"
        state.sum = 0


def _minor(text: str) -> int:
    """Read an amount in 1/10,000: the form allows four decimals."""
    whole, _, decimals = text.partition(",")
    return int((whole or "0") + decimals.ljust(_DECIMALS, "0"))


def _day(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").astimezone()
    except ValueError:
        return None

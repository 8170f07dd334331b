"""What does the treasury ask of a bank's file? One Protocol and small exact facts, no format."""

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from offset.errors import InvalidInput
from offset.giving.ports import PayoutFacts
from offset.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementLine:
    """One booked movement of a bank account, as the bank states it.

    ``amount`` is signed: positive is money in. ``reversal`` says that the bank takes back an
    earlier booking; the sign is already that of the movement.
    """

    amount: Money
    booked_on: date
    value_on: date
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    creditor_reference: str | None = None
    text: str = ""
    counterparty: str | None = None
    counterparty_iban: str | None = None
    reversal: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of one account: what was there, what moved, what is there.

    ``pending`` are movements that the bank announces but has not booked; they count nowhere.
    A ``notice`` (CAMT.054) tells what lines are made of: it has no balances and books nothing;
    its opening and closing are zero.
    """

    reference: str
    sequence: int | None
    account: str
    opening: Money
    closing: Money
    opened_on: date
    closed_on: date
    lines: tuple[StatementLine, ...]
    pending: tuple[StatementLine, ...] = ()
    form: str = ""
    notice: bool = False


class Sign(enum.StrEnum):
    """How a table says whether money came in or went out."""

    SIGNED = "signed"  # one column; a minus is money out
    REVERSED = "reversed"  # one column; a minus is money in, as some card statements write it
    TWO_COLUMNS = "two_columns"  # one column for money out, one for money in
    WORD = "word"  # an amount without sign, and a word such as D or C beside it


# What a column may hold; `amount` or the pair `money_out` and `money_in` is needed.
COLUMNS: Final = (
    "booked_on",
    "value_on",
    "amount",
    "money_out",
    "money_in",
    "side",
    "text",
    "counterparty",
    "counterparty_iban",
    "bank_reference",
    "end_to_end_id",
    "currency",
    "balance",
)
DATE_FORMS: Final = ("YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "DD-MM-YYYY", "MM/DD/YYYY")
ENCODINGS: Final = ("utf-8", "windows-1252", "iso-8859-15", "utf-16")
DELIMITERS: Final = (";", ",", "\t", "|")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one bank writes its tables: the heading of each column and how its cells are read.

    ``columns`` names headings as the bank writes them; several headings of a text are joined.
    """

    columns: dict[str, tuple[str, ...]]
    sign: Sign = Sign.SIGNED
    decimal: str = ","
    date_form: str = "DD/MM/YYYY"
    encoding: str = "utf-8"
    delimiter: str = ";"
    out_words: tuple[str, ...] = ("D", "DEBIT", "DBIT", "S")

    def __post_init__(self) -> None:
        """Refuse what cannot be read.

        Raises
        ------
        InvalidInput
            ``mapping_…`` with the field of the form.
        """
        told = {name for name, headings in self.columns.items() if any(headings)}
        money = {"money_out", "money_in"} if self.sign is Sign.TWO_COLUMNS else {"amount"}
        needed = {"booked_on", *money} | ({"side"} if self.sign is Sign.WORD else set())
        for name in sorted(needed - told):
            raise InvalidInput("mapping_column_missing", field=name, column=name)
        for name in sorted(told - set(COLUMNS)):
            raise InvalidInput("mapping_unknown", field="columns", value=name[:40])
        for field, value, known in (
            ("decimal", self.decimal, (",", ".")),
            ("date_form", self.date_form, DATE_FORMS),
            ("encoding", self.encoding, ENCODINGS),
            ("delimiter", self.delimiter, DELIMITERS),
        ):
            if value not in known:
                raise InvalidInput("mapping_unknown", field=field, value=value[:40])

    def document(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "columns": {name: list(told) for name, told in sorted(self.columns.items()) if told},
            "sign": self.sign.value,
            "decimal": self.decimal,
            "date_form": self.date_form,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "out_words": list(self.out_words),
        }

    @classmethod
    def read(cls, kept: Any) -> "Layout":
        """Read what was stored."""
        return cls(
            columns={name: tuple(told) for name, told in kept["columns"].items()},
            sign=Sign(kept["sign"]),
            decimal=kept["decimal"],
            date_form=kept["date_form"],
            encoding=kept["encoding"],
            delimiter=kept["delimiter"],
            out_words=tuple(kept["out_words"]),
        )


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Which account a table is of, how it is read, and what the account held before it.

    ``closing`` is what a person reads on the bank's page; a table with a balance column tells
    it by itself.
    """

    account: str
    currency: str
    layout: Layout
    before: Money
    closing: Money | None = None


class StatementReader(Protocol):
    """Whoever can read a bank's file into statements, exactly or not at all."""

    def read(self, data: bytes, sheet: Sheet | None = None) -> tuple[Statement, ...]:
        """Read every statement of a file; whether its sums agree is the treasury's question.

        A table (CSV, XLSX) needs its ``sheet``; other kinds do without.

        Raises
        ------
        InvalidInput
            ``statement_…``: the file is too large, hostile, broken, of another kind, or holds
            an amount, a date or a balance that cannot be read exactly; ``statement_needs_mapping``
            for a table without a sheet.
        """
        ...

    def headings(self, data: bytes, layout: Layout | None = None) -> tuple[tuple[str, ...], ...]:
        """Return the first rows of a table as they stand, for the page that maps them.

        Raises
        ------
        InvalidInput
            As ``read``; ``statement_not_a_table`` for another kind of file.
        """
        ...


class ReportReader(Protocol):
    """Whoever can read the card processor's own reports of past payouts."""

    def read(self, items: bytes, payouts: bytes) -> tuple[PayoutFacts, ...]:
        """Read payouts with their movements from the two itemised reports.

        Raises
        ------
        InvalidInput
            ``report_…``: a column is missing, an amount or a time cannot be read exactly, or the
            movements of a payout do not make its amount.
        """
        ...

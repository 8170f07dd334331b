"""What does the treasury ask of a bank's file? One Protocol and small exact facts, no format."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from offset.money import Money


@dataclass(frozen=True, kw_only=True)
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


class StatementReader(Protocol):
    """Whoever can read a bank's file into statements, exactly or not at all."""

    def read(self, data: bytes) -> tuple[Statement, ...]:
        """Read every statement of a file; whether its sums agree is the treasury's question.

        Raises
        ------
        InvalidInput
            ``statement_…``: the file is too large, hostile, broken, of another kind, or holds
            an amount, a date or a balance that cannot be read exactly.
        """
        ...

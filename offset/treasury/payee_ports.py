"""What does paying ask of the outside? A reader of sanctions lists, a writer of bank orders."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from offset.money import Money


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Somebody on a sanctions list: a reference, every name and alias, what is known of a birth."""

    ref: str
    kind: str
    names: tuple[str, ...]
    born: str = ""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition of a sanctions list, with the day on which it was made."""

    published_on: date
    form: str
    entries: tuple[Listed, ...]


class SanctionsReader(Protocol):
    """Whoever reads the EU's consolidated list."""

    def read(self, data: bytes) -> Edition:
        """Read an edition from the bytes of its file.

        Raises
        ------
        InvalidInput
            ``sanctions_…`` with what is wrong.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of a credit transfer, with its address in parts as banks ask for it."""

    name: str
    iban: str
    bic: str | None
    country: str
    town: str = ""
    street: str = ""
    postcode: str = ""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One credit transfer: to whom, how much, and the reference that the bank hands on."""

    end_to_end_id: str
    amount: Money
    creditor: Party
    text: str


@dataclass(frozen=True, kw_only=True)
class TransferBatch:
    """Everything one file of credit transfers says."""

    message_id: str
    made_at: datetime
    execute_on: date
    debtor: Party
    transfers: tuple[Transfer, ...]


class TransferWriter(Protocol):
    """Whoever writes a file that our bank takes."""

    def write(self, batch: TransferBatch) -> bytes:
        """Write a batch; the same batch gives the same bytes.

        Raises
        ------
        InvalidInput
            ``transfer_…`` with what the bank would refuse.
        """
        ...

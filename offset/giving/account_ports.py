"""What must the processor's own account be like, and who can ask it and register our address?"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Endpoint:
    """An address that the processor sends its notices to."""

    endpoint_id: str
    url: str
    enabled: bool
    api_version: str | None
    kinds: frozenset[str]

    def lacks(self, wanted: Collection[str]) -> frozenset[str]:
        """Say which of the kinds we book from it does not send."""
        return frozenset() if "*" in self.kinds else frozenset(wanted) - self.kinds


@dataclass(frozen=True)
class AccountFacts:
    """What the processor says of our account, and its own time when it said so."""

    account_id: str
    live: bool
    takes_payments: bool
    pays_out: bool
    automatic_payouts: bool
    descriptor: str
    methods: frozenset[str]
    api_version: str
    wanted_version: str
    said_at: datetime | None
    endpoints: tuple[Endpoint, ...] = ()
    wanted_kinds: frozenset[str] = field(default=frozenset())


class AccountGateway(Protocol):
    """Whoever can ask the processor about our account."""

    def facts(self) -> AccountFacts:
        """Read the account and the addresses its notices go to.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        ...

    def register(self, url: str) -> str:
        """Have notices of every kind we book sent to an address; return the secret they carry.

        An address that is registered already is replaced, since its secret is told once only.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        InvalidInput
            ``processor_refused``.
        """
        ...

"""What stands in for the account at the processor and for the machine around the site?"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from offset.errors import TryLater
from offset.gateways.stripe_account import WANTED
from offset.giving.account_ports import AccountFacts, Endpoint


class FakeAccount:
    """An account that is set right unless a test says otherwise."""

    def __init__(self, at: datetime, url: str) -> None:
        self.reachable = True
        self.secret = "whsec_registered_0123456789"
        self.told = AccountFacts(
            account_id="acct_1",
            live=False,
            takes_payments=True,
            pays_out=True,
            automatic_payouts=True,
            descriptor="SOIL GIFTS",
            methods=frozenset({"card", "sepa_debit"}),
            api_version="2026-10-28.endive",
            wanted_version="2026-10-28.endive",
            said_at=at,
            endpoints=(Endpoint("we_1", f"{url}/webhooks/stripe", True, None, frozenset("*")),),  # noqa: FBT003 - a row
            wanted_kinds=WANTED,
        )

    def but(self, **changes: object) -> None:
        self.told = replace(self.told, **changes)  # type: ignore[arg-type]  # names of the class

    def facts(self) -> AccountFacts:
        if not self.reachable:
            raise TryLater("processor_unreachable")
        return self.told

    def register(self, url: str) -> str:
        self.facts()
        self.but(endpoints=(Endpoint("we_2", url, True, None, WANTED),))  # noqa: FBT003 - a row
        return self.secret


class FakeSurroundings:
    """A machine with a valid certificate, an empty disk and a domain that is set right."""

    def __init__(self, at: datetime) -> None:
        self.up = True
        self.until: datetime | None = at + timedelta(days=60)
        self.free_bytes = 50_000_000_000
        self.records: dict[str, tuple[str, ...]] | None = {
            "example.org": ("v=spf1 mx -all",),
            "_dmarc.example.org": ("v=DMARC1; p=none",),
        }

    def listens(self, host: str, port: int) -> bool:
        return self.up and bool(host) and port > 0

    def certificate_until(self, host: str, port: int) -> datetime | None:
        assert host
        assert port
        return self.until

    def answers(self, url: str) -> bool:
        assert url.endswith("/healthz")
        return self.up

    def free(self, folder: Path) -> tuple[int, int]:
        assert folder
        return self.free_bytes, 100_000_000_000

    def texts(self, name: str) -> tuple[str, ...] | None:
        return None if self.records is None else self.records.get(name, ())

"""What does a view reach for, and where does it find it?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from flask import Flask, current_app

from offset.clock import Clock
from offset.config import Settings
from offset.database.session import Database
from offset.giving.account_ports import AccountGateway
from offset.giving.ports import (
    BalanceReader,
    CheckoutGateway,
    DocumentRenderer,
    EventReader,
    RefundGateway,
)
from offset.people.ports import Mailer
from offset.people.surroundings import Surroundings
from offset.projects.ports import FileStore, PaperReader, SheetReader
from offset.treasury.payee_ports import SanctionsReader, TransferWriter
from offset.treasury.ports import ReportReader, StatementReader

_NAME: Final = "offset"


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that ``app`` wired for the views: the database, the clock and the ports.

    A view takes what it needs from here and never builds a port itself.
    """

    settings: Settings
    database: Database
    clock: Clock
    checkout: CheckoutGateway
    events: EventReader
    refunds: RefundGateway
    balances: BalanceReader
    account: AccountGateway
    surroundings: Surroundings
    mailer: Mailer
    statements: StatementReader
    reports: ReportReader
    files: FileStore
    papers: PaperReader
    sheets: SheetReader
    documents: DocumentRenderer
    sanctions: SanctionsReader
    transfers: TransferWriter


def install(app: Flask, wired: Services) -> None:
    """Hang the services on the application."""
    app.extensions[_NAME] = wired


def services() -> Services:
    """Return the services of the running application."""
    return cast("Services", current_app.extensions[_NAME])


def now() -> datetime:
    """Return the present instant by the wired clock."""
    return services().clock.now()

"""What do tests of public pages need? Books with projects, and a count of what is asked of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from offset.database.session import Database
from offset.errors import NotFound
from offset.gateways.pain001 import Pain001Writer
from offset.gateways.papers import PdfPapers
from offset.gateways.sanctions_list import EuSanctionsReader
from offset.gateways.sheets import WorkbookSheets
from offset.web.wiring import Services
from tests.builders import giving as gifts
from tests.builders.projects import Way, a_project
from tests.fakes import FrozenClock, KeptMail
from tests.fakes_giving import FakeProcessor
from tests.web.conftest import Absent, assembled, settings_with

PICTURE = f"{'a' * 64}.webp"
TRIP = "leg=CDG-JNB&leg=JNB-CDG&cabin=economy&travellers=1"


class KeptFiles:
    """Keeps one picture; asked for another it answers as the real one does."""

    def get(self, key: str) -> bytes:
        if key != PICTURE:
            raise NotFound("file_unknown")
        return b"RIFF....WEBP"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements an engine runs; the transaction's own begin is none."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "SET LOCAL")):
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def processor(clock: FrozenClock) -> FakeProcessor:
    return FakeProcessor(clock.now())


@pytest.fixture
def app(embedded: Database, clock: FrozenClock, processor: FakeProcessor) -> Flask:
    return assembled(
        Services(
            settings=settings_with(),
            database=embedded,
            clock=clock,
            checkout=processor,
            events=processor,
            refunds=Absent(),
            balances=Absent(),
            account=Absent(),
            surroundings=Absent(),
            statements=Absent(),
            reports=Absent(),
            mailer=KeptMail(),
            files=KeptFiles(),
            papers=PdfPapers(),
            sheets=WorkbookSheets(),
            documents=Absent(),
            sanctions=EuSanctionsReader(),
            transfers=Pain001Writer(),
        )
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def project(embedded: Database, at: datetime) -> Way:
    return a_project(embedded, at=at)


@pytest.fixture
def give(
    embedded: Database, processor: FakeProcessor, clock: FrozenClock
) -> Callable[..., gifts.Given]:
    """Give, settle and, for a directed gift, allocate."""

    def act(amount: str, way: Way | None = None) -> gifts.Given:
        given = gifts.a_donation(
            embedded,
            processor,
            at=clock.now(),
            amount=amount,
            project_id=way.project_id if way else None,
        )
        if way is not None:
            gifts.allocate(embedded, given, at=clock.now())
        return given

    return act

"""Which application do tests of the web open? The whole one, with fakes for what is outside."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from offset import web
from offset.config import Settings, read_settings
from offset.database.session import Database
from offset.gateways.pain001 import Pain001Writer
from offset.gateways.papers import PdfPapers
from offset.gateways.sanctions_list import EuSanctionsReader
from offset.gateways.sheets import WorkbookSheets
from offset.people import signin, users
from offset.people.access import SYSTEM, Role
from offset.web import wiring
from offset.web.wiring import Services
from tests.fakes import FrozenClock, KeptMail
from tests.fakes_papers import Printer
from tests.fakes_ready import FakeAccount, FakeSurroundings

ENVIRONMENT = {
    "OFFSET_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "OFFSET_PUBLIC_URL": "http://localhost",
    "OFFSET_MAIL_URL": "file:/nowhere",
    "OFFSET_MAIL_FROM": "Platform <platform@demo.example>",
    "OFFSET_SECOND_FACTOR": "offered",
    "OFFSET_PASSWORD_SIGN_IN": "on",
    "STRIPE_API_BASE": "http://127.0.0.1:8420",
    "STRIPE_SECRET_KEY": "sk_test_demo",
    "STRIPE_WEBHOOK_SECRET": "whsec_demo",
}


class Absent:
    """A port that no test of the foundation may reach."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the page reached for {name} of a port it has no business with")


class Receiver:
    """Takes notices; raises what a test told it to."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str]] = []
        self.fault: Exception | None = None

    def __call__(self, raw: bytes, signature: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.taken.append((raw, signature))


def settings_with(**changes: str) -> Settings:
    return read_settings({**ENVIRONMENT, **changes})


def services_with(
    settings: Settings, database: Any, clock: FrozenClock, *, documents: Any = None
) -> Services:
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        checkout=Absent(),
        events=Absent(),
        refunds=Absent(),
        balances=Absent(),
        account=FakeAccount(clock.now(), settings.public_url),
        surroundings=FakeSurroundings(clock.now()),
        statements=Absent(),
        reports=Absent(),
        mailer=KeptMail(),
        files=Absent(),
        papers=PdfPapers(),
        sheets=WorkbookSheets(),
        documents=documents or Printer(),
        sanctions=EuSanctionsReader(),
        transfers=Pain001Writer(),
    )


def assembled(services: Services, receiver: Receiver | None = None) -> Flask:
    """Return the application with these services; it is put together once a process."""
    app = _assembled(services.settings)
    wiring.install(app, services)
    app.extensions["receiver"] = receiver or Receiver()
    for limiter in app.extensions["limiter"]:
        limiter.reset()
    return app


@lru_cache(maxsize=8)
def _assembled(settings: Settings) -> Flask:
    app = Flask("offset", static_folder=None)

    def take(raw: bytes, signature: str) -> None:
        app.extensions["receiver"](raw, signature)

    nobody = services_with(settings, Absent(), FrozenClock(datetime(2026, 1, 1, tzinfo=UTC)))
    web.register(app, nobody, receiver=take)
    return app


def build(
    settings: Settings,
    database: Any,
    clock: FrozenClock,
    *,
    before: Callable[[Flask], None] | None = None,
    documents: Any = None,
    receiver: Receiver | None = None,
    beside: bool = False,
    **extra: Any,
) -> Flask:
    """Assemble the application as ``app`` does.

    ``before`` adds routes of a test; ``beside`` says that the test has another one open.
    """
    services = services_with(settings, database, clock, documents=documents)
    if before is None and not extra and not beside:
        return assembled(services, receiver)
    app = Flask("offset", static_folder=None)
    if before is not None:
        before(app)
    web.register(app, services, receiver=receiver or Receiver(), **extra)
    return app


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def app(embedded: Database, clock: FrozenClock, receiver: Receiver) -> Flask:
    return build(settings_with(), embedded, clock, receiver=receiver)


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as found:
        yield found


@pytest.fixture
def unreachable(clock: FrozenClock) -> FlaskClient:
    """A client of an application whose database must not be asked."""
    return build(settings_with(), Absent(), clock).test_client()


@pytest.fixture
def sign_in(embedded: Database, clock: FrozenClock, client: FlaskClient) -> Callable[..., None]:
    """Sign the client in as somebody with roles."""

    def act(*roles: Role, email: str = "somebody@demo.example") -> None:
        embedded.run(
            users.invite,
            actor=SYSTEM,
            at=clock.now(),
            email=email,
            name="Somebody",
            roles=frozenset(roles),
            password="a long enough password",
        )
        secret = embedded.run(
            signin.use_password, email=email, password="a long enough password", at=clock.now()
        )
        with client.session_transaction() as session:
            session["_user_id"] = secret

    return act


def token_of(client: FlaskClient, path: str) -> str:
    """Read the form token out of a page."""
    text = client.get(path).get_data(as_text=True)
    return text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def templates() -> list[Path]:
    root = Path(__file__).resolve().parents[2] / "templates"
    return sorted(root.rglob("*.html"))

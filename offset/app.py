"""Which port is filled by what? The only file that knows all rooms."""

import importlib
import shlex
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from offset.clock import Clock, SystemClock, utc_day
from offset.config import Settings, kept_secret, misfits
from offset.database import copies, faults, migrate
from offset.database.session import Database
from offset.errors import ConfigurationError
from offset.gateways import stripe_client
from offset.gateways.backup import is_half_restored
from offset.gateways.bank_files import BankFileReader
from offset.gateways.files import DiskFiles
from offset.gateways.mailer import folder_of, mailer_for
from offset.gateways.pain001 import Pain001Writer
from offset.gateways.papers import PdfPapers
from offset.gateways.pdf import PrintedDocuments
from offset.gateways.sanctions_list import EuSanctionsReader
from offset.gateways.sheets import WorkbookSheets
from offset.gateways.stripe_account import StripeAccount
from offset.gateways.stripe_balance import StripeBalance
from offset.gateways.stripe_checkout import StripeCheckout
from offset.gateways.stripe_events import StripeEvents
from offset.gateways.stripe_refunds import StripeRefunds
from offset.gateways.stripe_report import StripeReportReader
from offset.gateways.surroundings import ThisMachine, unmakeable, unwritable
from offset.giving import processor_events
from offset.people import installation, schedule
from offset.projects import queries as projects
from offset.treasury import payouts
from offset.web import register
from offset.web.templating import environment_for
from offset.web.wiring import Services

_EMPTY: Final = "there is no database yet: run offset init --mode rehearsal|live"
MODELS: Final = ("people", "ledger", "projects", "giving", "treasury")


def load_models() -> None:
    """Import every room's tables, so that metadata and authorizer know them all."""
    for room in MODELS:
        importlib.import_module(f"offset.{room}.models")


def build_services(settings: Settings, *, clock: Clock | None = None) -> Services:
    """Fill every port as the settings ask."""
    load_models()
    time = clock or SystemClock()
    stripe = stripe_client.connect(settings.stripe_secret_key, settings.stripe_api_base)
    return Services(
        settings=settings,
        database=Database(settings.database_url),
        clock=time,
        checkout=StripeCheckout(stripe),
        events=StripeEvents(
            stripe, (settings.stripe_webhook_secret,), lambda: kept_secret(settings.data_dir)
        ),
        refunds=StripeRefunds(stripe),
        balances=StripeBalance(stripe),
        account=StripeAccount(stripe, live=settings.stripe_is_live),
        surroundings=ThisMachine(),
        mailer=mailer_for(
            settings.mail_url,
            sender=settings.mail_from,
            public_url=settings.public_url,
            templates=environment_for,
            clock=time,
        ),
        statements=BankFileReader(),
        reports=StripeReportReader(),
        files=DiskFiles(settings.data_dir / "files"),
        papers=PdfPapers(),
        sheets=WorkbookSheets(),
        documents=PrintedDocuments(environment_for, public_url=settings.public_url),
        sanctions=EuSanctionsReader(),
        transfers=Pain001Writer(),
    )


def refuse_unfit(settings: Settings) -> None:
    """Refuse settings on tables of another release, or of a database made for something else.

    Raises
    ------
    ConfigurationError
        One line a fault, each naming the setting or the command that mends it.
    """
    found = (*_places(settings), *_standing(settings))
    if found:
        raise ConfigurationError(found)


def _places(settings: Settings) -> Iterator[str]:
    """Look at what only the machine can say of a setting: the folder, the key of the archives."""
    if why := unwritable(settings.data_dir):
        yield f"OFFSET_DATA_DIR cannot be written ({settings.data_dir}): {why}"
    if is_half_restored(settings.data_dir):
        yield "a restore was stopped before everything stood: run offset restore once more"
    if settings.backup_recipient:
        from offset.gateways import sealed_archives  # noqa: PLC0415 - only where archives are closed

        try:
            sealed_archives.recipient_of(settings.backup_recipient)
        except ConfigurationError as fault:
            yield from fault.faults
    yield from _other_places(settings)


def _other_places(settings: Settings) -> Iterator[str]:
    """Look at the folders and the program that other settings name."""
    for name, folder in (
        ("OFFSET_BACKUP_DIR", settings.backup_dir),
        ("OFFSET_MAIL_URL", folder_of(settings.mail_url)),
    ):
        if folder is not None and (why := unmakeable(folder)):
            yield f"{name} cannot be written ({folder}): {why}"
    program = shlex.split(settings.backup_command)[:1]
    if program and shutil.which(program[0]) is None:
        yield f"OFFSET_BACKUP_COMMAND names no program of this machine: {program[0]}"


def _standing(settings: Settings) -> Iterator[str]:
    """Look at the database: does it answer, of which release is it, what was it made for?"""
    if not copies.is_there(settings.database_url):
        yield _EMPTY
        return
    database = Database(settings.database_url)
    try:
        found, wanted = migrate.present(database), migrate.head()
        if found != wanted:
            stand = f"the tables are at {found}, this release needs {wanted}"
            yield f"{stand}: run offset db upgrade" if found else _EMPTY
            return
        with database.reading() as session:
            mode = installation.mode(session)
    except Exception as fault:
        line = faults.line_of(fault)
        if line is None:
            raise
        yield line
        return
    finally:
        database.dispose()
    if mode is None:
        yield "this database was not told what it is for: run offset init --mode rehearsal|live"
        return
    yield from misfits(settings, mode.value)


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """Build the site."""
    return assemble(build_services(settings, clock=clock))


def assemble(services: Services) -> Flask:
    """Build the site on services that are already filled."""
    app = Flask("offset", static_folder=None)
    settings = services.settings
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way to wrap it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    register(
        app,
        services,
        receiver=lambda raw, signature: receive(services, raw, signature),
        checks={"database": _database, "tables": _tables, "jobs": _jobs},
        listing=lambda: _public_projects(services),
    )
    return app


def receive(services: Services, raw: bytes, signature: str) -> processor_events.Received:
    """Take a notice of the processor; payouts go to the treasury."""
    return processor_events.receive(
        services.database,
        services.events,
        raw,
        signature,
        at=services.clock.now(),
        livemode=services.settings.stripe_is_live,
        on_payout=payouts.on_payout,
    )


def _database(services: Services) -> str | None:
    with services.database.reading() as session:
        session.connection()
    return None


def _tables(services: Services) -> str | None:
    found, wanted = migrate.present(services.database), migrate.head()
    return None if found == wanted else f"at {found or 'nothing'}, need {wanted}"


def _jobs(services: Services) -> str | None:
    with services.database.reading() as session:
        missed = schedule.missed(session, services.clock.now())
    return f"missed: {', '.join(missed)}" if missed else None


def _public_projects(services: Services) -> Iterable[tuple[str, date | None]]:
    with services.database.reading() as session:
        cards = projects.cards(session, on=utc_day(services.clock.now()))
    return [(f"/projects/{card.slug}", None) for card in cards]

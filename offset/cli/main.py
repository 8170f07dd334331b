"""What is the first word after ``offset``? The commands, and how their errors are told."""

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from offset.app import build_services, load_models, refuse_unfit
from offset.cli import jobs as job_table
from offset.cli.audit import audit
from offset.cli.backups import backups, before_upgrade, move
from offset.cli.bank import bank
from offset.cli.books import backup, export, ledger, restore
from offset.cli.demo import demo
from offset.cli.doctor import doctor, register_webhook
from offset.cli.explain import explain
from offset.cli.mail import mail
from offset.cli.month import month
from offset.cli.payments import payments
from offset.cli.rates import rates
from offset.cli.sandbox import sandbox
from offset.cli.serve import serve
from offset.clock import SystemClock
from offset.config import Settings, database_url, misfits, read_settings
from offset.database import migrate, roles
from offset.database.session import Database
from offset.errors import ConfigurationError, Conflict, OffsetError
from offset.giving import forgetting
from offset.people import installation, second_factor, users
from offset.people.access import SYSTEM, Role
from offset.people.installation import Mode
from offset.web.sentences import SENTENCES


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Contributions of air travellers to soil projects, booked to the cent."""


def _settings() -> Settings:
    return read_settings(os.environ)


@cli.command()
@click.option(
    "--mode",
    required=True,
    type=click.Choice([Mode.REHEARSAL.value, Mode.LIVE.value]),
    help="What this database is for, for ever: test keys and trial gifts, or real money.",
)
def init(mode: str) -> None:
    """Prepare an empty installation: check the settings, make the folders and the tables."""
    # Our address is registered with the processor afterwards; serving asks for its secret.
    settings = read_settings(os.environ, notices=False)
    faults = misfits(settings, mode)
    if faults:
        raise ConfigurationError(faults)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    load_models()
    migrate.upgrade(settings.owner_database_url)
    _grant(settings.owner_database_url, settings.database_url)
    database = Database(settings.database_url)
    try:
        database.run(installation.prepare, Mode(mode), at=SystemClock().now())
    finally:
        database.dispose()
    click.echo(f"the tables are ready, for: {mode}")
    click.echo("next: offset payments register-webhook; then offset people invite, for two")
    click.echo("administrators; then offset serve and offset jobs run each minute; offset doctor")


@cli.group()
def db() -> None:
    """Bring the tables up or down, compare them, write a revision."""
    load_models()


@db.command("upgrade")
@click.argument("revision", default="head")
@click.option("--without-backup", is_flag=True, help="Do not write an archive first.")
def db_upgrade(revision: str, *, without_backup: bool) -> None:
    """Bring the tables up to a revision, after an archive of what is there."""
    owner = database_url(os.environ, owner=True)
    if not without_backup:
        before_upgrade(owner)
    migrate.upgrade(owner, revision)
    _grant(owner, database_url(os.environ, owner=False))


def _grant(owner: str, application: str) -> None:
    if roles.apart(owner, application):
        roles.grant(owner, roles.role_of(application))


@db.command("grant")
@click.option("--role", required=True, help="the role the application signs in with")
def db_grant(role: str) -> None:
    """Give a role of PostgreSQL what the application needs, and nothing else."""
    roles.grant(database_url(os.environ, owner=True), role)
    click.echo(f"{role} may read and add to the books, and change nothing in them")


@db.command("wait")
def db_wait() -> None:
    """Exit 0 when the database answers, 1 when it does not."""
    database = Database(database_url(os.environ, owner=True), owner=True)
    try:
        migrate.present(database)
    except OSError:
        sys.exit(1)
    except Exception as fault:  # noqa: BLE001 - whatever a driver says: it does not answer
        sys.exit(f"not yet: {type(fault).__name__}")
    finally:
        database.dispose()


@db.command("downgrade")
@click.argument("revision")
@click.option("--lose-data", is_flag=True, help="Also where rows or values would be thrown away.")
def db_downgrade(revision: str, *, lose_data: bool) -> None:
    """Take the tables back to a revision; refused where that loses what was written since."""
    migrate.downgrade(database_url(os.environ, owner=True), revision, careful=not lose_data)


@db.command("check")
def db_check() -> None:
    """Compare the tables with the models."""
    migrate.check(database_url(os.environ, owner=True))


@db.command("revision")
@click.option("-m", "--message", required=True)
def db_revision(message: str) -> None:
    """Write a migration from the difference between tables and models."""
    migrate.write_revision(database_url(os.environ, owner=True), message)


@cli.group()
def jobs() -> None:
    """Run what runs by itself."""


@jobs.command("run")
def jobs_run() -> None:
    """Run whatever is due; call it each minute from cron or a timer."""
    settings = _settings()
    refuse_unfit(settings)
    services = build_services(settings)
    try:
        for line in job_table.run_due(services):
            click.echo(line)
    except Conflict as fault:
        # sysexits.h: try again later; the unit of the timer counts it as a success
        click.echo(f"refused: {fault}", err=True)
        sys.exit(75)
    finally:
        services.database.dispose()


@cli.group()
def people() -> None:
    """Who is who."""
    load_models()


@people.command("invite")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, type=click.Choice([r.value for r in Role][:-1]))
@click.option("--language", default="en", type=click.Choice(["en", "fr", "es"]))
def people_invite(email: str, name: str, roles: tuple[str, ...], language: str) -> None:
    """Make a person with roles; they sign in by a link sent to the address."""
    database = Database(database_url(os.environ, owner=False))
    try:
        database.run(
            users.invite,
            actor=SYSTEM,
            at=SystemClock().now(),
            email=email,
            name=name,
            roles=frozenset(Role(role) for role in roles),
            language=language,
        )
    finally:
        database.dispose()
    click.echo(f"{email} may sign in at /sign-in")


@people.command("lost-phone")
@click.argument("email")
def people_lost_phone(email: str) -> None:
    """Take a person's second factor away; they set it up anew at the next sign-in."""
    database = Database(database_url(os.environ, owner=False))
    try:
        database.run(second_factor.forget, email=email, at=SystemClock().now())
    finally:
        database.dispose()
    click.echo(f"{email} is signed out everywhere and sets up a phone at the next sign-in")


@people.command("forget")
@click.argument("email")
def people_forget(email: str) -> None:
    """Empty a person's name and address everywhere; acts and money keep only the id."""
    database = Database(database_url(os.environ, owner=False))
    try:
        done = database.run(forgetting.forget, actor=SYSTEM, at=SystemClock().now(), email=email)
    finally:
        database.dispose()
    click.echo(
        "forgotten, with the account" if done.had_account else f"forgotten: {done.rows} rows"
    )


cli.add_command(ledger)
cli.add_command(audit)
cli.add_command(explain)
cli.add_command(export)
cli.add_command(backup)
cli.add_command(bank)
cli.add_command(backups)
cli.add_command(move)
cli.add_command(restore)
cli.add_command(demo)
cli.add_command(mail)
cli.add_command(doctor)
cli.add_command(month)
cli.add_command(payments)
payments.add_command(register_webhook)
cli.add_command(rates)
cli.add_command(sandbox)
cli.add_command(serve)


def main(run: Callable[..., Any] = cli) -> None:
    """Run a command; a fault of the domain is one line, never a traceback."""
    try:
        run(standalone_mode=False)
    except ConfigurationError as fault:
        sys.exit(str(fault))
    except OffsetError as fault:
        sys.exit(f"refused: {told(fault)}")
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)


def told(fault: OffsetError) -> str:
    """Return a refusal as the pages tell it, in English, after its code for whoever scripts."""
    sentence = SENTENCES.get(fault.code, "")
    try:
        return f"{fault.code}: {sentence % fault.parameters}" if sentence else str(fault)
    except KeyError:
        return str(fault)

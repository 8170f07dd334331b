"""Which commands prepare an installation and bring its tables up, down, or into comparison?"""

import os
import sys

import click

from offset.app import load_models
from offset.cli.backups import before_upgrade
from offset.clock import SystemClock
from offset.config import database_url, misfits, read_settings
from offset.database import migrate, roles
from offset.database.session import Database
from offset.errors import ConfigurationError
from offset.gateways.backup import is_half_restored
from offset.people import installation
from offset.people.installation import Mode


@click.command()
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
    if is_half_restored(settings.data_dir):
        said = "a restore was stopped before everything stood: run offset restore once more"
        raise ConfigurationError((said,))
    try:
        # names, addresses and hashes of keys lie there: for this user alone
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        said = f"OFFSET_DATA_DIR cannot be made ({settings.data_dir}): {fault.strerror}"
        raise ConfigurationError((said,)) from None
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


@click.group()
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

"""Which commands keep archives from day to day, try them, and move the house to a server?"""

import os
from pathlib import Path

import click

from offset.app import load_models
from offset.clock import SystemClock
from offset.config import Settings, database_url, read_settings
from offset.database import copies, migrate, moving, roles
from offset.database.session import Database
from offset.errors import InvalidInput, Refused
from offset.gateways import backup_keeping
from offset.gateways.backup_keeping import Plan
from offset.ledger.verify import Report, verify
from offset.people import backups as written
from offset.people.backups import BackupKind


def plan_of(settings: Settings) -> Plan:
    """Read what the owner decided about archives."""
    return Plan(
        folder=settings.backup_dir,
        recipient=settings.backup_recipient,
        command=settings.backup_command,
        keep=backup_keeping.read_keep(settings.backup_keep),
    )


def run_once(settings: Settings, database: Database) -> str:
    """Make the archive of this instant as planned, and write down that it was made."""
    load_models()
    at = SystemClock().now()
    made = backup_keeping.make(
        plan_of(settings), settings.owner_database_url, settings.data_dir / "files", at=at
    )
    rows = sum(made.manifest.counts.values())
    database.run(
        written.note,
        kind=BackupKind.BACKUP,
        at=at,
        archive=made.archive.name,
        size=made.size,
        row_count=rows,
        checkpoint=made.manifest.checkpoint,
        root=made.manifest.root,
    )
    return f"{made.archive.name}: {rows} rows, {made.size} bytes, {made.thrown} old ones gone"


def drill_once(settings: Settings, database: Database, identity: Path | None) -> str:
    """Bring the newest archive back into an empty place, and write down that it came back.

    Raises
    ------
    Refused
        ``backup_none``: there is no archive; and as ``backup_keeping.drill``.
    """
    load_models()
    found = backup_keeping.archives(settings.backup_dir)
    if not found:
        raise Refused("backup_none")
    manifest = backup_keeping.drill(found[0], settings.owner_database_url, identity=identity)
    rows = sum(manifest.counts.values())
    database.run(
        written.note,
        kind=BackupKind.DRILL,
        at=SystemClock().now(),
        archive=found[0].name,
        size=found[0].stat().st_size,
        row_count=rows,
        checkpoint=manifest.checkpoint,
        root=manifest.root,
    )
    return (
        f"{found[0].name} came back whole: {rows} rows,"
        f" checkpoint {manifest.checkpoint or 'none'} {manifest.root or ''}".rstrip()
    )


def before_upgrade(owner: str) -> None:
    """Write an archive where there are tables of an older release; none, no upgrade.

    Raises
    ------
    Refused, ConfigurationError
        As ``backup_keeping.make``.
    """
    if copies.is_empty(owner):
        return
    database = Database(owner, owner=True)
    try:
        if migrate.present(database) in {"", migrate.head()}:
            return
    finally:
        database.dispose()
    data_dir = Path(os.environ.get("OFFSET_DATA_DIR") or "./var")
    plan = Plan(
        folder=Path(os.environ.get("OFFSET_BACKUP_DIR") or data_dir / "backups"),
        recipient=os.environ.get("OFFSET_BACKUP_RECIPIENT", ""),
    )
    made = backup_keeping.make(plan, owner, data_dir / "files", at=SystemClock().now())
    click.echo(f"kept before the upgrade: {made.archive.name}")


@click.group()
def backups() -> None:
    """Keep archives, thin them out, try them."""


@backups.command("run")
def backups_run() -> None:
    """Make an archive as the settings plan it, as the daily job does."""
    settings = read_settings(os.environ)
    database = Database(settings.database_url)
    try:
        click.echo(run_once(settings, database))
    finally:
        database.dispose()


@backups.command("list")
def backups_list() -> None:
    """Name the archives of the folder, newest first."""
    for path in backup_keeping.archives(read_settings(os.environ).backup_dir):
        click.echo(f"{path.name}  {path.stat().st_size}")


@backups.command("drill")
@click.option(
    "--identity",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The secret key of age or OpenSSH, for an archive that is closed.",
)
def backups_drill(identity: Path | None) -> None:
    """Restore the newest archive into an empty place, check it, throw the place away."""
    settings = read_settings(os.environ)
    database = Database(settings.database_url)
    try:
        click.echo(drill_once(settings, database, identity or settings.backup_identity))
    finally:
        database.dispose()


@click.command()
@click.option("--to", "target", required=True, help="postgresql://owner:password@host/name")
@click.option("--role", default="", help="the role the application will sign in with")
def move(target: str, role: str) -> None:
    """Move the house from its SQLite file into an empty PostgreSQL database.

    Stop the site and the timer first.
    """
    load_models()
    source = database_url(os.environ, owner=True)
    if not copies.is_file(source) or not target.startswith("postgresql"):
        raise InvalidInput("move_only_to_server", field="to")
    if not copies.file_of(source).is_file():
        raise Refused("backup_nothing_there", place=copies.file_of(source).name)
    if not copies.is_untouched(target, migrate.head()):
        raise Refused("restore_not_empty")
    before = _verified(source)
    if not copies.is_empty(target):
        # a move that was killed made the tables and no more
        copies.clear(target)
    try:
        migrate.upgrade(target)
        rows = moving.move(source, target)
        after = _verified(target)
        _same(before, after)
    except BaseException:
        copies.clear(target)
        raise
    if role:
        roles.grant(target, role)
    click.echo(
        f"moved {sum(rows.values())} rows, {after.entries} entries, 0 faults,"
        f" root {after.root.hex() if after.root else 'none'}"
    )
    click.echo("set OFFSET_DATABASE_URL to the new place and start again")


def _same(before: Report, after: Report) -> None:
    if (after.entries, after.root) != (before.entries, before.root):
        raise Refused("move_differs", table="checkpoint", wanted=before.root, found=after.root)


def _verified(url: str) -> Report:
    database = Database(url, owner=True)
    try:
        report = verify(database)
    finally:
        database.dispose()
    if report.faults:
        raise Refused("move_differs", table="books", wanted="0 faults", found=report.faults[0])
    return report

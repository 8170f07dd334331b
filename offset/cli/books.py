"""Which commands check the books, take them out and bring them back?"""

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from offset.app import load_models
from offset.clock import SystemClock
from offset.config import database_url
from offset.database import roles
from offset.database.session import Database
from offset.gateways import backup as archives
from offset.gateways import sealed_archives
from offset.ledger.verify import verify
from offset.reports import exports, proofs
from offset.reports.rows import Span

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def ledger() -> None:
    """Check the books."""
    load_models()


@ledger.command("verify")
@click.option(
    "--published",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a list of checkpoints kept from an earlier day",
)
def ledger_verify(published: Path | None) -> None:
    """Recompute sums, hashes, roots and guards; exit 1 on any fault."""
    roots = proofs.roots_of(published.read_text(encoding="utf-8")) if published else None
    database = Database(database_url(os.environ, owner=False))
    try:
        report = verify(database, published=roots)
    finally:
        database.dispose()
    for fault in report.faults[:100]:
        click.echo(fault, err=True)
    click.echo(f"{report.entries} entries, {len(report.faults)} faults")
    if report.faults:
        sys.exit(1)


def _list_kinds(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click hands a flag over so
    if wanted:
        for kind in exports.KINDS.values():
            click.echo(f"{kind.name:<20}{kind.what}")
        context.exit()


@click.command()
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_kinds,
              help="Name every kind.")  # fmt: skip
@click.argument("kind", type=click.Choice(list(exports.KINDS)))
@click.option("--from", "since", type=_DAY, required=True, help="The first day.")
@click.option("--to", "until", type=_DAY, required=True, help="The last day.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A file or a folder.")
def export(kind: str, since: datetime, until: datetime, out: Path) -> None:
    """Write the books of some days for another program; see docs/exports.md."""
    load_models()
    database = Database(database_url(os.environ, owner=False))
    try:
        written = exports.export(database, kind, Span(since.date(), until.date()), out)
    finally:
        database.dispose()
    for path in written:
        click.echo(path)


def _files() -> Path:
    return Path(os.environ.get("OFFSET_DATA_DIR", "./var")) / "files"


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
def backup(archive: Path) -> None:
    """Copy the database and all files into one archive, while the site goes on.

    With OFFSET_BACKUP_RECIPIENT it is closed to that key.
    """
    load_models()
    url = database_url(os.environ, owner=True)
    key = os.environ.get("OFFSET_BACKUP_RECIPIENT", "").strip()
    if key:
        sealed_archives.recipient_of(key)
    made = archives.back_up(url, _files(), archive, at=SystemClock().now())
    if key:
        sealed_archives.close(archive, key).replace(archive)
    click.echo(
        f"{archive}: {sum(made.counts.values())} rows, {len(made.members) - 1} files,"
        f" checkpoint {made.checkpoint or 'none'} {made.root or ''}".rstrip()
    )


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--identity",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="OFFSET_BACKUP_IDENTITY",
    help="The secret key of age or OpenSSH, for an archive that is closed.",
)
def restore(archive: Path, identity: Path | None) -> None:
    """Bring an archive back into an empty place and verify the books."""
    load_models()
    owner, application = (database_url(os.environ, owner=who) for who in (True, False))
    manifest, report = archives.restore(archive, owner, _files(), identity=identity)
    if roles.apart(owner, application):
        roles.grant(owner, roles.role_of(application))
    click.echo(
        f"restored as of {manifest.made_at}: {report.entries} entries,"
        f" {len(manifest.members) - 1} files, 0 faults,"
        f" checkpoint {manifest.checkpoint or 'none'} {manifest.root or ''}".rstrip()
    )

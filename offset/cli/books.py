"""Which commands check the books, take them out and bring them back?"""

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from offset.app import load_models
from offset.config import database_url
from offset.database.session import Database
from offset.ledger.verify import verify
from offset.projects.guards import GUARDS
from offset.reports import exports
from offset.reports.rows import Span

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def ledger() -> None:
    """Check the books."""
    load_models()


@ledger.command("verify")
def ledger_verify() -> None:
    """Recompute sums, hashes, roots and guards; exit 1 on any fault."""
    database = Database(database_url(os.environ, owner=False))
    try:
        report = verify(database, further=GUARDS)
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

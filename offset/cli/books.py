"""Which commands check the books, take them out and bring them back?"""

import os
import sys

import click

from offset.app import load_models
from offset.config import database_url
from offset.database.session import Database
from offset.ledger.verify import verify
from offset.projects.guards import GUARDS


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

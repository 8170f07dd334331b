"""Which command keeps the rates of the day? They are shown beside amounts, never booked."""

import os
from pathlib import Path

import click

from offset.app import load_models
from offset.clock import SystemClock
from offset.config import database_url
from offset.database.session import Database
from offset.ledger import rates as published


@click.group()
def rates() -> None:
    """Keep the central bank's reference rates, for display only."""
    load_models()


@rates.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def rates_import(file: Path | None) -> None:
    """Store the rates of an eurofxref-hist.csv, or those that come with the house."""
    text = published.shipped() if file is None else file.read_text(encoding="utf-8-sig")
    database = Database(database_url(os.environ, owner=False))
    try:
        found = published.read(text.splitlines())
        stored = database.run(published.keep, list(found), at=SystemClock().now())
    finally:
        database.dispose()
    click.echo(f"{stored} rates stored; source: {published.SOURCE}")

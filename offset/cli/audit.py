"""Which command packs a year for an auditor?"""

import os
from pathlib import Path

import click

from offset.app import load_models
from offset.config import database_url
from offset.database.session import Database
from offset.reports import audit_pack


@click.group()
def audit() -> None:
    """Pack what auditors ask for."""
    load_models()


@audit.command("pack")
@click.option("--year", type=click.IntRange(2000, 9998), required=True, help="The year.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The zip to write.")
@click.option("--without-bank-files", is_flag=True, help="Leave the banks' own files out.")
def pack(year: int, out: Path, *, without_bank_files: bool) -> None:
    """Write a zip with the books, statements, decisions and proofs of a year, to open offline."""
    database = Database(database_url(os.environ, owner=False))
    try:
        done = audit_pack.pack(database, year, out, bank_files=not without_bank_files)
    finally:
        database.dispose()
    for path, why in done.left_out:
        click.echo(f"not in it: {path}, {why}")
    click.echo(f"{done.path}: {done.files} files, {done.size} bytes")

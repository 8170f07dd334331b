"""Which command tells what a number, an id or a reference is, and what it belongs to?"""

import os
import sys

import click

from offset.app import load_models
from offset.config import database_url
from offset.database.session import Database
from offset.people.access import Actor, Role
from offset.reports import finding, trails
from offset.reports.trail_steps import Step
from offset.reports.trails import Trail

# Whoever has the machine reads the books as an auditor does: no giver is named.
_READER = Actor(None, frozenset({Role.AUDITOR}))


@click.command()
@click.argument("word", metavar="ID")
def explain(word: str) -> None:
    """Say what ID is, and follow it: gift, payment, payout, bank line, project, report.

    ID is any id, receipt number, reference, amount or name at the processor or the bank.
    """
    load_models()
    database = Database(database_url(os.environ, owner=False))
    try:
        with database.reading() as session:
            found = finding.find(session, _READER, word)
            if not found:
                click.echo(f"nothing is called {word!r}", err=True)
                sys.exit(1)
            if len(found) == 1 and found[0].kind in trails.FOLLOWED:
                _follow(trails.trail(session, found[0].kind, found[0].id))
                return
    finally:
        database.dispose()
    for one in found:
        click.echo(_line(one))


def _follow(told: Trail) -> None:
    click.echo(_line(told.focus))
    for kind in trails.KINDS:
        for one in told.of(kind):
            if (one.kind, one.id) != (told.focus.kind, told.focus.id):
                click.echo(f"  {_line(one)}")


def _line(one: Step) -> str:
    parts = (one.kind, str(one.on or ""), one.name, str(one.amount or ""), one.note)
    same = one.id in {one.name, ""}
    return "  ".join(part for part in (*parts, "" if same else one.id) if part)

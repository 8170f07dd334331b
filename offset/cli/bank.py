"""Which commands bring in what banks and the processor's reports say?"""

import os
from pathlib import Path

import click

from offset.app import build_services
from offset.config import read_settings
from offset.gateways.stripe_report import StripeReportReader
from offset.money import parse_money
from offset.people.access import SYSTEM
from offset.treasury import mappings, payouts, reconciliation, statements
from offset.treasury.ports import Sheet
from offset.web.wiring import Services

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bank() -> None:
    """Bank statements and payout reports."""


@bank.command("import")
@click.argument("file", type=_FILE)
@click.option("--account", help="Our account that a table (CSV, XLSX) is of, for instance B1.")
@click.option("--closing", help="The closing balance, for a table without balances.")
@click.option("--dry-run", is_flag=True, help="Only say what it would add.")
def bank_import(file: Path, account: str | None, closing: str | None, *, dry_run: bool) -> None:
    """Import a bank's FILE whole, or not at all, and match what is certain."""
    services = build_services(read_settings(os.environ))
    try:
        data = file.read_bytes()
        read = services.statements.read(data, _sheet(services, account, closing))
        at = services.clock.now()
        with services.database.reading() as session:
            planned = statements.plan(session, data, read, today=at.date())
        for one in planned:
            told = one.statement
            if told.notice:
                click.echo(f"{one.account_code} {told.reference}: {len(told.lines)} notices")
                continue
            click.echo(
                f"{one.account_code} {told.reference}: {len(told.lines)} lines,"
                f" {told.opening} {one.money_in.decimal()} {one.money_out.decimal()}"
                f" {told.closing}, {len(told.pending)} announced"
            )
            for warning in one.warnings:
                click.echo(f"  look at this: {warning}")
        if dry_run:
            click.echo("nothing was imported")
            return
        done = services.database.run(
            reconciliation.import_statement,
            actor=SYSTEM,
            at=at,
            data=data,
            name=file.name,
            read=read,
        )
        click.echo(f"imported {done.statements} statements, {done.lines} lines")
    finally:
        services.database.dispose()


def _sheet(services: Services, account: str | None, closing: str | None) -> Sheet | None:
    if account is None:
        return None
    with services.database.reading() as session:
        currency = statements.account_by_code(session, account).currency
        told = None
        if closing:
            money = parse_money(closing.removeprefix("-"), currency)
            told = -money if closing.startswith("-") else money
        return mappings.sheet(session, account, closing=told)


@bank.command("payouts")
@click.argument("items", type=_FILE)
@click.argument("report", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Only say what it holds.")
def bank_payouts(items: Path, report: Path, *, dry_run: bool) -> None:
    """Read past payouts from two reports of Stripe: ITEMS is itemised, REPORT lists payouts."""
    told = StripeReportReader().read(items.read_bytes(), report.read_bytes())
    for one in told:
        click.echo(f"{one.payout_id}: {one.amount}, {len(one.items)} movements")
    if dry_run:
        click.echo("nothing was imported")
        return
    services = build_services(read_settings(os.environ))
    try:
        done = services.database.run(
            payouts.from_report, told, actor=SYSTEM, at=services.clock.now()
        )
        click.echo(f"{done.payouts} payouts, {done.booked} movements booked")
    finally:
        services.database.dispose()

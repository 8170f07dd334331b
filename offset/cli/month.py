"""How is a month of the books looked at, explained and closed from a terminal?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import click

from offset.app import build_services
from offset.config import read_settings
from offset.database.session import Reading
from offset.errors import NotFound
from offset.ledger import periods as months
from offset.ledger.models import PeriodStatus
from offset.people import users
from offset.reports import month_papers
from offset.treasury import month as looking
from offset.treasury import month_statement, month_steps, periods
from offset.web.board import heading, sentence
from offset.web.wiring import Services

_LANGUAGE = click.Choice(month_statement.LANGUAGES)
_BY = click.option("--by", required=True, help="The address of whoever does it.")


@click.group()
def month() -> None:
    """Look at the months of the books, explain what is open, close them."""


@month.command("status")
@click.argument("which", metavar="[YYYY-MM]", required=False)
def month_status(which: str | None) -> None:
    """Say how far a month is, step by step; without one, the oldest that is open."""
    with _wired() as services, services.database.reading() as session:
        one = _wanted(session, which)
        locked = one.status is PeriodStatus.LOCKED
        found = looking.look(session, one.starts_on, on=services.clock.now().date())
        click.echo(f"{one.starts_on:%Y-%m}: {one.status.value}")
        for number, step in enumerate(month_steps.steps(found, locked=locked), start=1):
            age = "" if step.age is None else f", oldest {step.age} days"
            click.echo(
                f"  {number}. {step.key}: {step.state.value},"
                f" {step.done} of {step.total}{age}{f', {step.person}' if step.person else ''}"
            )
        for item in found.items:
            said = f"explained by {item.words.by}" if item.words else "to explain"
            state = said if item.due or item.words else "in good time"
            amount = "" if item.code == "payouts" else f" {item.amount}"
            click.echo(f"  {item.key}{amount}, {item.age} days: {state}")
        for obstacle in () if locked else periods.standing_in_the_way(found):
            click.echo(f"  in the way: {obstacle.code} {obstacle.value}")
        for told in month_statement.statements(session, one.starts_on):
            _print_statement(told, "en")


@month.command("explain")
@click.argument("which", metavar="YYYY-MM")
@click.argument("item")
@click.argument("text")
@_BY
def month_explain(which: str, item: str, text: str, by: str) -> None:
    """Write down why ITEM stays open over the month's end; ``status`` names the items."""
    with _wired() as services:
        with services.database.reading() as session:
            actor = users.acting(session, by)
        services.database.run(
            periods.explain,
            actor=actor,
            at=services.clock.now(),
            starts_on=_read(which),
            item=item,
            text=text,
        )
    click.echo("written down")


@month.command("close")
@click.argument("which", metavar="[YYYY-MM]", required=False)
@_BY
@click.option("--language", default="en", type=_LANGUAGE, help="Of the sentence for the board.")
def month_close(which: str | None, by: str, language: str) -> None:
    """Close a month, print its statement and say the sentence for the board."""
    with _wired() as services:
        with services.database.reading() as session:
            actor, one = users.acting(session, by), _wanted(session, which)
        at = services.clock.now()
        services.database.run(periods.close, actor=actor, at=at, starts_on=one.starts_on)
        month_papers.print_pending(
            services.database, services.documents, sentence, at=at, heading=heading
        )
        click.echo(f"{one.starts_on:%Y-%m}: closed")
        with services.database.reading() as session:
            _print_statement(month_statement.statements(session, one.starts_on)[0], language)


def _print_statement(told: month_statement.Statement, language: str) -> None:
    click.echo(f"  {sentence(language, told.facts)}")
    click.echo(f"  closing {told.n}, facts {told.sha256}")
    for paper in told.papers:
        click.echo(f"  {paper.form} {paper.language} {paper.sha256}")


@contextmanager
def _wired() -> Iterator[Services]:
    services = build_services(read_settings(os.environ))
    try:
        yield services
    finally:
        services.database.dispose()


def _wanted(session: Reading, which: str | None) -> months.Month:
    if which is None:
        waiting = [one for one in months.months(session) if one.status is not PeriodStatus.LOCKED]
        found = min(waiting, key=lambda one: one.starts_on, default=None)
    else:
        found = months.month(session, _read(which))
    if found is None:
        raise NotFound("period_missing", month=which or "")
    return found


def _read(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise click.BadParameter("a month is written 2026-10") from None

"""Which commands invent books to practise on and to measure with? They never touch real ones."""

import json
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from offset import logs
from offset.app import load_models
from offset.database import migrate
from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.people import installation
from offset.people.installation import Mode
from offset.sandbox import demo_projects
from offset.sandbox.year import oracle, processor_rows
from offset.sandbox.year.plan import Scale, Year, plan
from offset.sandbox.year.story import Lived, MonthDone, Story, staff

_FIRST = date(2025, 1, 1)


@click.group()
def sandbox() -> None:
    """Invented books, to practise on and to measure with."""


@sandbox.command("year")
@click.option("--seed", type=int, default=1, show_default=True, help="Which year to invent.")
@click.option("--gifts", type=click.IntRange(30, 200_000), help="Fewer gifts than 20,000.")
@click.option("--months", type=click.IntRange(1, 12), default=12, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the books, the banks' files, the processor's rows and the truth here.",
)
def sandbox_year(seed: int, gifts: int | None, months: int, out: Path | None) -> None:
    """Invent a year of gifts, live it through the real verbs, and hold every match against it.

    The same seed invents the same year. Ends with an error when a match was wrong, when a month
    does not agree to the cent, or when fewer than 98 % of the lines took at most one key.
    """
    scale = Scale.full() if gifts is None and months == 12 else Scale.of(gifts or 20_000, months)  # noqa: PLR2004 - a year
    year = plan(seed, scale, _FIRST)
    click.echo(
        f"seed {seed}: {len(year.gifts)} gifts, {len(year.payouts)} payouts,"
        f" {len(year.transfers)} transfers"
    )
    with logs.hushed(), tempfile.TemporaryDirectory() as scratch:
        folder = out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        story, lived = _live(folder, year)
        if out is not None:
            _keep(out, story, lived)
    _tell(lived)
    if not lived.good:
        sys.exit(1)


def _live(folder: Path, year: Year) -> tuple[Story, Lived]:
    load_models()
    url = f"sqlite:///{folder / 'year.db'}"
    migrate.upgrade(url)
    database = Database(url)
    founded = datetime(year.first.year - 1, 1, 1, tzinfo=UTC)
    try:
        database.run(installation.prepare, Mode.DEMO, at=founded)
        begin = datetime(year.first.year, year.first.month, 1, tzinfo=UTC)
        demo_projects.load_projects(database, start=begin - timedelta(minutes=1))
        story = Story(database, BankFileReader(), year, staff(database, at=founded))
        story.prepare()
        return story, story.live(_month)
    finally:
        database.dispose()


def _month(done: MonthDone) -> None:
    gap = "0.00" if not any(done.gaps.values()) else "NOT CLOSED"
    click.echo(
        f"{done.starts_on:%Y-%m}: {done.lines} lines, {done.automatic} automatic,"
        f" {done.one_key} by one key, {done.by_hand} by hand, gap {gap}"
    )


def _tell(lived: Lived) -> None:
    for why, counts in oracle.table(lived.score).items():
        told = ", ".join(f"{answer} {count}" for answer, count in counts.items())
        click.echo(f"  {why}: {told}")
    for wrong in lived.score.wrong:
        click.echo(f"WRONG {wrong}")
    score = lived.score
    click.echo(
        f"{score.easy} of {score.lines} lines by at most one key"
        f" ({score.per_mille / 10:.1f} %), {len(score.wrong)} wrong automatic matches"
    )


def _keep(out: Path, story: Story, lived: Lived) -> None:
    for paper in lived.papers:
        (out / paper.name).write_bytes(paper.data)
    (out / "payout_reconciliation.itemized.csv").write_text(
        processor_rows.items(story.processor), encoding="utf-8"
    )
    (out / "payouts.itemized.csv").write_text(
        processor_rows.payouts(story.processor), encoding="utf-8"
    )
    truth = [
        {"account": code, "statement": number, "line": place, "kind": one.kind.value, "is": one.why}
        for (code, number, place), one in sorted(story.told.items())
    ]
    (out / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")

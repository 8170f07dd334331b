"""Does an invented year close to the cent each month, with no wrong match and little by hand?

Small by default; ``HYPOTHESIS_PROFILE=soak`` lives twenty years of 20,000 gifts each.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.gateways.stripe_report import StripeReportReader
from offset.ledger import verify
from offset.sandbox import demo_projects
from offset.sandbox.year import oracle, processor_rows
from offset.sandbox.year.oracle import Answer, Score, Truth
from offset.sandbox.year.plan import Scale, Year, plan
from offset.sandbox.year.processor import YearProcessor
from offset.sandbox.year.story import Story, staff
from offset.treasury.matching import Kind

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
SEEDS = range(1, 21) if SOAK else range(1, 2)
FIRST = date(2026, 1, 1)
BEFORE = datetime(2025, 1, 1, tzinfo=UTC)


def a_year(seed: int, scale: Scale | None = None) -> Year:
    return plan(seed, scale or (Scale.full() if SOAK else Scale.of(60, months=1)), FIRST)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_year_closes_and_no_match_is_wrong(embedded: Database, seed: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(minutes=1)
    demo_projects.load_projects(embedded, start=begin)
    year = a_year(seed)
    story = Story(embedded, BankFileReader(), year, staff(embedded, at=BEFORE))
    story.prepare()
    lived = story.live()
    assert [month.starts_on for month in lived.months] == [first for first, _ in year.months()]
    assert not [gap for month in lived.months for gap in month.gaps.values() if gap]
    assert lived.score.wrong == []
    assert lived.score.by_why["exact", Answer.AUTOMATIC]
    # Of a dozen lines one that nobody could guess is a tenth; a whole year has hundreds.
    assert lived.score.per_mille >= (980 if SOAK else 900)
    assert lived.score.lines == len(story.told)
    assert verify.verify(embedded).faults == ()


def test_the_same_seed_is_the_same_year() -> None:
    scale = Scale.of(400, months=3)
    assert a_year(5, scale) == a_year(5, scale)
    assert a_year(5, scale) != a_year(6, scale)
    full = plan(1, Scale.full(), FIRST)
    assert (len(full.gifts), len(full.payouts), len(full.transfers)) == (20_000, 260, 300)
    assert {gift.amount.currency for gift in full.gifts} == {"EUR", "USD", "GBP", "CHF"}
    assert {gift.fate for gift in full.gifts} == set(type(full.gifts[0].fate))
    assert {one.way for one in full.transfers} == set(type(full.transfers[0].way))


def test_the_processors_reports_of_the_year_are_read_again() -> None:
    processor = YearProcessor(a_year(3, Scale.of(300, months=2)))
    told = StripeReportReader().read(
        processor_rows.items(processor).encode(), processor_rows.payouts(processor).encode()
    )
    assert {one.payout_id: one.amount for one in told} == {
        one.payout_id: one.amount for one in processor.paid_out()
    }


def test_the_oracle_sees_what_is_wrong() -> None:
    truth = Truth(Kind.UNIDENTIFIED, why="stranger")
    assert not oracle.is_right(truth, Kind.GIFT, None)
    score = Score()
    score.note(truth, Answer.WRONG, "B1/1/1")
    score.note(truth, Answer.ONE_KEY)
    assert (score.wrong, score.per_mille, score.lines) == (["B1/1/1"], 500, 2)
    assert oracle.table(score) == {"stranger": {"one_key": 1, "wrong": 1}}


def test_the_command_keeps_files_rows_and_truth(tmp_path: Path) -> None:
    from click.testing import CliRunner  # noqa: PLC0415 - only this test speaks to the command

    from offset.cli.sandbox import sandbox  # noqa: PLC0415 - same

    told = CliRunner().invoke(
        sandbox, ["year", "--seed", "2", "--gifts", "40", "--months", "1", "--out", str(tmp_path)]
    )
    assert "0 wrong automatic matches" in told.output, told.output
    names = {path.suffix for path in tmp_path.iterdir()}
    assert {".xml", ".sta", ".csv", ".json", ".db"} <= names

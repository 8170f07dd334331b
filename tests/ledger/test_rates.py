"""Reference rates are stored once a day and currency, and are only ever shown."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from offset.cli.main import cli
from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.ledger import rates
from tests.ledger.raw import refused

FILE = """Date,USD,JPY,XYZ,
2026-11-13,1.1592,179.13,3,
2026-11-12,N/A,178.9,,
"""


def test_the_last_published_day_before_holds(database: Database, at: datetime) -> None:
    assert database.run(rates.keep, list(rates.read(FILE.splitlines())), at=at) == 3
    with database.reading() as session:
        sunday = rates.rate_on(session, "USD", date(2026, 11, 15))
        assert (sunday.day, sunday.rate) == (date(2026, 11, 13), Decimal("1.1592"))
        assert "European Central Bank" in sunday.source
        assert rates.rate_on(session, "JPY", date(2026, 11, 12)).rate == Decimal("178.9")
        assert rates.rate_on(session, "EUR", date(2026, 11, 12)).rate == 1
        with pytest.raises(NotFound, match="rate_unknown"):
            rates.rate_on(session, "USD", date(2026, 11, 12))


def test_a_rate_is_stored_once_and_stays(database: Database, at: datetime) -> None:
    database.run(rates.keep, list(rates.read(FILE.splitlines())), at=at)
    other = FILE.replace("1.1592", "2.0")
    assert database.run(rates.keep, list(rates.read(other.splitlines())), at=at) == 0
    with database.reading() as session:
        assert rates.rate_on(session, "USD", date(2026, 11, 13)).rate == Decimal("1.1592")
    for step in ("UPDATE fx_rate SET rate = '2'", "DELETE FROM fx_rate"):
        assert "not authorized" in (said := refused(database, step)) or "permission denied" in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Day,USD\n2026-11-13,1.1",
        "Date,USD\nyesterday,1.1",
        "Date,USD\n2026-11-13,a lot",
        "Date,USD\n2026-11-13,-1.1",
        "Date,USD\n2026-11-13,NaN",
        "Date,USD\n2026-11-13",
    ],
)
def test_another_file_is_refused_whole(text: str) -> None:
    with pytest.raises(InvalidInput, match="rate_unreadable"):
        list(rates.read(text.splitlines()))


def test_the_command_stores_the_file_of_the_house_or_another(
    embedded: Database, tmp_path: Path
) -> None:
    environment = {"OFFSET_DATABASE_URL": f"sqlite:///{embedded.engine.url.database}"}
    done = CliRunner().invoke(cli, ["rates", "import"], env=environment)
    assert done.exit_code == 0, done.output
    assert "European Central Bank" in done.output
    with embedded.reading() as session:
        assert rates.rate_on(session, "GBP", date(2024, 1, 7)).day == date(2024, 1, 5)
    newer = tmp_path / "eurofxref-hist.csv"
    newer.write_text(FILE)
    done = CliRunner().invoke(cli, ["rates", "import", str(newer)], env=environment)
    assert done.output.startswith("3 rates stored")


def test_no_recipe_reads_a_rate() -> None:
    """What the books hold never depends on a published rate."""
    folder = Path(rates.__file__).parent
    users = [path.name for path in folder.glob("*.py") if "rates" in _imports(path)]
    assert users == []


def _imports(path: Path) -> str:
    return "\n".join(
        line for line in path.read_text().splitlines() if line.startswith(("from ", "import "))
    )

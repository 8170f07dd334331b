"""Do outside tools accept the books of the demonstration, and does a backup of it come back?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import func, select

from offset.database import copies
from offset.database.session import Database
from offset.gateways import backup
from offset.ledger.models import Entry
from offset.ledger.periods import month_of
from offset.ledger.queries import public_totals
from offset.people import settings
from offset.projects.models import Outcome, Project
from offset.reports import exports
from offset.reports.fec_check import check_file
from offset.reports.rows import Span
from tests.reports import outside
from tests.reports.year import ADMIN, lock
from tests.walks.conftest import Site

pytestmark = [pytest.mark.walk]


@pytest.fixture(scope="module")
def season(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A copy of the demonstration's books, taken while the site runs."""
    path = tmp_path_factory.mktemp("season") / "offset.db"
    copies.copy_file(site.data_dir / "offset.db", path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def span(season: Database) -> Span:
    """Every day of the season, in whole years."""
    with season.reading() as session:
        first, last = session.execute(
            select(func.min(Entry.effective_on), func.max(Entry.effective_on))
        ).one()
    return Span(date(first.year, 1, 1), date(last.year, 12, 31))


def test_the_books_of_the_season_are_accepted(season: Database, span: Span, tmp_path: Path) -> None:
    for path in exports.export(season, "beancount", span, tmp_path):
        assert outside.bean_check(path) == ""
    for path in exports.export(season, "hledger", span, tmp_path):
        assert outside.hledger(path) == ""


def test_the_activities_of_the_season_are_valid_and_complete(
    season: Database, span: Span, tmp_path: Path
) -> None:
    value = {"identifier": "XM-TEST-1", "name": "A fund", "type": "22", "sector": "31130"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    season.run(settings.change, "iati", value, actor=ADMIN, at=at, reason="A test")
    [path] = exports.export(season, "iati", span, tmp_path / "activities.xml")
    assert outside.iati(path) == []
    root = etree.parse(path).getroot()
    with season.reading() as session:
        totals = public_totals(session)["EUR"]
        codes = session.scalars(select(Project.code).where(Project.code.is_not(None))).all()
        outcomes = session.scalar(
            select(func.count()).select_from(Outcome).where(Outcome.supersedes_id.is_(None))
        )
    identifiers = [str(text) for text in root.xpath("//iati-identifier/text()")]
    assert identifiers == ["XM-TEST-1-FUND", *(f"XM-TEST-1-{code}" for code in sorted(codes))]
    assert b"NOT-SET" not in path.read_bytes()

    def total(kind: str) -> int:
        values = root.xpath(
            f"//transaction[transaction-type/@code='{kind}']/value[@currency='EUR']/text()"
        )
        return sum(int(str(one).replace(".", "")) for one in values)

    assert total("1") == totals.received.minor
    assert total("2") == totals.allocated.minor
    assert total("3") == totals.paid.minor > 0
    measured = [str(text) for text in root.xpath("//comment/narrative/text()") if "tC/ha" in text]
    assert len(measured) == outcomes > 0
    assert all("95 % interval" in one and "Synthetic data" in one for one in measured)


def test_the_season_closed_gives_a_sound_fec(season: Database, span: Span, tmp_path: Path) -> None:
    path = tmp_path / "closed.db"
    copies.copy_file(Path(str(season.engine.url.database)), path)
    closed = Database(f"sqlite:///{path}")
    try:
        lock(closed, month_of(span.until)[1])
        for written in exports.export(closed, "fec", span, tmp_path):
            assert list(check_file(written)) == []
        for written in exports.export(closed, "beancount", span, tmp_path):
            assert outside.bean_check(written) == ""
    finally:
        closed.dispose()


def test_a_backup_of_the_running_site_comes_back(site: Site, tmp_path: Path) -> None:
    url, files = f"sqlite:///{site.data_dir / 'offset.db'}", site.data_dir / "files"
    made = backup.back_up(url, files, tmp_path / "backup.tar.gz", at=datetime.now(UTC))  # noqa: TID251 - the site runs now
    place = tmp_path / "place"
    manifest, report = backup.restore(
        tmp_path / "backup.tar.gz", f"sqlite:///{place}/offset.db", place / "files"
    )
    assert manifest == made
    assert manifest.root is not None
    assert report.clean
    assert len(manifest.members) > 2
    for name in manifest.members.keys() - {"database.sqlite"}:
        assert (place / name).read_bytes() == (site.data_dir / name).read_bytes()

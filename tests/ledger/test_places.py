"""Are funds named and entries narrowed to them, and is a project's sum known as it was then?"""

from datetime import date, datetime, timedelta

from offset.database.session import Database
from offset.ledger import balances, checkpoints, journal, queries
from offset.ledger.queries import Filters
from tests.builders import treasury as build
from tests.builders.ledger import a_gift
from tests.builders.projects import admitted

DAY = date(2026, 11, 3)


def test_a_fund_and_a_currency_narrow_the_entries(embedded: Database, at: datetime) -> None:
    embedded.run(journal.post, a_gift(1, on=DAY), at=at)
    with embedded.reading() as session:
        assert ("Pool", "EUR") in queries.fund_names(session)

        def found(**told: str) -> int:
            filters = Filters(**told)  # type: ignore[arg-type] # names of filters
            return len(queries.entries(session, filters, limit=10).entries)

        assert found(fund="Pool") == found(currency="EUR") == 1
        assert found(fund="Pool", currency="EUR") == 1
        assert found(fund="Elsewhere") == found(currency="USD") == 0


def test_a_project_s_sum_is_what_was_known_then(embedded: Database, at: datetime) -> None:
    project_id = embedded.run(admitted, at=at).project_id
    later = at + timedelta(hours=1)
    embedded.run(build.a_gift, 1, "20.00", at=later, project_id=project_id)
    with embedded.reading() as session:

        def allocated(known_at: datetime | None) -> int:
            told = balances.totals_by_project(session, {project_id: "EUR"}, known_at=known_at)
            return told[project_id].allocated.minor

        assert allocated(at) == 0
        assert allocated(later) == allocated(None) == 1_900


def test_a_root_that_was_printed_is_told_from_one_that_never_was(
    embedded: Database, at: datetime
) -> None:
    embedded.run(journal.post, a_gift(1, on=DAY), at=at)
    taken = embedded.run(checkpoints.take, at=at)
    assert taken is not None
    with embedded.reading() as session:
        told = checkpoints.published(session, [taken.root, b"\0" * 32])
    assert told == {(taken.size, taken.root)}

"""Are funds named and entries narrowed to them, and is a project's sum known as it was then?"""

from datetime import date, datetime, timedelta

from offset.database.session import Database
from offset.ledger import balances, checkpoints, entries, journal, queries
from offset.ledger.queries import Filters
from tests.builders.ledger import a_gift, a_project_account, eur
from tests.ledger.test_queries import PROJECT

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


def test_a_project_s_sum_is_what_was_known_then(database: Database, at: datetime) -> None:
    project_id = database.run(a_project_account, at=at)
    database.run(journal.post, a_gift(1, on=DAY), at=at)
    later = at + timedelta(hours=1)
    draft = entries.allocation(epoch="e1", donation_id="d1", on=DAY, shares={PROJECT: eur("10.00")})
    database.run(journal.post, draft, at=later)
    with database.reading() as session:
        for known_at, allocated in ((at, "0.00"), (later, "10.00"), (None, "10.00")):
            told = balances.totals_by_project(session, {project_id: "EUR"}, known_at=known_at)
            assert told[project_id].allocated == eur(allocated)


def test_a_root_that_was_printed_is_told_from_one_that_never_was(
    embedded: Database, at: datetime
) -> None:
    embedded.run(journal.post, a_gift(1, on=DAY), at=at)
    taken = embedded.run(checkpoints.take, at=at)
    assert taken is not None
    with embedded.reading() as session:
        told = checkpoints.published(session, [taken.root, b"\0" * 32])
    assert told == {(taken.size, taken.root)}

"""Are the project's guards in the database, reading as recorded, and all of them in the table?"""

from offset.database.session import Database
from offset.ledger import guards as ledger_guards
from offset.ledger.verify import verify
from offset.projects.guards import GUARDS
from tests.projects.conftest import below_projects


def test_every_guard_is_there_and_reads_as_recorded(database: Database) -> None:
    assert verify(database, further=GUARDS).clean
    with database.reading() as session:
        assert ledger_guards.faults(session, GUARDS) == ()
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_guard_of_the_migration_is_in_the_table(embedded: Database) -> None:
    with embedded.reading() as session:
        tables = below_projects(session)
    assert tables == {(guard.name, guard.table) for guard in GUARDS}

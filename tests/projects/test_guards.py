"""Are the project's guards in the database, and all of them in the table?"""

from offset.database import triggers
from offset.database.session import Database
from offset.projects.guards import GUARDS
from tests.projects.conftest import below_projects


def test_every_guard_is_there_and_reads_as_recorded(database: Database) -> None:
    with database.reading() as session:
        assert triggers.faults(session) == ()
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_guard_of_the_migration_is_in_the_table(embedded: Database) -> None:
    with embedded.reading() as session:
        tables = below_projects(session)
    assert tables == {(guard.name, guard.table) for guard in GUARDS}

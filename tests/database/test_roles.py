"""The application's role on PostgreSQL holds what its tables promise, and nothing more."""

import pytest
import sqlalchemy
from click.testing import CliRunner
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from offset.cli.main import cli
from offset.database import roles
from offset.database.base import Base
from offset.database.session import Database
from offset.errors import ConfigurationError
from tests import servers

pytestmark = pytest.mark.postgres


@pytest.fixture
def owner_url(server: Database) -> str:
    return servers.as_owner(server.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def granted(owner_url: str) -> str:
    """The owner's address of a database that was granted as a whole, not copied."""
    roles.grant(owner_url, servers.APPLICATION)
    return owner_url


def _said(owner_url: str, *statements: str) -> tuple[str, ...]:
    """Do as the owner does, and read what the role may then do."""
    owner = Database(owner_url, owner=True)
    try:
        with owner.engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
            return roles.faults(connection, servers.APPLICATION)
    finally:
        owner.dispose()


def test_the_role_holds_what_is_due(granted: str) -> None:
    assert _said(granted) == ()


DIFFERENCES = {
    "GRANT UPDATE ON posting TO {role}": "{role} may UPDATE on posting",
    "GRANT UPDATE (amount) ON posting TO {role}": "{role} may change posting.amount",
    "GRANT DELETE ON entry TO PUBLIC": "{role} may DELETE on entry",
    "GRANT TRUNCATE ON donation TO {role}": "{role} may TRUNCATE on donation",
    "REVOKE INSERT ON entry_seal FROM {role}": "{role} may not INSERT on entry_seal",
    "REVOKE UPDATE (status) ON period FROM {role}": "{role} may not change period.status",
    "GRANT INSERT ON alembic_version TO {role}": "{role} may INSERT on alembic_version",
    "GRANT CREATE ON SCHEMA public TO {role}": "{role} may make tables",
    "GRANT TEMPORARY ON DATABASE {base} TO {role}": "{role} may make temporary tables",
    "GRANT SET ON PARAMETER session_replication_role TO {role}": "{role} may turn triggers off",
    "GRANT {owner} TO {role}": "{role} owns the books",
    "ALTER ROLE {role} SUPERUSER": "{role} is a superuser",
}


def test_every_difference_is_named(granted: str) -> None:
    """What is granted here is rolled back with the connection."""
    role = servers.APPLICATION
    url = sqlalchemy.make_url(granted)
    for done, said in DIFFERENCES.items():
        step = done.format(role=role, base=url.database, owner=url.username)
        assert said.format(role=role) in _said(granted, step), step


def test_a_grant_takes_away_what_was_too_much(granted: str) -> None:
    owner = Database(granted, owner=True)
    try:
        with owner.engine.begin() as connection:
            connection.execute(text(f"GRANT ALL ON posting, entry TO {servers.APPLICATION}"))
        roles.grant(granted, servers.APPLICATION)
    finally:
        owner.dispose()
    assert _said(granted) == ()


@pytest.mark.usefixtures("granted")
def test_the_application_reaches_nothing_else(server: Database) -> None:
    for statement in (
        "UPDATE posting SET amount = amount",
        "DELETE FROM entry",
        "TRUNCATE entry CASCADE",
        "UPDATE account SET name = name",
        "UPDATE audit_event SET action = action",
        "UPDATE decision SET outcome = outcome",
        "DELETE FROM allocation_row",
        "UPDATE bank_line SET amount = 0",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (id integer)",
        "CREATE TEMP TABLE posting (id integer)",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE posting DISABLE TRIGGER ALL",
        "DROP TRIGGER posting_no_update ON posting",
        "DROP TABLE posting",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            server.engine.begin() as connection,
        ):
            connection.execute(text(statement))


def test_what_a_table_promises_is_what_both_engines_hold() -> None:
    for table in Base.metadata.sorted_tables:
        wanted = roles.due(table)
        assert {"SELECT", "INSERT"} <= wanted.table
        assert ("DELETE" in wanted.table) is not table.info.get("append_only", False), table.name


def test_only_a_fit_role_is_granted(owner_url: str, tmp_path: object) -> None:
    with pytest.raises(ConfigurationError, match="there is no role nobody_at_all"):
        roles.grant(owner_url, "nobody_at_all")
    with pytest.raises(ConfigurationError, match="is a superuser"):
        roles.grant(owner_url, roles.role_of(owner_url))
    with pytest.raises(ConfigurationError, match="authorizer"):
        roles.grant(f"sqlite:///{tmp_path}/offset.db", servers.APPLICATION)


def test_a_right_that_no_grant_takes_away_stops_it(owner_url: str, server: Database) -> None:
    """TRUNCATE for everybody comes from another grantor; the check after the grant names it."""
    owner = Database(owner_url, owner=True)
    other = f"{servers.APPLICATION}_other"
    database = sql.Identifier(str(server.engine.url.database)).as_string()
    try:
        with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP ROLE IF EXISTS {other}"))
            connection.execute(text(f"CREATE ROLE {other} LOGIN"))
            connection.execute(text(f"CREATE ROLE {other}_group"))
            connection.execute(text(f"GRANT {other}_group TO {other}"))
            connection.execute(text(f"GRANT TRUNCATE ON posting TO {other}_group"))
            with pytest.raises(ConfigurationError, match="may TRUNCATE on posting"):
                roles.grant(owner_url, other)
            connection.execute(text(f"DROP OWNED BY {other}_group"))
            connection.execute(text(f"REVOKE ALL ON DATABASE {database} FROM {other}"))
            connection.execute(text(f"DROP ROLE {other}_group"))
            connection.execute(text(f"DROP ROLE {other}"))
    finally:
        owner.dispose()


def test_the_application_is_told_apart_from_the_owner() -> None:
    owner = "postgresql://owner@here/books"
    assert roles.apart(owner, "postgresql://application@here/books")
    assert not roles.apart(owner, owner)
    assert not roles.apart("sqlite:///one.db", "sqlite:///one.db")
    assert roles.role_of("postgresql://here/books") == ""


def test_upgrade_and_the_command_grant(owner_url: str, server: Database) -> None:
    application = server.engine.url.render_as_string(hide_password=False)
    environment = {"OFFSET_DATABASE_URL": application, "OFFSET_OWNER_DATABASE_URL": owner_url}
    taken = f"REVOKE ALL ON posting FROM {servers.APPLICATION}"
    for command in (["db", "upgrade"], ["db", "grant", "--role", servers.APPLICATION]):
        owner = Database(owner_url, owner=True)
        with owner.engine.begin() as connection:
            connection.execute(text(taken))
        owner.dispose()
        done = CliRunner().invoke(cli, command, env=environment)
        assert done.exit_code == 0, done.output
        assert _said(owner_url) == ()

"""How do migrations reach the database? By the owner's connection, all steps in one transaction."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import Connection

# A migration is history: it names SQLAlchemy's own types, never the application's.
_RENDERED = {
    "Id": 'sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")',
    "Minor": 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")',
    "Day": 'sa.Date().with_variant(sa.Text(), "sqlite")',
    "Instant": 'sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")',
    "Code": "sa.Text()",
    "Document": "sa.Text()",
}


@Operations.register_operation("append_only")
class AppendOnly(MigrateOperation):
    """``op.append_only("table")``: triggers that refuse UPDATE and DELETE on both engines."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def append_only(cls, operations: Operations, table: str) -> None:
        """Install the triggers of one table."""
        operations.invoke(cls(table))


@Operations.implementation_for(AppendOnly)
def install(operations: Operations, wanted: AppendOnly) -> None:
    """Write the triggers; dropping the table drops them."""
    table = wanted.table
    for verb in ("update", "delete"):
        name = f"{table}_no_{verb}"
        if operations.get_bind().dialect.name == "sqlite":
            operations.execute(
                f'CREATE TRIGGER {name} BEFORE {verb.upper()} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
            continue
        operations.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_NAME, ERRCODE = 'check_violation'; END $$"
        )
        operations.execute(
            f'CREATE TRIGGER {name} BEFORE {verb.upper()} ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our own column types as plain ones."""
    return _RENDERED.get(type(item).__name__, False) if kind == "type" else False


def run(connection: Connection) -> None:
    """Run the migrations on a connection that the caller opened."""
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        render_item=render_item,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

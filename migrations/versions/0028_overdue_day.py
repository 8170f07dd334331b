"""New money stops on the thirtieth day after a report was due, not on the day after it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

# The last day on which the gate of 0003 and 0007 let money in, and the comparison that ends it
# a day earlier: on the day that people are told of.
_SQLITE = (
    "e.effective_on <= date(p.report_due_on, '+30 days')",
    "e.effective_on < date(p.report_due_on, '+30 days')",
)
_POSTGRESQL = (
    "e.effective_on <= p.report_due_on + 30",
    "e.effective_on < p.report_due_on + 30",
)


def upgrade() -> None:
    _rewrite(before=0, after=1)


def downgrade() -> None:
    _rewrite(before=1, after=0)


def _rewrite(*, before: int, after: int) -> None:
    """Write the gate anew as it stands, with the other comparison; its settings stay."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        read = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'posting_gate'"
        told = _SQLITE
    else:
        read = "SELECT pg_get_functiondef('projects_posting_gate()'::regprocedure)"
        told = _POSTGRESQL
    held = str(connection.execute(sa.text(read)).scalar_one())
    if held.count(told[before]) != 1:
        message = "the gate before money is not the one that the migrations wrote"
        raise RuntimeError(message)
    if connection.dialect.name == "sqlite":
        op.execute("DROP TRIGGER posting_gate")
    # a colon in the definition is no parameter
    op.execute(sa.text(held.replace(told[before], told[after]).replace(":", r"\:")))

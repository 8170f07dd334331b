"""How do two clerks at the same thing wait for each other? A named lock until the commit."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def hold(session: Session, name: str) -> None:
    """Hold a name until the transaction ends; whoever wants the same name waits.

    SQLite has one writer at a time by nature, so there is nothing to do. On PostgreSQL a lock by
    name needs no right to update the rows that it protects.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

"""How long do the list of a thousand projects and the page of one with a long life take?

A tenth of the stated sizes by default, ``FULL=1`` whole: 1,000 projects; 10,000 updates and
100,000 cores behind one page. Statements are counted beside the time.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from offset.database import migrate
from offset.database.session import Database
from offset.projects import queries
from offset.projects.queries import Order, Wanted
from offset.reports import project_money
from tests.builders import portfolio as many
from tests.builders.projects import a_project
from tests.models import load_models

_SHARE = 1 if os.environ.get("FULL") else 10
_ROUNDS = 5
_AT = datetime(2026, 11, 15, 10, tzinfo=UTC)


def _timed(database: Database, name: str, act: Callable[[], object]) -> None:
    asked: list[str] = []

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    act()
    event.remove(database.engine, "before_cursor_execute", note)
    best = min(_once(act) for _ in range(_ROUNDS))
    count = sum(one.startswith(("SELECT", "WITH")) for one in asked)
    print(f"{name:<44}{best * 1000:>9.1f} ms{count:>6} statements")


def _once(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def projects() -> None:
    """Time the list and the page on a database of their own."""
    load_models()
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'bench.db'}"
    try:
        migrate.upgrade(url)
        database = Database(url)
        way = a_project(database, at=_AT)
        database.run(many.many_projects, way, 1_000 // _SHARE)
        database.run(many.many_updates, way, 10_000 // _SHARE, at=_AT)
        database.run(many.many_cores, way, 100_000 // _SHARE, at=_AT)

        def listed(**asked: object) -> Callable[[], object]:
            def act() -> object:
                with database.reading() as session:
                    return queries.portfolio(session, Wanted(**asked))  # type: ignore[arg-type] # keywords of Wanted

            return act

        def page() -> object:
            with database.reading() as session:
                found = queries.page(session, way.slug, on=_AT.date())
                return project_money.trail(session, found.project_id, found.target.currency)

        print(f"{1_000 // _SHARE} projects; {10_000 // _SHARE} updates, {100_000 // _SHARE} cores")
        _timed(database, "list, least funded first", listed())
        _timed(database, "list, a country and a word", listed(country="KE", words=("maize",)))
        _timed(database, "list, measured last first", listed(order=Order.MEASURED))
        _timed(database, "page of one project", page)
        database.dispose()
    finally:
        shutil.rmtree(folder)

"""How is offset/database/triggers.json written? ``python -m tests.ledger.triggers``."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from offset.database import migrate, triggers
from offset.database.session import Database
from tests import servers
from tests.models import load_models

KEPT = Path(triggers.__file__).with_name("triggers.json")


def read(url: str) -> Mapping[str, tuple[str, str]]:
    """Read what the migrations leave behind in an empty database."""
    migrate.upgrade(url)
    database = Database(url, owner=True)
    try:
        with database.reading() as session:
            found = triggers.installed(session)
    finally:
        database.dispose()
    return {name: (found[name].table, found[name].digest) for name in sorted(found)}


def written(told: Mapping[str, Mapping[str, tuple[str, str]]]) -> str:
    """Write one line a trigger, so that a change of one reads as one."""
    engines = []
    for engine, found in told.items():
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in found.items())
        engines.append(f" {json.dumps(engine)}: {{\n{rows}\n }}")
    return "{\n" + ",\n".join(engines) + "\n}\n"


def write() -> None:
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        embedded = read(f"sqlite:///{folder}/offset.db")
    with servers.postgres() as url:
        server = read(url)
    KEPT.write_text(written({"postgresql": server, "sqlite": embedded}), encoding="utf-8")


if __name__ == "__main__":
    write()

"""How does a test begin with books that other tests begin with too? They are built once.

The first test of a process that asks builds them by the real verbs; each later one gets a copy of
the file as it stood then. On PostgreSQL they are built each time: copying a database costs as much.

The clock of tests stands still, so ids are in order only by what counts them within a millisecond:
with the books that count is taken back as well, and what a test adds sorts after them.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from offset.database import types
from offset.database.session import Database

T = TypeVar("T")
_folder = tempfile.TemporaryDirectory(prefix="offset-kept-")
_kept: dict[str, tuple[Path, Any, tuple[int, int]]] = {}


def counted() -> tuple[int, int]:
    """Read how far the ids of the present millisecond were counted."""
    return types._SEQUENCE._last  # noqa: SLF001 - a clock that stands still needs it


def count_on(last: tuple[int, int]) -> None:
    """Go on counting from where books were kept."""
    types._SEQUENCE._last = last  # noqa: SLF001 - see above


def once_built(database: Database, builder: Callable[..., T], /, **wanted: Any) -> T:
    """Run a builder on a database, or take its books from when it ran on the same before.

    What a builder returns is shared by all tests that keep it, so it must be frozen.
    """
    if database.name != "sqlite":
        return database.run(builder, **wanted)
    path = Path(str(database.engine.url.database))
    # The last connection to close brings all that was written into the file itself.
    database.dispose()
    told = f"{builder.__module__}.{builder.__qualname__} {sorted(wanted.items())!r}"
    key = hashlib.sha256(path.read_bytes() + told.encode()).hexdigest()
    if key not in _kept:
        made = database.run(builder, **wanted)
        database.dispose()
        copy = Path(_folder.name) / f"{len(_kept)}.db"
        shutil.copy(path, copy)
        _kept[key] = copy, made, counted()
        return made
    copy, made, last = _kept[key]
    shutil.copy(copy, path)
    count_on(last)
    return made  # type: ignore[no-any-return]  # what this very builder returned

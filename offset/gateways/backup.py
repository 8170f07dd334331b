"""How does everything we keep go into one archive, and come back whole or not at all?

An archive is a compressed tar: the database, the files that people handed in or that we printed,
and at the end the manifest with the hash of every member, the revision of the tables, the counts
and the newest checkpoint. An archive without its manifest was cut off and is refused. Secrets are
not in it: they stand in the environment. Encryption and transport belong to whoever takes the
archive away; they see one finished file.
"""

import gzip
import hashlib
import io
import json
import os
import secrets
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from offset.database import copies, migrate
from offset.database.session import Database
from offset.database.types import written
from offset.errors import InvalidInput, Refused
from offset.gateways import postgres_tools, sealed_archives
from offset.ledger import checkpoints
from offset.ledger.verify import Report, verify

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_SQLITE, _POSTGRES = "database.sqlite", "database.pgdump"
_FILES: Final = "files"
# What the owner wrote beside the files: terms, privacy notice, legal notice.
_TEXTS: Final = "texts"
# more checkpoints than can be taken while a copy is made
_SINCE: Final = 1_000
_CHUNK: Final = 1 << 20
_MOST_MANIFEST: Final = 256 << 20
_BROKEN: Final = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds, in words that can be checked against it."""

    format: int
    made_at: str
    engine: str
    revision: str
    counts: Mapping[str, int]
    checkpoint: int | None
    root: str | None
    members: Mapping[str, str] = field(default_factory=dict)


def back_up(url: str, files: Path, out: Path, *, at: datetime) -> Manifest:
    """Write an archive of the database and the files; it stands there whole or not at all.

    The database comes first: a file that it names was kept before it was named.

    Raises
    ------
    InvalidInput
        ``backup_place_missing``: the folder of ``out`` does not exist.
    Refused
        ``backup_exists``, ``backup_nothing_there`` or ``backup_program_failed``.
    ConfigurationError
        When pg_dump is missing.
    """
    if not out.parent.is_dir():
        raise InvalidInput("backup_place_missing", field="out", folder=out.parent)
    if out.exists():
        raise Refused("backup_exists", place=out.name)
    draft = out.parent / f".{out.name}-{secrets.token_hex(8)}.part"
    try:
        with (
            tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as folder,
            draft.open("xb") as file,
        ):
            os.fchmod(file.fileno(), 0o600)
            dump, manifest = _copied(url, Path(folder), at)
            manifest = _packed(file, dump, files, manifest)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(out)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return manifest


def restore(
    archive: Path, url: str, files: Path, *, identity: Path | None = None
) -> tuple[Manifest, Report]:
    """Bring an archive back into an empty place, check the books, and only then let it stand.

    What a restore that was killed left behind is thrown away first.

    Raises
    ------
    Refused
        ``restore_not_empty``: there is a database or there are files already.
        ``restore_engine``: the archive is of the other engine.
        ``restore_revision``: made by tables that this program does not know.
        ``restore_differs``: counts, the checkpoint or the books are not what the archive says.
        ``backup_program_failed``.
    InvalidInput
        ``archive_broken``: cut off, changed, or none of ours; ``archive_closed`` with another key;
        ``identity_missing`` for a closed archive without its key.
    ConfigurationError
        When pg_restore is missing, or the file of the key holds none.
    """
    mark = _mark(files)
    if mark.exists():
        _throw_away(url, files)
    elif not copies.is_empty(url) or (files.exists() and any(files.iterdir())):
        raise Refused("restore_not_empty")
    files.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # It stays when this process is killed: then nothing serves, and the next restore begins anew.
    mark.touch()
    try:
        made = _brought_back(archive, url, files, identity)
    except Exception:
        _throw_away(url, files)
        mark.unlink()
        raise
    mark.unlink()
    return made


def is_half_restored(data_dir: Path) -> bool:
    """Say whether a restore was killed before everything stood."""
    return _mark(data_dir / _FILES).exists()


def _mark(files: Path) -> Path:
    return files.parent / ".restoring"


def _throw_away(url: str, files: Path) -> None:
    """Take away what a restore put into a place that was empty when it began."""
    if copies.is_file(url):
        for ending in ("", "-wal", "-shm", "-journal"):
            copies.file_of(f"{url}{ending}").unlink(missing_ok=True)
    elif not copies.is_empty(url):
        copies.clear(url)
    for left in (files, *files.parent.glob(".restore-*")):
        shutil.rmtree(left, ignore_errors=True)


def _brought_back(
    archive: Path, url: str, files: Path, identity: Path | None
) -> tuple[Manifest, Report]:
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as name:
        folder = Path(name)
        manifest = unpack(_opened(archive, identity, folder), folder)
        if manifest.engine != ("sqlite" if copies.is_file(url) else "postgresql"):
            raise Refused("restore_engine", engine=manifest.engine)
        if manifest.revision != migrate.head():
            raise Refused("restore_revision", found=manifest.revision, wanted=migrate.head())
        with _database(url, folder) as place:
            report = _checked(place, manifest)
            (folder / _FILES).mkdir(exist_ok=True)
            if files.exists():
                files.rmdir()
            (folder / _FILES).replace(files)
            texts = files.parent / _TEXTS
            # Texts that stand there already were written since; they stay.
            if (folder / _TEXTS).is_dir() and not texts.exists():
                (folder / _TEXTS).replace(texts)
    return manifest, report


def _opened(archive: Path, identity: Path | None, folder: Path) -> Path:
    """Open an archive that is closed with a key; any other is taken as it is."""
    if not sealed_archives.is_closed(archive):
        return archive
    if identity is None:
        raise InvalidInput("identity_missing", field="identity")
    return sealed_archives.open_(archive, identity, folder / "opened.tar.gz")


def unpack(archive: Path, folder: Path) -> Manifest:
    """Take an archive apart and compare every member with the manifest.

    Raises
    ------
    InvalidInput
        ``archive_broken`` with what is wrong.
    """
    try:
        hashes, told = _taken_out(archive, folder)
        manifest = Manifest(**told)
    except _BROKEN as fault:
        raise InvalidInput("archive_broken", field="archive", why=str(fault)) from None
    except TypeError:
        raise InvalidInput("archive_broken", field="archive", why="manifest") from None
    if manifest.format != FORMAT or hashes != dict(manifest.members):
        raise InvalidInput("archive_broken", field="archive", why="hashes differ")
    return manifest


def _copied(url: str, folder: Path, at: datetime) -> tuple[Path, Manifest]:
    """Copy the database into a folder and say what stands in the copy."""
    if copies.is_file(url):
        dump = folder / _SQLITE
        copies.copy_file(copies.file_of(url), dump)
        copy = f"sqlite:///{dump}"
        return dump, _described(copy, "sqlite", copies.counts(copy), at)
    dump = folder / _POSTGRES
    with copies.moment(url) as (name, version, counts):
        program = postgres_tools.find("pg_dump", at_least=version)
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={name}")
        postgres_tools.run(program, url, *options, f"--file={dump}")
    return dump, _described(url, "postgresql", counts, at)


def _described(url: str, engine: str, counts: Mapping[str, int], at: datetime) -> Manifest:
    database = Database(url, owner=True)
    try:
        with database.reading() as session:
            made = checkpoints.recent(session, _SINCE)
        # checkpoints are only ever added: the newest of the copy is known by their number
        kept = [one for one in made if one.n <= counts.get("checkpoint", 0)]
        revision = migrate.present(database)
    finally:
        database.dispose()
    newest = kept[0] if kept else None
    return Manifest(
        format=FORMAT,
        made_at=written(at),
        engine=engine,
        revision=revision,
        counts=counts,
        checkpoint=newest.n if newest else None,
        root=newest.root.hex() if newest else None,
    )


def _packed(file: IO[bytes], dump: Path, files: Path, manifest: Manifest) -> Manifest:
    members: dict[str, str] = {}
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        members[dump.name] = _put(archive, dump, dump.name)
        for place, beside in ((_FILES, files), (_TEXTS, files.parent / _TEXTS)):
            for path in sorted(beside.rglob("*")) if beside.is_dir() else ():
                # a name without an ending is a file that is still being written
                if path.is_file() and path.suffix:
                    name = f"{place}/{path.relative_to(beside).as_posix()}"
                    members[name] = _put(archive, path, name)
        whole = Manifest(**{**asdict(manifest), "members": members})
        told = json.dumps(asdict(whole), sort_keys=True, indent=1).encode()
        entry = tarfile.TarInfo(_MANIFEST)
        entry.size = len(told)
        archive.addfile(entry, io.BytesIO(told))
    return whole


def _put(archive: tarfile.TarFile, path: Path, name: str) -> str:
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    entry.mode = 0o600
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        archive.addfile(entry, file)
    return found


def _taken_out(archive: Path, folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """Write every member to its place below the folder, and nowhere else."""
    hashes: dict[str, str] = {}
    told: dict[str, Any] | None = None
    with gzip.open(archive) as packed, tarfile.open(fileobj=packed, mode="r|") as members:
        for entry in members:
            content = members.extractfile(entry) if entry.isreg() else None
            if content is None or not _harmless(entry.name) or told is not None:
                raise ValueError(f"member {entry.name!r}")
            if entry.name == _MANIFEST:
                told = json.loads(content.read(_MOST_MANIFEST))
            else:
                hashes[entry.name] = _kept(content, folder / entry.name)
        # the checksum of the whole stands at its very end
        while packed.read(_CHUNK):
            pass
    if not isinstance(told, dict):
        raise ValueError("no manifest: the archive was cut off")  # noqa: TRY004 - the archive's fault, not its type
    return hashes, told


def _harmless(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        return False
    return name in {_MANIFEST, _SQLITE, _POSTGRES} or path.parts[0] in {_FILES, _TEXTS}


def _kept(content: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with path.open("xb") as file:
        while part := content.read(_CHUNK):
            found.update(part)
            file.write(part)
    return found.hexdigest()


@contextmanager
def _database(url: str, folder: Path) -> Iterator[str]:
    """Give the restored database; it takes its place when the block ends without a fault."""
    if copies.is_file(url):
        draft = folder / _SQLITE
        yield f"sqlite:///{draft}"
        target = copies.file_of(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(draft, target)
        return
    program = postgres_tools.find("pg_restore", at_least=copies.version(url))
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    postgres_tools.run(program, url, *options, str(folder / _POSTGRES))
    try:
        yield url
    except BaseException:
        copies.clear(url)
        raise


def _checked(url: str, manifest: Manifest) -> Report:
    counts = copies.counts(url)
    if counts != dict(manifest.counts):
        differing = sorted(name for name in counts if counts[name] != manifest.counts.get(name))
        raise Refused("restore_differs", what=f"counts of {', '.join(differing)}")
    database = Database(url)
    try:
        report = verify(database)
    finally:
        database.dispose()
    root = report.root.hex() if report.root else None
    if report.faults or (report.checkpoints or None, root) != (manifest.checkpoint, manifest.root):
        what = report.faults[0] if report.faults else "the checkpoint"
        raise Refused("restore_differs", what=what)
    return report

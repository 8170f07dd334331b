"""Are archives closed, carried, thinned out and tried, and is nothing thrown away too early?"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from offset.database.session import Database
from offset.errors import ConfigurationError, InvalidInput, Refused
from offset.gateways import backup_keeping
from offset.gateways.backup_keeping import Plan
from offset.ledger import checkpoints, journal
from tests import servers
from tests.builders.ledger import a_gift


def address(database: Database) -> str:
    found = database.engine.url.render_as_string(hide_password=False)
    return found if found.startswith("sqlite") else servers.as_owner(found)


def key_file(folder: Path, identity: x25519.Identity) -> Path:
    path = folder / "key.txt"
    path.write_text(f"# created: today\n{identity}\n")
    return path


def test_an_archive_is_closed_carried_and_comes_back(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    database.run(journal.post, a_gift(1), at=at)
    database.run(checkpoints.take, at=at)
    identity = x25519.Identity.generate()
    away = tmp_path / "away"
    plan = Plan(
        folder=tmp_path / "backups",
        recipient=str(identity.to_public()),
        command=f"cp {{archive}} {away}",
    )
    made = backup_keeping.make(plan, address(database), tmp_path / "files", at=at)
    assert made.archive.name == "offset-20261115T100000Z.tar.gz.age"
    assert made.archive.read_bytes().startswith(b"age-encryption.org/v1")
    assert away.read_bytes() == made.archive.read_bytes()
    assert [path.name for path in plan.folder.iterdir()] == [made.archive.name]
    told = backup_keeping.drill(
        made.archive, address(database), identity=key_file(tmp_path, identity)
    )
    assert (told.checkpoint, told.root) == (1, made.manifest.root)
    assert told.counts == made.manifest.counts
    # the place of the drill is gone
    assert [path.name for path in plan.folder.iterdir()] == [made.archive.name]


def test_a_closed_archive_opens_with_its_own_key_only(
    embedded: Database, at: datetime, tmp_path: Path
) -> None:
    plan = Plan(tmp_path / "b", recipient=str(x25519.Identity.generate().to_public()))
    made = backup_keeping.make(plan, address(embedded), tmp_path / "files", at=at)
    with pytest.raises(InvalidInput, match="identity_missing"):
        backup_keeping.drill(made.archive, address(embedded))
    other = key_file(tmp_path, x25519.Identity.generate())
    with pytest.raises(InvalidInput, match="archive_closed"):
        backup_keeping.drill(made.archive, address(embedded), identity=other)
    none = tmp_path / "none.txt"
    none.write_text("no key")
    with pytest.raises(ConfigurationError, match="holds no secret key"):
        backup_keeping.drill(made.archive, address(embedded), identity=none)


@pytest.mark.parametrize(
    "change", [lambda b: b[:-7], lambda b: b[:0] + b"junk", lambda b: b[:400] + b"x"]
)
def test_a_damaged_archive_is_refused(
    embedded: Database, at: datetime, tmp_path: Path, change: object
) -> None:
    identity = x25519.Identity.generate()
    plan = Plan(tmp_path / "b", recipient=str(identity.to_public()))
    made = backup_keeping.make(plan, address(embedded), tmp_path / "files", at=at)
    assert callable(change)
    made.archive.write_bytes(change(made.archive.read_bytes()))
    with pytest.raises(InvalidInput, match="archive_broken"):
        backup_keeping.drill(made.archive, address(embedded), identity=key_file(tmp_path, identity))


def test_a_wrong_key_makes_no_open_archive(
    embedded: Database, at: datetime, tmp_path: Path
) -> None:
    plan = Plan(tmp_path / "b", recipient="age1nonsense")
    with pytest.raises(ConfigurationError, match="OFFSET_BACKUP_RECIPIENT"):
        backup_keeping.make(plan, address(embedded), tmp_path / "files", at=at)
    assert not plan.folder.exists()


def test_where_carrying_fails_nothing_old_is_thrown_away(
    embedded: Database, at: datetime, tmp_path: Path
) -> None:
    plan = Plan(tmp_path / "b", keep=(1, 0, 0))
    backup_keeping.make(plan, address(embedded), tmp_path / "files", at=at)
    for command, said in (
        (f"{sys.executable} -c \"import sys; sys.exit('no room')\"", "no room"),
        ("/nowhere/at-all {archive}", "FileNotFoundError"),
    ):
        at += timedelta(days=1)
        broken = Plan(plan.folder, command=command, keep=plan.keep)
        with pytest.raises(Refused, match="off_site_failed") as refused:
            backup_keeping.make(broken, address(embedded), tmp_path / "files", at=at)
        assert refused.value.parameters["said"] == said
    assert len(backup_keeping.archives(plan.folder)) == 3


def test_what_stays_is_the_newest_of_days_weeks_and_months(tmp_path: Path) -> None:
    start = datetime(2025, 1, 1, 3, tzinfo=UTC)
    for day in range(600):
        for hour in (0, 12):
            at = start + timedelta(days=day, hours=hour)
            (tmp_path / f"offset-{at:%Y%m%dT%H%M%SZ}.tar.gz").touch()
    (tmp_path / "offset-notes.txt").touch()
    (tmp_path / "offset-20261399T000000Z.tar.gz").touch()
    now = start + timedelta(days=600)
    stay = sorted(path.name for path in backup_keeping.kept(Plan(tmp_path), now))
    assert len(backup_keeping.archives(tmp_path)) == 1_200
    newest = start + timedelta(days=599, hours=12)
    assert stay[-1] == f"offset-{newest:%Y%m%dT%H%M%SZ}.tar.gz"
    days = {name[7:15] for name in stay}
    assert {f"{newest - timedelta(days=n):%Y%m%d}" for n in range(7)} <= days
    # seven days, four more weeks, eleven more months, some of them the same archive
    assert 18 <= len(stay) <= 22
    assert len({name[7:13] for name in stay}) == 12
    assert len(days) == len(stay), "one a day: the newest of it"
    alone = backup_keeping.kept(Plan(tmp_path, keep=(1, 0, 0)), now)
    assert {path.name for path in alone} == {stay[-1]}


@pytest.mark.parametrize("told", ["", "7", "7,5", "0,5,12", "a,b,c", "7,5,12,1", "-1,5,12"])
def test_how_many_stay_is_said_in_three_numbers(told: str) -> None:
    with pytest.raises(ConfigurationError, match="OFFSET_BACKUP_KEEP"):
        backup_keeping.read_keep(told)
    assert backup_keeping.read_keep("3, 0, 1") == (3, 0, 1)

"""Does a mail to a secret address become a draft once, and does nobody else learn anything?"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.gateways.files import DiskFiles
from offset.people.access import Role
from offset.people.models import OutboxMessage, User
from offset.projects import drafts, drafts_by_mail, rooms
from offset.projects.drafts_by_mail import Letter, Picture
from offset.projects.field_models import MailOutcome
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.once_built import once_built
from tests.web.rooms import a_photo

PATTERN = "updates+*@projects.example"
STEWARD = "steward@people.example"


@pytest.fixture
def files(tmp_path: Path) -> DiskFiles:
    return DiskFiles(tmp_path / "files")


def an_address(database: Database, way: Way, at: datetime) -> str:
    database.run(
        drafts_by_mail.renew_address, actor=way.cast.steward, at=at, project_id=way.project_id
    )
    with database.reading() as session:
        found = drafts_by_mail.address(session, way.cast.steward, way.project_id, PATTERN)
    assert found is not None
    return found


def a_letter(address: str, **changed: Any) -> Letter:
    letter = Letter(
        key="<1@phone.example>",
        sender="Steward@People.example",
        recipients=("someone@else.example", address.upper()),
        automatic=False,
        subject="Re: Fwd: After the rain",
        text="The rye is up.",
        pictures=(Picture("a.jpg", a_photo("red")), Picture("b.jpg", a_photo("blue"))),
        left_out=("report.pdf",),
    )
    return replace(letter, **changed)


def take(database: Database, files: DiskFiles, letter: Letter, at: datetime) -> MailOutcome | None:
    return drafts_by_mail.take(
        database, files, letter, pattern=PATTERN, public_url="https://example.org", at=at
    )


def answers(database: Database) -> list[Any]:
    with database.reading() as session:
        return list(
            session.execute(
                select(
                    OutboxMessage.recipient, OutboxMessage.language, OutboxMessage.parameters
                ).where(OutboxMessage.template == "draft_by_mail")
            )
        )


def test_a_mail_becomes_a_draft_once_and_is_answered_in_the_stewards_language(
    database: Database, at: datetime, files: DiskFiles
) -> None:
    way = once_built(database, build.admitted, at=at)
    address = an_address(database, way, at)

    def speak_french(session: Any) -> None:
        session.get_one(User, way.cast.steward.user_id).language = "fr"

    database.run(speak_french)
    twice = (*a_letter(address).pictures, Picture("copy.jpg", a_photo("red")))
    letter = a_letter(address, pictures=twice)
    assert take(database, files, letter, at) is MailOutcome.DRAFTED
    assert take(database, files, letter, at) is None
    with database.reading() as session:
        [line] = rooms.steward_project(session, way.cast.steward, way.project_id).updates
        draft = drafts.draft(session, way.cast.steward, line.id)
    assert (draft.title, draft.body) == ("After the rain", "The rye is up.")
    assert (draft.status.value, len(draft.photos), draft.left) == ("draft", 2, 2)
    [answer] = answers(database)
    assert (answer.recipient, answer.language) == (STEWARD, "fr")
    assert answer.parameters["link"] == f"https://example.org/fr/steward/updates/{line.id}"
    assert (answer.parameters["photos"], answer.parameters["left_out"]) == (2, ["report.pdf"])


def test_photos_without_words_are_kept_and_words_asked_for(
    embedded: Database, at: datetime, files: DiskFiles
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    letter = a_letter(
        an_address(embedded, way, at),
        subject="",
        text=" ",
        pictures=(Picture("a.jpg", a_photo()), Picture("b.jpg", b"no picture")),
    )
    assert take(embedded, files, letter, at) is MailOutcome.DRAFTED
    with embedded.reading() as session:
        [draft] = drafts.unfinished(session, way.cast.steward)
    assert not draft.written
    assert draft.left == 2
    [answer] = answers(embedded)
    assert not answer.parameters["written"]
    assert answer.parameters["left_out"] == ["report.pdf", "b.jpg"]


def test_strangers_machines_and_old_addresses_are_answered_nothing_and_counted(
    embedded: Database, at: datetime, files: DiskFiles
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    old = an_address(embedded, way, at)
    address = an_address(embedded, way, at)
    assert old != address
    embedded.run(build.an_actor, Role.STEWARD, at=at, name="other")
    cases = {
        MailOutcome.AUTOMATIC: {"automatic": True},
        MailOutcome.ADDRESS_UNKNOWN: {"recipients": (old,)},
        MailOutcome.SENDER_UNKNOWN: {"sender": "nobody@example.org"},
    }
    for number, (outcome, changed) in enumerate(cases.items()):
        letter = a_letter(address, key=f"<{number}@x>", **changed)
        assert take(embedded, files, letter, at) is outcome
        assert take(embedded, files, letter, at) is None
    for number, sender in enumerate(("other@people.example", "clerk@people.example", "")):
        letter = a_letter(address, key=f"<s{number}@x>", sender=sender)
        assert take(embedded, files, letter, at) is MailOutcome.SENDER_UNKNOWN
    with embedded.reading() as session:
        assert drafts.unfinished(session, way.cast.steward) == ()
        assert drafts_by_mail.counts(session) == {
            MailOutcome.AUTOMATIC: 1,
            MailOutcome.ADDRESS_UNKNOWN: 1,
            MailOutcome.SENDER_UNKNOWN: 4,
        }
    assert answers(embedded) == []
    assert not files.root.exists(), "what strangers send is not even kept"


def test_a_flood_of_mails_ends(embedded: Database, at: datetime, files: DiskFiles) -> None:
    way = once_built(embedded, build.admitted, at=at)
    address = an_address(embedded, way, at)
    told = [
        take(embedded, files, a_letter(address, key=f"<{n}@x>", subject=f"{n}", pictures=()), at)
        for n in range(22)
    ]
    assert told == [MailOutcome.DRAFTED] * 20 + [MailOutcome.TOO_MANY] * 2
    tomorrow = at + timedelta(days=2)
    letter = a_letter(address, key="<t@x>", pictures=())
    assert take(embedded, files, letter, tomorrow) is MailOutcome.DRAFTED


class Box:
    """An inbox of two mails, one of them broken."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        yield "1", b"good"
        yield "2", b"broken"
        yield "3", b"good"

    def done(self, name: str) -> None:
        self.seen.append(name)


def test_fetching_marks_every_mail_as_seen_and_counts(
    embedded: Database, at: datetime, files: DiskFiles
) -> None:
    way = once_built(embedded, build.admitted, at=at)
    letter = a_letter(an_address(embedded, way, at), pictures=())

    def read(raw: bytes) -> Letter:
        if raw == b"broken":
            raise InvalidInput("mail_unreadable")
        return letter

    box = Box()
    counted = drafts_by_mail.fetch(
        embedded, files, box, read, pattern=PATTERN, public_url="https://example.org", at=at
    )
    assert counted == {"drafted": 1, "unreadable": 1, "again": 1}
    assert box.seen == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        (PATTERN, "updates+abcd2345efgh@projects.example"),
        ("*@updates.example", "ABCD2345efgh@updates.example"),
        ("updates@*.example", "updates@abcd2345efgh.example"),
    ],
)
def test_the_word_is_found_wherever_the_installation_puts_it(pattern: str, address: str) -> None:
    assert drafts_by_mail.words_in(["x@y.example", address], pattern) == ("abcd2345efgh",)
    assert drafts_by_mail.words_in(["other@nowhere.test"], pattern) == ()
    assert re.fullmatch("[a-z0-9]{12}", "abcd2345efgh")

"""What becomes of a mail to a project's secret address? A draft, never more, and one answer.

The address holds a word that only the project knows; the sender must be somebody who may act for
it. Everything else is counted and answered nothing, so that nobody learns what exists here.
"""

import hashlib
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound
from offset.people import audit, outbox, signin, users
from offset.people.access import Actor, Right
from offset.people.models import User
from offset.projects import consents, drafts
from offset.projects.field_models import DraftOrigin, InboundMail, MailAddress, MailOutcome
from offset.projects.models import Project
from offset.projects.organisations import own_project
from offset.projects.ports import FileStore, StoredPhoto
from offset.projects.questions import LANGUAGES

WORD: Final = "*"  # where the secret word stands in the address of the installation
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_WORD_LENGTH: Final = 12
_LONGEST_TITLE: Final = 160
_LONGEST_BODY: Final = 20_000
_DRAFTS_A_DAY: Final = 20
_DAY: Final = timedelta(days=1)
_ANSWERED: Final = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """A picture as it came in a mail: its name there, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A mail after reading: who, to whom, and what it brings.

    ``automatic`` is set for what no person wrote: absence notes, bounces, lists, our own mails.
    ``left_out`` names attachments that are no pictures.
    """

    key: str
    sender: str
    recipients: tuple[str, ...]
    automatic: bool
    subject: str
    text: str
    pictures: tuple[Picture, ...]
    left_out: tuple[str, ...]


class Inbox(Protocol):
    """Whoever holds mails that came in."""

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Give the mails nobody has looked at, each with its name there.

        Raises
        ------
        TryLater
            ``inbox_unreachable``.
        """
        ...

    def done(self, name: str) -> None:
        """Mark a mail as seen."""
        ...


class Reading(Protocol):
    """Whoever makes a letter of the bytes of a mail."""

    def __call__(self, raw: bytes) -> Letter:
        """Read a mail.

        Raises
        ------
        InvalidInput
            ``mail_unreadable``.
        """
        ...


@dataclass(frozen=True)
class _Sorted:
    """What a mail is: its outcome, and for a draft who writes for which project."""

    outcome: MailOutcome
    project_id: uuid.UUID | None = None
    actor: Actor | None = None


def fetch(
    database: Database,
    files: FileStore,
    inbox: Inbox,
    read: Reading,
    *,
    pattern: str,
    public_url: str,
    at: datetime,
) -> Mapping[str, int]:
    """Take in every waiting mail and count what became of them; known ones count as "again"."""
    counted: Counter[str] = Counter()
    for name, raw in inbox.waiting():
        try:
            letter = read(raw)
        except InvalidInput:
            key = hashlib.sha256(raw).hexdigest()
            outcome = _kept(database, key, _Sorted(MailOutcome.UNREADABLE), at)
        else:
            outcome = take(database, files, letter, pattern=pattern, public_url=public_url, at=at)
        counted[outcome.value if outcome else "again"] += 1
        inbox.done(name)
    return dict(counted)


def take(
    database: Database,
    files: FileStore,
    letter: Letter,
    *,
    pattern: str,
    public_url: str,
    at: datetime,
) -> MailOutcome | None:
    """Make a draft of a letter and answer its writer; None for one that came before."""
    key = hashlib.sha256(letter.key.encode()).hexdigest()
    with database.reading() as session:
        if _known(session, key):
            return None
        found = _sorted(session, letter, pattern, at)
    if found.outcome is not MailOutcome.DRAFTED:
        return _kept(database, key, found, at)
    taken, refused = _prepared(files, letter)
    return database.run(
        _draft,
        key=key,
        found=found,
        letter=replace(letter, left_out=(*letter.left_out, *refused)),
        pictures=taken,
        public_url=public_url,
        at=at,
    )


def address(session: Session, actor: Actor, project_id: uuid.UUID, pattern: str) -> str | None:
    """Return the present address of a project for those who may write to it.

    Raises
    ------
    Forbidden, NotFound
    """
    own_project(session, actor, project_id, Right.POST_UPDATE)
    word = session.scalar(
        select(MailAddress.word).where(
            MailAddress.project_id == project_id, MailAddress.ended_at.is_(None)
        )
    )
    return pattern.replace(WORD, word, 1) if word and pattern else None


def renew_address(session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID) -> None:
    """Give a project a new secret address; the one before ends at once.

    Raises
    ------
    Forbidden, NotFound
    """
    own_project(session, actor, project_id, Right.POST_UPDATE)
    session.get_one(Project, project_id, with_for_update=True)
    session.execute(
        update(MailAddress)
        .where(MailAddress.project_id == project_id, MailAddress.ended_at.is_(None))
        .values(ended_at=at)
    )
    session.add(
        MailAddress(
            id=uuid7(at),
            project_id=project_id,
            word="".join(secrets.choice(_LETTERS) for _ in range(_WORD_LENGTH)),
            made_at=at,
            made_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="project.mail_address_renewed",
        object_type="project",
        object_id=project_id,
    )


def counts(session: Session) -> Mapping[MailOutcome, int]:
    """Count what became of every mail that came."""
    rows = session.execute(select(InboundMail.outcome, func.count()).group_by(InboundMail.outcome))
    return {outcome: int(number) for outcome, number in rows}


def words_in(recipients: Collection[str], pattern: str) -> tuple[str, ...]:
    """Find the secret words in the addresses a mail was sent to."""
    before, _, after = pattern.lower().partition(WORD)
    shape = re.compile(f"{re.escape(before)}([a-z0-9]{{4,40}}){re.escape(after)}", re.ASCII)
    found = (shape.fullmatch(one.strip().lower()) for one in recipients)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _sorted(session: Session, letter: Letter, pattern: str, at: datetime) -> _Sorted:
    """Say what a mail is: for which project it writes, and whether its sender may."""
    if letter.automatic:
        return _Sorted(MailOutcome.AUTOMATIC)
    project_id = session.scalar(
        select(MailAddress.project_id).where(
            MailAddress.word.in_(words_in(letter.recipients, pattern)),
            MailAddress.ended_at.is_(None),
        )
    )
    if project_id is None:
        return _Sorted(MailOutcome.ADDRESS_UNKNOWN)
    actor = _writer(session, letter.sender, at)
    try:
        own_project(session, actor, project_id, Right.POST_UPDATE)
    except (Forbidden, NotFound):
        return _Sorted(MailOutcome.SENDER_UNKNOWN)
    today = session.scalar(
        select(func.count())
        .select_from(InboundMail)
        .where(InboundMail.project_id == project_id, InboundMail.arrived_at > at - _DAY)
    )
    if (today or 0) >= _DRAFTS_A_DAY:
        return _Sorted(MailOutcome.TOO_MANY)
    return _Sorted(MailOutcome.DRAFTED, project_id, actor)


def _writer(session: Session, sender: str, at: datetime) -> Actor:
    """Return whoever has this address, with what they may do now; nobody has no roles."""
    user_id = session.scalar(
        select(User.id).where(User.email == signin.tidy(sender), User.disabled_at.is_(None))
    )
    if user_id is None:
        return Actor(None)
    return Actor(user_id, users.roles_of(session, user_id), consents.standing(session, user_id, at))


def _prepared(
    files: FileStore, letter: Letter
) -> tuple[tuple[tuple[str, StoredPhoto], ...], tuple[str, ...]]:
    """Make the pictures ready, each once; what cannot be read is named."""
    taken: dict[str, StoredPhoto] = {}
    refused = []
    for picture in letter.pictures:
        digest = hashlib.sha256(picture.data).hexdigest()
        if digest in taken:
            continue
        if len(taken) >= drafts.MOST_PHOTOS:
            refused.append(picture.name)
            continue
        try:
            taken[digest] = files.keep_photo(picture.data)
        except InvalidInput:
            refused.append(picture.name)
    return tuple(taken.items()), tuple(refused)


def _draft(
    session: Session,
    *,
    key: str,
    found: _Sorted,
    letter: Letter,
    pictures: tuple[tuple[str, StoredPhoto], ...],
    public_url: str,
    at: datetime,
) -> MailOutcome | None:
    """Write the draft, its pictures and the answer, together or not at all."""
    if found.project_id is None or found.actor is None:
        raise LookupError("a draft needs its project and its writer")
    project = session.get_one(Project, found.project_id, with_for_update=True)
    if _known(session, key):
        return None
    user = session.get_one(User, found.actor.user_id)
    language = user.language if user.language in LANGUAGES else project.language
    text = letter.text.replace("\r\n", "\n").strip()
    title = _title(letter, text, project)
    update_id = drafts.begin(
        session,
        actor=found.actor,
        at=at,
        project_id=project.id,
        key=f"mail:{key[:64]}",
        title=title,
        body=text[:_LONGEST_BODY] or drafts.NOTHING_WRITTEN,
        language=language,
        origin=DraftOrigin.MAIL,
    )
    for digest, photo in pictures:
        drafts.receive_photo(
            session, actor=found.actor, at=at, update_id=update_id, photo=photo, sha256=digest
        )
    _keep(session, key=key, found=found, update_id=update_id, at=at)
    prefix = "" if language == "en" else f"/{language}"
    outbox.enqueue(
        session,
        at=at,
        template="draft_by_mail",
        to=user.email or "",
        language=language,
        parameters={
            "project": project.title,
            "title": title,
            "link": f"{public_url}{prefix}/steward/updates/{update_id}",
            "written": bool(text),
            "cut": len(text) > _LONGEST_BODY,
            "photos": len(pictures),
            "left_out": [name[:80] for name in letter.left_out][:20],
        },
        key=f"draft-by-mail:{key}",
    )
    return MailOutcome.DRAFTED


def _title(letter: Letter, text: str, project: Project) -> str:
    subject = " ".join(_ANSWERED.sub("", letter.subject).split())
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return (subject or first or project.title)[:_LONGEST_TITLE].strip()


def _kept(database: Database, key: str, found: _Sorted, at: datetime) -> MailOutcome | None:
    """Count a mail that is answered nothing; None when it was counted before."""
    try:
        return database.run(_keep_once, key=key, found=found, at=at)
    except IntegrityError:
        # Two fetches read the same mail at the same moment.
        return None


def _keep_once(session: Session, *, key: str, found: _Sorted, at: datetime) -> MailOutcome | None:
    if _known(session, key):
        return None
    _keep(session, key=key, found=found, update_id=None, at=at)
    return found.outcome


def _keep(
    session: Session, *, key: str, found: _Sorted, update_id: uuid.UUID | None, at: datetime
) -> None:
    session.add(
        InboundMail(
            id=uuid7(at),
            message_hash=key,
            outcome=found.outcome,
            arrived_at=at,
            project_id=found.project_id,
            update_id=update_id,
        )
    )
    session.flush()


def _known(session: Session, key: str) -> bool:
    return session.scalar(select(InboundMail.id).where(InboundMail.message_hash == key)) is not None

"""How does a test open a private room? A whole application, and people who are signed in."""

import io
import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.gateways.files import DiskFiles
from offset.people import signin
from offset.people.access import Actor
from offset.people.models import OutboxMessage, User
from tests.builders import projects as build
from tests.builders.projects import Cast
from tests.fakes import FrozenClock
from tests.once_built import once_built
from tests.web.conftest import ENVIRONMENT, assembled, services_with, settings_with


class _Controls(HTMLParser):
    """Reads a page's controls with the values a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        match tag:
            case "textarea":
                self.area = told["name"]
                self.found[self.area] = ""
            case "select":
                self.select = told["name"]
            case "option" if "selected" in told or self.select not in self.found:
                self.found[self.select] = told["value"]
            case "input" if "name" in told and _is_sent(told):
                self.found[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def _is_sent(told: dict[str, str]) -> bool:
    return told.get("type") not in {"radio", "checkbox"} or "checked" in told


@dataclass(frozen=True)
class Page:
    """What a browser got."""

    status: int
    text: str
    headers: Any
    data: bytes

    @property
    def plain(self) -> str:
        """The words a reader sees, on one line."""
        shown = re.sub(r"<(script|style)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())

    def controls(self) -> dict[str, str]:
        """The forms of the page as a browser would send them, without the token."""
        reader = _Controls()
        reader.feed(self.text)
        # the line break that opens a text area is not part of it
        return {
            name: re.sub(r"\A\r?\n", "", value)
            for name, value in reader.found.items()
            if name != "csrf_token"
        }

    @property
    def place(self) -> str:
        """Where the answer sends the browser."""
        return str(self.headers["Location"])


@dataclass(frozen=True)
class Visitor:
    """Somebody's browser."""

    client: FlaskClient

    def get(self, path: str, expect: int = 200) -> Page:
        return self._page(self.client.get(path), expect)

    def post(self, path: str, data: dict[str, Any] | None = None, *, expect: int = 303) -> Page:
        """Post a form with the token of this browser, as a page of ours would have given it."""
        told = {"csrf_token": self.token(), **(data or {})}
        answer = self.client.post(path, data=told)
        # the client spools a large form to a file and leaves that open
        answer.request.environ["wsgi.input"].close()
        return self._page(answer, expect)

    def post_without_token(self, path: str) -> Page:
        return self._page(self.client.post(path, data={}), 400)

    def token(self) -> str:
        """Make a token as the forms of our pages carry it."""
        with self.client.session_transaction() as session:
            session.setdefault("csrf_token", "0123456789")
            raw = session["csrf_token"]
        signed = URLSafeTimedSerializer(ENVIRONMENT["OFFSET_SECRET_KEY"], salt="wtf-csrf-token")
        return str(signed.dumps(raw))

    def _page(self, answer: Any, expect: int) -> Page:
        readable = "html" in answer.mimetype
        text = answer.get_data(as_text=True) if readable else ""
        page = Page(answer.status_code, text, answer.headers, answer.data)
        assert page.status == expect, f"{page.status}: {page.plain[:600]}"
        return page


@dataclass(frozen=True)
class House:
    """The application on its database, with everybody a project meets."""

    app: Flask
    database: Database
    clock: FrozenClock
    files: DiskFiles
    people: Cast

    def at(self) -> datetime:
        return self.clock.now()

    def visit(self, actor: Actor) -> Visitor:
        """Sign somebody in by a link, in a browser of their own."""
        client = self.app.test_client()
        secret = self.database.run(_signed_in, actor, self.clock.now())
        with client.session_transaction() as session:
            session["_user_id"] = secret
        return Visitor(client)


def a_house(database: Database, clock: FrozenClock, folder: Path) -> House:
    files = DiskFiles(folder / "files")
    services = replace(services_with(settings_with(), database, clock), files=files)
    app = assembled(services)
    people = once_built(database, _furnished, at=clock.now())
    return House(app, database, clock, files, people)


def _furnished(session: Session, *, at: datetime) -> Cast:
    people = build.a_cast(session, at=at)
    build.criteria_in_force(session, at=at)
    return people


def a_photo(colour: str = "green", size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture as a telephone takes it, with a place in its metadata."""
    picture = Image.new("RGB", size, colour)
    metadata = Image.Exif()
    metadata[0x010E] = "secret place"
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=metadata)
    return written.getvalue()


def _signed_in(session: Session, actor: Actor, at: datetime) -> str:
    email = session.get_one(User, actor.user_id).email
    assert email is not None
    earlier = set(session.scalars(select(OutboxMessage.id)))
    signin.ask_for_link(
        session, email=email, language="en", next_path="/", public_url="http://localhost", at=at
    )
    session.flush()
    mail = session.scalars(select(OutboxMessage).where(OutboxMessage.id.not_in(earlier))).one()
    return signin.use_link(session, secret=str(mail.parameters["link"]).rpartition("/")[2], at=at)

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from offset.errors import ConfigurationError, InvalidInput, TryLater
from offset.gateways.mailer import (
    FolderCarrier,
    ServerCarrier,
    WrittenMailer,
    folder_of,
    mailer_for,
    styled,
)
from offset.people.ports import Mail
from offset.web.templating import environment_for, template_root
from tests.fakes import FrozenClock

LINK = "https://give.example/fr/sign-in/abc"


def a_mail(**changes: object) -> Mail:
    told: dict[str, object] = {
        "key": "sign-in:1",
        "template": "sign_in",
        "recipient": "donor@demo.example",
        "language": "en",
        "parameters": {
            "link": LINK,
            "next": "",
            "minutes": 15,
            "code": "048213",
            "code_minutes": 10,
        },
    }
    return Mail(**{**told, **changes})  # type: ignore[arg-type]  # a builder with one dict


class Kept:
    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def carry(self, message: EmailMessage) -> None:
        self.messages.append(message)


@pytest.fixture
def carrier() -> Kept:
    return Kept()


@pytest.fixture
def mailer(carrier: Kept, clock: FrozenClock) -> WrittenMailer:
    return WrittenMailer(
        carrier,
        environment_for,
        sender="Platform <platform@give.example>",
        public_url="https://give.example",
        clock=clock,
    )


def test_a_mail_has_a_subject_and_both_parts(mailer: WrittenMailer, carrier: Kept) -> None:
    mailer.send(a_mail())
    (message,) = carrier.messages
    plain = message.get_body(("plain",))
    rich = message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert message["Subject"] == "Your link to sign in"
    assert message["To"] == "donor@demo.example"
    assert message["Date"] == "Sun, 15 Nov 2026 10:00:00 +0000"
    assert LINK in plain.get_content()
    assert f'href="{LINK}"' in rich.get_content()
    assert "class=" not in rich.get_content()


def test_the_same_outbox_row_has_the_same_message_id(mailer: WrittenMailer) -> None:
    assert mailer.write(a_mail())["Message-ID"] == mailer.write(a_mail())["Message-ID"]
    other = mailer.write(a_mail(key="sign-in:2"))["Message-ID"]
    assert other != mailer.write(a_mail())["Message-ID"]
    assert other.endswith("@give.example>")


@pytest.mark.parametrize("address", ["", "a@b.example\r\nBcc: c@d.example", "a@b.c, d@e.f"])
def test_an_address_that_could_be_two_is_refused(mailer: WrittenMailer, address: str) -> None:
    with pytest.raises(InvalidInput, match="mail_address_unusable"):
        mailer.write(a_mail(recipient=address))


@pytest.mark.parametrize("name", ["nothing", "../layout", "Sign", ""])
def test_an_unknown_template_is_named(mailer: WrittenMailer, name: str) -> None:
    with pytest.raises(InvalidInput, match="mail_template_unknown"):
        mailer.write(a_mail(template=name))


def test_values_are_escaped_in_html_and_plain_in_text(mailer: WrittenMailer) -> None:
    message = mailer.write(
        a_mail(
            parameters={
                "link": 'https://x.example/"><b>',
                "next": "/a b",
                "minutes": 15,
                "code": "048213",
                "code_minutes": 10,
            }
        )
    )
    plain, rich = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    assert 'https://x.example/"><b>?next=/a%20b' in plain.get_content()
    assert "<b>" not in rich.get_content()


def test_a_folder_takes_one_file_a_mail(mailer: WrittenMailer, tmp_path: Path) -> None:
    folder = FolderCarrier(tmp_path / "mail")
    folder.carry(mailer.write(a_mail()))
    folder.carry(mailer.write(a_mail()))
    folder.carry(mailer.write(a_mail(key="other")))
    found = sorted((tmp_path / "mail").iterdir())
    assert len(found) == 2
    read = email.message_from_bytes(found[0].read_bytes(), policy=email.policy.default)
    assert read["Subject"] == "Your link to sign in"


def test_a_folder_that_cannot_be_written_is_tried_again(
    mailer: WrittenMailer, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("a file stands here")
    with pytest.raises(TryLater, match="mail_unreachable"):
        FolderCarrier(tmp_path / "mail").carry(mailer.write(a_mail()))


class Conversation(socketserver.StreamRequestHandler):
    """A mail server of a few words."""

    def handle(self) -> None:
        heard = self.server.heard  # type: ignore[attr-defined]  # set by the fixture
        self.wfile.write(b"220 here\r\n")
        body = False
        for line in self.rfile:
            heard.append(line.decode().rstrip())
            if body:
                if line == b".\r\n":
                    body = False
                    self.wfile.write(b"250 taken\r\n")
                continue
            word = line[:4].upper()
            body = word == b"DATA"
            self.wfile.write(
                {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            )
            if word == b"QUIT":
                return


@pytest.fixture
def heard() -> Iterator[tuple[str, list[str]]]:
    lines: list[str] = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.heard = lines  # type: ignore[attr-defined]  # read by the handler
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", lines
        server.shutdown()
        thread.join()


def test_a_server_is_handed_the_mail(mailer: WrittenMailer, heard: tuple[str, list[str]]) -> None:
    address, lines = heard
    ServerCarrier(urlsplit(f"smtp://{address}")).carry(mailer.write(a_mail()))
    assert any(line.upper().startswith("RCPT TO:<DONOR@DEMO.EXAMPLE>") for line in lines)
    assert "Subject: Your link to sign in" in lines


def test_a_password_never_crosses_an_open_line(
    mailer: WrittenMailer, heard: tuple[str, list[str]]
) -> None:
    address, lines = heard
    with pytest.raises(TryLater, match="mail_unreachable"):
        ServerCarrier(urlsplit(f"smtp://me:secret@{address}")).carry(mailer.write(a_mail()))
    assert not any("AUTH" in line.upper() for line in lines)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_absent_server_is_tried_again(mailer: WrittenMailer, scheme: str) -> None:
    with pytest.raises(TryLater, match="mail_unreachable"):
        ServerCarrier(urlsplit(f"{scheme}://127.0.0.1:1")).carry(mailer.write(a_mail()))


def test_the_address_chooses_the_carrier(clock: FrozenClock) -> None:
    def built(url: str) -> WrittenMailer:
        made = mailer_for(
            url, sender="a@b.c", public_url="http://x", templates=environment_for, clock=clock
        )
        assert isinstance(made, WrittenMailer)
        return made

    assert isinstance(built("file:/var/mail").carrier, FolderCarrier)
    assert isinstance(built("smtps://mail.example").carrier, ServerCarrier)
    with pytest.raises(ConfigurationError):
        built("pigeon://loft")


def test_a_folder_is_read_from_its_address() -> None:
    assert folder_of("file:/var/mail%20box") == Path("/var/mail box")
    assert folder_of("file:///var/mail") == Path("/var/mail")
    assert folder_of("smtp://mail.example") is None


def test_every_template_has_both_parts_and_only_known_classes() -> None:
    folder = template_root() / "email"
    texts = {path.stem for path in folder.glob("*.txt")}
    pages = {path.stem for path in folder.glob("*.html")}
    assert texts == pages
    for path in folder.glob("*.html"):
        assert "style=" not in path.read_text()
        styled(path.read_text())

"""Is a mail read as its writer meant it, and is nothing foreign opened?"""

import mailbox
import time
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from offset.errors import ConfigurationError, InvalidInput, TryLater
from offset.gateways.mailbox import MOST_BYTES, FolderInbox, ServerInbox, inbox_of, read


def a_mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    told = {
        "From": "Ana <ana@example.org>",
        "To": "updates+abcd@projects.example",
        "Subject": "Après la pluie",
        "Message-ID": "<1@phone>",
    }
    for name, value in {**told, **{k.replace("_", "-"): v for k, v in headers.items()}}.items():
        message[name] = value
    message.set_content("The rye is up.\n\n\n\nÀ bientôt\n-- \nAna\nSecretary\n")
    return message


def test_words_and_pictures_are_taken_and_the_rest_is_named() -> None:
    message = a_mail(Cc="other@example.org", Delivered_To="box@projects.example")
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="IMG_1.jpg")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="report.pdf")
    inner = a_mail()
    inner.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="inner.jpg")
    message.add_attachment(inner)
    letter = read(bytes(message))
    assert (letter.key, letter.sender, letter.subject) == (
        "<1@phone>",
        "ana@example.org",
        "Après la pluie",
    )
    assert letter.text == "The rye is up.\n\nÀ bientôt"
    assert [(one.name, one.data) for one in letter.pictures] == [("IMG_1.jpg", b"\xff\xd8")]
    assert letter.left_out == ("report.pdf", "message/rfc822")
    assert letter.recipients == (
        "updates+abcd@projects.example",
        "other@example.org",
        "box@projects.example",
    )
    assert not letter.automatic


def test_html_gives_its_words_and_no_script() -> None:
    message = EmailMessage()
    message["From"] = "ana@example.org"
    message.set_content(
        "<style>p{}</style><p>The <b>rye</b></p><script>alert(1)</script><p>is up</p>",
        subtype="html",
    )
    letter = read(bytes(message))
    assert letter.text.split() == ["The", "rye", "is", "up"]
    assert len(letter.key) == 64, "without an id, the bytes name it"


def test_quoted_lines_are_not_the_writers() -> None:
    message = a_mail()
    message.set_content("Yes.\n> What happened?\n> Tell us.\n")
    assert read(bytes(message)).text == "Yes."


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "Bulk"},
        {"Return_Path": "<>"},
        {"List_Id": "<list.example>"},
        {"X_Loop": "us"},
        {"From": "MAILER-DAEMON@example.org"},
        {"From": "no-reply@example.org"},
        {"From": "postmaster@example.org"},
        {"From": ""},
    ],
)
def test_what_no_person_wrote_is_known(headers: dict[str, str]) -> None:
    assert read(bytes(a_mail(**headers))).automatic


def test_a_bounce_and_a_loop_are_known() -> None:
    bounce = b"From: ana@example.org\nContent-Type: multipart/report; boundary=b\n\n--b--\n"
    assert read(bounce).automatic
    loop = "Received: by mail\r\n" * 31
    assert read(loop.encode() + bytes(a_mail())).automatic
    assert not read(b"Received: by mail\r\n" * 3 + bytes(a_mail(Auto_Submitted="no"))).automatic


@pytest.mark.parametrize(
    "raw", [b"x" * (MOST_BYTES + 1), b"Content-Type: text/plain; charset=no\n\nx"]
)
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="mail_unreadable"):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b"a@b.cc," * 200_000 + b"\n\nx",
        b"To: a@b.cc\n" * 50_000 + b"\nx",
        b"Content-Type: text/plain; " + b"a*0=b; " * 10_000 + b"\n\nx",
        b'Content-Type: multipart/mixed; boundary="1"\n\n' + b"--1\n\nx\n" * 2_000,
        b'Content-Type: multipart/mixed; boundary="1"\n\n--1\nContent-Type: text/plain; '
        + b"a*0=b; " * 10_000,
    ],
    ids=["addresses", "headers", "parameters", "parts", "inside"],
)
def test_headers_that_would_take_minutes_are_refused_at_once(raw: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(InvalidInput, match="mail_unreadable"):
        read(raw)
    assert time.process_time() - begun < 2


def test_nothing_at_all_is_a_mail_of_nobody() -> None:
    assert read(b"").automatic


def test_a_folder_gives_each_mail_until_it_is_seen(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "in", create=True)
    box.add(bytes(a_mail()))
    inbox = inbox_of(f"maildir:{tmp_path}/in")
    assert isinstance(inbox, FolderInbox)
    [(name, raw)] = inbox.waiting()
    assert read(raw).key == "<1@phone>"
    assert len(list(inbox.waiting())) == 1, "looking is not yet seeing"
    inbox.done(name)
    assert list(inbox.waiting()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="inbox_unreachable"):
        list(FolderInbox(tmp_path / "nothing").waiting())


def test_a_server_that_does_not_answer_is_told() -> None:
    inbox = inbox_of("imaps://ana:secret@127.0.0.1:9/INBOX")
    assert isinstance(inbox, ServerInbox)
    with pytest.raises(TryLater, match="inbox_unreachable"):
        list(inbox.waiting())


@pytest.mark.parametrize("url", ["imap://host", "http://x", "maildir:", "imaps:///x"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        inbox_of(url)


class FakeServer:
    """What the library's client does, with two mails of which one is too large."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    def uid(self, *told: Any) -> tuple[str, list[Any]]:
        match told:
            case ("SEARCH", _):
                return "OK", [b"7 8"]
            case ("FETCH", number, "(RFC822.SIZE)"):
                size = 10**9 if number == "8" else 500
                return "OK", [f"1 (UID {number} RFC822.SIZE {size})".encode()]
            case ("FETCH", _, _):
                return "OK", [(b"1 (BODY[] {9}", bytes(a_mail())), b")"]
        self.seen.append(told)
        return "OK", []


def test_a_server_gives_what_is_not_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer()
    inbox = ServerInbox(urlsplit("imaps://ana:x@host/INBOX"))

    @contextmanager
    def connected() -> Any:
        yield server

    monkeypatch.setattr(inbox, "_connected", connected)
    found = []
    for name, raw in inbox.waiting():
        found.append((name, bool(raw)))
        inbox.done(name)
    assert found == [("7", True), ("8", False)]
    assert server.seen == [
        ("STORE", "7", "+FLAGS", r"(\Seen)"),
        ("STORE", "8", "+FLAGS", r"(\Seen)"),
    ]

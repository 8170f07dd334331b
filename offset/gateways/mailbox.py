"""Which mails came in, and what does each bring? A mail server over TLS, or a folder of mails.

A mail is the most foreign file there is: it is bounded before it is parsed, nothing in it is
fetched, and of its parts only plain words and pictures are looked at.
"""

import email
import hashlib
import imaplib
import mailbox
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from offset.errors import ConfigurationError, InvalidInput, TryLater
from offset.projects.drafts_by_mail import Inbox, Letter, Picture

MOST_BYTES: Final = 30_000_000
_MOST_PARTS: Final = 60
_MOST_PICTURES: Final = 20
_MOST_TEXT: Final = 100_000
_MOST_HOPS: Final = 30
_MOST_AT_ONCE: Final = 200
_TIMEOUT_SECONDS: Final = 30
_PORT: Final = 993
_RECEIVERS: Final = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_MACHINES: Final = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|listserv)(?:[+-].*)?@",
    re.IGNORECASE,
)
_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply"})
_LONGEST: Final = dict.fromkeys(
    ("content-type", "content-disposition", "content-transfer-encoding", "content-id"), 2_000
)
_LONGEST_HEADER: Final = 16_000
_MOST_HEADERS: Final = 100_000
_MOST_WALKED: Final = 1_000
_KIND: Final = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_QUOTED: Final = re.compile(r"^\s*>")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


def read(raw: bytes) -> Letter:
    """Read a mail.

    Raises
    ------
    InvalidInput
        ``mail_unreadable``.
    """
    # the parser itself looks into the kind of each part, before it can be asked how long it is
    if len(raw) > MOST_BYTES or any(
        len(found[0]) > _LONGEST["content-type"] for found in _KIND.finditer(raw)
    ):
        raise InvalidInput("mail_unreadable")
    try:
        return _read(raw)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # What the parser of the standard library says of a broken mail.
        raise InvalidInput("mail_unreadable") from None


def _read(raw: bytes) -> Letter:
    message = email.message_from_bytes(raw, policy=default)
    _bounded(message)
    pictures, left_out = _parts(message)
    name = str(message.get("Message-ID", "")).strip()
    return Letter(
        key=name or hashlib.sha256(raw).hexdigest(),
        sender=parseaddr(str(message.get("From", "")))[1],
        recipients=tuple(
            found
            for header in _RECEIVERS
            for _, found in getaddresses([str(one) for one in message.get_all(header, [])])
            if found
        ),
        automatic=_automatic(message),
        subject=str(message.get("Subject", ""))[:500],
        text=_text(message),
        pictures=pictures,
        left_out=left_out,
    )


def _bounded(message: EmailMessage) -> None:
    """Refuse headers that no mail program writes, before any is looked into.

    The library takes seconds for each ten thousand letters of an address list or of parameters.
    """
    for count, part in enumerate(message.walk()):
        held = [(name.lower(), len(value)) for name, value in part.raw_items()]
        long = any(size > _LONGEST.get(name, _LONGEST_HEADER) for name, size in held)
        if long or sum(size for _, size in held) > _MOST_HEADERS or count > _MOST_WALKED:
            raise InvalidInput("mail_unreadable")


def _automatic(message: EmailMessage) -> bool:
    """Say whether no person wrote this: an absence note, a bounce, a list, a loop."""
    said = {
        name: str(message.get(name, "")).strip().lower()
        for name in ("Auto-Submitted", "Precedence", "Return-Path", "From")
    }
    return (
        said["Auto-Submitted"].partition(";")[0].strip() not in {"", "no"}
        or said["Precedence"] in _BULK
        or said["Return-Path"] == "<>"
        or not parseaddr(said["From"])[1]
        or _MACHINES.match(parseaddr(said["From"])[1]) is not None
        or message.get_content_type() in {"multipart/report", "message/delivery-status"}
        or any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Loop"))
        or len(message.get_all("Received", [])) > _MOST_HOPS
    )


def _parts(message: EmailMessage) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Find the pictures; whatever else is attached is named, not opened."""
    pictures: list[Picture] = []
    left_out: list[str] = []
    for number, part in enumerate(_leaves(message)):
        if number >= _MOST_PARTS:
            break
        name = " ".join((part.get_filename() or part.get_content_type()).split())[:80]
        if part.get_content_maintype() == "image" and len(pictures) < _MOST_PICTURES:
            data = part.get_payload(decode=True)
            pictures.append(Picture(name, data if isinstance(data, bytes) else b""))
        elif part.get_filename() or part.get_content_disposition() == "attachment":
            left_out.append(name)
    return tuple(pictures), tuple(left_out)


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Walk the parts of a mail, never into a mail inside it."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    for part in message.iter_parts():
        if isinstance(part, EmailMessage):
            yield from _leaves(part)


def _text(message: EmailMessage) -> str:
    """Return what the writer typed, without the mail it answers and the signature."""
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    text = str(body.get_content())[:_MOST_TEXT]
    if body.get_content_subtype() == "html":
        reader = _Words()
        reader.feed(text)
        text = "".join(reader.found)
    kept = []
    for line in text.splitlines():
        if line.rstrip("\r") == "-- ":
            break
        if not _QUOTED.match(line):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


class _Words(HTMLParser):
    """Takes the words out of a mail that was written as HTML."""

    _BREAKS: Final = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3"})
    _SILENT: Final = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a break, or the beginning of what is not shown."""
        del attrs
        if tag in self._BREAKS:
            self.found.append("\n")
        self._silent += tag in self._SILENT

    def handle_endtag(self, tag: str) -> None:
        """Note the end of what is not shown."""
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._silent:
            self.found.append(re.sub(r"\s+", " ", data))


class FolderInbox:
    """A folder of mails as mail servers keep them (Maildir)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Give the mails nobody has looked at.

        Raises
        ------
        TryLater
            ``inbox_unreachable``.
        """
        try:
            box = mailbox.Maildir(self.folder, create=False)
            for name in sorted(box.keys())[: _MOST_AT_ONCE * 10]:
                if "S" not in box.get_message(name).get_flags():
                    yield name, box.get_bytes(name)
        except (OSError, mailbox.Error) as fault:
            raise TryLater("inbox_unreachable") from fault

    def done(self, name: str) -> None:
        """Mark a mail as seen."""
        box = mailbox.Maildir(self.folder, create=False)
        message = box.get_message(name)
        message.set_subdir("cur")
        message.add_flag("S")
        box[name] = message


class ServerInbox:
    """A mail server, asked by IMAP over TLS; its certificate is checked."""

    def __init__(self, address: SplitResult, *, context: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.context = context or ssl.create_default_context()
        self._server: imaplib.IMAP4_SSL | None = None

    def waiting(self) -> Iterator[tuple[str, bytes]]:
        """Give the mails nobody has looked at; one that is too large is given empty.

        Raises
        ------
        TryLater
            ``inbox_unreachable``.
        """
        try:
            with self._connected() as server:
                self._server = server
                _, found = server.uid("SEARCH", "UNSEEN")
                for number in (found[0] or b"").split()[:_MOST_AT_ONCE]:
                    yield number.decode(), _fetched(server, number.decode())
        except (OSError, imaplib.IMAP4.error) as fault:
            raise TryLater("inbox_unreachable") from fault
        finally:
            self._server = None

    def done(self, name: str) -> None:
        """Mark a mail as seen."""
        if self._server is not None:
            self._server.uid("STORE", name, "+FLAGS", r"(\Seen)")

    @contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4_SSL]:
        host = self.address.hostname or "localhost"
        port = self.address.port or _PORT
        server = imaplib.IMAP4_SSL(host, port, ssl_context=self.context, timeout=_TIMEOUT_SECONDS)
        with server:
            server.login(unquote(self.address.username or ""), unquote(self.address.password or ""))
            folder = unquote(self.address.path.strip("/")) or "INBOX"
            status, _ = server.select(f'"{folder}"')
            if status != "OK":
                raise imaplib.IMAP4.error(f"no folder {folder}")
            yield server


def _fetched(server: imaplib.IMAP4_SSL, number: str) -> bytes:
    _, told = server.uid("FETCH", number, "(RFC822.SIZE)")
    line = told[0] if told and isinstance(told[0], bytes) else b""
    size = _SIZE.search(line)
    if size is None or int(size[1]) > MOST_BYTES:
        return b""
    _, parts = server.uid("FETCH", number, "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def inbox_of(url: str) -> Inbox:
    """Open what ``OFFSET_INBOX_URL`` names.

    Raises
    ------
    ConfigurationError
        When it names neither a mail server over TLS nor a folder.
    """
    parts = urlsplit(url)
    if parts.scheme == "imaps" and parts.hostname:
        return ServerInbox(parts)
    if parts.scheme == "maildir" and parts.path:
        return FolderInbox(Path(unquote(parts.path)))
    raise ConfigurationError(("OFFSET_INBOX_URL must start with imaps:// or maildir:/",))

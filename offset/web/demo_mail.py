"""What came out of the demonstration? Its mails and its next bank statement, on loopback only."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from offset.web.security import by_link
from offset.web.wiring import services

blueprint: Final = Blueprint("demo_mail", __name__)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_MOST: Final = 200
_STATEMENT: Final = "demo-statement.xml"


@dataclass(frozen=True)
class KeptMail:
    """A mail of the folder as the page shows it."""

    name: str
    to: str
    subject: str
    date: str
    plain: str


@blueprint.get("/demo/mail")
@by_link
def listing() -> ResponseReturnValue:
    """List the newest mails first."""
    files = sorted(
        _folder().glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True
    )
    mails = [_read(path) for path in files[:_MOST]]
    return render_template("demo/mails.html", mails=mails)


@blueprint.get("/demo/mail/<name>")
@by_link
def one(name: str) -> ResponseReturnValue:
    """Show one mail as plain text, with its links."""
    path = _folder() / f"{name}.eml"
    if not name.isalnum() or not path.is_file():
        abort(404)
    return render_template("demo/mail.html", mail=_read(path))


@blueprint.get("/demo/statement")
@by_link
def statement() -> ResponseReturnValue:
    """Hand out the next statement of the demonstration's bank, to be imported at the desk."""
    path = services().settings.data_dir / _STATEMENT
    if request.remote_addr not in _LOOPBACK or not path.is_file():
        abort(404)
    answer = Response(path.read_bytes(), mimetype="application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=_STATEMENT)
    return answer


def _folder() -> Path:
    """Return the mail folder, for a visitor at this very machine only."""
    parts = urlsplit(services().settings.mail_url)
    if request.remote_addr not in _LOOPBACK or parts.scheme != "file":
        abort(404)
    return Path(unquote(parts.path or parts.netloc))


def _read(path: Path) -> KeptMail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy above makes it one
    body = message.get_body(("plain",))
    return KeptMail(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        plain=body.get_content() if body else "",
    )

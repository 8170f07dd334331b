"""How does a mail get written and leave: through a mail server, or into a folder to read?"""

import hashlib
import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from jinja2 import Environment, TemplateNotFound

from offset.clock import Clock
from offset.errors import ConfigurationError, InvalidInput, TryLater
from offset.people.ports import Mail, Mailer

Templates = Callable[[str], Environment]
"""Gives the templates in one language, with its catalogue and its way to write figures."""

_log = logging.getLogger(__name__)
_TIMEOUT_SECONDS: Final = 10
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_CLASS: Final = re.compile(r'class="([a-z-]+)"')
# Mail readers drop style sheets, so each class becomes a style when the mail is sent. Colours
# are those of the light palette: mail readers darken mails by themselves.
_STYLES: Final[Mapping[str, str]] = {
    "sheet": "background:#f7f5ef;margin:0;padding:24px 12px;color:#241a13;"
    "font:16px/1.5 'Source Sans 3',system-ui,'Segoe UI',sans-serif",
    "body": "max-width:560px;margin:0 auto;background:#ffffff;border:1px solid #cfc5b3;"
    "border-top:5px solid #2c6140;padding:24px",
    "title": "font:600 24px/1.2 'Source Serif 4',Georgia,serif;margin:0 0 16px",
    "text": "margin:0 0 16px",
    "button": "display:inline-block;background:#2c6140;color:#ffffff;text-decoration:none;"
    "font-weight:600;padding:12px 24px;border-radius:3px",
    "link": "color:#2c6140",
    "rows": "border-collapse:collapse;width:100%;margin:0 0 16px",
    "row-name": "padding:6px 0;border-bottom:1px solid #cfc5b3;text-align:left;font-weight:400",
    "row-value": "padding:6px 0;border-bottom:1px solid #cfc5b3;text-align:right;font-weight:600;"
    "white-space:nowrap",
    "quiet": "color:#5a4a3d;font-size:14px;margin:0 0 12px",
    "foot": "max-width:560px;margin:16px auto 0;color:#5a4a3d;font-size:13px",
}


class Carrier(Protocol):
    """Whoever takes a written mail away."""

    def carry(self, message: EmailMessage) -> None:
        """Take one mail.

        Raises
        ------
        TryLater
            ``mail_unreachable``.
        """
        ...


class WrittenMailer:
    """Writes mails from templates and gives them to a carrier.

    Parameters
    ----------
    carrier
        Where written mails go.
    templates
        Gives the templates in a language.
    sender
        The address in ``From``.
    public_url
        Where links point.
    clock
        Dates the mail.
    """

    def __init__(
        self, carrier: Carrier, templates: Templates, *, sender: str, public_url: str, clock: Clock
    ) -> None:
        self.carrier = carrier
        self.templates = templates
        self.sender = sender
        self.public_url = public_url
        self.clock = clock

    def send(self, mail: Mail) -> None:
        """Write one mail and let it go.

        Raises
        ------
        InvalidInput
            ``mail_template_unknown`` or ``mail_address_unusable``.
        TryLater
            ``mail_unreachable``: it stays in the outbox.
        """
        self.carrier.carry(self.write(mail))

    def write(self, mail: Mail) -> EmailMessage:
        """Write subject, plain text and HTML in the recipient's language.

        Raises
        ------
        InvalidInput
            ``mail_template_unknown`` or ``mail_address_unusable``.
        """
        message = EmailMessage()
        _, address = parseaddr(mail.recipient)
        if not address or any(letter in mail.recipient for letter in "\r\n,"):
            raise InvalidInput("mail_address_unusable")
        subject, plain, rich = self._texts(mail)
        message["Subject"] = subject
        message["From"] = self.sender
        message["To"] = address
        message["Date"] = format_datetime(self.clock.now())
        # The same outbox row has the same id: a mail that went twice is seen once.
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:40]}@{domain}>"
        message["Content-Language"] = mail.language
        message["Auto-Submitted"] = "auto-generated"
        if leave := mail.parameters.get("unsubscribe_path"):
            # One press in the reader's mail program (RFC 8058): a POST to this address leaves.
            message["List-Unsubscribe"] = f"<{self.public_url}{leave}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(plain)
        message.add_alternative(rich, subtype="html")
        for one in mail.attachments:
            main, _, sub = one.kind.partition("/")
            message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
        return message

    def _texts(self, mail: Mail) -> tuple[str, str, str]:
        if not _NAME.fullmatch(mail.template):
            raise InvalidInput("mail_template_unknown", template=mail.template)
        environment = self.templates(mail.language)
        told = {**mail.parameters, "public_url": self.public_url}
        try:
            plain = environment.get_template(f"email/{mail.template}.txt")
            rich = environment.get_template(f"email/{mail.template}.html")
        except TemplateNotFound as fault:
            raise InvalidInput("mail_template_unknown", template=mail.template) from fault
        subject = "".join(plain.blocks["subject"](plain.new_context(told)))
        html = rich.render(**told, subject=" ".join(subject.split()))
        return " ".join(subject.split()), plain.render(**told).strip() + "\n", styled(html)


def styled(html: str) -> str:
    """Turn each class of a mail's HTML into its style."""
    return _CLASS.sub(lambda match: f'style="{_STYLES[match.group(1)]}"', html)


class FolderCarrier:
    """Writes each mail into a folder, one file a mail, for demonstrations and tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def carry(self, message: EmailMessage) -> None:
        """Write one mail; the same mail again replaces its file.

        Raises
        ------
        TryLater
            ``mail_unreachable``: the folder cannot be written.
        """
        name = re.sub(r"[^0-9a-f]", "", message["Message-ID"].partition("@")[0])
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.eml").write_bytes(bytes(message))
        except OSError as fault:
            raise TryLater("mail_unreachable") from fault


class ServerCarrier:
    """Hands each mail to a mail server, encrypted wherever the server can."""

    def __init__(self, address: SplitResult) -> None:
        self.address = address

    def carry(self, message: EmailMessage) -> None:
        """Hand one mail over.

        Raises
        ------
        TryLater
            ``mail_unreachable``: no connection, or the server refused for now.
        """
        try:
            with self._connected() as server:
                if self.address.username:
                    server.login(unquote(self.address.username), unquote(self._password))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as fault:
            _log.warning("the mail server said: %s: %s", type(fault).__name__, fault)
            raise TryLater("mail_unreachable") from fault

    @property
    def _password(self) -> str:
        return self.address.password or ""

    def _connected(self) -> smtplib.SMTP:
        host = self.address.hostname or "localhost"
        context = ssl.create_default_context()
        if self.address.scheme == "smtps":
            return smtplib.SMTP_SSL(
                host, self.address.port or 465, timeout=_TIMEOUT_SECONDS, context=context
            )
        server = smtplib.SMTP(host, self.address.port or 25, timeout=_TIMEOUT_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        elif self.address.username:
            # A password never crosses an open line.
            server.close()
            raise smtplib.SMTPNotSupportedError("the server offers no encryption")
        return server


def folder_of(mail_url: str) -> Path | None:
    """Return the folder of a ``file:`` address, or None for a mail server."""
    parts = urlsplit(mail_url)
    return Path(unquote(parts.path or parts.netloc)) if parts.scheme == "file" else None


def mailer_for(
    mail_url: str, *, sender: str, public_url: str, templates: Templates, clock: Clock
) -> Mailer:
    """Build the mailer that ``OFFSET_MAIL_URL`` asks for.

    Raises
    ------
    ConfigurationError
        When the address names no folder and no server.
    """
    folder = folder_of(mail_url)
    parts = urlsplit(mail_url)
    if folder is None and parts.scheme not in {"smtp", "smtps"}:
        raise ConfigurationError(("OFFSET_MAIL_URL must start with smtp://, smtps:// or file:",))
    carrier: Carrier = FolderCarrier(folder) if folder is not None else ServerCarrier(parts)
    return WrittenMailer(carrier, templates, sender=sender, public_url=public_url, clock=clock)

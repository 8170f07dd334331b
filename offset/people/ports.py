"""What do people's rooms ask of the outside? Somebody who sends mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail: its name, its bytes and what kind of file it is."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True)
class Mail:
    """A mail before it is rendered: template, language, parameters, and a stable key."""

    key: str
    template: str
    recipient: str
    language: str
    parameters: Mapping[str, object]
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    """Whoever renders and sends mail."""

    def send(self, mail: Mail) -> None:
        """Send one mail.

        Raises
        ------
        TryLater
            ``mail_unreachable``: it stays in the outbox.
        """
        ...

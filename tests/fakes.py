"""What stands in for the outside in tests? Plain classes that implement the ports."""

from datetime import UTC, datetime, timedelta

from offset.people.ports import Mail


class FrozenClock:
    """A clock that moves only when a test says so."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def advance(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


class KeptMail:
    """A mailer that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)

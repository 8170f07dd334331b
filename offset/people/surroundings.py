"""What does the house ask of the machine and the network around it?"""

from datetime import datetime
from pathlib import Path
from typing import Protocol


class Surroundings(Protocol):
    """Whoever can look at the certificate, the disk, the site from outside, and names."""

    def certificate_until(self, host: str, port: int) -> datetime | None:
        """Read until when a host's certificate is valid; None when none is trusted."""
        ...

    def answers(self, url: str) -> bool:
        """Say whether an address answers with success within a few seconds."""
        ...

    def listens(self, host: str, port: int) -> bool:
        """Say whether anything takes a connection there."""
        ...

    def free(self, folder: Path) -> tuple[int, int]:
        """Return the free and the whole bytes of the disk that a folder lies on."""
        ...

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Read the TXT records of a name; None when nobody could be asked."""
        ...

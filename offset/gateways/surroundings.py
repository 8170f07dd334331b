"""How is the machine looked at: certificate, disk, own address from outside, TXT records?"""

import contextlib
import http.client
import shutil
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 4
_GOOD: Final = range(200, 400)


class ThisMachine:
    """The machine the site runs on, behind the port ``Surroundings``."""

    def certificate_until(self, host: str, port: int) -> datetime | None:
        """Read until when the certificate is valid, as a browser would accept it."""
        context = ssl.create_default_context()
        try:
            with (
                socket.create_connection((host, port), timeout=_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=host) as secure,
            ):
                told = secure.getpeercert() or {}
        except (OSError, ssl.SSLError):
            return None
        until = told.get("notAfter")
        if not isinstance(until, str):
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)

    def answers(self, url: str) -> bool:
        """Ask an address of our own; its certificate is looked at apart."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = kind(host, parts.port, timeout=_SECONDS)
            try:
                connection.request("GET", parts.path or "/")
                return connection.getresponse().status in _GOOD
            finally:
                connection.close()
        return False

    def free(self, folder: Path) -> tuple[int, int]:
        """Look at the disk of a folder."""
        told = shutil.disk_usage(folder)
        return told.free, told.total

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Ask the machine's own resolver."""
        import dns.exception  # noqa: PLC0415 - asked once a day: not part of every start
        import dns.resolver  # noqa: PLC0415 - the same

        try:
            found = dns.resolver.resolve(name, "TXT", lifetime=_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)

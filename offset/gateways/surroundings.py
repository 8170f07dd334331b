"""How is the machine looked at: certificate, disk, own address from outside, TXT records?"""

import contextlib
import errno
import http.client
import shutil
import socket
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 4
_GOOD: Final = range(200, 400)


def unwritable(folder: Path) -> str | None:
    """Say why nothing can be written below a folder; None where it can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as fault:
        return (fault.strerror or type(fault).__name__).lower()


def unmakeable(folder: Path) -> str | None:
    """Say why a folder cannot be made where it is not yet, nor written; None where it can."""
    there = folder
    try:
        while not there.exists() and there != there.parent:
            there = there.parent
    except OSError as fault:
        return (fault.strerror or type(fault).__name__).lower()
    return unwritable(there)


def unusable(host: str, port: int) -> str | None:
    """Say which setting keeps us from listening at an address of this machine; None where none."""
    try:
        [kind, how, _, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, how) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            return f"PORT {port} is in use on {host}"
        if fault.errno == errno.EACCES:
            return f"PORT {port} may only be taken by root: take one above 1023"
        return f"OFFSET_HOST is no address of this machine: {host}"
    return None


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

    def listens(self, host: str, port: int) -> bool:
        """Take a connection and let it go."""
        try:
            with socket.create_connection((host, port), timeout=_SECONDS):
                return True
        except OSError:
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

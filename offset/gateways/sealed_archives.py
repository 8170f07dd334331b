"""How is an archive closed so that only its owner opens it, and opened again? By age's format.

The machine that makes archives knows a public key alone: whoever takes the machine, or the place
the archives lie in, reads nothing.
"""

from pathlib import Path
from typing import Final

import pyrage

from offset.errors import ConfigurationError, InvalidInput

SUFFIX: Final = ".age"
_BEGINS: Final = b"age-encryption.org/v1\n"


def recipient_of(key: str) -> pyrage.x25519.Recipient | pyrage.ssh.Recipient:
    """Read a public key: ``age1…`` or ``ssh-ed25519 …``.

    Raises
    ------
    ConfigurationError
        When it is neither.
    """
    try:
        if key.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(key)
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        raise ConfigurationError(
            ("OFFSET_BACKUP_RECIPIENT must be a public key: age1… or ssh-ed25519 …",)
        ) from None


def close(archive: Path, key: str) -> Path:
    """Encrypt an archive beside itself and take the open one away."""
    closed = archive.with_name(archive.name + SUFFIX)
    draft = closed.with_name(f".{closed.name}.part")
    try:
        pyrage.encrypt_file(str(archive), str(draft), [recipient_of(key)])
        draft.chmod(0o600)
        draft.replace(closed)
    finally:
        draft.unlink(missing_ok=True)
        archive.unlink(missing_ok=True)
    return closed


def is_closed(archive: Path) -> bool:
    """Say whether an archive is closed: by what it begins with, whatever it is called."""
    with archive.open("rb") as file:
        return file.read(len(_BEGINS)) == _BEGINS


def open_(archive: Path, identity: Path, out: Path) -> Path:
    """Decrypt an archive into another file with the owner's secret key.

    Raises
    ------
    InvalidInput
        ``archive_closed``: it was encrypted to another key; ``archive_broken``.
    ConfigurationError
        When the file holds no secret key.
    """
    try:
        pyrage.decrypt_file(str(archive), str(out), [_identity(identity)])
    except (pyrage.DecryptError, OSError) as fault:
        out.unlink(missing_ok=True)
        if "matching keys" in str(fault).lower():
            raise InvalidInput("archive_closed", field="archive") from None
        raise InvalidInput("archive_broken", field="archive", why=str(fault)) from None
    out.chmod(0o600)
    return out


def _identity(path: Path) -> pyrage.x25519.Identity | pyrage.ssh.Identity:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line.startswith("AGE-SECRET-KEY-"):
                return pyrage.x25519.Identity.from_str(line.strip())
        return pyrage.ssh.Identity.from_buffer(path.read_bytes())
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise ConfigurationError((f"{path.name} holds no secret key of age or OpenSSH",)) from None

"""Which exact sentences are told to donors, in which version, and who answers for them?

One file a version and language; a published file is never edited, a change is a new version.
The hash in the file's head makes an edit fail at once. Everything that counsel need not approve
lives in gettext, not here.
"""

import functools
import hashlib
import importlib.resources
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import canonical, uuid7
from offset.errors import InvalidInput
from offset.giving.models import Wording
from offset.ledger import checkpoints

CURRENT: Final = 2
LANGUAGES: Final = ("en", "fr", "es")
# What stands beside the button; a gift keeps exactly these as they were shown.
BESIDE_THE_BUTTON: Final = (
    "no_change",
    "no_benefit",
    "reversibility",
    "breakdown",
    "receiver",
    "refund_rule",
    "overflow_pool",
)
ON_THE_RECEIPT: Final = (
    "contributed",
    "split",
    "no_change",
    "no_benefit",
    "not_tax_receipt",
    "receiver",
    "follow",
    "paris_time",
)
IN_THE_MAIL: Final = ("thanks", "split", "no_change", "follow")
ON_THE_CERTIFICATE: Final = (
    "thanks",
    "thanks_unnamed_sum",
    "no_change",
    "reversibility",
    "acknowledgement_only",
)
# The mentions of a tax law stand in its own language, in a file of their own.
REGIMES: Final[Mapping[str, int]] = {"FR_200": 1, "US_501C3": 1}


@dataclass(frozen=True)
class Sentences:
    """One version of the sentences in one language, with the hash that proves it unchanged."""

    version: int
    language: str
    approver: str
    valid_from: date
    sha256: str
    texts: Mapping[str, str]

    def fill(self, key: str, **values: str) -> str:
        """Write a sentence with its values, which the door has already put into words.

        Raises
        ------
        InvalidInput
            ``wording_unknown``: no such sentence, or a value it needs is missing.
        """
        try:
            return self.texts[key].format(**values)
        except KeyError as missing:
            raise InvalidInput("wording_unknown", key=key, missing=str(missing)) from None

    def some(self, keys: Iterable[str]) -> dict[str, str]:
        """Return several sentences as they stand in the file."""
        return {key: self.texts[key] for key in keys}


@functools.cache
def load(language: str, version: int = CURRENT) -> Sentences:
    """Read one version of the sentences.

    Raises
    ------
    InvalidInput
        ``wording_unknown``: no such version or language. ``wording_changed``: the file no longer
        says what its hash says.
    """
    file = importlib.resources.files(__name__) / f"v{version}.{language}.toml"
    if language not in LANGUAGES or not file.is_file():
        raise InvalidInput("wording_unknown", version=version, language=language)
    return read(file.read_text(encoding="utf-8"))


@functools.cache
def mentions(regime: str) -> Sentences:
    """Read the mentions that a tax regime asks for.

    Raises
    ------
    InvalidInput
        ``wording_unknown``: no such regime. ``wording_changed``.
    """
    if regime not in REGIMES:
        raise InvalidInput("wording_unknown", regime=regime)
    file = importlib.resources.files(__name__) / f"{regime.lower()}.v{REGIMES[regime]}.toml"
    return read(file.read_text(encoding="utf-8"))


def read(document: str) -> Sentences:
    """Read sentences from the text of a file.

    Raises
    ------
    InvalidInput
        ``wording_changed``.
    """
    told = tomllib.loads(document)
    texts: dict[str, str] = told["sentences"]
    if told["sha256"] != hash_of(texts):
        raise InvalidInput("wording_changed", version=told["version"], language=told["language"])
    return Sentences(
        version=told["version"],
        language=told["language"],
        approver=told["approver"],
        valid_from=told["valid_from"],
        sha256=told["sha256"],
        texts=texts,
    )


def hash_of(texts: Mapping[str, str]) -> str:
    """Hash sentences as canonical JSON."""
    return hashlib.sha256(canonical(dict(texts)).encode()).hexdigest()


def publish(session: Session, *, at: datetime, version: int = CURRENT) -> int:
    """Write a version into the books of facts, once, and return how many languages were new."""
    known = set(session.scalars(select(Wording.language).where(Wording.version == version)))
    fresh = [load(language, version) for language in LANGUAGES if language not in known]
    for one in fresh:
        row_id: uuid.UUID = uuid7(at)
        session.add(
            Wording(
                id=row_id,
                version=one.version,
                language=one.language,
                sentences=dict(one.texts),
                sha256=one.sha256,
                approver=one.approver,
                published_at=at,
            )
        )
        content = {"version": one.version, "language": one.language, "sha256": one.sha256}
        checkpoints.seal_fact(session, kind="wording", fact_id=row_id, content=content, at=at)
    return len(fresh)

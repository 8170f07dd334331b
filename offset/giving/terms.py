"""Which rates, shares and wordings held when? Each version becomes a sealed fact, once.

Whoever gives is told some of them; a promise of more to come keeps them as they were told.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.giving import wording
from offset.giving.directives import Directive
from offset.giving.models import Overflow
from offset.ledger import checkpoints
from offset.people import settings
from offset.people.settings import Current

_SEALED: Final = (("rate", "rate"), ("share_bp", "share"))
# What is read of the settings when somebody gives.
SETTINGS: Final = ("amount_limits", "share_bp", "rate", "refund_days")


def seal(session: Session, *, at: datetime) -> int:
    """Seal every version of the rate and the share, and the standing wording; return how many.

    Sealing again changes nothing, so the job may come at any time.
    """
    count = 0
    for name, kind in _SEALED:
        for row in settings.history(session, name):
            content = {"version": row.version, "value": row.value}
            checkpoints.seal_fact(session, kind=kind, fact_id=row.id, content=content, at=at)
            count += 1
    return count + wording.publish(session, at=at)


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What a donor was told when a promise began; every payment of it is given under this."""

    language: str
    share_bp: int
    share_version: int
    rate_version: int
    refund_days: int
    wording_version: int
    sentences: Mapping[str, str]
    directive: Directive = field(default_factory=Directive)
    estimate_id: uuid.UUID | None = None
    ref: str | None = None

    def document(self) -> dict[str, Any]:
        """Write the terms as they are stored."""
        word = self.directive
        return {
            "language": self.language,
            "share_bp": self.share_bp,
            "share_version": self.share_version,
            "rate_version": self.rate_version,
            "refund_days": self.refund_days,
            "wording_version": self.wording_version,
            "sentences": dict(self.sentences),
            "project": _text(word.project_id),
            "split": {str(one): part for one, part in word.split.items()},
            "tag": word.tag,
            "overflow": word.overflow.value,
            "overflow_project": _text(word.overflow_project_id),
            "overflow_tag": word.overflow_tag,
            "estimate": _text(self.estimate_id),
            "ref": self.ref,
        }


def frozen(document: Mapping[str, Any]) -> Frozen:
    """Read stored terms."""
    word = Directive(
        project_id=_id(document["project"]),
        split={uuid.UUID(one): part for one, part in document["split"].items()},
        tag=document["tag"],
        overflow=Overflow(document["overflow"]),
        overflow_project_id=_id(document["overflow_project"]),
        overflow_tag=document["overflow_tag"],
    )
    return Frozen(
        language=document["language"],
        share_bp=document["share_bp"],
        share_version=document["share_version"],
        rate_version=document["rate_version"],
        refund_days=document["refund_days"],
        wording_version=document["wording_version"],
        sentences=document["sentences"],
        directive=word,
        estimate_id=_id(document["estimate"]),
        ref=document["ref"],
    )


def freeze(
    held: Mapping[str, Current],
    *,
    language: str,
    directive: Directive,
    sentences: Mapping[str, str] | None = None,
    estimate_id: uuid.UUID | None = None,
    ref: str | None = None,
) -> Frozen:
    """Take the terms that hold at this moment, with the sentences that were shown.

    Raises
    ------
    InvalidInput
        ``wording_unknown``.
    """
    shown = wording.load(language)
    return Frozen(
        language=language,
        share_bp=held["share_bp"].value,
        share_version=held["share_bp"].version,
        rate_version=held["rate"].version,
        refund_days=held["refund_days"].value,
        wording_version=shown.version,
        sentences=dict(sentences or shown.some(wording.BESIDE_THE_BUTTON)),
        directive=directive,
        estimate_id=estimate_id,
        ref=ref,
    )


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)


def _id(text: str | None) -> uuid.UUID | None:
    return None if text is None else uuid.UUID(text)

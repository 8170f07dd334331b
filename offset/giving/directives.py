"""What did the donor say about where the money goes, and where what is left over goes?

One directive a gift, fixed when it is given: a project, a split among several, a theme, or where
it is needed most. For what no chosen project can take the donor says where it goes: to the pool,
to a next project, to a theme; or that it waits.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from offset.errors import InvalidInput, Refused
from offset.giving import themes
from offset.giving.models import Donation, Overflow
from offset.ledger import chart
from offset.projects import queries as projects

WHOLE: Final = 100
FEWEST: Final = 2
MOST: Final = 5
"""How many projects one gift may be split among."""


@dataclass(frozen=True)
class Directive:
    """The donor's word; nothing chosen means where it is needed most."""

    project_id: uuid.UUID | None = None
    split: Mapping[uuid.UUID, int] = field(default_factory=dict)
    tag: str = ""
    overflow: Overflow = Overflow.POOL
    overflow_project_id: uuid.UUID | None = None
    overflow_tag: str = ""

    @property
    def chosen(self) -> tuple[uuid.UUID, ...]:
        """The projects it names as receivers, before any overflow."""
        return (self.project_id,) if self.project_id else tuple(self.split)


def check(
    session: Session,
    directive: Directive,
    on: date,
    known: Sequence[projects.Fundable] | None = None,
) -> None:
    """Hold a directive against the projects and themes of the day, or those read just now.

    Raises
    ------
    InvalidInput
        ``directive_mixed`` when it says two things at once, ``split_projects`` for too few or
        too many, ``split_percent`` when the parts are not whole per cent that make 100,
        ``split_cannot_wait``, ``theme_unknown``.
    Refused
        ``project_not_open``.
    """
    _one_word(directive)
    _split(directive)
    if not (directive.chosen or directive.tag):
        return
    open_ = projects.fundable(session, on) if known is None else known
    ids = {None, *(one.project_id for one in open_)}
    if not ids.issuperset(directive.chosen):
        raise Refused("project_not_open", field="project")
    if directive.overflow_project_id not in ids:
        raise Refused("project_not_open", field="overflow")
    tags = {"", *(one.tag for one in themes.among(open_))}
    for tag, name in ((directive.tag, "project"), (directive.overflow_tag, "overflow")):
        if tag not in tags:
            raise InvalidInput("theme_unknown", field=name)


def _one_word(directive: Directive) -> None:
    words = (directive.project_id is not None, bool(directive.split), bool(directive.tag))
    after = (directive.overflow_project_id is not None, bool(directive.overflow_tag))
    if sum(words) > 1 or sum(after) > 1 or (any(after) and directive.overflow is Overflow.WAIT):
        raise InvalidInput("directive_mixed", field="project")
    if any(after) and not directive.chosen:
        raise InvalidInput("directive_mixed", field="overflow")
    if directive.overflow_project_id in directive.chosen and any(after):
        raise InvalidInput("overflow_same_project", field="overflow")


def _split(directive: Directive) -> None:
    if not directive.split:
        return
    if not FEWEST <= len(directive.split) <= MOST:
        raise InvalidInput("split_projects", field="project", most=MOST)
    parts = directive.split.values()
    if sum(parts) != WHOLE or min(parts) < 1:
        raise InvalidInput("split_percent", field="project")
    if directive.overflow is Overflow.WAIT:
        raise InvalidInput("split_cannot_wait", field="overflow")


def weights_of(gift: Donation) -> dict[uuid.UUID, int]:
    """Return the chosen projects of a gift and how it is cut among them; empty for none."""
    if gift.project_id is not None:
        return {gift.project_id: WHOLE}
    return {uuid.UUID(one): part for one, part in (gift.split or {}).items()}


def fund_of(gift: Donation, currency: str) -> str:
    """Name the account on which the unallocated part of a gift stands."""
    return fund(gift.fund_tag, currency)


def fund(tag: str, currency: str) -> str:
    """Name the account of a theme's fund, or of the pool for no theme."""
    return chart.restricted(tag, currency) if tag else chart.pool(currency)

"""Which decisions will run out soon, so that a new assessment may begin before the old one ends?"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.projects import notices
from offset.projects.models import Assessment, AssessmentStatus, Decision

DAYS: Final = (180, 90, 30)
"""So many days before the end, holder and secretariat are told."""


def remind(session: Session, *, at: datetime) -> int:
    """Tell holders and secretariat of decisions that run out; return how many are near their end.

    A new version may be handed in at any time: the old decision holds until the new one is made.
    """
    today = utc_day(at)
    rows = session.execute(
        select(Assessment, Decision.expires_on)
        .join(Decision, Decision.assessment_id == Assessment.id)
        .where(Assessment.status == AssessmentStatus.DECIDED)
        .where(Decision.expires_on >= today)
        .where(Decision.expires_on <= today + timedelta(days=DAYS[0]))
    ).all()
    for assessment, expires_on in rows:
        if expires_on is None:
            continue
        # the nearest step only: who was not told in time is told once, not three times
        days = min(step for step in DAYS if expires_on <= today + timedelta(days=step))
        notices.expires(session, assessment, days, at=at)
    return len(rows)

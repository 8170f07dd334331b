"""Is a form that is sent twice at the same moment one gift, on either engine?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving import donations
from offset.giving.donations import Pledge
from offset.giving.models import Donation
from tests.builders.giving import money

CLICKS = 4


def click(session: Session, *, at: datetime) -> Pledge:
    known, _ = donations.sent_before(session, "the same", at=at)
    return known or donations.pledge(
        session, at=at, amount=money("25.00 EUR"), language="en", form_key="the same"
    )


def test_clicks_at_the_same_moment_are_one_gift(database: Database, at: datetime) -> None:
    with ThreadPoolExecutor(CLICKS) as pool:
        made = list(pool.map(lambda _: database.run(click, at=at), range(CLICKS)))
    assert len({one.donation_id for one in made}) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1

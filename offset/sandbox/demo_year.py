"""What did the fund live through before the demonstration's season? Half a year, month by month.

It comes from the generator of invented years, through the same verbs; the processor paid out all
it held, so that the stand-in goes on from nothing. Gifts by card of that year have no address, so
that the demonstration does not begin with hundreds of mails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from offset.database.session import Database
from offset.money import Money
from offset.people.access import Actor
from offset.sandbox.year.plan import Scale, plan
from offset.sandbox.year.story import Staff, Story
from offset.treasury.ports import StatementReader

_SEED: Final = 4
_MONTHS: Final = 6
_SCALE: Final = Scale(gifts=540, payouts=36, transfers=30, payments=12, months=_MONTHS, swept=True)


@dataclass(frozen=True)
class Carried:
    """What the season goes on from: the bank's balance and its last statement."""

    balance: Money
    sequence: int


def live(
    database: Database, reader: StatementReader, people: Mapping[str, Actor], *, season: datetime
) -> Carried:
    """Live the six months before the one in which the season begins, and close each."""
    first = season.date().replace(day=1)
    for _ in range(_MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
    staff = Staff(people["clerk"], people["treasurer"], people["approver"], people["admin"])
    story = Story(database, reader, plan(_SEED, _SCALE, first), staff, mails=False)
    story.prepare()
    story.live()
    return Carried(story.balance["B1"], story.number["B1"])

"""Who sends money to the bank in the invented year, and with which words? Pure."""

import enum
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from offset.money import Money
from offset.sandbox.year.names import a_name, as_banks_write


class Way(enum.StrEnum):
    """How a transfer names what it is for."""

    EXACT = "exact"
    SPACED = "spaced"
    ONE_WRONG = "one_wrong"
    SWAPPED = "swapped"
    LETTER_LOST = "letter_lost"
    NAME_ONLY = "name_only"
    ACCOUNT_ONLY = "account_only"
    TWO_AT_ONCE = "two_at_once"
    IN_PARTS = "in_parts"
    TWICE = "twice"
    STRANGER = "stranger"
    HOPELESS = "hopeless"


# Out of a hundred transfers.
_WAYS: Final = {
    Way.EXACT: 42,
    Way.SPACED: 14,
    Way.ONE_WRONG: 13,
    Way.SWAPPED: 4,
    Way.LETTER_LOST: 3,
    Way.NAME_ONLY: 6,
    Way.ACCOUNT_ONLY: 4,
    Way.TWO_AT_ONCE: 3,
    Way.IN_PARTS: 2,
    Way.TWICE: 2,
    Way.STRANGER: 6,
    Way.HOPELESS: 1,
}


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A transfer that somebody makes, for one promise, for two, or for none."""

    number: int
    way: Way
    promised_at: datetime
    booked_on: tuple[date, ...]
    amounts: tuple[Money, ...]
    promises: tuple[Money, ...]
    name: str
    payer: str
    iban: str
    email: str

    @property
    def currency(self) -> str:
        """The currency of the transfer."""
        return self.amounts[0].currency


@dataclass(frozen=True)
class _Sender:
    """Somebody who sends money."""

    name: str
    iban: str
    email: str
    currency: str


def transfers(dice: random.Random, count: int, first: date, last: date) -> Iterator[Transfer]:
    """Invent transfers: so many, of each way some, spread over the days."""
    ways = [way for way, share in _WAYS.items() for _ in range(max(1, share * count // 100))]
    while len(ways) < count:
        ways.append(Way.EXACT)
    dice.shuffle(ways)
    days = (last - first).days - 8
    moments = sorted(
        datetime.combine(
            first + timedelta(days=dice.randrange(days)),
            time(dice.randrange(6, 22), dice.randrange(60)),
            UTC,
        )
        for _ in range(count)
    )
    made: list[Transfer] = []
    for number, at in enumerate(moments):
        sender = _Sender(
            a_name(dice),
            f"FR76{dice.randrange(10**22, 10**23 - 1)}",
            f"sender{number}@demo.example",
            dice.choices(("EUR", "GBP", "CHF"), (86, 7, 7))[0],
        )
        way, sender = _sender_before(dice, ways[number], sender, at, made)
        promises, amounts = _sums(dice, way, sender.currency)
        # The last days of the year are for what was sent before.
        latest = last - timedelta(days=3)
        booked = sorted(at.date() + timedelta(days=dice.randrange(1, 26)) for _ in amounts)
        unknown = way in {Way.HOPELESS, Way.STRANGER}
        one = Transfer(
            number=number,
            way=way,
            promised_at=at,
            booked_on=tuple(min(day, latest) for day in booked),
            amounts=amounts,
            promises=promises,
            name=sender.name,
            payer=a_name(dice) if unknown else as_banks_write(dice, sender.name),
            iban=sender.iban,
            email=sender.email,
        )
        made.append(one)
        yield one


def _sender_before(
    dice: random.Random, way: Way, sender: _Sender, at: datetime, made: Sequence[Transfer]
) -> tuple[Way, _Sender]:
    """Let somebody who sent money in a month before send some again, without a word."""
    if way is not Way.ACCOUNT_ONLY:
        return way, sender
    known = {Way.EXACT, Way.SPACED}
    this_month = at.date().replace(day=1)
    before = [one for one in made if one.way in known and one.booked_on[-1] < this_month]
    if not before:
        return Way.EXACT, sender
    again = dice.choice(before)
    return way, _Sender(again.name, again.iban, again.email, again.currency)


def _sums(
    dice: random.Random, way: Way, currency: str
) -> tuple[tuple[Money, ...], tuple[Money, ...]]:
    """Return what was promised and what is sent."""
    minor = dice.choice((2000, 2500, 5000, 5000, 7500, 10000, 25000)) + dice.choice((0, 0, 0, 130))
    odd = minor + dice.randrange(1, 99)
    promised: tuple[int, ...]
    sent: tuple[int, ...]
    match way:
        case Way.TWO_AT_ONCE:
            promised, sent = (minor, minor + 1_500), (2 * minor + 1_500,)
        case Way.IN_PARTS:
            promised, sent = (minor,), (minor // 2, minor - minor // 2)
        case Way.TWICE:
            promised, sent = (minor,), (minor, minor)
        case Way.HOPELESS:
            promised, sent = (odd,), (odd + 500,)
        case Way.STRANGER:
            promised, sent = (), (odd,)
        case Way.NAME_ONLY:
            promised = sent = (odd,)
        case _:
            promised = sent = (minor,)
    return tuple(Money(one, currency) for one in promised), tuple(
        Money(one, currency) for one in sent
    )

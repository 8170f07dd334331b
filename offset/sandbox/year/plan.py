"""What happens in the invented year? Pure: a seed and a scale make the same year every time.

Gifts by card and debit with what becomes of them, payouts, transfers with the slips people make,
charges and interest, and for each line of the bank what it truly is.
"""

import enum
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from offset.money import Money
from offset.sandbox.year.names import a_name
from offset.sandbox.year.transfers import Transfer, transfers

CURRENCIES: Final = ("EUR", "USD", "GBP", "CHF")
ACCOUNTS: Final = {"EUR": "B1", "USD": "B2", "GBP": "B3", "CHF": "B4"}
NUMBERS: Final = {
    "B1": "FR7630006000011234567890189",
    "B2": "BE68539007547034",
    "B3": "GB29NWBK60161331926819",
    "B4": "CH9300762011623852957",
}
_SHARES: Final = (82, 8, 6, 4)
# The last days of a year that is swept, in which nobody gives any more.
_QUIET: Final = 4
_AMOUNTS: Final = (500, 1000, 1500, 2000, 2500, 3000, 4900, 5000, 5500, 6000, 7300, 12000, 18500)


class Fate(enum.StrEnum):
    """What becomes of a gift by card or debit after it settled."""

    STAYS = "stays"
    REFUNDED = "refunded"
    RETURNED = "returned"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large the year is."""

    gifts: int
    payouts: int
    transfers: int
    payments: int
    months: int = 12
    # Whether the processor pays out all it holds at the end, so that other books may go on.
    swept: bool = False

    @classmethod
    def full(cls) -> "Scale":
        """Return the size of a real year."""
        return cls(gifts=20_000, payouts=260, transfers=300, payments=36)

    @classmethod
    def of(cls, gifts: int, months: int = 12) -> "Scale":
        """Return a smaller year of the same make, with some of everything."""
        return cls(
            gifts=gifts,
            payouts=max(months * 4, gifts * 260 // 20_000),
            transfers=max(12, gifts // 10 if gifts < 3_000 else gifts * 300 // 20_000),  # noqa: PLR2004 - small years need some of each way
            payments=max(months, 2),
            months=months,
        )


@dataclass(frozen=True, kw_only=True)
class Gift:
    """A gift by card or debit."""

    number: int
    at: datetime
    amount: Money
    fee: Money
    method: str
    name: str
    email: str
    directed: bool
    fate: Fate
    fate_at: datetime
    closed_at: datetime
    back: Money


@dataclass(frozen=True, kw_only=True)
class Payout:
    """A day on which the processor pays out all it holds in a currency."""

    number: int
    currency: str
    at: datetime
    arrives_on: date
    booked_on: date
    says: str


@dataclass(frozen=True, kw_only=True)
class Own:
    """A line of the bank's own: a charge, or interest."""

    on: date
    amount: Money
    text: str


@dataclass(frozen=True)
class Year:
    """Everything that happens."""

    seed: int
    scale: Scale
    first: date
    last: date
    gifts: tuple[Gift, ...]
    transfers: tuple[Transfer, ...]
    payouts: tuple[Payout, ...]
    own: tuple[Own, ...]
    fees: tuple[tuple[datetime, Money], ...] = field(default=())

    def months(self) -> Iterator[tuple[date, date]]:
        """Return first and last day of every month."""
        day = self.first
        while day <= self.last:
            following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            yield day, following - timedelta(days=1)
            day = following


def plan(seed: int, scale: Scale, first: date) -> Year:
    """Invent a year that begins on the first day of a month."""
    dice = random.Random(seed)  # noqa: S311 - a story, no secret
    last = first
    for _ in range(scale.months):
        last = (last.replace(day=28) + timedelta(days=4)).replace(day=1)
    last -= timedelta(days=1)
    busy = last - timedelta(days=_QUIET) if scale.swept else last
    return Year(
        seed=seed,
        scale=scale,
        first=first,
        last=last,
        gifts=tuple(_gifts(dice, scale, first, busy)),
        transfers=tuple(transfers(dice, scale.transfers, first, last)),
        payouts=tuple(_payouts(dice, scale, first, last)),
        own=tuple(_own(dice, first, last)),
        fees=tuple(_fees(dice, first, last)),
    )


def _moment(dice: random.Random, first: date, last: date) -> datetime:
    day = first + timedelta(days=dice.randrange((last - first).days + 1))
    return datetime.combine(day, time(dice.randrange(6, 22), dice.randrange(60)), UTC)


def _gifts(dice: random.Random, scale: Scale, first: date, last: date) -> Iterator[Gift]:
    moments = sorted(_moment(dice, first, last) for _ in range(scale.gifts))
    # Some large gifts go to a project at once, so that there is something to pay out.
    large = set(range(2, scale.gifts, max(3, scale.gifts // max(1, scale.payments * 2))))
    for number, at in enumerate(moments):
        directed = number in large
        currency = "EUR" if directed else dice.choices(CURRENCIES, _SHARES)[0]
        minor = dice.choice((60_000, 90_000, 150_000)) if directed else dice.choice(_AMOUNTS)
        method = "card" if directed or dice.random() < 0.75 else "sepa_debit"  # noqa: PLR2004 - three in four
        amount = Money(minor, currency)
        fee = 35 if method == "sepa_debit" else (minor * 150 + 5_000) // 10_000 + 25
        fate = _fate(dice, method, at, last) if not directed else Fate.STAYS
        part = dice.choice((minor, minor, minor // 2)) if fate is Fate.REFUNDED else minor
        fate_at = min(
            at + timedelta(days=dice.randrange(1, 20), minutes=7),
            datetime.combine(last, time(12), UTC),
        )
        name = a_name(dice)
        yield Gift(
            number=number,
            at=at,
            amount=amount,
            fee=Money(fee, currency),
            method=method,
            name=name,
            email=f"giver{dice.randrange(scale.gifts)}@demo.example",
            directed=directed,
            fate=fate,
            fate_at=fate_at,
            closed_at=fate_at + timedelta(days=dice.randrange(10, 40)),
            back=Money(part, currency),
        )


def _fate(dice: random.Random, method: str, at: datetime, last: date) -> Fate:
    # What begins in the last weeks would end after the year.
    if (last - at.date()).days < 65:  # noqa: PLR2004 - twenty and forty days, and some
        return Fate.REFUNDED if dice.random() < 0.02 and at.date() < last else Fate.STAYS  # noqa: PLR2004 - two in a hundred
    weights = (955, 25, 10, 5, 5) if method == "sepa_debit" else (965, 25, 0, 5, 5)
    return dice.choices(tuple(Fate), weights)[0]


def _payouts(dice: random.Random, scale: Scale, first: date, last: date) -> Iterator[Payout]:
    """Pay out in euros on most working days, in the others once a month."""
    others = [(currency, end) for currency in CURRENCIES[1:] for end in _month_ends(first, last)]
    wanted = max(scale.months, scale.payouts - len(others))
    days = [first + timedelta(days=n) for n in range(2, (last - first).days - 3)]
    working = [day for day in days if day.weekday() < 5]  # noqa: PLR2004 - Saturday is 5
    chosen = sorted(dice.sample(working, min(wanted, len(working))))
    found = [("EUR", day) for day in chosen] + others
    found.sort(key=lambda one: (one[1], one[0]))
    if scale.swept:
        swept = last - timedelta(days=_QUIET - 1)
        found = [one for one in found if one[1] < swept]
        found += [(currency, swept) for currency in CURRENCIES]
    for number, (currency, day) in enumerate(found):
        arrives = day + timedelta(days=2)
        shift = dice.choice((-1, 0, 0, 0, 1, 2))
        yield Payout(
            number=number,
            currency=currency,
            at=datetime.combine(day, time(4, 5), UTC),
            arrives_on=arrives,
            booked_on=arrives + timedelta(days=0 if scale.swept else shift),
            says=dice.choice(("reference", "reference", "name", "both")),
        )


def _month_ends(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield following - timedelta(days=6)
        day = following


def _own(dice: random.Random, first: date, last: date) -> Iterator[Own]:
    day = first
    while day <= last:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        end = following - timedelta(days=1)
        for currency, text in (
            ("EUR", "FRAIS TENUE DE COMPTE"),
            ("USD", "MONTHLY ACCOUNT FEE"),
            ("GBP", "BANK CHARGES"),
            ("CHF", "KONTOFÜHRUNG"),
        ):
            yield Own(on=end, amount=Money(-dice.choice((450, 850, 1_200)), currency), text=text)
        if following.month in {1, 4, 7, 10}:
            interest = Money(dice.randrange(20, 900), "EUR")
            yield Own(on=end, amount=interest, text="INTERETS CREDITEURS")
        day = following


def _fees(dice: random.Random, first: date, last: date) -> Iterator[tuple[datetime, Money]]:
    for day in _month_ends(first, last):
        at = datetime.combine(day - timedelta(days=1), time(3, 20), UTC)
        yield at, Money(-dice.randrange(150, 900), "EUR")

"""What would a slow clerk with a sheet of paper write? The rule again, by plain dicts.

Written from the rule as it is told, never from the product: units are handed out one by one, sums
are kept in plain numbers, and nothing is optimised. It knows no database and no entry.
"""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

Units = dict[uuid.UUID, int]


@dataclass
class Field:
    """A project: what it may hold, what state it is in, which themes it carries."""

    code: str
    limit: int
    tags: frozenset[str]
    state: str = "open"
    ordered: int = 0


@dataclass
class Present:
    """A gift and where each cent of it stands."""

    id: uuid.UUID
    number: int
    gross: int
    share: int
    chosen: Units
    waits: bool
    next_project: uuid.UUID | None
    next_tag: str
    fund: str
    left: int
    rows: Units = field(default_factory=dict)
    first: dict[uuid.UUID, int] = field(default_factory=dict)
    gone: int = 0
    share_gone: int = 0
    from_reserve: int = 0
    disputed: bool = False


@dataclass
class Stretch:
    """An epoch: weights, the limits it was opened under, caps, and what it has handed out."""

    weights: Units
    limits: Units
    caps: Units
    out: Units


class Clerk:
    """The whole house on one sheet of paper."""

    def __init__(self, fields: dict[uuid.UUID, Field]) -> None:
        self.fields = fields
        self.gifts: list[Present] = []
        self.weights: Units = {}
        self.open: dict[str, Stretch] = {}
        self.sheet: Counter[str] = Counter()
        self.now = 0

    # the sheet

    def move(self, amount: int, debit: str, credit: str) -> None:
        self.sheet[debit] += amount
        self.sheet[credit] -= amount

    def fund(self, tag: str) -> str:
        return f"Liabilities:Fund:Restricted:{tag}:EUR" if tag else "Liabilities:Fund:Pool:EUR"

    def account(self, one: uuid.UUID) -> str:
        return f"Liabilities:Project:{self.fields[one].code}:EUR"

    def held(self, one: uuid.UUID) -> int:
        return -self.sheet[self.account(one)]

    def gap(self, one: uuid.UUID) -> int:
        if self.fields[one].state != "open":
            return 0
        return max(0, self.fields[one].limit - self.held(one) - self.fields[one].ordered)

    # the rule

    def give(self, gift: Present, fee: int) -> None:
        net = gift.gross - fee
        self.move(net, "Assets:Stripe:EUR", self.fund(gift.fund))
        self.move(fee, "Expenses:Fees:Stripe:EUR", "Income:FeePart:EUR")
        self.move(gift.share, self.fund(gift.fund), "Income:Share:EUR")
        gift.left = net - gift.share
        self.gifts.append(gift)
        self.flow(gift)

    def flow(self, gift: Present) -> None:
        if gift.disputed:
            return
        if not gift.fund:
            self.cut(gift, gift.chosen)
            if gift.next_project:
                self.cut(gift, {gift.next_project: 1})
            if gift.next_tag and gift.left:
                self.move(gift.left, self.fund(""), self.fund(gift.next_tag))
                gift.fund = gift.next_tag
        if gift.left and not self.waiting(gift):
            self.pour(gift)

    def waiting(self, gift: Present) -> bool:
        return gift.waits and any(self.fields[p].state in {"open", "held"} for p in gift.chosen)

    def cut(self, gift: Present, weights: Units) -> None:
        caps = {p: self.gap(p) for p in weights}
        for p, part in remainders(gift.left, weights, caps).items():
            self.grant(gift, p, part)

    def grant(self, gift: Present, p: uuid.UUID, part: int) -> None:
        if not part:
            return
        self.move(part, self.fund(gift.fund), self.account(p))
        gift.rows[p] = gift.rows.get(p, 0) + part
        gift.first.setdefault(p, self.now)
        gift.left -= part

    def portfolio(self, tag: str) -> Units:
        return {
            p: self.fields[p].limit
            for p in self.weights
            if self.fields[p].state == "open" and (not tag or tag in self.fields[p].tags)
        }

    def begin(self, tag: str) -> None:
        limits = self.portfolio(tag)
        self.open[tag] = Stretch(
            {p: self.weights[p] for p in limits},
            limits,
            {p: self.gap(p) for p in limits},
            dict.fromkeys(limits, 0),
        )

    def vote(self, weights: Units) -> None:
        self.weights = weights
        self.open.clear()

    def look(self) -> None:
        for tag in list(self.open):
            if self.portfolio(tag) != self.open[tag].limits:
                del self.open[tag]

    def pour(self, gift: Present) -> None:
        tag = gift.fund
        if tag not in self.open:
            return
        if self.portfolio(tag) != self.open[tag].limits:
            del self.open[tag]
            return
        parts = drop_by_drop(gift.left, self.open[tag])
        if any(part > self.gap(p) for p, part in parts.items()):
            self.begin(tag)
            parts = drop_by_drop(gift.left, self.open[tag])
        for p, part in parts.items():
            self.open[tag].out[p] += part
            self.grant(gift, p, part)

    def run(self) -> None:
        self.look()
        for gift in sorted(self.gifts, key=lambda one: (one.number, one.id)):
            if gift.left:
                self.flow(gift)

    def back(self, gift: Present, amount: int, credit: str) -> None:
        """Give money back: share, then what is left, then rows, then the reserve."""
        gift.gone += amount
        due = gift.share * gift.gone // gift.gross - gift.share_gone
        share = min(due, amount)
        left = min(gift.left, amount - share)
        rest = amount - share - left
        weights = {p: part for p, part in gift.rows.items() if part}
        caps = {p: min(part, self.held(p)) for p, part in weights.items()}
        taken = remainders(rest, weights, caps)
        reserve = rest - sum(taken.values())
        gift.share_gone += share
        gift.left -= left
        gift.from_reserve += reserve
        self.move(share, "Income:Share:EUR", credit)
        self.move(left, self.fund(gift.fund), credit)
        self.move(reserve, "Equity:RefundReserve:EUR", credit)
        for p, part in taken.items():
            gift.rows[p] -= part
            self.move(part, self.account(p), credit)

    def withdraw(self, p: uuid.UUID) -> None:
        """Return what was not ordered, to the gifts that came last first."""
        self.fields[p].state = "gone"
        theirs = [one for one in self.gifts if one.rows.get(p, 0)]
        for gift in sorted(theirs, key=lambda one: (one.first[p], one.id), reverse=True):
            part = min(gift.rows[p], self.held(p))
            gift.rows[p] -= part
            gift.left += part
            self.move(part, self.account(p), self.fund(gift.fund))
        self.look()

    def order(self, p: uuid.UUID, amount: int) -> None:
        self.fields[p].ordered += amount
        self.move(amount, self.account(p), "Assets:InTransit:Disbursements:EUR")


def drop_by_drop(amount: int, stretch: Stretch) -> Units:
    """Hand out one unit after the other: each to whoever has least for its weight."""
    out = dict(stretch.out)
    for _ in range(amount):
        best: uuid.UUID | None = None
        for p in sorted(out):
            if out[p] >= stretch.caps[p]:
                continue
            if (
                best is None
                or (2 * out[p] + 1) * stretch.weights[best]
                < (2 * out[best] + 1) * stretch.weights[p]
            ):
                best = p
        if best is None:
            break
        out[best] += 1
    return {p: out[p] - stretch.out[p] for p in out}


def remainders(amount: int, weights: Units, caps: Units) -> Units:
    """Cut once by largest remainder, filling first whoever cannot take its part."""
    parts: Units = {}
    waiting = dict(weights)
    rest = amount
    while waiting:
        whole = sum(waiting.values())
        full = [p for p in waiting if caps[p] <= Fraction(rest * waiting[p], whole)]
        if not full:
            break
        for p in full:
            parts[p] = caps[p]
            del waiting[p]
        rest = amount - sum(parts.values())
    if waiting:
        whole = sum(waiting.values())
        ideal = {p: Fraction(rest * weight, whole) for p, weight in waiting.items()}
        parts |= {p: int(one) for p, one in ideal.items()}
        spare = amount - sum(parts.values())
        for p in sorted(ideal, key=lambda one: (int(ideal[one]) - ideal[one], one))[:spare]:
            parts[p] += 1
    return parts

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from flask import Flask

from offset.giving.models import DonationStatus, Overflow
from offset.giving.queries import STEPS, GiftPage, GiftStep
from offset.money import Money
from offset.people.access import Role
from offset.web.donor import words


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def a_gift(status: DonationStatus, at: datetime) -> GiftPage:
    return GiftPage(
        donation_id=uuid.UUID(int=1),
        token="t",
        reference="DON-7K3QX9AB",
        status=status,
        language="en",
        created_at=at,
        settled_at=None,
        amount=Money(6000, "EUR"),
        split=None,
        refunded=None,
        unallocated=None,
        directed_to=None,
        directed_slug=None,
        overflow=Overflow.POOL,
        sentences={},
        entry_id=None,
        steps=(),
        rows=(),
        receipts=(),
    )


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("status", "headline", "part"),
    [
        (DonationStatus.CREATED, "Not paid yet: €60.00", "start again"),
        (DonationStatus.PENDING, "Your payment of €60.00 is being processed", "a few days"),
        (DonationStatus.FAILED, "Nothing was charged", "not completed"),
        (DonationStatus.EXPIRED, "Nothing was charged", "not completed"),
        (DonationStatus.SUCCEEDED, "Thank you for €60.00", "taken from the ledger"),
        (DonationStatus.PARTLY_REFUNDED, "Thank you for €60.00", "taken from the ledger"),
        (DonationStatus.REFUNDED, "€60.00 was returned to you", "receipt has been cancelled"),
        (DonationStatus.DISPUTED, "Thank you for €60.00", "Your bank is looking"),
        (DonationStatus.WON, "Thank you for €60.00", "taken from the ledger"),
        (DonationStatus.LOST, "€60.00 was returned to you", "receipt has been cancelled"),
    ],
)
def test_each_state_is_told_without_failing_anybody(
    at: datetime, status: DonationStatus, headline: str, part: str
) -> None:
    gift = a_gift(status, at)
    assert words.headline(gift) == headline
    assert part in words.explanation(gift)
    assert "fail" not in words.headline(gift).lower()


@pytest.mark.usefixtures("english")
def test_a_step_says_how_much_and_since_when() -> None:
    done = GiftStep("allocated", "done", date(2026, 11, 15), Money(5585, "EUR"))
    assert [str(part) for part in words.step(done)] == [
        "allocated",
        "€55.85 on 15 November 2026",
        "done",
    ]
    assert words.step(replace(done, state="partly"))[1] == "in part: €55.85 on 15 November 2026"
    told = GiftStep("reported", "done", date(2026, 11, 15))
    assert words.step(told)[1] == "last on 15 November 2026"
    assert words.step(GiftStep("paid", "open"))[1] == "with the next payment to the project"


def test_every_state_role_and_step_has_its_word() -> None:
    assert set(words.STATUSES) == set(DonationStatus)
    assert set(words.ROLES) == set(Role)
    assert tuple(words.STEPS) == STEPS

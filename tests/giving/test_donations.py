"""Does a gift begin with the terms it was shown, and never leave its table of states?"""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as some
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, Refused, StateRefused, TryLater
from offset.giving import donations, wording
from offset.giving.donations import STEPS
from offset.giving.models import Donation, DonationEvent, DonationStatus, Overflow
from offset.giving.references import ALPHABET, is_reference, new_reference, references_in
from offset.money import Money
from tests.builders.giving import a_donation, a_pledge, an_open_gift, row_of
from tests.builders.projects import a_draft, admitted
from tests.fakes_giving import FakeProcessor
from tests.once_built import once_built


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def test_a_pledge_freezes_the_terms_it_was_shown(database: Database, at: datetime) -> None:
    way = once_built(database, admitted, at=at)
    pledged = database.run(
        donations.pledge,
        at=at,
        amount=Money(6000, "EUR"),
        language="fr",
        project_id=way.project_id,
        ref="agence-7",
        sentences={"no_change": "Comme montré."},
    )
    row = row_of(database, pledged.donation_id)
    assert (row.status, row.amount, row.currency, row.language, row.ref) == (
        DonationStatus.CREATED,
        6000,
        "EUR",
        "fr",
        "agence-7",
    )
    assert (row.project_id, row.overflow) == (way.project_id, Overflow.POOL)
    assert (row.share_bp, row.share_version, row.rate_version, row.wording_version) == (
        500,
        0,
        0,
        wording.CURRENT,
    )
    assert row.sentences == {"no_change": "Comme montré."}
    assert len(pledged.token) >= 32
    assert is_reference(pledged.reference)


def test_without_a_page_the_sentences_of_the_file_are_kept(
    embedded: Database, at: datetime
) -> None:
    row = row_of(embedded, a_pledge(embedded, at=at, language="es").donation_id)
    assert row.sentences == wording.load("es").some(wording.BESIDE_THE_BUTTON)


@pytest.mark.parametrize(
    ("amount", "language", "code"),
    [
        (Money(499, "EUR"), "en", "amount_too_small"),
        (Money(1_000_001, "EUR"), "en", "amount_too_large"),
        (Money(10_000, "JPY"), "en", "currency_not_offered"),
        (Money(6000, "EUR"), "xx", "wording_unknown"),
    ],
)
def test_a_pledge_outside_the_terms_is_refused(
    embedded: Database, at: datetime, amount: Money, language: str, code: str
) -> None:
    with pytest.raises(InvalidInput, match=code):
        embedded.run(donations.pledge, at=at, amount=amount, language=language)


def test_a_project_that_may_not_receive_is_refused(embedded: Database, at: datetime) -> None:
    way = embedded.run(a_draft, at=at)
    with pytest.raises(Refused, match="project_not_open"):
        a_pledge(embedded, at=at, project_id=way.project_id)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (None, None),
        ("", None),
        ("<b>éa", "ba"),
        ("agency_7.a-b", "agency_7.a-b"),
        ("x" * 80, "x" * 64),
    ],
)
def test_a_partners_mark_is_cut_to_what_a_report_can_hold(
    told: str | None, kept: str | None
) -> None:
    assert donations.clean_ref(told) == kept


def test_one_page_while_it_is_open_and_another_attempt_after_it(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    first = an_open_gift(embedded, processor, at=at)
    again = _to_checkout(embedded, processor, first.pledge, at)
    assert again == first.session_id
    tomorrow = at + timedelta(hours=25)
    assert _to_checkout(embedded, processor, first.pledge, tomorrow) != first.session_id
    assert row_of(embedded, first.id).attempts == 2
    request = processor.requests[str(first.id), 1]
    assert (request.amount, request.language) == (Money(2500, "EUR"), "en")


def test_an_unreachable_processor_leaves_the_pledge_and_its_attempt(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    pledged = a_pledge(embedded, at=at)
    processor.down = True
    with pytest.raises(TryLater):
        _to_checkout(embedded, processor, pledged, at)
    processor.down = False
    assert _to_checkout(embedded, processor, pledged, at)


def test_a_paid_gift_cannot_be_paid_again(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    paid = a_donation(embedded, processor, at=at)
    with pytest.raises(StateRefused, match="gift_not_payable"):
        _to_checkout(embedded, processor, paid.pledge, at)
    with pytest.raises(NotFound, match="gift_unknown"):
        embedded.run(donations.start_attempt, uuid.uuid4(), at=at)


def test_forgotten_pledges_expire_once(embedded: Database, at: datetime) -> None:
    old = a_pledge(embedded, at=at)
    a_pledge(embedded, at=at + timedelta(hours=47))
    later = at + timedelta(hours=49)
    with embedded.reading() as session:
        assert donations.forgotten(session, at=later, limit=10) == (old.donation_id,)
    assert embedded.run(donations.expire, old.donation_id, at=later)
    assert not embedded.run(donations.expire, old.donation_id, at=later)
    assert row_of(embedded, old.donation_id).status is DonationStatus.EXPIRED


@pytest.mark.parametrize("pair", list(itertools.product(DonationStatus, repeat=2)))
def test_a_gift_moves_exactly_by_the_table(
    pair: tuple[DonationStatus, DonationStatus],
) -> None:
    before, to = pair
    row = Donation(id=uuid.uuid4(), status=before)
    noted: list[object] = []

    class Session:
        def get_bind(self) -> object:
            return SimpleNamespace(dialect=SimpleNamespace(name="sqlite"))

        def execute(self, statement: object, values: object) -> None:
            noted.append((statement, values))

    moved = donations.advance(Session(), row, to, at=datetime(2026, 11, 15, tzinfo=UTC), cause="x")  # type: ignore[arg-type]  # only these two are used
    assert moved == (pair in STEPS)
    assert row.status is (to if moved else before)
    assert len(noted) == moved


def test_money_that_arrived_is_never_forgotten_again() -> None:
    """From a settled state no step leads back to one that is not."""
    unpaid = {
        DonationStatus.CREATED,
        DonationStatus.PENDING,
        DonationStatus.FAILED,
        DonationStatus.EXPIRED,
    }
    assert not [pair for pair in STEPS if pair[0] not in unpaid and pair[1] in unpaid]


def test_each_state_is_noted_once_in_the_database(database: Database, at: datetime) -> None:
    pledged = a_pledge(database, at=at)
    with database.reading() as session:
        found = session.scalars(
            select(DonationEvent.cause).where(DonationEvent.donation_id == pledged.donation_id)
        ).all()
    assert found == ["pledged"]


@given_any(some.binary(min_size=8, max_size=8))
def test_a_reference_notices_every_slip_and_every_swap(noise: bytes) -> None:
    reference = new_reference(lambda _count: noise)
    letters = reference.removeprefix("DON-")
    assert is_reference(reference)
    for place in range(len(letters)):
        for other in ALPHABET:
            slipped = letters[:place] + other + letters[place + 1 :]
            assert is_reference(f"DON-{slipped}") == (slipped == letters)
    for place in range(len(letters) - 1):
        swapped = f"{letters[:place]}{letters[place + 1]}{letters[place]}{letters[place + 2 :]}"
        assert is_reference(f"DON-{swapped}") == (swapped == letters)


def test_references_are_found_in_what_banks_make_of_them() -> None:
    one, two = new_reference(), new_reference()
    spaced = " ".join(one.replace("-", ""))
    text = f"don sols vivants {spaced.lower()} / {two} {two} DON-11111111"
    assert references_in(text) == (one, two)


def _to_checkout(
    database: Database, processor: FakeProcessor, pledged: donations.Pledge, at: datetime
) -> str:
    return donations.to_checkout(
        database,
        processor,
        pledged,
        title="Contribution",
        success_url="https://offset.example/done",
        cancel_url="https://offset.example/cancelled",
        at=at,
    ).session_id

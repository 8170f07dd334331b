"""Does a gift go where its donor said, and what is left over where the donor said next?"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import InvalidInput, LedgerRefused, Refused
from offset.giving import allocations, booking, donations, epochs, queries, themes
from offset.giving.directives import Directive
from offset.giving.models import AllocationRow, Overflow
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.projects import assessments
from tests.builders.giving import (
    Two,
    a_policy,
    an_epoch,
    books,
    row_of,
    two_people,
)
from tests.builders.projects import Way, a_cast, admitted, answers
from tests.builders.treasury import a_movement
from tests.giving.test_allocations import hold, rows_of, widen
from tests.once_built import once_built

PLACES = (
    ("green-bridges", "FR", "cover_crops", "30.00"),
    ("hedges", "FR", "agroforestry", "51000.00"),
    ("sahel", "NE", "agroforestry", "51000.00"),
)


@pytest.fixture
def ways(database: Database, at: datetime) -> tuple[Way, ...]:
    return build(database, at)


@pytest.fixture
def here(embedded: Database, at: datetime) -> tuple[Way, ...]:
    return build(embedded, at)


def build(database: Database, at: datetime) -> tuple[Way, ...]:
    cast = once_built(database, a_cast, at=at)
    return tuple(
        once_built(
            database,
            admitted,
            at=at,
            slug=slug,
            ceiling=ceiling,
            cast=cast,
            said=answers(project={"country": country}, practice={"practice": practice}),
        )
        for slug, country, practice, ceiling in PLACES
    )


def give(
    database: Database, word: Directive, *, at: datetime, number: int = 1, gross: str = "60.00"
) -> uuid.UUID:
    """A settled gift of 60.00, of which 57.00 go to projects, allocated as far as it can be."""

    def settle(session: Session) -> uuid.UUID:
        movement = a_movement(number, gross, on=at)
        pledged = donations.pledge(
            session, at=at, amount=movement.amount, language="en", directive=word
        )
        gift = donations.locked(session, pledged.donation_id)
        booking.book(session, movement, at=at, gift=gift)
        session.flush()
        allocations.allocate_one(session, gift.id, at=at)
        return gift.id

    return database.run(settle)


def funds(database: Database) -> dict[str, int]:
    """What each fund and project holds."""
    return {
        code.removeprefix("Liabilities:").removesuffix(":EUR"): -value
        for code, value in books(database).items()
        if code.startswith(("Liabilities:Fund:", "Liabilities:Project:"))
    }


def test_a_split_is_cut_by_per_cent_and_a_full_project_leaves_its_part_to_the_others(
    database: Database, ways: tuple[Way, ...], at: datetime
) -> None:
    first, second, third = (way.project_id for way in ways)
    even = give(database, Directive(split={second: 33, third: 67}), at=at)
    assert rows_of(database, even) == {second: 1881, third: 3819}
    full = give(database, Directive(split={first: 70, second: 30}), at=at, number=2)
    assert rows_of(database, full) == {first: 3000, second: 2700}
    with database.reading() as session:
        page = queries.gift(session, row_of(database, full).token)
    assert sorted((one.slug, one.percent) for one in page.chosen) == [
        ("green-bridges", 70),
        ("hedges", 30),
    ]


def test_what_nobody_chosen_can_take_goes_to_the_next_project(
    embedded: Database, here: tuple[Way, ...], at: datetime
) -> None:
    first, second, _ = (way.project_id for way in here)
    word = Directive(project_id=first, overflow_project_id=second)
    assert rows_of(embedded, give(embedded, word, at=at)) == {first: 3000, second: 2700}


def test_what_nobody_chosen_can_take_moves_to_the_theme_and_stays_there(
    embedded: Database, here: tuple[Way, ...], at: datetime
) -> None:
    first, second, third = (way.project_id for way in here)
    gift = give(embedded, Directive(project_id=first, overflow_tag="Agroforestry"), at=at)
    assert funds(embedded) == {"Fund:Restricted:Agroforestry": 2700, "Project:P0001": 3000}
    # The project has room again: what moved to the theme stays with the theme.
    embedded.run(widen, here[0], at=at, ceiling="40.00")
    assert embedded.run(allocations.allocate_one, gift, at=at + timedelta(minutes=1)).parts == ()
    two = two_people(embedded, at=at)
    a_policy(embedded, two, {first: 5, second: 2, third: 1}, at=at)
    begin(embedded, two, "Agroforestry", at=at)
    assert allocations.allocate_pending(embedded, at=at) == 1
    assert rows_of(embedded, gift) == {first: 3000, second: 1800, third: 900}
    with embedded.reading() as session:
        page = queries.gift(session, row_of(embedded, gift).token)
    assert page.next_theme == "Agroforestry"


def begin(database: Database, two: Two, tag: str, *, at: datetime) -> uuid.UUID:
    epoch_id = database.run(epochs.propose_epoch, actor=two.clerk, at=at, tag=tag)
    database.run(epochs.approve_epoch, epoch_id, actor=two.approver, at=at)
    return epoch_id


def test_a_theme_has_its_own_fund_its_own_run_and_only_its_projects(
    database: Database, ways: tuple[Way, ...], at: datetime
) -> None:
    first, second, third = (way.project_id for way in ways)
    gift = give(database, Directive(tag="FR"), at=at)
    pool = give(database, Directive(), at=at, number=2)
    assert funds(database) == {"Fund:Pool": 5700, "Fund:Restricted:FR": 5700}
    two = two_people(database, at=at)
    an_epoch(database, two, {first: 1, second: 1, third: 2}, at=at)
    assert allocations.allocate_pending(database, at=at) == 1
    assert rows_of(database, gift) == {}
    assert rows_of(database, pool) == {first: 1425, second: 1425, third: 2850}
    begin(database, two, "FR", at=at)
    assert allocations.allocate_pending(database, at=at) == 1
    # The cap of the first is shared: 15.75 of its 30.00 are left after the pool's run.
    assert rows_of(database, gift) == {first: 1575, second: 4125}
    with database.reading() as session:
        runs = queries.published(session)
        assert queries.waiting(session) == ()
    assert [(one.tag, one.awarded.minor, one.gifts) for one in runs] in (
        [("FR", 5700, 1), ("", 5700, 1)],
        [("", 5700, 1), ("FR", 5700, 1)],
    )
    told = next(one for one in runs if one.tag)
    assert [(row.code, row.cap.minor, row.awarded.minor, row.why) for row in told.rows] == [
        ("P0001", 1575, 1575, "cap_reached"),
        ("P0002", 5_100_000 - 1425, 4125, "by_weight"),
    ]


def test_the_preview_of_a_fund_counts_what_donors_chose_first(
    embedded: Database, here: tuple[Way, ...], at: datetime
) -> None:
    first, second, third = (way.project_id for way in here)
    two = two_people(embedded, at=at)
    give(embedded, Directive(tag="FR"), at=at)
    give(embedded, Directive(), at=at, number=2)
    a_policy(embedded, two, {first: 1, second: 1, third: 1}, at=at)
    with embedded.reading() as session:
        seen = allocations.preview(session, at=at, tag="FR")
    assert (seen.tag, seen.waiting, seen.leftover) == ("FR", eur(5700), eur(0))
    assert [(row.code, row.amount.minor) for row in seen.rows] == [("P0001", 2850), ("P0002", 2850)]


def resume(session: Session, way: Way, *, at: datetime) -> None:
    assessments.change_status(
        session,
        actor=way.cast.treasurer,
        at=at,
        project_id=way.project_id,
        step="resume",
        reason="The report came.",
    )


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_preview_counts_splits_and_what_goes_on_from_them(
    embedded: Database, here: tuple[Way, ...], at: datetime
) -> None:
    """Three gifts wait for paused projects; all are resumed, and nothing is allocated yet."""
    first, second, third = (way.project_id for way in here)
    words = (
        Directive(split={first: 50, second: 50}, overflow_project_id=third),
        Directive(project_id=first, overflow=Overflow.WAIT),
        Directive(split={first: 20, second: 80}, overflow_tag="Agroforestry"),
    )
    pledged = [embedded.run(a_word, word, at=at) for word in words]
    for way in here:
        embedded.run(hold, way, at=at)
    for number, (one, amount) in enumerate(pledged, start=1):
        embedded.run(arrive, one, amount, number, at=at)
    for way in here:
        embedded.run(resume, way, at=at)
    with embedded.reading() as session:
        seen = allocations.preview(session, at=at)
    assert {row.code: row.directed.minor for row in seen.rows}["P0001"] == 3000
    assert allocations.allocate_pending(embedded, at=at) == 2
    # The third had moved to its theme while nobody could take it.
    assert row_of(embedded, pledged[2][0]).fund_tag == "Agroforestry"


def a_word(session: Session, word: Directive, *, at: datetime) -> tuple[uuid.UUID, str]:
    pledged = donations.pledge(session, at=at, amount=eur(6000), language="en", directive=word)
    return pledged.donation_id, "60.00"


def arrive(
    session: Session, donation_id: uuid.UUID, amount: str, number: int, *, at: datetime
) -> None:
    gift = donations.locked(session, donation_id)
    booking.book(session, a_movement(number, amount, on=at), at=at, gift=gift)
    session.flush()
    allocations.allocate_one(session, donation_id, at=at)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (lambda a, b, _c: Directive(project_id=a, split={a: 50, b: 50}), "directive_mixed"),
        (lambda a, _b, _c: Directive(project_id=a, tag="FR"), "directive_mixed"),
        (lambda _a, b, _c: Directive(overflow_project_id=b), "directive_mixed"),
        (
            lambda a, b, _c: Directive(project_id=a, overflow=Overflow.WAIT, overflow_project_id=b),
            "directive_mixed",
        ),
        (
            lambda a, _b, _c: Directive(project_id=a, overflow_project_id=a),
            "overflow_same_project",
        ),
        (lambda a, _b, _c: Directive(split={a: 100}), "split_projects"),
        (lambda a, b, _c: Directive(split={a: 50, b: 49}), "split_percent"),
        (lambda a, b, _c: Directive(split={a: 100, b: 0}), "split_percent"),
        (
            lambda a, b, _c: Directive(split={a: 50, b: 50}, overflow=Overflow.WAIT),
            "split_cannot_wait",
        ),
        (lambda _a, _b, _c: Directive(tag="NE"), "theme_unknown"),
        (lambda a, _b, _c: Directive(project_id=a, overflow_tag="Nowhere"), "theme_unknown"),
        (lambda a, _b, _c: Directive(split={a: 50, uuid.uuid4(): 50}), "project_not_open"),
        (
            lambda a, _b, _c: Directive(project_id=a, overflow_project_id=uuid.uuid4()),
            "project_not_open",
        ),
    ],
)
def test_a_word_that_cannot_be_is_refused(
    embedded: Database, here: tuple[Way, ...], at: datetime, word: object, code: str
) -> None:
    assert callable(word)
    said = word(*(way.project_id for way in here))
    with pytest.raises((InvalidInput, Refused), match=code):
        embedded.run(a_word, said, at=at)


def test_themes_are_countries_and_practices_that_two_projects_carry(
    embedded: Database, here: tuple[Way, ...], at: datetime
) -> None:
    with embedded.reading() as session:
        found = themes.offered(session, at.date())
    assert set(found[0].projects) == {way.project_id for way in here[:2]}
    assert [(one.tag, one.kind, len(one.projects)) for one in found] == [
        ("FR", "country", 2),
        ("Agroforestry", "practice", 2),
    ]
    assert themes.tag_of("conservation_agriculture") == "ConservationAgriculture"


def test_the_database_keeps_the_word_and_the_fund(
    database: Database, ways: tuple[Way, ...], at: datetime
) -> None:
    first, second, third = (way.project_id for way in ways)
    gift = give(database, Directive(tag="FR"), at=at)
    for statement, name in (
        ("UPDATE donation SET restricted_tag = ''", "donation_directive_fixed"),
        ("UPDATE donation SET overflow_tag = 'FR'", "donation_directive_fixed"),
        ("UPDATE donation SET fund_tag = ''", "donation_fund_once"),
    ):
        with pytest.raises(DBAPIError, match=name):
            database.run(raw, statement)
    two = two_people(database, at=at)
    pool = an_epoch(database, two, {first: 1, second: 1, third: 1}, at=at)
    begin(database, two, "FR", at=at)
    with pytest.raises(
        DBAPIError, match=r"allocation_epoch_tag_fixed|not authorized|permission denied"
    ):
        database.run(raw, "UPDATE allocation_epoch SET tag = 'FR'")
    for epoch, project, name in (
        (None, ways[2], "allocation_row_restricted"),
        (pool, ways[2], "allocation_row_in_run"),
    ):
        with pytest.raises((DBAPIError, LedgerRefused), match=name):
            database.run(by_hand, gift, project, epoch, at=at)


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def by_hand(
    session: Session, gift: uuid.UUID, way: Way, epoch: uuid.UUID | None, *, at: datetime
) -> None:
    """Restricted money for a project outside its theme, past every verb."""
    code = chart.project("P0003", "EUR")
    chart.open_account(session, code, at=at, currency="EUR", project_id=way.project_id)

    def row(entry_id: uuid.UUID) -> None:
        session.add(
            AllocationRow(
                id=uuid7(at),
                entry_id=entry_id,
                donation_id=gift,
                project_id=way.project_id,
                epoch_id=epoch,
                amount=100,
                decision_id=way.decision_id,
                admission_id=way.admission_id,
                created_at=at,
            )
        )

    draft = entries.allocation(
        epoch="by-hand",
        donation_id=str(gift),
        on=at.date(),
        shares={code: eur(100)},
        fund=chart.restricted("FR", "EUR"),
    )
    journal.post(session, draft, at=at, before_postings=row)

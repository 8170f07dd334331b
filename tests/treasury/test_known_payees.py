"""Is nobody paid whom we do not know, or whose name a person has not looked at?"""

import json
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, OffsetError, Refused
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import AuditEvent
from offset.projects.models import OrganisationMember, Project
from offset.treasury import (
    disbursements,
    dossier,
    organisation_files,
    payee_queries,
    payees,
    sanctions,
)
from offset.treasury.models import Beneficiary, BeneficiaryCheck, CheckOutcome, Disbursement, Scheme
from offset.treasury.names import NameIndex, alike, fold, words
from offset.treasury.organisation_files import Governor
from offset.treasury.payee_models import HitDecision, HitOutcome, OrganisationFile
from offset.treasury.payee_ports import Listed
from tests.builders import projects as build_projects
from tests.builders import treasury as build
from tests.builders.treasury import House, eur
from tests.once_built import once_built

LIKE = Governor(name="Óttó Inventéd", office="President", born="1990")
CLEARED = "Born in 1990 by the register; the one listed in 1961."


def organisation_of(session: Session, house: House) -> uuid.UUID:
    return session.get_one(Project, house.way.project_id).organisation_id


def a_hit(database: Database, house: House) -> payee_queries.HitView:
    with database.reading() as session:
        key = organisation_of(session, house)
        (hit,) = payee_queries.organisation(session, house.clerk, key, on=date(2026, 11, 15)).hits
    return hit


def decided(database: Database, house: House, outcome: HitOutcome, **changed: Any) -> None:
    told = {"actor": house.treasurer, "reason": CLEARED, "hit_id": a_hit(database, house).id}
    database.run(sanctions.decide, outcome=outcome, **{**told, **changed})


def code_of(database: Database, verb: Any, *args: Any, **told: Any) -> str:
    with pytest.raises(OffsetError) as caught:
        database.run(verb, *args, **told)
    return caught.value.code


@pytest.mark.parametrize(
    ("ours", "listed", "least"),
    [
        ("OTTO INVENTED", "Otto Invented", 100),
        ("Invented, Otto", "Otto Invented", 98),
        ("Оттон Инвентед", "Otton Inventied", 85),
        ("Muhammad Yusuf", "Mohamed Youssef", 85),
        ("Jean Dupont", "Jean Dupond", 85),
        ("Imaginary Trading House", "Imaginary Trading House Ltd", 100),
        ("GreenBridges", "Green Bridges GmbH", 100),
        ("Otto van Invented", "Otto Invented", 85),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", 90),
    ],
)
def test_a_name_is_known_in_other_letters_orders_and_spellings(
    ours: str, listed: str, least: int
) -> None:
    scored = alike(words(ours), words(listed))
    assert scored is not None
    assert scored.score >= least
    assert 7 in NameIndex([(7, listed), (8, "Nobody Else")]).like(ours, least=85)


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        ("Example Cooperative", "Other Cooperative"),
        ("Grace Hopeful", "Otto Invented"),
        ("Otto", "Otto Invented"),
        ("Li", "Lu"),
        ("", "Otto"),
    ],
)
def test_strangers_are_no_hits(ours: str, listed: str) -> None:
    assert not NameIndex([(1, listed)]).like(ours, least=85)


def test_a_name_of_legal_forms_alone_keeps_its_words() -> None:
    assert (words("The Company Ltd"), fold("Łódź")) == (("the", "company", "ltd"), "lodz")


def test_without_a_file_nobody_is_entered_admitted_or_paid(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    entering = {
        "actor": house.clerk,
        "at": at,
        "project_id": house.way.project_id,
        "holder": "Association green-bridges",
        "account": payees.read_account(number=build.PAYEE_IBAN),
    }
    assert code_of(embedded, payees.enter, **entering) == "organisation_file_missing"
    embedded.run(build.a_file, house, at=at)
    assert code_of(embedded, payees.enter, **entering) == "sanctions_list_missing"
    embedded.run(build.a_list, house, at=at)
    old = {**entering, "at": at + timedelta(days=732)}
    assert code_of(embedded, payees.enter, **old) == "organisation_file_old"
    stranger = {**entering, "holder": "Somebody Else"}
    assert code_of(embedded, payees.enter, **stranger) == "holder_unexplained"
    embedded.run(payees.enter, **entering)
    way = once_built(embedded, build_projects.decided, at=at, slug="other-hedges")
    admitting = {
        "actor": way.cast.treasurer,
        "at": at,
        "project_id": way.project_id,
        "ceiling": eur("100.00"),
        "reason": "In the budget.",
    }
    assert code_of(embedded, organisation_files.admit, **admitting) == "organisation_file_missing"
    unknown = {**admitting, "project_id": uuid7(at)}
    assert code_of(embedded, organisation_files.admit, **unknown) == "project_unknown"
    embedded.run(build.a_file, replace(house, way=way), at=at)
    embedded.run(organisation_files.admit, **admitting)


def test_a_likeness_stops_money_until_a_person_says_why_it_is_somebody_else(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_list, house, at=at)
    embedded.run(build.a_file, house, LIKE, at=at)
    hit = a_hit(embedded, house)
    assert (hit.our_name, hit.listed_name, hit.score) == ("Óttó Inventéd", "Otto Invented", 100)
    assert code_of(embedded, build.a_payee, house, at=at) == "hit_undecided"
    assert code_of(embedded, decided_by_nobody, house, hit.id, at=at) == "reason_missing"
    decided(embedded, house, HitOutcome.CONFIRMED, at=at)
    assert code_of(embedded, build.a_payee, house, at=at) == "hit_confirmed"
    with pytest.raises(Conflict, match="hit_decided"):
        decided(embedded, house, HitOutcome.CONFIRMED, at=at)
    with pytest.raises(Forbidden, match="same_person"):
        decided(embedded, house, HitOutcome.CLEARED, at=at)
    with pytest.raises(Forbidden, match="right_missing"):
        decided(embedded, house, HitOutcome.CLEARED, at=at, actor=house.approver)
    with pytest.raises(NotFound, match="hit_unknown"):
        decided(embedded, house, HitOutcome.CLEARED, at=at, hit_id=uuid7(at))
    decided(embedded, house, HitOutcome.CLEARED, at=at, actor=house.clerk)
    prepared = embedded.run(build.a_payment, house, at=at, approved=False)
    # A newer list with the same person on it asks nobody again; another person does.
    embedded.run(build.a_list, house, build.LISTED, at=at, data=b"second")
    more = Listed(ref="EU.2.2", kind="organisation", names=("Green Bridges Association",))
    embedded.run(build.a_list, house, build.LISTED, more, at=at, data=b"third")
    told = {"actor": house.approver, "at": at, "disbursement_id": prepared}
    assert code_of(embedded, disbursements.approve, **told) == "hit_undecided"
    with embedded.reading() as session:
        seen = dossier.approval(session, prepared, on=at.date()).checks[-1]
        assert (seen.good, seen.value) == (False, "hit_undecided")
        assert (
            organisation_files.checked_project(session, house.way.project_id, on=at.date()) is None
        )
    embedded.run(build.a_list, house, build.LISTED, at=at, data=b"fourth")
    embedded.run(disbursements.approve, **told)
    with embedded.reading() as session:
        day = organisation_files.checked_project(session, house.way.project_id, on=at.date())
        late = at.date() + timedelta(days=732)
        assert day == at.date()
        assert organisation_files.checked_project(session, house.way.project_id, on=late) is None


def decided_by_nobody(session: Session, house: House, hit_id: uuid.UUID, *, at: datetime) -> None:
    sanctions.decide(
        session,
        actor=house.clerk,
        at=at,
        hit_id=hit_id,
        outcome=HitOutcome.CLEARED,
        reason=" ",
    )


def test_lists_come_in_once_and_in_order(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_list, house, at=at, data=b"one")
    for code, changed in (
        ("sanctions_known", {"data": b"one"}),
        ("sanctions_older", {"on": at.date() - timedelta(days=1)}),
        ("sanctions_ahead", {"on": at.date() + timedelta(days=2)}),
    ):
        assert code_of(embedded, build.a_list, house, at=at, **changed) == code
    with embedded.reading() as session:
        (only,) = payee_queries.lists(session)
        assert (only.entities, only.names_count, only.age(at.date())) == (1, 2, 0)


def test_nobody_is_paid_on_a_list_of_the_month_before(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payee, house, at=at)
    with embedded.reading() as session:
        project = session.get_one(Project, house.way.project_id)
        last = at + timedelta(days=sanctions.LIST_DAYS)
        assert organisation_files.require_known(session, project, at=last)
        with pytest.raises(Refused) as refusal:
            organisation_files.require_known(session, project, at=last + timedelta(days=1))
    assert refusal.value.code == "sanctions_list_old"
    later = last + timedelta(days=1)
    asked = {"project_id": house.way.project_id, "amount": eur("250.00"), "purpose": "First"}
    actor = {"actor": house.clerk, "at": later}
    assert code_of(embedded, disbursements.prepare, **actor, **asked) == "sanctions_list_old"
    embedded.run(build.a_list, house, at=later)
    with embedded.reading() as session:
        project = session.get_one(Project, house.way.project_id)
        assert organisation_files.require_known(session, project, at=later)


FACTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"legal_name": " "}, "legal_name_missing"),
    ({"register": ""}, "register_missing"),
    ({"number": ""}, "registration_missing"),
    ({"town": ""}, "town_missing"),
    ({"evidence": ""}, "extract_missing"),
    ({"country": "France"}, "country_missing"),
    ({"street": "x" * 201}, "too_long"),
    ({"registered_on": date(2030, 1, 1)}, "registered_ahead"),
)
PEOPLE: tuple[tuple[tuple[Governor, ...], str], ...] = (
    ((Governor(name=" ", office="x"),), "governors_missing"),
    ((Governor(name="A", office=""),), "office_missing"),
    ((Governor(name="A", office="x", born="old"),), "born_unreadable"),
    ((Governor(name="A" * 201, office="x"),), "too_long"),
    (tuple(Governor(name=f"A {n}", office="x") for n in range(61)), "governors_many"),
)


def test_a_file_without_its_facts_is_refused_at_the_field(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    for changed, code in FACTS:
        with pytest.raises(InvalidInput, match=code) as caught:
            embedded.run(build.a_file, house, at=at, **changed)
        assert caught.value.field in changed
    for people, code in PEOPLE:
        assert code_of(embedded, build.a_file, house, *people, at=at) == code


def test_people_are_for_few_eyes_and_never_in_the_trail(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_list, house, at=at)
    file_id = embedded.run(build.a_file, house, LIKE, at=at)
    decided(embedded, house, HitOutcome.CLEARED, at=at)
    with embedded.reading() as session:
        with pytest.raises(Forbidden, match="right_missing"):
            organisation_files.governors(session, house.approver, file_id)
        key = organisation_of(session, house)
        seen = payee_queries.organisation(session, house.approver, key, on=at.date())
        assert (seen.governors, seen.governors_hidden, seen.hits[0].our_name) == ((), True, "")
        trail = json.dumps([row.details for row in session.scalars(select(AuditEvent))])
        assert "nvent" not in trail
        assert "1990" not in trail


def test_nobody_vouches_for_or_pays_their_own(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)

    def join(session: Session, actor: Actor) -> None:
        session.add(
            OrganisationMember(
                organisation_id=organisation_of(session, house),
                user_id=actor.user_id,
                added_at=at,
            )
        )

    for actor in (house.clerk, house.approver):
        database.run(join, actor)
    assert code_of(database, build.a_file, house, at=at) == "own_organisation"
    assert code_of(database, build.a_payment, house, at=at, amount="30.00") == "own_project"
    told = {"actor": house.approver, "at": at, "disbursement_id": prepared}
    assert code_of(database, disbursements.approve, **told) == "own_project"
    with database.reading() as session:
        row = session.get_one(Disbursement, prepared)
        values = {
            column.name: getattr(row, column.name) for column in Disbursement.__table__.columns
        }
    raw = insert(Disbursement).values({**values, "id": uuid7(at), "number": "DISB-2026-0009"})
    with pytest.raises(DBAPIError, match="own_project"):
        database.run(lambda session: session.execute(raw))


def test_the_database_itself_knows_whom_it_pays(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    row = {
        "project_id": house.way.project_id,
        "holder": "x",
        "scheme": Scheme.IBAN,
        "number": build.PAYEE_IBAN,
        "country": "FR",
        "reason": "x",
        "entered_by": house.clerk.user_id,
    }

    def entered(on: datetime) -> Any:
        return insert(Beneficiary).values({**row, "id": uuid7(at), "entered_at": on})

    with pytest.raises(DBAPIError, match="beneficiary_organisation_unknown"):
        database.run(lambda session: session.execute(entered(at)))
    database.run(build.a_file, house, LIKE, at=at)
    with pytest.raises(DBAPIError, match="beneficiary_organisation_unknown"):
        database.run(lambda session: session.execute(entered(at)))
    database.run(build.a_list, house, at=at)
    late = at + timedelta(days=740)
    with pytest.raises(DBAPIError, match="beneficiary_organisation_unknown"):
        database.run(lambda session: session.execute(entered(late)))
    database.run(lambda session: session.execute(entered(at)))
    with database.reading() as session:
        payee_id = session.scalars(select(Beneficiary.id)).one()
    verified = insert(BeneficiaryCheck).values(
        beneficiary_id=payee_id,
        entered_by=house.clerk.user_id,
        outcome=CheckOutcome.VERIFIED,
        note="x",
        checked_at=at,
        checked_by=house.treasurer.user_id,
    )
    with pytest.raises(DBAPIError, match="beneficiary_check_organisation_blocked"):
        database.run(lambda session: session.execute(verified))
    hit = a_hit(database, house)
    decided(database, house, HitOutcome.CONFIRMED, at=at)
    own_change = insert(HitDecision).values(
        id=uuid7(at),
        hit_id=hit.id,
        outcome=HitOutcome.CLEARED,
        reason="x",
        decided_at=at,
        decided_by=house.treasurer.user_id,
    )
    with pytest.raises(DBAPIError, match="hit_decision_two_people"):
        database.run(lambda session: session.execute(own_change))
    for statement in (
        "UPDATE organisation_file SET legal_name = 'x'",
        "DELETE FROM sanctions_list",
        "DELETE FROM screening_hit",
        "UPDATE hit_decision SET reason = 'x'",
    ):
        with pytest.raises(DBAPIError):
            database.run(lambda session, told=statement: session.execute(text(told)))


def test_an_undecided_hit_stops_a_payment_and_its_approval_by_raw_sql(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    prepared = database.run(build.a_payment, house, at=at, approved=False)
    more = Listed(ref="EU.2.2", kind="organisation", names=("Green Bridges Association",))
    database.run(build.a_list, house, more, at=at, data=b"newer")
    with database.reading() as session:
        row = session.get_one(Disbursement, prepared)
        values = {
            column.name: getattr(row, column.name) for column in Disbursement.__table__.columns
        }
    raw = insert(Disbursement).values({**values, "id": uuid7(at), "number": "DISB-2026-0009"})
    with pytest.raises(DBAPIError, match="disbursement_organisation_blocked"):
        database.run(lambda session: session.execute(raw))
    yes = text(
        "INSERT INTO disbursement_decision (disbursement_id, project_id, prepared_by, outcome,"
        " reason, entry_id, decision_id, admission_id, decided_at, approved_by)"
        " SELECT d.id, d.project_id, d.prepared_by, 'approved', '',"
        " (SELECT id FROM entry LIMIT 1), (SELECT id FROM decision LIMIT 1),"
        " (SELECT id FROM admission LIMIT 1), d.prepared_at,"
        " (SELECT checked_by FROM beneficiary_check LIMIT 1) FROM disbursement d"
    )
    with pytest.raises(DBAPIError, match="disbursement_decision_organisation_blocked"):
        database.run(lambda session: session.execute(yes))


def test_a_holder_of_another_name_is_explained_and_compared(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.known, house, at=at)
    payee_id = embedded.run(
        payees.enter,
        actor=house.clerk,
        at=at,
        project_id=house.way.project_id,
        holder="Ottone Inventato",
        account=payees.read_account(number=build.PAYEE_IBAN),
        explanation="He collects for the association.",
    )
    hit = a_hit(embedded, house)
    assert (hit.subject.value, hit.our_name) == ("holder", "Ottone Inventato")
    checking = {
        "actor": house.treasurer,
        "at": at,
        "beneficiary_id": payee_id,
        "outcome": CheckOutcome.VERIFIED,
        "note": "Called.",
    }
    assert code_of(embedded, payees.check, **checking) == "hit_undecided"
    embedded.run(payees.check, **{**checking, "outcome": CheckOutcome.REFUSED})
    # The refused holder is nobody's any more: comparing again clears the organisation.
    with embedded.reading() as session:
        key = organisation_of(session, house)
    embedded.run(organisation_files.screen_again, actor=house.clerk, at=at, organisation_id=key)
    embedded.run(build.a_payee, house, at=at)


def test_a_renewal_is_a_new_row_and_holds_again(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.known, house, at=at)
    later = at + timedelta(days=740)
    assert code_of(embedded, build.a_payee, house, at=later) == "organisation_file_old"
    embedded.run(build.a_list, house, at=later)
    embedded.run(build.a_file, house, at=later)
    embedded.run(build.a_payee, house, at=later)
    with embedded.reading() as session:
        files = session.scalars(select(OrganisationFile)).all()
        assert len(files) == 2
        assert organisation_files.holds_until(files[0]) == date(2028, 11, 15)
        (line,) = payee_queries.known(session, SYSTEM, on=later.date())
        assert (line.undecided, line.confirmed, line.checked_on) == (0, 0, later.date())
        assert payee_queries.undecided(session) == 0


def test_strangers_to_the_desk_keep_no_files(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    told = {
        "actor": Actor(house.approver.user_id, frozenset({Role.APPROVER})),
        "at": at,
        "organisation_id": uuid7(at),
    }
    assert code_of(embedded, organisation_files.screen_again, **told) == "right_missing"
    told["actor"] = house.clerk
    assert code_of(embedded, organisation_files.screen_again, **told) == "organisation_file_missing"
    filed = {**told, "registration": build.a_registration(), "governors": (LIKE,)}
    assert code_of(embedded, organisation_files.enter, **filed) == "organisation_unknown"
    embedded.run(build.a_file, house, at=at)
    with embedded.reading() as session:
        told["organisation_id"] = organisation_of(session, house)
        with pytest.raises(NotFound, match="organisation_unknown"):
            payee_queries.organisation(session, house.clerk, uuid7(at), on=at.date())
    assert code_of(embedded, organisation_files.screen_again, **told) == "sanctions_list_missing"
    with embedded.reading() as session, pytest.raises(Refused, match="sanctions_list_missing"):
        sanctions.require_clear(session, told["organisation_id"], on=at.date())

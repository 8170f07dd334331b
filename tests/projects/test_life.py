"""Milestones, figures, use of money, losses, endings: is each told in public as it was?"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused, StateRefused
from offset.money import Money
from offset.people.access import Role
from offset.projects import (
    activity,
    figures,
    forms_of_work,
    milestones,
    moderation,
    photos,
    queries,
    reported,
    reversals,
    spending,
    tombstones,
    updates,
)
from offset.projects.activity import Done, Labour
from offset.projects.forms_of_work import Price
from offset.projects.life_models import (
    BudgetLine,
    FigureKind,
    Moderated,
    PhotoRecord,
    ProjectForm,
    ReversalCause,
    UpdateModeration,
)
from offset.projects.models import ProjectUpdate
from offset.projects.ports import StoredPhoto
from tests.builders import projects as build
from tests.builders.projects import Staged, Way
from tests.once_built import once_built

DONE = Done(100, 50, 20, 10)
YEAR = {"from_on": date(2026, 1, 1), "until_on": date(2026, 10, 31)}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def read(database: Database, query: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with database.reading() as session:
        return query(session, *given, **named)


def did(database: Database, way: Way, at: datetime, verb: Callable[..., Any], **told: Any) -> Any:
    return database.run(verb, actor=way.cast.steward, at=at, project_id=way.project_id, **told)


def checked(database: Database, way: Way, at: datetime, report_id: Any, **told: Any) -> None:
    told.setdefault("accept", True)
    database.run(figures.check, actor=way.cast.clerk, at=at, report_id=report_id, **told)


# milestones


def test_a_milestone_keeps_every_date_it_had(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    one = did(
        embedded,
        way,
        at,
        milestones.plan,
        title="Plots marked",
        language="en",
        planned_on=date(2026, 12, 1),
    )
    told: dict[str, Any] = {"actor": way.cast.steward, "milestone_id": one}
    late = date(2026, 12, 2)
    [view] = read(embedded, milestones.listed, way.project_id, on=late)
    assert (view.state, view.moved, view.note) == ("late", False, None)
    embedded.run(
        milestones.move,
        at=at + timedelta(hours=1),
        planned_on=date(2027, 3, 1),
        reason="Rain.",
        **told,
    )
    [view] = read(embedded, milestones.listed, way.project_id, on=late)
    assert (view.state, view.planned_on, view.first_planned_on, view.note) == (
        "planned",
        date(2027, 3, 1),
        date(2026, 12, 1),
        "Rain.",
    )
    with pytest.raises(InvalidInput, match="day_in_future"):
        embedded.run(milestones.done, at=at, done_on=late, evidence="Map.", **told)
    with pytest.raises(InvalidInput, match="proof_missing"):
        embedded.run(milestones.done, at=at, done_on=at.date(), evidence=" ", **told)
    embedded.run(
        milestones.done, at=at + timedelta(hours=2), done_on=at.date(), evidence="Map.", **told
    )
    [view] = read(embedded, milestones.listed, way.project_id, on=late)
    assert (view.state, view.done_on, view.note) == ("done", at.date(), "Map.")
    with pytest.raises(StateRefused, match="milestone_over"):
        embedded.run(milestones.drop, at=at, reason="No.", **told)
    embedded.run(milestones.reopen, at=at + timedelta(hours=3), reason="Two were wrong.", **told)
    with pytest.raises(StateRefused, match="milestone_open"):
        embedded.run(milestones.reopen, at=at, reason="Again.", **told)
    with pytest.raises(InvalidInput, match="day_unusable"):
        embedded.run(milestones.move, at=at, planned_on=date(2226, 1, 1), reason="x", **told)
    with pytest.raises(NotFound, match="milestone_unknown"):
        embedded.run(
            milestones.drop, actor=way.cast.steward, at=at, milestone_id=uuid7(at), reason="x"
        )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"title": "x" * 201}, "too_long"),
        ({"language": "de"}, "language_unknown"),
        ({"title": "We offset every flight"}, "phrases_found"),
        ({"planned_on": date(1926, 12, 1)}, "day_unusable"),
    ],
)
def test_what_is_public_at_once_is_judged_at_once(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("admitted")
    told = {"title": "Plots marked", "language": "en", "planned_on": date(2026, 12, 1), **said}
    with pytest.raises((InvalidInput, Refused), match=code):
        did(embedded, way, at, milestones.plan, **told)


def test_there_is_an_end_to_milestones(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")

    def many(session: Session, count: int) -> None:
        for number in range(count):
            milestones.plan(
                session,
                actor=way.cast.steward,
                at=at,
                project_id=way.project_id,
                title=f"Plot {number}",
                language="en",
                planned_on=at.date(),
            )

    embedded.run(many, 40)
    with pytest.raises(Refused, match="too_many_milestones"):
        embedded.run(many, 1)


# figures


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"until_on": date(2025, 10, 1)}, "days_out_of_order"),
        ({"until_on": date(2026, 12, 1)}, "day_in_future"),
        ({"from_on": date(2025, 12, 1)}, "two_years"),
        ({"from_on": date(1999, 1, 1), "until_on": date(1999, 2, 1)}, "before_project"),
        ({"done": Done(float("nan"), 1)}, "value_unusable"),
        ({"done": Done(float("inf"), 1)}, "value_unusable"),
        ({"done": Done(-1, 1)}, "value_unusable"),
        ({"done": Done(1, -1)}, "value_unusable"),
        ({"done": Done(851, 1)}, "area_above_project"),
        ({"done": Done(1, 5, 6)}, "parts_above_people"),
        ({"done": Done(1, 5, None, 6)}, "parts_above_people"),
        ({"evidence": " "}, "proof_missing"),
        ({"evidence": "certified by the STC"}, "phrases_found"),
        ({"labour": Labour(-1)}, "value_unusable"),
        ({"labour": Labour(1, 0, eur(0), "wage")}, "amount_not_positive"),
        ({"labour": Labour(1, 0, Money(5, "USD"), "wage")}, "currency_mixed"),
        ({"labour": Labour(1, 0, eur(500), None)}, "source_missing"),
        ({"reason": "Because."}, "reason_missing"),
        ({"supersedes_id": "unknown", "reason": "Because."}, "report_unknown"),
    ],
)
def test_figures_that_cannot_be_are_refused(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("admitted")
    if said.get("supersedes_id"):
        said = {**said, "supersedes_id": uuid7(at)}
    told = {**YEAR, "done": DONE, "evidence": "Lists.", **said}
    with pytest.raises((InvalidInput, Refused, NotFound), match=code):
        did(embedded, way, at, activity.report, **told)


def test_a_year_is_public_once_it_is_accepted_and_a_correction_takes_its_place(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    did(embedded, way, at, activity.plan, year=2026, hectares=200, people=60, money=eur(90_000))
    labour = Labour(300, 12, eur(1_150), "wage of farm work")
    first = did(
        embedded, way, at, activity.report, **YEAR, done=DONE, evidence="Lists.", labour=labour
    )
    [year] = read(embedded, activity.years, way.project_id)
    assert (year.planned_hectares, year.hectares) == (200, None)
    with pytest.raises(Refused, match="same_person"):
        embedded.run(
            figures.check,
            actor=with_right(way.cast.steward),
            at=at,
            report_id=first,
            accept=True,
        )
    with pytest.raises(Forbidden):
        embedded.run(figures.check, actor=way.cast.reviewer, at=at, report_id=first, accept=True)
    with pytest.raises(InvalidInput, match="reason_missing"):
        checked(embedded, way, at, first, accept=False, reason=" ")
    assert [one.id for one in read(embedded, figures.waiting, way.cast.clerk)] == [first]
    checked(embedded, way, at, first)
    with pytest.raises(StateRefused, match="report_checked"):
        checked(embedded, way, at, first)
    with pytest.raises(NotFound, match="report_unknown"):
        checked(embedded, way, at, uuid7(at))
    [year] = read(embedded, activity.years, way.project_id)
    assert (year.hectares, year.people, year.women, year.youth) == (100, 50, 20, 10)
    assert year.planned_money == eur(90_000)
    assert year.labour is not None
    assert (year.labour.hours, year.labour.visitor_days) == (300, 12)
    assert year.labour.value == eur(345_000)
    assert year.spent is None
    with pytest.raises(Conflict, match="period_reported"):
        did(embedded, way, at, activity.report, **YEAR, done=DONE, evidence="Lists.")
    told = {**YEAR, "done": Done(80, 50), "evidence": "Recount.", "supersedes_id": first}
    second = did(embedded, way, at, activity.report, **told, reason="Counted twice.")
    third = did(embedded, way, at, activity.report, **{**told, "supersedes_id": second}, reason="x")
    checked(embedded, way, at, third, accept=False, reason="Which plots?")
    assert read(embedded, activity.years, way.project_id)[0].hectares == 100
    checked(embedded, way, at, second)
    assert read(embedded, activity.years, way.project_id)[0].hectares == 80
    states = [
        one.state
        for one in read(
            embedded, reported.own, way.cast.steward, way.project_id, FigureKind.ACTIVITY
        )
    ]
    assert states == ["returned", "accepted", "accepted"]
    assert read(embedded, reported.one, way.cast.clerk, second).reason == "Counted twice."
    with pytest.raises(NotFound, match="report_unknown"):
        read(embedded, reported.one, way.cast.clerk, uuid7(at))


def with_right(actor: Any) -> Any:
    """The same person, who also sits at the desk."""
    return type(actor)(actor.user_id, actor.roles | {Role.CLERK})


def test_two_corrections_of_one_report_do_not_both_hold(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    told = {**YEAR, "done": DONE, "evidence": "Lists."}
    first = did(embedded, way, at, activity.report, **told)
    checked(embedded, way, at, first)
    second = did(embedded, way, at, activity.report, **told, supersedes_id=first, reason="a")
    with pytest.raises(NotFound, match="report_unknown"):
        did(embedded, way, at, activity.report, **told, supersedes_id=first, reason="b")
    checked(embedded, way, at, second)
    with pytest.raises(DBAPIError):
        embedded.run(lambda session: session.execute(text("DELETE FROM figure_report")))


def test_a_plan_changes_with_a_reason_that_is_public(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    told: dict[str, Any] = {"year": 2027, "hectares": 200, "people": 60, "money": eur(90_000)}
    did(embedded, way, at, activity.plan, **told)
    with pytest.raises(InvalidInput, match="reason_missing"):
        did(embedded, way, at, activity.plan, **told)
    did(embedded, way, at, activity.plan, **{**told, "hectares": 150}, reason="Drought.")
    [year] = read(embedded, activity.years, way.project_id)
    assert (year.planned_hectares, year.plan_reason) == (150, "Drought.")
    for wrong, code in (
        ({"year": 1890}, "year_unusable"),
        ({"hectares": 900}, "area_above_project"),
        ({"money": Money(1, "USD")}, "currency_mixed"),
        ({"money": eur(-1)}, "value_unusable"),
    ):
        with pytest.raises(InvalidInput, match=code):
            did(embedded, way, at, activity.plan, **{**told, **wrong})


def test_nothing_is_reported_for_what_was_never_admitted(staged: Staged, at: datetime) -> None:
    embedded, way = staged("a_draft")
    with pytest.raises(StateRefused, match="project_not_admitted"):
        did(embedded, way, at, activity.report, **YEAR, done=DONE, evidence="Lists.")
    with pytest.raises(NotFound, match="project_unknown"):
        read(embedded, tombstones.read, way.slug)


# the use of money


def lines_of(database: Database, way: Way) -> list[Any]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(BudgetLine.id)
                .where(BudgetLine.project_id == way.project_id)
                .order_by(BudgetLine.position)
            )
        )


def test_spending_is_held_against_what_was_paid(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    line = lines_of(embedded, way)[0]
    told: dict[str, Any] = {**YEAR, "evidence": "Invoices."}
    for amounts, code in (
        ({}, "amount_missing"),
        ({line: eur(0)}, "amount_not_positive"),
        ({line: eur(-5)}, "amount_not_positive"),
        ({line: Money(5, "USD")}, "currency_mixed"),
        ({uuid7(at): eur(5)}, "budget_line_unknown"),
        ({line: eur(5)}, "spent_above_paid"),
    ):
        with pytest.raises((InvalidInput, NotFound, Refused), match=code):
            did(embedded, way, at, spending.report, **told, amounts=amounts)
    report = did(
        embedded,
        way,
        at,
        spending.report,
        **told,
        amounts={line: eur(5)},
        above_reason="Advanced by the cooperative.",
    )
    use = read(embedded, spending.use, way.project_id)
    assert (use.spent, use.above_reasons) == (eur(0), ())
    checked(embedded, way, at, report)
    use = read(embedded, spending.use, way.project_id)
    assert (use.spent, use.paid, use.unspent) == (eur(5), eur(0), eur(0))
    assert use.above_reasons == ("Advanced by the cooperative.",)
    assert sum(one.spent.minor for one in use.lines) == 5
    assert not any(one.above_plan for one in use.lines)
    assert read(embedded, activity.years, way.project_id)[0].spent == eur(5)


def test_lines_of_an_earlier_budget_are_retired_not_lost(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")

    def renewed(session: Session) -> None:
        from offset.projects.models import Application, Project  # noqa: PLC0415 - this test alone

        project = session.get_one(Project, way.project_id)
        application = session.get_one(Application, project.application_id)
        spending.renew(session, project, application, at=at)
        # Nothing changes for the same version; another version brings its own lines.
        other = Application(
            id=uuid7(at),
            project_id=project.id,
            version=9,
            document={"money": {"budget": [{"label": "Seed", "amount_minor": 700}]}},
            created_at=at,
            saved_at=at,
        )
        session.add(other)
        session.flush()
        spending.renew(session, project, other, at=at)

    before = len(lines_of(embedded, way))
    embedded.run(renewed)
    use = read(embedded, spending.use, way.project_id)
    assert [(one.label, one.planned) for one in use.lines] == [("Seed", eur(700))]
    assert len(lines_of(embedded, way)) == before + 1


# losses


def a_loss(**said: Any) -> dict[str, Any]:
    return {
        "happened_on": date(2026, 11, 1),
        "area_ha": 12.5,
        "cause": ReversalCause.FIRE,
        "told": "A fire came from the road.",
        "language": "en",
        **said,
    }


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"happened_on": date(2026, 12, 1)}, "day_in_future"),
        ({"area_ha": 0.0}, "value_unusable"),
        ({"area_ha": float("nan")}, "value_unusable"),
        ({"area_ha": 851.0}, "area_above_project"),
        ({"told": ""}, "answer_missing"),
        ({"told": "The flight stays carbon neutral."}, "phrases_found"),
        ({"language": "xx"}, "language_unknown"),
        ({"reason": "x"}, "reason_missing"),
    ],
)
def test_a_loss_that_cannot_be_is_refused(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("admitted")
    with pytest.raises((InvalidInput, Refused), match=code):
        did(embedded, way, at, reversals.report, **a_loss(**said))


def test_a_loss_is_public_at_once_and_its_correction_beside_it(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    first = did(embedded, way, at, reversals.report, **a_loss())
    fixed = {"supersedes_id": first, "reason": "Measured by drone."}
    # The secretariat may tell of one too.
    embedded.run(
        reversals.report,
        actor=way.cast.clerk,
        at=at,
        project_id=way.project_id,
        **a_loss(area_ha=9.0, **fixed),
    )
    told = read(embedded, reversals.listed, way.project_id)
    assert sorted((one.area_ha, one.corrected, one.reason) for one in told) == [
        (9.0, False, "Measured by drone."),
        (12.5, True, None),
    ]
    with pytest.raises(Conflict, match="reversal_corrected"):
        did(embedded, way, at, reversals.report, **a_loss(**fixed))
    with pytest.raises(NotFound, match="reversal_unknown"):
        did(embedded, way, at, reversals.report, **a_loss(**{**fixed, "supersedes_id": uuid7(at)}))
    with pytest.raises(NotFound, match="project_unknown"):
        embedded.run(
            reversals.report, actor=way.cast.clerk, at=at, project_id=uuid7(at), **a_loss()
        )


# endings


def test_a_project_that_was_public_once_is_never_absent(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    told: dict[str, Any] = {
        "actor": way.cast.treasurer,
        "project_id": way.project_id,
        "reason": "Internal note with names.",
        "language": "en",
    }
    with pytest.raises(Refused, match="phrases_found"):
        embedded.run(
            tombstones.change, at=at, step="hold", told="All flights are neutral now.", **told
        )
    steps = (("hold", "The office moves."), ("resume", "It is open again."))
    for hours, (step, words) in enumerate(steps, start=1):
        embedded.run(
            tombstones.change, at=at + timedelta(hours=hours), step=step, told=words, **told
        )
    embedded.run(
        tombstones.change,
        at=at + timedelta(days=2),
        step="remove",
        told="The land was sold.",
        **told,
    )
    stone = read(embedded, tombstones.read, way.slug)
    assert [(one.name, one.told) for one in stone.steps] == [
        ("admit", None),
        ("hold", "The office moves."),
        ("resume", "It is open again."),
        ("remove", "The land was sold."),
    ]
    assert (stone.status.value, stone.since) == ("withdrawn", date(2026, 11, 17))
    assert stone.money.allocated == stone.money.paid == eur(0)
    assert "Internal note" not in repr(stone)
    with embedded.reading() as session:
        assert queries.page(session, way.slug, on=at.date()).code == stone.code


# forms of work


def test_a_camp_and_a_market_say_how_they_work(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    price = Price("Beans", "Market", date(2026, 9, 1), date(2026, 10, 1), 20, 50, 85)
    assert read(embedded, forms_of_work.read, way.project_id).form is ProjectForm.FIELD
    with pytest.raises(Refused, match="not_price_support"):
        did(embedded, way, at, forms_of_work.support_price, price=price)
    for form in (ProjectForm.RESTORATION_CAMP, ProjectForm.PRICE_SUPPORT):
        did(embedded, way, at, forms_of_work.choose, form=form)
    did(embedded, way, at, forms_of_work.support_price, price=price)
    funder = {"purpose": "the difference", "since_on": date(2026, 1, 1)}
    did(embedded, way, at, forms_of_work.co_fund, funder="A foundation", amount=eur(9), **funder)
    did(embedded, way, at, forms_of_work.co_fund, funder="Another", amount=None, **funder)
    told = read(embedded, forms_of_work.read, way.project_id)
    assert told.form is ProjectForm.PRICE_SUPPORT
    assert [(one.funder, one.amount) for one in told.co_funders] == [
        ("A foundation", eur(9)),
        ("Another", None),
    ]
    assert told.prices == (price,)
    with pytest.raises(InvalidInput, match="amount_not_positive"):
        did(embedded, way, at, forms_of_work.co_fund, funder="X", amount=eur(0), **funder)
    for wrong, code in (
        (Price("B", "M", date(2026, 9, 1), date(2026, 8, 1), 20, 50, 1), "days_out_of_order"),
        (Price("B", "M", date(2026, 9, 1), date(2026, 9, 1), 60, 50, 1), "percent_unusable"),
        (Price("B", "M", date(2026, 9, 1), date(2026, 9, 1), 0, 101, 1), "percent_unusable"),
        (Price("B", "M", date(2026, 9, 1), date(2026, 9, 1), 0, 0, 1), "percent_unusable"),
        (Price("B", "M", date(2026, 9, 1), date(2026, 9, 1), 0, 10, -1), "value_unusable"),
        (Price(" ", "M", date(2026, 9, 1), date(2026, 9, 1), 0, 10, 1), "name_missing"),
    ):
        with pytest.raises(InvalidInput, match=code):
            did(embedded, way, at, forms_of_work.support_price, price=wrong)
    with pytest.raises(NotFound):
        embedded.run(
            forms_of_work.choose,
            actor=way.cast.clerk,
            at=at,
            project_id=uuid7(at),
            form=ProjectForm.FIELD,
        )


# updates: corrections, rejections, photos known again

LOOK = "f0e1d2c3b4a5968778695a4b3c2d1e0f"


def a_picture(name: str, look: str = "") -> StoredPhoto:
    return StoredPhoto(
        f"{name}.webp", f"{name}-m.webp", f"{name}-s.webp", 800, 600, sha256=name * 8, look=look
    )


def told_with(session: Session, way: Way, at: datetime, title: str, *pictures: StoredPhoto) -> Any:
    update_id = updates.write(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        title=title,
        body="It rained.",
        language="en",
    )
    for one in pictures:
        updates.add_photo(
            session,
            actor=way.cast.steward,
            at=at,
            update_id=update_id,
            photo=one,
            alt="Rye.",
            consent=True,
            no_child_faces=True,
        )
    updates.submit(session, actor=way.cast.steward, at=at, update_id=update_id)
    return update_id


def test_the_same_file_twice_in_an_update_is_one_photo(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(told_with, way, at, "Rain", a_picture("a"), a_picture("a"))
    seen = read(embedded, moderation.text, way.cast.clerk, update_id)
    assert len(seen.photos) == 1
    with embedded.reading() as session:
        [record] = session.scalars(select(PhotoRecord)).all()
        assert (record.no_child_faces, record.confirmed_by) == (1, way.cast.steward.user_id)
    with pytest.raises(DBAPIError):
        embedded.run(
            lambda session: session.execute(text("UPDATE photo_record SET no_child_faces = 0"))
        )


def test_a_photo_of_another_project_is_shown_to_the_moderator(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    other = once_built(embedded, build.admitted, at=at, cast=way.cast, slug="other")
    near = f"{int(LOOK, 16) ^ 0b10110:032x}"
    first = embedded.run(told_with, other, at, "There", a_picture("a", LOOK))
    embedded.run(told_with, way, at, "Before", a_picture("d", LOOK))
    second = embedded.run(
        told_with, way, at, "Here", a_picture("b", near), a_picture("c"), a_picture("a", LOOK)
    )
    seen = read(embedded, moderation.text, way.cast.clerk, second)
    assert seen.seen_elsewhere
    found = [
        [(one.same_file, one.same_project, one.bits) for one in photo.matches]
        for photo in seen.shown
    ]
    assert found == [
        [(False, False, 3), (False, True, 3)],
        [],
        [(True, False, 0), (False, True, 0)],
    ]
    with pytest.raises(Refused, match="photos_seen_before"):
        embedded.run(moderation.publish, actor=way.cast.clerk, at=at, update_id=second)
    embedded.run(
        moderation.publish,
        actor=way.cast.clerk,
        at=at,
        update_id=second,
        accepted_reason="Both projects share the plot.",
    )
    with embedded.reading() as session:
        kept = session.scalars(
            select(UpdateModeration).where(UpdateModeration.update_id == second)
        ).one()
        assert kept.outcome is Moderated.ACCEPTED
        assert len(kept.marks["photos"]) == 4
        assert photos.matches(session, first, but=(second,))[0].same_project is False


def test_an_update_is_turned_down_for_good(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(told_with, way, at, "Advertising")
    told: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "update_id": update_id}
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(moderation.reject, note=" ", **told)
    embedded.run(moderation.reject, note="It only asks for money.", **told)
    for verb, said in (
        (updates.submit, {}),
        (updates.rewrite, {"title": "x", "body": "y", "language": "en"}),
    ):
        with pytest.raises(StateRefused, match="update_fixed"):
            embedded.run(verb, actor=way.cast.steward, at=at, update_id=update_id, **said)
    seen = read(embedded, moderation.text, way.cast.clerk, update_id)
    assert [(one.outcome, one.reason) for one in seen.answers] == [
        (Moderated.REJECTED, "It only asks for money.")
    ]


def test_whoever_wrote_an_update_does_not_publish_it(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(told_with, way, at, "Rain")
    with pytest.raises(Refused, match="same_person"):
        embedded.run(
            moderation.publish, actor=with_right(way.cast.steward), at=at, update_id=update_id
        )


def test_a_correction_stands_beside_what_it_corrects(database: Database, at: datetime) -> None:
    way = build.a_project(database, at=at)
    old = database.run(told_with, way, at, "Sixty farms", a_picture("a", LOOK))
    steward: dict[str, Any] = {"actor": way.cast.steward, "at": at + timedelta(hours=1)}
    with pytest.raises(StateRefused, match="update_not_published"):
        database.run(updates.begin_correction, update_id=old, reason="x", **steward)
    database.run(moderation.publish, actor=way.cast.clerk, at=at, update_id=old)
    with pytest.raises(DBAPIError):
        database.run(lambda session: session.execute(text("UPDATE project_update SET body = 'x'")))
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(updates.begin_correction, update_id=old, reason=" ", **steward)
    new = database.run(updates.begin_correction, update_id=old, reason="It was fifty.", **steward)
    with pytest.raises(Conflict, match="correction_begun"):
        database.run(updates.begin_correction, update_id=old, reason="Again.", **steward)
    database.run(
        updates.rewrite,
        update_id=new,
        title="Fifty farms",
        body="It rained.",
        language="en",
        **steward,
    )
    database.run(updates.submit, update_id=new, **steward)
    seen = read(database, moderation.text, way.cast.clerk, new)
    assert (seen.corrects, seen.correction_reason) == (old, "It was fifty.")
    # The photo of the earlier version is no photo of another update.
    assert not any(photo.matches for photo in seen.shown)
    database.run(
        moderation.publish, actor=way.cast.clerk, at=at + timedelta(hours=2), update_id=new
    )
    first, second = read(database, queries.updates, way.project_id, limit=5)
    assert (first.title, first.corrects, first.correction_reason) == (
        "Fifty farms",
        old,
        "It was fifty.",
    )
    assert (second.title, second.corrected_by, first.corrected_by) == ("Sixty farms", new, None)
    assert len(first.photos) == len(second.photos) == 1
    with database.reading() as session:
        assert session.get_one(ProjectUpdate, old).title == "Sixty farms"


def test_a_correction_that_is_turned_down_leaves_room_for_another(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    old = embedded.run(told_with, way, at, "Sixty farms")
    embedded.run(moderation.publish, actor=way.cast.clerk, at=at, update_id=old)
    steward: dict[str, Any] = {"actor": way.cast.steward, "at": at}
    new = embedded.run(updates.begin_correction, update_id=old, reason="It was ten.", **steward)
    embedded.run(updates.submit, update_id=new, **steward)
    embedded.run(moderation.reject, actor=way.cast.clerk, at=at, update_id=new, note="It was not.")
    embedded.run(updates.begin_correction, update_id=old, reason="It was fifty.", **steward)

"""Does an update reach the page only clean, read by the secretariat, and by its own people?"""

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Forbidden, InvalidInput, NotFound, OffsetError, Refused, StateRefused
from offset.people.access import Role
from offset.projects import assessments, markdown, moderation, queries, questions, updates
from offset.projects.models import Project, ProjectUpdate, UpdateKind
from offset.projects.ports import StoredPhoto
from offset.projects.queries import UpdateView
from tests.builders import projects as build
from tests.builders.projects import Staged, Way

_files = itertools.count()
PHOTO = StoredPhoto("a.webp", "b.webp", "c.webp", 1600, 900)
CLEAN: dict[str, Any] = {
    "title": "The cover is up",
    "body": "All **sixty** farms have sown.",
    "language": "en",
}


def write(session: Session, way: Way, at: datetime, **said: Any) -> Any:
    return updates.write(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        **{**CLEAN, **said},
    )


def another_photo() -> StoredPhoto:
    """A photo from a file of its own, and without a look that could be known again."""
    return replace(PHOTO, key_large=f"{next(_files)}.webp")


def add_photo(session: Session, way: Way, update_id: Any, at: datetime, **said: Any) -> Any:
    given_: dict[str, Any] = {
        "alt": "Rye between rows of maize.",
        "consent": True,
        "no_child_faces": True,
        **said,
    }
    return updates.add_photo(
        session,
        actor=way.cast.steward,
        at=at,
        update_id=update_id,
        photo=another_photo(),
        **given_,
    )


def published(database: Database, way: Way, on: date) -> tuple[UpdateView, ...]:
    with database.reading() as session:
        return queries.page(session, way.slug, on=on).updates


# Markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Rain", "<h3>Rain</h3>"),
        ("## Rain", "<h4>Rain</h4>"),
        ("a **b** *c*", "<p>a <strong>b</strong> <em>c</em></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        (
            "[us](https://example.org)",
            '<p><a href="https://example.org" rel="nofollow noopener">us</a></p>',
        ),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<b onclick=x>b</b>", "<p>&lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("![p](https://tracker.example/p.png)", None),
        ("<https://example.org>", None),
    ],
)
def test_markdown_is_rendered_without_anything_of_its_writers_own(
    written: str, shown: str | None
) -> None:
    html = markdown.rendered(written)
    assert "<img" not in html
    assert "<script" not in html
    if shown is not None:
        assert html.removeprefix("<p>").removesuffix("</p>") == shown.removeprefix(
            "<p>"
        ).removesuffix("</p>")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("a <IMG src=x onerror=alert(1)>", "<IMG"),
        ("<b onclick=x>b</b>", "<b onclick="),
        ("[x](javascript:alert(1))", "(javascript:"),
        ("[x](&#106;avascript:alert(1))", "(javascript:"),
        ("<iframe src=//a.example>", "<iframe"),
    ],
)
def test_a_script_is_refused_with_its_line_and_the_draft_stays(
    staged: Staged, at: datetime, line: str, found: str
) -> None:
    embedded, way = staged("admitted")
    body = f"It rained, 3 < 4 cm, on 5 > 2 days.\n\n{line}"
    update_id = embedded.run(write, way, at, body=body)
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(updates.submit, actor=way.cast.steward, at=at, update_id=update_id)
    told = refusal.value
    assert (told.code, told.field) == ("script_in_text", "body")
    assert told.parameters == {"row": 3, "found": found}
    with embedded.reading() as session:
        held = session.get_one(ProjectUpdate, update_id)
        assert (held.status.value, held.body) == ("draft", body)
    with pytest.raises(InvalidInput) as refusal:
        questions.merged({}, {"project": {"story": body}})
    assert (refusal.value.code, refusal.value.field) == ("script_in_text", "project.story")


@given(st.text(alphabet="<>&\"'#*_`-[]()!/ \nabc:=;", max_size=120))
def test_sanitising_twice_changes_nothing(written: str) -> None:
    once = markdown.rendered(written)
    assert markdown.sanitised(once) == once


# writing


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"title": "x" * 161}, "too_long"),
        ({"body": " \n"}, "body_missing"),
        ({"body": "x" * 20_001}, "too_long"),
        ({"language": "de"}, "language_unknown"),
    ],
)
def test_an_update_has_a_title_a_text_and_a_language(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("admitted")
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(write, way, at, **said)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"alt": "  "}, "alt_missing"),
        ({"alt": "x" * 301}, "too_long"),
        ({"consent": False}, "consent_missing"),
        ({"no_child_faces": False}, "child_faces_unconfirmed"),
    ],
)
def test_a_picture_has_words_and_consent(
    staged: Staged, at: datetime, said: dict[str, Any], code: str
) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(write, way, at)
    with pytest.raises(InvalidInput) as refusal:
        embedded.run(add_photo, way, update_id, at, **said)
    assert refusal.value.code == code


def test_the_database_keeps_no_picture_without_consent(database: Database, at: datetime) -> None:
    way = build.a_project(database, at=at)
    update_id = database.run(write, way, at)
    database.run(add_photo, way, update_id, at)
    for statement in ("UPDATE photo SET consent = 0", "UPDATE photo SET alt = ''"):
        with pytest.raises(DBAPIError):
            database.run(raw, statement)


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def test_there_is_an_end_to_pictures(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(write, way, at)

    def many(session: Session) -> None:
        for _ in range(12):
            add_photo(session, way, update_id, at)

    embedded.run(many)
    with pytest.raises(Refused, match="too_many_photos"):
        embedded.run(add_photo, way, update_id, at)


def test_an_update_goes_from_draft_over_the_desk_to_the_page(
    database: Database, at: datetime
) -> None:
    way = build.a_project(database, at=at)
    steward, clerk = way.cast.steward, way.cast.clerk
    update_id = database.run(write, way, at, kind=UpdateKind.PAYMENT)
    photo_id = database.run(
        add_photo, way, update_id, at, taken_on=date(2026, 10, 1), credit=" Awa "
    )
    spare = database.run(add_photo, way, update_id, at)
    database.run(updates.remove_photo, actor=steward, photo_id=spare)
    assert database.run(updates.submit, actor=steward, at=at, update_id=update_id) == ()
    fixed = (
        (updates.rewrite, {"at": at, "update_id": update_id, **CLEAN}),
        (updates.submit, {"at": at, "update_id": update_id}),
        (updates.remove_photo, {"photo_id": photo_id}),
    )
    for verb, said in fixed:
        with pytest.raises(StateRefused, match="update_fixed"):
            database.run(verb, actor=steward, **said)
    with pytest.raises(StateRefused, match="update_fixed"):
        database.run(add_photo, way, update_id, at)
    with pytest.raises(InvalidInput, match="reason_missing"):
        database.run(moderation.give_back, actor=clerk, at=at, update_id=update_id, note=" ")
    database.run(moderation.give_back, actor=clerk, at=at, update_id=update_id, note="Which farms?")
    database.run(
        updates.rewrite,
        actor=steward,
        at=at,
        update_id=update_id,
        title="  The cover   is up ",
        body="All sixty farms.\r\nEven the north.",
        language="fr",
    )
    assert published(database, way, at.date()) == ()
    database.run(updates.submit, actor=steward, at=at, update_id=update_id)
    database.run(moderation.publish, actor=clerk, at=at, update_id=update_id)
    [shown] = published(database, way, at.date())
    assert (shown.title, shown.language, shown.kind) == ("The cover is up", "fr", "payment")
    assert shown.html == "<p>All sixty farms.\nEven the north.</p>"
    [photo] = shown.photos
    assert (photo.key_medium, photo.alt, photo.credit) == (
        "b.webp",
        "Rye between rows of maize.",
        "Awa",
    )
    for verb in (moderation.publish, moderation.give_back):
        more = {"note": "x"} if verb is moderation.give_back else {}
        with pytest.raises(StateRefused, match="update_not_submitted"):
            database.run(verb, actor=clerk, at=at, update_id=update_id, **more)


def test_newest_updates_come_first_and_ten_are_enough(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")

    def many(session: Session) -> None:
        for day in range(12):
            later = at + timedelta(days=day)
            update_id = write(session, way, later, title=f"Day {day}")
            updates.submit(session, actor=way.cast.steward, at=later, update_id=update_id)
            moderation.publish(session, actor=way.cast.clerk, at=later, update_id=update_id)

    embedded.run(many)
    shown = published(embedded, way, at.date() + timedelta(days=12))
    assert [one.title for one in shown] == [f"Day {day}" for day in range(11, 1, -1)]


# moderation


def test_a_claim_blocks_publication_until_it_is_mended_or_accepted(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(
        write, way, at, body="Here your flight is carbon neutral.", language="en"
    )
    embedded.run(add_photo, way, update_id, at, alt="A sign that promises to compensate flights.")
    found = embedded.run(updates.submit, actor=way.cast.steward, at=at, update_id=update_id)
    assert {hit.phrase for hit in found} >= {"neutral", "compensate"}
    publish: dict[str, Any] = {"actor": way.cast.clerk, "at": at, "update_id": update_id}
    with pytest.raises(Refused, match="phrases_found"):
        embedded.run(moderation.publish, **publish)
    with pytest.raises(Refused, match="phrases_found"):
        embedded.run(moderation.publish, **publish, accepted_reason=" ")
    embedded.run(moderation.publish, **publish, accepted_reason="Quotes a sign beside the road.")
    with embedded.reading() as session:
        assert session.get_one(ProjectUpdate, update_id).note == "Quotes a sign beside the road."
    assert len(published(embedded, way, at.date())) == 1


def test_a_published_update_moves_the_next_report(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    assert due(embedded, way) == at.date() + timedelta(days=assessments.REPORT_DAYS)
    later = at + timedelta(days=40)
    for when in (later, at):  # an earlier one never takes the date back
        update_id = embedded.run(write, way, when)
        embedded.run(updates.submit, actor=way.cast.steward, at=when, update_id=update_id)
        embedded.run(moderation.publish, actor=way.cast.clerk, at=when, update_id=update_id)
        assert due(embedded, way) == later.date() + timedelta(days=assessments.REPORT_DAYS)


def due(database: Database, way: Way) -> date | None:
    with database.reading() as session:
        return session.get_one(Project, way.project_id).report_due_on


def test_a_project_without_a_report_date_gets_none(staged: Staged, at: datetime) -> None:
    embedded, way = staged("in_review")
    update_id = embedded.run(write, way, at)
    embedded.run(updates.submit, actor=way.cast.steward, at=at, update_id=update_id)
    embedded.run(moderation.publish, actor=way.cast.clerk, at=at, update_id=update_id)
    assert due(embedded, way) is None


def test_only_members_write_and_only_the_desk_moderates(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    update_id = embedded.run(write, way, at)
    stranger = embedded.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    refused: list[tuple[Any, dict[str, Any], type[OffsetError]]] = [
        (updates.write, {"actor": stranger, "project_id": way.project_id, **CLEAN}, NotFound),
        (updates.rewrite, {"actor": stranger, "update_id": update_id, **CLEAN}, NotFound),
        (updates.submit, {"actor": stranger, "update_id": update_id}, NotFound),
        (updates.submit, {"actor": way.cast.clerk, "update_id": update_id}, Forbidden),
        (updates.submit, {"actor": stranger, "update_id": uuid7(at)}, NotFound),
        (moderation.publish, {"actor": way.cast.steward, "update_id": update_id}, Forbidden),
        (moderation.publish, {"actor": way.cast.clerk, "update_id": uuid7(at)}, NotFound),
    ]
    for verb, said, kind in refused:
        with pytest.raises(kind):
            embedded.run(verb, at=at, **said)
    with pytest.raises(NotFound, match="photo_unknown"):
        embedded.run(updates.remove_photo, actor=way.cast.steward, photo_id=uuid7(at))

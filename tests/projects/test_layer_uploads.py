"""Does a table come in whole or not at all, exactly as it was checked, and stay as it came?"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.ledger import checkpoints
from offset.people.access import Role
from offset.projects import layer_uploads, outcomes, places, queries, sampled, sampling_rounds
from offset.projects.measurement_models import (
    Design,
    LayerDraft,
    LayerFile,
    SamplingRound,
    SoilCore,
    SoilLayer,
)
from offset.projects.models import Measurement, Verdict
from offset.projects.sampling_rounds import Part
from tests.builders import projects as build
from tests.builders import soil
from tests.builders.projects import Staged, Way
from tests.once_built import once_built

BASE = soil.table(soil.rows())


def counts(database: Database) -> tuple[int, ...]:
    with database.reading() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (LayerDraft, LayerFile, SoilCore, SoilLayer, Measurement)
        )


def refused(
    database: Database, kind: type[Exception], code: str, verb: Any, *told: Any, **said: Any
) -> None:
    with pytest.raises(kind, match=code):
        database.run(verb, *told, **said)


def raw(session: Session, statement: str) -> None:
    session.execute(text(statement))


def ready(database: Database, at: datetime) -> Way:
    """A project that may receive money, with its projection sealed."""
    way = build.a_project(database, at=at)
    database.run(soil.projected, way, at=at)
    return way


# planning


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ({"depth_cm": 29}, InvalidInput, "too_shallow"),
        ({"depth_cm": 301}, InvalidInput, "depth_beyond"),
        ({"planned_on": date(2099, 1, 1)}, InvalidInput, "day_too_far"),
        ({"note": "x" * 1001}, InvalidInput, "too_long"),
        ({"strata": ()}, InvalidInput, "strata_missing"),
        ({"strata": (Part("A", 0, 4),)}, InvalidInput, "stratum_unfit"),
        ({"strata": (Part("A", float("nan"), 4),)}, InvalidInput, "stratum_unfit"),
        ({"strata": (Part(" ", 5, 4),)}, InvalidInput, "stratum_unfit"),
        ({"strata": (Part("A", 5, 1),)}, InvalidInput, "stratum_unfit"),
        ({"strata": (Part("A", 5, 4), Part("a", 5, 4))}, InvalidInput, "stratum_named_twice"),
        ({"strata": (Part("A", 900, 4),)}, InvalidInput, "areas_exceed"),
    ],
)
def test_a_plan_is_checked(
    staged: Staged, at: datetime, said: dict[str, Any], kind: type[Exception], code: str
) -> None:
    embedded, way = staged("admitted")
    refused(embedded, kind, code, soil.a_round, way, at=at, **said)


def test_a_later_round_goes_back_to_the_strata_of_its_baseline(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    first = embedded.run(soil.a_round, way, at=at)
    second = embedded.run(soil.a_round, way, at=at, baseline_id=first)
    with embedded.reading() as session:
        rounds = sampled.rounds(session, way.cast.steward, way.project_id, on=at.date())
    assert [(one.number, one.state, len(one.strata)) for one in rounds] == [
        (0, "due", 2),
        (1, "due", 2),
    ]
    for said, kind, code in (
        ({"baseline_id": second}, Refused, "baseline_unfit"),
        ({"baseline_id": uuid7(at)}, NotFound, "round_unknown"),
        ({"baseline_id": first, "planned_on": date(2021, 1, 1)}, InvalidInput, "days_out_of_order"),
        ({"baseline_id": first, "depth_cm": 60}, InvalidInput, "deeper_than_baseline"),
    ):
        refused(embedded, kind, code, soil.a_round, way, at=at, **said)


def test_a_round_is_called_off_once_with_its_reason(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    first = embedded.run(soil.a_round, way, at=at)

    def call_off(reason: str = "Flooded.", round_id: uuid.UUID = first) -> None:
        embedded.run(
            sampling_rounds.call_off,
            actor=way.cast.steward,
            at=at,
            round_id=round_id,
            reason=reason,
        )

    with pytest.raises(InvalidInput, match="reason_missing"):
        call_off(" ")
    with pytest.raises(NotFound, match="round_unknown"):
        call_off(round_id=uuid7(at))
    call_off()
    with pytest.raises(Refused, match="round_called_off"):
        call_off()
    refused(embedded, Refused, "round_called_off", soil.handed_in, way, first, BASE, at=at)
    refused(embedded, Refused, "baseline_unfit", soil.a_round, way, at=at, baseline_id=first)
    with embedded.reading() as session:
        (row,) = sampled.rounds(session, way.cast.steward, way.project_id, on=at.date())
    assert (row.state, row.called_off_because) == ("called_off", "Flooded.")


def test_only_people_of_the_project_plan_and_hand_in(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    refused(embedded, Forbidden, "right", soil.a_round, way, at=at, actor=way.cast.clerk)
    stranger = embedded.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    refused(embedded, NotFound, "project", soil.a_round, way, at=at, actor=stranger)


# the two phases


def test_a_checked_file_is_committed_exactly_as_it_was(database: Database, at: datetime) -> None:
    way = ready(database, at)
    first, second = database.run(soil.two_rounds, way, at=at)
    assert counts(database) == (0, 2, 14, 28, 1)
    with database.reading() as session:
        held = sampling_rounds.current_file(session, first)
        assert held is not None
        assert (held.version, held.layers, held.cores, held.size) == (1, 14, 7, len(BASE))
        assert held.units == {"soc": "soc_percent", "bulk_density": "bulk_density_g_cm3"} | {
            "coarse_fragments": "coarse_fragments_percent"
        }
        core = sampling_rounds.cores_of(session, held.id)[0]
        assert (core.stratum, core.name, core.layers[0].carbon_g_kg) == ("North", "1", 15.0)
        (handed,) = sampled.own_measurements(session, way.cast.steward, way.project_id)
        assert (handed.round_number, len(handed.files), len(handed.strata)) == (1, 2, 2)
        rounds = sampled.public_rounds(session, way.project_id, on=at.date())
        assert [one.state for one in rounds] == ["measured", "measured"]
        # positions leave rounded to ten kilometres, and only as counts
        told = sampled.public_places(session, way.project_id)
        assert sum(cores for _place, cores in told) == 14
        assert all(place == places.rounded(place) for place, _cores in told)
    for table in ("layer_file", "soil_core", "soil_layer", "sampling_stratum", "measured_rounds"):
        column = {"soil_layer": "position", "soil_core": "name", "sampling_stratum": "name"}
        what = column.get(table, "design" if table == "measured_rounds" else "laboratory")
        for statement in (f"UPDATE {table} SET {what} = {what}", f"DELETE FROM {table}"):  # noqa: S608 - words of this test
            with pytest.raises(DBAPIError):
                database.run(raw, statement)
    with pytest.raises(DBAPIError):
        database.run(raw, "UPDATE sampling_round SET depth_cm = 60")
    with pytest.raises(DBAPIError):
        database.run(raw, "UPDATE measurement SET depth_cm = 60")
    assert second != first


def test_nothing_of_a_faulty_file_is_kept(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)
    wrong = soil.table([*soil.rows(), "North,9,2021-11-01,0,40,1.5,9,fine_earth,,,"])
    refused(embedded, InvalidInput, "file_faulty", soil.handed_in, way, first, wrong, at=at)
    assert counts(embedded) == (0, 0, 0, 0, 0)


def test_only_the_checked_bytes_are_committed(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)

    def commit(session: Session, data: bytes, sha256: str, **said: Any) -> None:
        layer_uploads.commit(
            session,
            actor=way.cast.steward,
            at=said.get("at", at),
            round_id=first,
            sha256=sha256,
            data=data,
        )

    def check(session: Session) -> str:
        report = layer_uploads.check(
            session, actor=way.cast.steward, at=at, round_id=first, data=BASE
        )
        layer_uploads.keep_checked(
            session,
            actor=way.cast.steward,
            at=at,
            round_id=first,
            report=report,
            file_key=f"{report.sha256}.csv",
            name="layers.csv",
            wording=soil.LABORATORY,
        )
        return report.sha256

    refused(embedded, NotFound, "draft_unknown", commit, BASE, "0" * 64)
    digest = embedded.run(check)
    refused(embedded, NotFound, "draft_unknown", commit, BASE, "0" * 64)
    refused(embedded, InvalidInput, "file_differs", commit, BASE + b"\n", digest)
    # what held at the check must still hold
    early = at - timedelta(days=365 * 6)
    refused(embedded, InvalidInput, "file_faulty", commit, BASE, digest, at=early)
    assert counts(embedded)[1:] == (0, 0, 0, 0)
    embedded.run(commit, BASE, digest)
    assert counts(embedded) == (0, 1, 7, 14, 0)
    refused(embedded, NotFound, "draft_unknown", commit, BASE, digest)


@pytest.mark.parametrize(
    ("laboratory", "method", "code"),
    [(" ", "x", "laboratory_missing"), ("x", " ", "method_missing"), ("x" * 101, "x", "too_long")],
)
def test_a_file_names_its_laboratory_and_method(
    staged: Staged, at: datetime, laboratory: str, method: str, code: str
) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)

    def keep(session: Session) -> None:
        report = layer_uploads.check(
            session, actor=way.cast.steward, at=at, round_id=first, data=BASE
        )
        layer_uploads.keep_checked(
            session,
            actor=way.cast.steward,
            at=at,
            round_id=first,
            report=report,
            file_key=f"{report.sha256}.csv",
            name="layers.csv",
            wording=layer_uploads.Wording(laboratory, method),
        )

    refused(embedded, InvalidInput, code, keep)


def test_a_second_file_of_a_round_says_why_and_both_stay(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first, second = embedded.run(soil.two_rounds, way, at=at)
    again = soil.table(soil.rows(soil.LATER_DAY, soil.LEVEL))
    refused(embedded, Conflict, "round_has_file", soil.handed_in, way, second, again, at=at)
    refused(embedded, Refused, "file_of_round", soil.handed_in, way, second, BASE, at=at)
    embedded.run(soil.handed_in, way, second, again, at=at, reason="Two bags were swapped.")
    with embedded.reading() as session:
        seen = sampled.round_of(session, way.cast.steward, second, on=at.date())
    assert [(one.version, one.reason) for one in seen.files] == [
        (2, "Two bags were swapped."),
        (1, None),
    ]
    refused(
        embedded, Refused, "round_taken", sampling_rounds.call_off,
        actor=way.cast.steward, at=at, round_id=first, reason="No.",
    )  # fmt: skip


def test_two_commits_at_once_make_one_file(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)
    embedded.run(soil.handed_in, way, first, BASE, at=at)
    with pytest.raises(DBAPIError):
        embedded.run(
            raw,
            "INSERT INTO layer_file SELECT randomblob(16), round_id, version, name, media_type,"
            " size, sha256, file_key, laboratory, laboratory_method, units, layers, cores,"
            " first_taken_on, last_taken_on, synthetic, reason, committed_at, committed_by"
            " FROM layer_file",
        )


def test_a_later_round_waits_for_its_baseline(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)
    second = embedded.run(soil.a_round, way, at=at, baseline_id=first)
    data = soil.table(soil.rows(soil.LATER_DAY))
    refused(embedded, Refused, "baseline_not_taken", soil.handed_in, way, second, data, at=at)


# promises before cores


def test_a_projection_is_sealed_before_any_core_and_never_after(
    database: Database, at: datetime
) -> None:
    way = build.a_project(database, at=at)
    first = database.run(soil.a_round, way, at=at)
    refused(database, Refused, "projection_missing", soil.handed_in, way, first, BASE, at=at)
    database.run(soil.projected, way, at=at)
    database.run(soil.handed_in, way, first, BASE, at=at)
    refused(
        database, Refused, "soil_sampled", outcomes.project_carbon,
        actor=way.cast.clerk, at=at, project_id=way.project_id, seed=3, reason="Another seed.",
    )  # fmt: skip
    columns = ", ".join(
        one["name"]
        for one in inspect(database.engine).get_columns("projection")
        if one["name"] not in {"id", "supersedes_id", "reason"}
    )
    with pytest.raises(DBAPIError, match="soil_sampled"):
        database.run(
            raw,
            f"INSERT INTO projection (id, supersedes_id, reason, {columns})"  # noqa: S608 - its own columns
            f" SELECT project_id, id, 'x', {columns} FROM projection",
        )


def test_a_core_belongs_to_the_project_of_its_file(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    embedded.run(soil.two_rounds, way, at=at)
    other = once_built(embedded, build.admitted, at=at, slug="another", cast=way.cast)
    with pytest.raises(DBAPIError, match="core_foreign"):
        embedded.run(
            raw,
            "INSERT INTO soil_core SELECT randomblob(16), (SELECT id FROM project WHERE slug ="
            " 'another'), file_id, 'x', name, taken_on, NULL, NULL FROM soil_core",
        )
    assert other.project_id != way.project_id


# from cores to outcomes


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(soil.GAIN, Verdict.GAIN), (soil.LEVEL, Verdict.NO_CHANGE), (soil.LOSS, Verdict.LOSS)],
)
def test_what_two_rounds_say_is_published_and_sealed_with_its_files(
    staged: Staged, at: datetime, change: Any, verdict: Verdict
) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    embedded.run(soil.two_rounds, way, at=at, change=change)
    outcome_id = embedded.run(publish, way, at)
    embedded.run(checkpoints.take, at=at)
    with embedded.reading() as session:
        page = queries.page(session, way.slug, on=at.date())
        assert page.claim is not None
        assert page.claim.verdict is verdict
        assert checkpoints.inclusion(session, "outcome", outcome_id) is not None
        (rows,) = sampled.profiles(session, [outcome_id]).values()
        assert [(one.top_cm, one.bottom_cm) for one in rows] == [(0, 10), (10, 40)]
        assert rows[0].later is not None
        assert sampled.verdicts(session, way.project_id) == {soil.LATER_DAY: verdict}


def publish(session: Session, way: Way, at: datetime, **said: Any) -> uuid.UUID:
    waiting = [
        one for one in sampled.waiting(session, way.cast.clerk) if one.status.value == "submitted"
    ]
    return outcomes.publish_measurement(
        session, actor=way.cast.clerk, at=at, measurement_id=waiting[0].id, **said
    )


def test_a_second_result_of_a_round_replaces_the_first_by_name(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    _, second = embedded.run(soil.two_rounds, way, at=at)
    first_outcome = embedded.run(publish, way, at)
    again = soil.table(soil.rows(soil.LATER_DAY, soil.LEVEL))
    embedded.run(soil.handed_in, way, second, again, at=at, reason="Two bags were swapped.")
    refused(embedded, Refused, "outcome_stands", publish, way, at)
    embedded.run(publish, way, at, supersedes_id=first_outcome, reason="Two bags were swapped.")
    with embedded.reading() as session:
        assert [one.verdict for one in sampled.standing(session, way.project_id)] == [
            Verdict.NO_CHANGE
        ]
    with pytest.raises(DBAPIError, match="append_only"):
        embedded.run(raw, "UPDATE measurement SET status = 'submitted'")
    with pytest.raises(DBAPIError, match="append_only"):
        embedded.run(raw, "DELETE FROM measurement")


def test_cores_from_other_places_are_compared_as_such(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)
    embedded.run(soil.handed_in, way, first, BASE, at=at)
    second = embedded.run(soil.a_round, way, at=at, baseline_id=first, design=Design.INDEPENDENT)
    lines = [one.replace(",1,", ",one,") for one in soil.rows(soil.LATER_DAY, soil.GAIN)]
    embedded.run(soil.handed_in, way, second, soil.table(lines), at=at)
    outcome_id = embedded.run(publish, way, at)
    with embedded.reading() as session:
        (outcome,) = sampled.standing(session, way.project_id)
    assert (outcome.id, outcome.method, outcome.cores) == (outcome_id, "independent-cores", 14)


def test_files_are_read_by_those_who_may(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first, _ = embedded.run(soil.two_rounds, way, at=at)
    stranger = embedded.run(build.an_actor, Role.STEWARD, at=at, name="stranger")
    outsider = embedded.run(build.an_actor, Role.STC_MEMBER, at=at, name="outsider")
    with embedded.reading() as session:
        held = sampling_rounds.current_file(session, first)
        assert held is not None
        for actor in (way.cast.steward, way.cast.clerk, way.cast.reviewer, way.cast.rapporteur):
            assert sampled.file_of(session, actor, held.id).sha256 == held.sha256
        for actor in (stranger, outsider):
            with pytest.raises(NotFound, match="file_unknown"):
                sampled.file_of(session, actor, held.id)
        assert len(sampled.committee_files(session, way.cast.reviewer, way.project_id)) == 2
        with pytest.raises(NotFound, match="project_unknown"):
            sampled.committee_files(session, outsider, way.project_id)
        with pytest.raises(NotFound, match="file_unknown"):
            sampled.file_of(session, way.cast.clerk, uuid7(at))
        with pytest.raises(NotFound, match="measurement_unknown"):
            sampled.handed_in(session, way.cast.clerk, uuid7(at))
        with pytest.raises(NotFound, match="round_unknown"):
            sampled.round_of(session, way.cast.steward, uuid7(at), on=at.date())


def test_whoever_declared_an_interest_reads_no_file(staged: Staged, at: datetime) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first, _ = embedded.run(soil.two_rounds, way, at=at)
    embedded.run(
        raw,
        "UPDATE assignment SET declared_interest = 'A field next door', removed_at = declared_at,"
        " removal = 'interest' WHERE user_id = (SELECT id FROM user WHERE email LIKE 'reviewer2%')",
    )
    with embedded.reading() as session:
        held = session.scalars(select(LayerFile).where(LayerFile.round_id == first)).one()
        with pytest.raises(NotFound, match="file_unknown"):
            sampled.file_of(session, way.cast.reviewer2, held.id)
        assert session.get_one(SamplingRound, first).number == 0


def test_a_promise_that_came_too_late_is_said_before_the_commit(
    staged: Staged, at: datetime
) -> None:
    embedded, way = staged("admitted")
    embedded.run(soil.projected, way, at=at)
    first = embedded.run(soil.a_round, way, at=at)
    embedded.run(soil.handed_in, way, first, BASE, at=at)
    second = embedded.run(soil.a_round, way, at=at, baseline_id=first)
    late = at + timedelta(days=400)
    with embedded.reading() as session:
        codes = [
            {
                one.code
                for one in layer_uploads.check(
                    session,
                    actor=way.cast.steward,
                    at=late,
                    round_id=second,
                    data=soil.table(soil.rows(day, soil.GAIN)),
                ).notices
            }
            for day in (soil.LATER_DAY, at.date() + timedelta(days=1))
        ]
    assert codes == [{"not_scored"}, set()]

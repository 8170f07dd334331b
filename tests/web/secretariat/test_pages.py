"""Do the pages of the secretariat do the work, tell refusals in words, and keep to their rights?"""

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.gateways.files import DiskFiles
from offset.gateways.stripe_report import StripeReportReader
from offset.giving import donations, epochs
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import signin, users
from offset.people.access import SYSTEM, Role
from offset.people.models import OutboxMessage
from offset.treasury import payout_lines, payouts, queries, suggestions
from offset.treasury import screen as screens
from offset.treasury.screen import Row, Screen, State
from tests.builders import projects as build_projects
from tests.builders import treasury as build
from tests.builders.treasury import House
from tests.fakes import FrozenClock
from tests.web.conftest import assembled, services_with, settings_with, token_of, upload

MONTH = Path(__file__).parents[2] / "data" / "bank" / "camt053-v8-month.xml"
BEFORE = datetime(2026, 10, 1, 9, tzinfo=UTC)
AFTER = datetime(2026, 10, 10, 9, tzinfo=UTC)


class Desk:
    """A browser at the desk, and the house behind it."""

    def __init__(self, app: Flask, database: Database, clock: FrozenClock, house: House) -> None:
        self.app, self.database, self.clock, self.house = app, database, clock, house
        self.client: FlaskClient = app.test_client()

    def sit(self, *roles: Role, email: str | None = None) -> None:
        """Sign in as somebody with these roles, another person for each set of them."""
        address = email or f"{'-'.join(sorted(roles))}@desk.example"
        now = self.clock.now()
        self.database.run(
            users.invite,
            actor=SYSTEM,
            at=BEFORE,
            email=address,
            name=address.split("@")[0],
            roles=frozenset(roles),
        )
        self.database.run(
            signin.ask_for_link,
            email=address,
            language="en",
            next_path="",
            public_url="http://localhost",
            at=now,
        )
        with self.database.reading() as session:
            sent = session.scalars(select(OutboxMessage.parameters)).all()[-1]
        link = re.search(r"/sign-in/([\w-]{20,})", str(sent))
        assert link is not None
        secret = self.database.run(signin.use_link, secret=link[1], at=now)
        self.client = self.app.test_client()
        with self.client.session_transaction() as session:
            session["_user_id"] = secret

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/secretariat{path}")
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    def post(self, path: str, status: int = 303, *, at: str = "", **fields: Any) -> str:
        """Post a form; ``at`` names the page it stands on, which must offer it."""
        if status == 303:
            assert f'action="/secretariat{path.partition("?")[0]}' in self.get(at)
        token = token_of(self.client, "/account")
        answer = self.client.post(
            f"/secretariat{path}",
            data={"csrf_token": token, **fields},
            content_type="multipart/form-data",
        )
        assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
        return answer.get_data(as_text=True)

    def screen(self) -> Screen:
        suggestions.keep_fresh(self.database, at=self.clock.now(), code="B1")
        with self.database.reading() as session:
            return screens.screen(session, "B1", on=self.clock.now().date())

    def row(self, text: str) -> Row:
        (found,) = [row for row in self.screen().rows if text in row.text]
        return found


@pytest.fixture(scope="module")
def furnished(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, House]:
    """A house built once for all these tests; each of them gets its own copy."""
    path = tmp_path_factory.mktemp("desk") / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    house = database.run(build.a_house, at=BEFORE, opening="10000.00")
    database.dispose()
    return path, house


@pytest.fixture
def desk(furnished: tuple[Path, House], clock: FrozenClock, tmp_path: Path) -> Iterator[Desk]:
    clock.set(AFTER)
    path = tmp_path / "offset.db"
    shutil.copy(furnished[0], path)
    database = Database(f"sqlite:///{path}")
    services = replace(
        services_with(settings_with(), database, clock),
        statements=BankFileReader(),
        reports=StripeReportReader(),
        files=DiskFiles(tmp_path),
    )
    app = assembled(services)
    found = Desk(app, database, clock, furnished[1])
    found.sit(Role.CLERK)
    yield found
    database.dispose()


@pytest.fixture
def month(desk: Desk) -> bytes:
    """The bank's file of the month, and everything in it that the books know of."""
    desk.database.run(build.a_payment, desk.house, at=AFTER.replace(day=8))
    desk.database.run(payouts.on_payout, desk.database.run(build.the_month), AFTER)
    return MONTH.read_bytes()


def test_a_month_is_closed_at_the_desk(desk: Desk, month: bytes) -> None:
    checked = desk.post(
        "/statements", 200, at="/statements", file=upload(month, "oct.xml"), act="check"
    )
    assert "Checked, not imported yet" in checked
    assert "8,939.34" in checked
    assert "No statement has been imported yet." in checked
    kept = re.search(r'name="kept" value="([^"]+)"', checked)
    assert kept is not None
    desk.post("/statements", at="/statements", act="import", kept=kept[1], name="oct.xml")

    # The payout and the payment were certain; a person answers for the rest.
    assert desk.screen().count(State.MATCHED) == 2
    page = desk.get("/reconciliation?show=todo")
    assert "Set apart as unidentified, 50.00" in page
    for text, choice in (
        ("DON-5T6YQ2", "unidentified:"),
        ("4 pour mille", "unidentified:"),
        ("FRAIS", "bank_fee:"),
    ):
        line = desk.row(text).line_id
        desk.post(f"/reconciliation/lines/{line}/match", at="/reconciliation", choice=choice)
    done = desk.get("/reconciliation")
    assert "To do 0" in re.sub(r"\s+", " ", done)
    assert not desk.screen().bank.gap
    assert "everything is explained" in desk.get("")
    again = desk.post(
        "/statements", 422, at="/statements", act="import", file=upload(month, "oct.xml")
    )
    assert "This statement was imported on" in again


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"x", "no file of a bank"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type or entities"),
        (b"<wrong", "not well-formed XML"),
    ],
)
def test_a_bad_file_is_refused_whole_with_its_reason(
    desk: Desk, data: bytes, sentence: str
) -> None:
    told = desk.post("/statements", 422, at="/statements", act="import", file=upload(data, "x"))
    assert sentence in told
    assert "No statement has been imported yet." in told


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("8939.34", "8939.33", "do not make the closing"),
        ("FR7630006000011234567890189", "FR7600000000000000000000000", "is of another account"),
        ("10000.00", "9999.00", "do not make the closing"),
        (">112.40<", ">112.405<", "has more than 2 decimals"),
    ],
)
def test_a_statement_that_does_not_agree_is_refused(
    desk: Desk, old: str, new: str, sentence: str
) -> None:
    data = MONTH.read_bytes().replace(old.encode(), new.encode())
    told = desk.post("/statements", 422, at="/statements", act="import", file=upload(data, "x"))
    assert sentence in told


def test_what_was_kept_must_be_what_was_sent(desk: Desk) -> None:
    told = desk.post("/statements", 422, at="/statements", act="import", kept="%%", name="x")
    assert "not well-formed XML" in told


def test_a_line_is_split_noted_undone(desk: Desk, month: bytes) -> None:
    desk.post("/statements", at="/statements", act="import", file=upload(month, "oct.xml"))
    line = desk.row("FRAIS").line_id
    path = f"/reconciliation/lines/{line}"
    opened = f"/reconciliation?open={line}&work=split"
    assert "Parts of −8.50" in desk.get(opened)
    told = desk.post(f"{path}/split", 422, at=opened, choice1="")
    assert "State the parts" in told
    told = desk.post(f"{path}/split", 422, at=opened, choice1="bank_fee:", amount1="9.00")
    assert "The parts are more than the line" in told
    told = desk.post(f"{path}/split", 422, at=opened, choice1="nonsense", amount1="1.00")
    assert "State the parts" in told
    desk.post(f"{path}/split", at=opened, choice1="bank_fee:", amount1="5.00", choice2="bank_fee:")
    assert [m.amount for m in desk.row("FRAIS").matches] == [Money(-500, "EUR"), Money(-350, "EUR")]

    noted = f"/reconciliation?open={line}&work=note"
    gift = desk.row("4 pour mille").line_id
    assert "Fill this in" in desk.post(
        f"{path}/note", 422, at=noted.replace(str(line), str(gift)), text=" "
    )
    noted = f"/reconciliation?open={gift}&work=note"
    desk.post(f"/reconciliation/lines/{gift}/note", at=noted, text="Who is this?")
    assert "Who is this?" in desk.get("/reconciliation")

    made = desk.row("FRAIS").matches[0].id
    undo = f"/reconciliation?open={line}&undo={made}"
    assert "Undo the match" in desk.get(undo)
    told = desk.post(f"/reconciliation/matches/{made}/undo?open={line}", 422, at=undo, reason="")
    assert "Fill this in" in told
    desk.post(f"/reconciliation/matches/{made}/undo", at=undo, reason="Wrong part.")
    assert desk.row("FRAIS").rest == Money(-500, "EUR")


def test_somebody_else_was_first(desk: Desk, month: bytes) -> None:
    desk.post("/statements", at="/statements", act="import", file=upload(month, "oct.xml"))
    line = desk.row("FRAIS").line_id
    path = f"/reconciliation/lines/{line}/match"
    desk.post(path, at="/reconciliation", choice="bank_fee:")
    told = desk.post(path, 409, at="/reconciliation", choice="bank_fee:")
    assert "This line has already been matched." in told
    desk.post(path, 422, at="/reconciliation", choice="nonsense:")
    assert "Matched" in desk.get("/reconciliation?show=matched&account=B1")
    assert "Nothing here." in desk.get("/reconciliation?show=todo") or desk.get(
        "/reconciliation?show=old"
    )


def test_the_payout_stands_beside_its_line_and_its_charges(desk: Desk, month: bytes) -> None:
    del month
    (payout_id,) = _ids(desk)
    page = desk.get(f"/payouts/{payout_id}")
    assert "No line of the statement has this amount yet." in page
    assert page.count("/secretariat/gifts/") == 3
    assert "112.40" in page
    assert str(payout_id) in desk.get("/payouts")
    desk.database.run(
        build.take_in,
        build.a_statement(
            build.a_line("112.40", "virement", on=AFTER.date()),
            opening="10000.00",
            on=AFTER.date(),
        ),
        actor=desk.house.clerk,
        at=AFTER,
    )
    page = desk.get(f"/payouts/{payout_id}")
    assert "Match with this line, 112.40" in page
    line = desk.row("virement").line_id
    assert desk.client.get(f"/secretariat/payouts/{uuid.uuid4()}").status_code == 404
    at = f"/payouts/{payout_id}"
    desk.post(f"{at}/match", 404, at=at, choice="x")
    desk.post(f"{at}/match", at=at, choice=line)
    assert "virement" in desk.get(at)


def _ids(desk: Desk) -> list[uuid.UUID]:
    with desk.database.reading() as session:
        return [one.id for one in payout_lines.payout_lines(session)]


def test_everything_certain_is_matched_by_one_button(desk: Desk, month: bytes) -> None:
    desk.database.run(
        build.take_in,
        *BankFileReader().read(month),
        actor=desk.house.clerk,
        at=AFTER,
    )
    assert "Match the 2 certain lines" in desk.get("/reconciliation")
    desk.post("/reconciliation/certain", at="/reconciliation")
    assert desk.screen().count(State.MATCHED) == 2


def test_a_payment_is_prepared_by_one_and_approved_by_another(desk: Desk) -> None:
    project = str(desk.house.way.project_id)
    wanted = {"project": project, "holder": "Association", "number": build.PAYEE_IBAN}
    told = desk.post("/payees", 422, at="/disbursements", **wanted)
    assert "nobody is paid whom we do not know" in told
    desk.database.run(build.known, desk.house, at=desk.clock.now())
    told = desk.post(
        "/payees", 422, at="/disbursements", project=project, holder="Assoc", number="FR00 1"
    )
    assert "This IBAN cannot be right" in told
    told = desk.post("/payees", 422, at="/disbursements", project="x", holder="A", number="FR14")
    assert "cannot be right" in told
    told = desk.post("/payees", 422, at="/disbursements", **wanted)
    assert "why" in told
    desk.post("/payees", at="/disbursements", **{**wanted, "holder": "Association green-bridges"})
    listed = desk.get("/disbursements")
    payee = re.search(r"/secretariat/payees/([0-9a-f-]{36})", listed)
    assert payee is not None
    assert "somebody who may approve" in desk.get(f"/payees/{payee[1]}")

    desk.sit(Role.APPROVER)
    page = desk.get(f"/payees/{payee[1]}")
    assert "FR14 2004 1010" in page
    told = desk.post(
        f"/payees/{payee[1]}", 422, at=f"/payees/{payee[1]}", outcome="verified", note=" "
    )
    assert "Fill this in" in told
    desk.post(f"/payees/{payee[1]}", at=f"/payees/{payee[1]}", outcome="verified", note="Called.")
    assert "has been checked" in desk.get(f"/payees/{payee[1]}")

    desk.sit(Role.CLERK)
    asked = {"at": "/disbursements", "project": project, "purpose": "First instalment"}
    for amount, sentence in (
        ("2000.00", "is available"),
        ("1", "The least is"),
        ("x", "is not an amount"),
    ):
        told = desk.post("/disbursements", 422, amount=amount, **asked)
        assert 'value="First instalment"' in told, sentence
    told = desk.post("/disbursements", 422, amount="50", **{**asked, "project": "x"})
    assert "no such project" in told
    desk.post("/disbursements", amount="1 234,56", **asked)
    with desk.database.reading() as session:
        (line,) = queries.payments(session)
    assert line.amount == Money(123_456, "EUR")
    path = f"/disbursements/{line.id}"
    assert "waits for somebody who may approve" in desk.get(path)
    desk.post(f"{path}/approve", 403, at="/disbursements")

    desk.sit(Role.APPROVER)
    page = desk.get(path)
    assert "You did not prepare this payment." in page
    assert "665.44" in page
    told = desk.post(f"{path}/refuse", 422, at=path, reason="")
    assert "Fill this in" in told
    desk.post(f"{path}/approve", at=path)
    assert "Journal entry of the order" in desk.get(path)
    told = desk.post(f"{path}/approve", 409, at="/disbursements/" + str(line.id))
    assert "has already been decided" in told


def test_whoever_prepared_a_payment_does_not_decide_on_it(desk: Desk) -> None:
    desk.database.run(build.a_payee, desk.house, at=AFTER)
    desk.sit(Role.CLERK, Role.TREASURER)
    desk.post(
        "/disbursements",
        at="/disbursements",
        project=str(desk.house.way.project_id),
        amount="50",
        purpose="x",
    )
    with desk.database.reading() as session:
        (line,) = queries.payments(session)
    path = f"/disbursements/{line.id}"
    assert "You prepared this payment" in desk.get(path)
    told = desk.post(f"{path}/approve", 403, at="/disbursements")
    assert "Another person must do this" in told
    told = desk.post(f"{path}/refuse", 422, at="/disbursements", reason="no")
    assert "Another person must do this" in told
    desk.sit(Role.APPROVER)
    desk.post(f"{path}/refuse", at=path, reason="The report is missing.")
    assert "Refused: The report is missing." in desk.get(path)
    assert "refused: The report is missing." in desk.get("/disbursements")


def test_a_run_is_proposed_by_one_and_published_by_another(desk: Desk) -> None:
    desk.database.run(build.a_gift, 5, "40.00", "1.00", at=AFTER)
    weight = {f"weight-{desk.house.way.project_id}": "3"}
    told = desk.post("/allocation/weights", 422, at="/allocation", reason=" ", **weight)
    assert 'value="3"' in told
    told = desk.post(
        "/allocation/weights",
        422,
        at="/allocation",
        reason="x",
        **{f"weight-{desk.house.way.project_id}": "-1"},
    )
    assert "error-summary" in told
    told = desk.post("/allocation/weights", 422, at="/allocation", reason="x", **{"weight-x": "1"})
    assert "error-summary" in told
    desk.post("/allocation/weights", at="/allocation", reason="First weights", **weight)
    assert "waits for a second person" in desk.get("/allocation")
    with desk.database.reading() as session:
        assert epochs.standing_policy(session) is None
    desk.post("/allocation/runs", 409, at="/allocation")

    desk.sit(Role.TREASURER)
    page = desk.get("/allocation")
    policy = re.search(r"/allocation/weights/([0-9a-f-]{36})/approve", page)
    assert policy is not None
    desk.post(f"/allocation/weights/{policy[1]}/approve", at="/allocation")
    desk.post("/allocation/runs", at="/allocation")
    assert "you proposed it" in desk.get("/allocation")
    desk.sit(Role.APPROVER)
    page = desk.get("/allocation")
    run = re.search(r"/allocation/runs/([0-9a-f-]{36})/approve", page)
    assert run is not None
    desk.post(f"/allocation/runs/{run[1]}/approve", at="/allocation")
    assert "Publish the run" not in desk.get("/allocation")


def test_every_figure_leads_down_to_the_gift(desk: Desk, month: bytes) -> None:
    del month
    home = desk.get("")
    account = "/accounts/Assets:InTransit:Payouts:EUR"
    assert account in home
    entry = re.search(r"/secretariat/journal/([0-9a-f-]{36})", desk.get(account))
    assert entry is not None
    shown = desk.get(f"/journal/{entry[1]}")
    payout = re.search(r"/secretariat/payouts/([0-9a-f-]{36})", shown)
    assert payout is not None
    assert "The next checkpoint will cover it." in shown
    gift = re.search(r"/secretariat/gifts/([0-9a-f-]{36})", desk.get(f"/payouts/{payout[1]}"))
    assert gift is not None
    page = desk.get(f"/gifts/{gift[1]}")
    assert "At the card processor" in page
    desk.get("/accounts/Assets:Nothing:EUR", 404)
    for days in ("since=0001-01-01", "until=0001-01-01", "since=0001-01-01&until=9999-12-31"):
        desk.get(f"{account}?{days}")
    desk.get("/accounts/Liabilities:Fund:Tag:EUR", 404)
    never = desk.get("/accounts/Equity:RefundReserve:CHF")  # a standing account nobody needed yet
    assert "Nothing has been booked here" in str(never)


def test_the_journal_filters_by_kind_account_and_day(desk: Desk, month: bytes) -> None:
    del month
    assert desk.get("/journal?kind=dispute").count("Assets:Receivable:Disputes:EUR") >= 1
    assert "No entry like this." in desk.get("/journal?kind=topup")
    assert "No entry like this." in desk.get("/journal?until=2020-01-01")
    told = desk.get("/journal?since=nonsense", 422)
    assert 'value="nonsense"' in told
    desk.get("/journal?after=nonsense", 422)
    only = desk.get("/journal?account=Assets:Bank:B1")
    assert "Opening balance" in only
    entry = re.search(r"/secretariat/journal/([0-9a-f-]{36})", only)
    assert entry is not None
    assert "opening" in desk.get(f"/journal/{entry[1]}")


def test_gifts_are_found_by_reference_and_state(desk: Desk) -> None:
    pledged = desk.database.run(
        donations.pledge, at=AFTER, amount=Money(5_000, "EUR"), language="en"
    )
    assert pledged.reference in desk.get(f"/gifts?text={pledged.reference}")
    assert pledged.reference not in desk.get("/gifts?status=refunded")
    assert pledged.reference in desk.get("/gifts?status=nonsense&before=nonsense")


def test_an_update_is_read_before_it_is_public(desk: Desk) -> None:
    from offset.projects import updates  # noqa: PLC0415 - this test alone writes one

    steward = desk.house.way.cast.steward
    made = [
        desk.database.run(
            updates.write,
            actor=steward,
            at=AFTER,
            project_id=desk.house.way.project_id,
            title=title,
            body="We sowed the winter cover.",
            language="en",
        )
        for title in ("First rain", "Second rain")
    ]
    for one in made:
        desk.database.run(updates.submit, actor=steward, at=AFTER, update_id=one)
    assert "Read 2 updates and reports" in desk.get("/projects")
    assert "First rain" in desk.get("/updates")
    one, two = (f"/updates/{update_id}" for update_id in made)
    assert "We sowed the winter cover." in desk.get(one)
    desk.post(f"{one}/publish", at=one)
    told = desk.post(f"{two}/return", 422, at=two, note=" ")
    assert "Fill this in" in told
    desk.post(f"{two}/return", at=two, note="Add a date.")
    assert "Add a date." in desk.get(two)
    told = desk.post(f"{two}/publish", 422, at="/disbursements")
    assert "This update has not been handed in." in told
    told = desk.post(f"{two}/return", 422, at="/disbursements", note="x")
    assert "This update has not been handed in." in told
    assert "No update waits." in desk.get("/updates")


def test_a_project_is_led_from_its_application_to_its_admission(desk: Desk) -> None:
    database, cast = desk.database, desk.house.way.cast
    way = database.run(build_projects.a_draft, at=AFTER, slug="second", cast=cast)
    from offset.projects import applications, assessments  # noqa: PLC0415 - this test alone

    database.run(applications.submit, actor=cast.steward, at=AFTER, project_id=way.project_id)
    path = f"/projects/{way.assessment_id}"
    assert "Take it in" in desk.get(path)
    desk.post(f"{path}/receive", at=path)
    desk.post(f"{path}/receive", 409, at=path)
    told = desk.post(f"{path}/open", 422, at=path)
    assert "error-summary" in told
    for person, seat in (
        (cast.reviewer, "reviewer"),
        (cast.reviewer2, "reviewer"),
        (cast.rapporteur, "rapporteur"),
    ):
        desk.post(f"{path}/seats", at=path, user_id=str(person.user_id), seat=seat)
    told = desk.post(f"{path}/seats", 422, at=path, user_id="x", seat="reviewer")
    assert "There is no such person here." in told
    desk.post(f"{path}/open", at=path, carbon_is_primary_aim="y", scope_fits="y")
    assert "The committee is at work." in desk.get(path)
    desk.get(f"/projects/{uuid.uuid4()}", 404)

    other = database.run(
        build_projects.decided,
        at=AFTER,
        slug="third",
        cast=cast,
        conditions=[assessments.Condition("Show the lease.")],
    )
    path = f"/projects/{other.assessment_id}"
    page = desk.get(path)
    condition = re.search(r"/conditions/([0-9a-f-]{36})", page)
    assert condition is not None
    told = desk.post(f"{path}/conditions/{condition[1]}", 422, at=path, evidence=" ")
    assert "Fill this in" in told
    desk.post(f"{path}/conditions/{condition[1]}", at=path, evidence="Lease of 2026.")
    told = desk.post(f"{path}/conditions/{condition[1]}", 422, at=path, evidence="again")
    assert "This condition is closed." in told
    told = desk.post(f"{path}/admit", 422, at=path, ceiling="0", reason="x")
    assert "The ceiling must be above zero." in told
    told = desk.post(f"{path}/admit", 422, at=path, ceiling="51000", reason="In the budget.")
    assert "nobody is paid whom we do not know" in told
    desk.database.run(build.known, replace(desk.house, way=other), at=desk.clock.now())
    desk.post(f"{path}/admit", at=path, ceiling="51000", reason="In the budget.")
    assert "P0002" in desk.get("/projects")


def test_an_application_goes_back_with_a_reason(desk: Desk) -> None:
    way = desk.database.run(
        build_projects.an_application, at=AFTER, slug="second", cast=desk.house.way.cast
    )
    path = f"/projects/{way.assessment_id}"
    told = desk.post(f"{path}/return", 422, at=path, reason="")
    assert "Fill this in" in told
    desk.post(f"{path}/return", at=path, reason="The map is missing.")
    desk.post(f"{path}/return", 404, at="/disbursements", reason="again")


def test_the_trail_is_for_those_who_may_read_it(desk: Desk) -> None:
    desk.get("/audit", 403)
    desk.sit(Role.AUDITOR)
    page = desk.get("/audit")
    assert "disbursement" in page or "project" in page
    first = re.search(r"\?type=([a-z_]+)&amp;id=([^\"]+)\"", page)
    assert first is not None
    assert first[1].replace("_", " ") in desk.get(f"/audit?type={first[1]}&id={first[2]}")
    assert "/secretariat/audit" in desk.get("")


def test_reading_is_not_doing(desk: Desk, month: bytes) -> None:
    desk.sit(Role.CLERK)
    desk.post("/statements", at="/statements", act="import", file=upload(month, "oct.xml"))
    line = desk.row("FRAIS").line_id
    desk.sit(Role.AUDITOR)
    for path in (
        "",
        "/reconciliation",
        "/statements",
        "/payouts",
        "/disbursements",
        "/allocation",
        "/journal",
        "/gifts",
        "/projects",
    ):
        page = desk.get(path)
        assert 'method="post"' not in page, path
    answer = desk.client.post(f"/secretariat/reconciliation/lines/{line}/match")
    assert answer.status_code in {400, 403}


def test_pages_of_the_desk_are_private(desk: Desk) -> None:
    answer = desk.client.get("/secretariat")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    desk.client = desk.app.test_client()
    assert desk.client.get("/secretariat").status_code == 302


def test_without_a_bank_account_the_page_says_so(
    embedded: Database, clock: FrozenClock, sign_in: Callable[..., None], client: FlaskClient
) -> None:
    del embedded, clock
    sign_in(Role.CLERK)
    assert "no bank account yet" in client.get("/secretariat/reconciliation").get_data(as_text=True)
    assert "no bank account yet" in client.get("/secretariat/statements").get_data(as_text=True)


def test_the_keys_are_an_extra(desk: Desk, month: bytes) -> None:
    desk.post("/statements", at="/statements", act="import", file=upload(month, "oct.xml"))
    page = desk.get("/reconciliation")
    assert "data-keys hidden" in page
    for key in ("m", "s", "n"):
        assert page.count(f'data-key="{key}"') == 1


def test_what_waits_may_be_chosen_for_a_line(desk: Desk) -> None:
    database, at = desk.database, AFTER
    database.run(build.a_payment, desk.house, at=at.replace(day=1), amount="80.00")
    draft = entries.reserve_endowed(
        endowment_id="1", on=at.date(), source=chart.bank("B1"), amount=Money(700, "EUR")
    )
    database.run(journal.post, draft, at=at)
    told = build.a_statement(
        build.a_line("-80.00", "a payment without its number", on=at.date()),
        build.a_line("7.00", "endowment", on=at.date()),
        build.a_line("1.00", "", on=at.date()),
        opening="10000.00",
        on=at.date(),
    )
    database.run(build.take_in, told, actor=desk.house.clerk, at=at)
    line = desk.row("a payment without").line_id
    page = desk.get(f"/reconciliation?open={line}")
    assert "Payment to a project" in page
    assert "no text" in page
    other = desk.row("endowment")
    page = desk.get(f"/reconciliation?open={other.line_id}")
    assert "Something already booked" in page
    assert "Payment to a project DISB-2026-0001, −80.00" not in page.split('id="choice-')[1]
    nothing = next(row for row in desk.screen().rows if row.stated == Money(100, "EUR"))
    page = desk.get(f"/reconciliation?open={nothing.line_id}&show=nonsense&account=nonsense")
    assert "Nothing in the books has this amount." in page
    desk.post(
        f"/reconciliation/lines/{other.line_id}/match?show=todo",
        at=f"/reconciliation?open={other.line_id}&show=todo",
        choice=f"entry:{other.proposals[0].candidate_id}",
    )
    assert desk.row("endowment").state is State.MATCHED


def test_only_what_goes_the_same_way_is_offered(desk: Desk) -> None:
    database, at = desk.database, AFTER
    database.run(payouts.on_payout, build.a_payout([], created=at, amount="9.00"), at)
    database.run(build.a_payment, desk.house, at=at, amount="80.00")
    draft = entries.reserve_endowed(
        endowment_id="1", on=at.date(), source=chart.bank("B1"), amount=Money(700, "EUR")
    )
    database.run(journal.post, draft, at=at)
    told = build.a_statement(
        build.a_line("500.00", "in", on=at.date()),
        build.a_line("-500.00", "out", on=at.date()),
        opening="10000.00",
        on=at.date(),
    )
    database.run(build.take_in, told, actor=desk.house.clerk, at=at)
    offered = {
        side: re.findall(
            r'<option value="([a-z_]+):',
            desk.get(f"/reconciliation?open={desk.row(side).line_id}").split('id="choice-')[1],
        )
        for side in ("in", "out")
    }
    assert set(offered["in"]) == {"payout", "entry", "unidentified"}
    assert set(offered["out"]) == {"disbursement", "bank_fee"}


def test_what_waits_longest_is_found(desk: Desk) -> None:
    desk.clock.set(AFTER.replace(month=12))
    desk.sit(Role.CLERK, email="december@desk.example")
    desk.database.run(build.a_payment, desk.house, at=AFTER.replace(day=1), amount="80.00")
    assert "DISB-2026-0001" in desk.get("/reconciliation?show=old")
    assert "DISB-2026-0001" in desk.get("/reconciliation?show=waiting")
    assert "ordered more than ten days ago" in desk.get("")


def test_bad_addresses_and_empty_forms_are_told(desk: Desk, month: bytes) -> None:
    desk.post("/statements", at="/statements", act="import", file=upload(month, "oct.xml"))
    line = desk.row("FRAIS").line_id
    missing = uuid.uuid4()
    for path, fields in (
        (f"/reconciliation/lines/{missing}/match", {"choice": "bank_fee:"}),
        (f"/reconciliation/lines/{missing}/note", {"text": "x"}),
        (f"/reconciliation/matches/{missing}/undo", {"reason": "x"}),
    ):
        told = desk.post(path, 404 if path.endswith("match") else 422, **fields)
        assert "There is no such" in told
    bare = desk.client.post(f"/secretariat/reconciliation/lines/{line}/match", data={})
    assert bare.status_code == 400
    told = desk.post(f"/reconciliation/lines/{line}/match", 409, choice=f"payout:{missing}")
    assert "There is nothing like this to match with." in told
    (payout_id,) = _ids(desk)
    told = desk.post(f"/payouts/{payout_id}/match", 409, choice=str(line))
    assert "amounts differ" in told


def test_the_desk_turns_down_takes_figures_and_says_where_a_project_stands(desk: Desk) -> None:
    from offset.projects import activity, updates  # noqa: PLC0415 - this test alone
    from offset.projects.activity import Done  # noqa: PLC0415 - this test alone

    way, steward = desk.house.way, desk.house.way.cast.steward
    told = {"actor": steward, "at": AFTER, "project_id": way.project_id}
    update_id = desk.database.run(
        updates.write,
        **told,
        title="Flights made neutral",
        body="Give, and we offset your flight.",
        language="en",
    )
    desk.database.run(updates.submit, actor=steward, at=AFTER, update_id=update_id)
    one = f"/updates/{update_id}"
    page = desk.get(one)
    for words in ("neutral", "offset", "Directive (EU) 2024/825", "Instead:"):
        assert words in page
    told_ = desk.post(f"{one}/publish", 422, at=one)
    assert "These words are not used here" in told_
    desk.post(f"{one}/reject", 422, at=one, why=" ")
    desk.post(f"{one}/reject", at=one, why="It sells what nobody sells here.")
    assert "It sells what nobody sells here." in desk.get(one)
    days = {"from_on": AFTER.date().replace(month=1, day=1), "until_on": AFTER.date()}
    reports = [
        desk.database.run(activity.report, **told, **days, done=Done(5, 4), evidence="Lists.")
    ]
    page = f"/figures/{reports[0]}"
    assert "Lists." in desk.get(page)
    desk.post(f"{page}/return", 422, at=page, reason=" ")
    desk.post(f"{page}/return", at=page, reason="Which plots?")
    desk.post(f"{page}/accept", 422, at=page)
    second = desk.database.run(
        activity.report, **told, **days, done=Done(5, 4), evidence="Lists of plots."
    )
    desk.post(f"/figures/{second}/accept", at=f"/figures/{second}")
    assert "No figures wait." in desk.get("/updates")
    page = f"/standing/{way.slug}/loss"
    assert page in desk.get("/projects")
    told = {"cause": "fire", "language": "en", "area_ha": "2,5"}
    for happened, words in (("2027-12-31", "Burnt."), (AFTER.date(), " ")):
        desk.post(page, 422, at=page, happened_on=happened, told=words, **told)
    desk.post(page, at=page, happened_on=AFTER.date(), told="Two plots burnt.", **told)
    assert "Two plots burnt." in desk.get(page)
    assert "Two plots burnt." in desk.client.get(f"/projects/{way.slug}").get_data(as_text=True)
    desk.sit(Role.TREASURER)
    page = f"/standing/{way.slug}"
    assert "Admitted" in desk.get(page)
    desk.post(page, 422, at=page, step="hold", told=" ", language="en", reason="x")
    desk.post(page, at=page, step="hold", told="The office moves.", language="en", reason="x")
    assert "The office moves." in desk.get(page)

"""Is anything found, followed and reported, by whom it may be, and is each look written down?"""

import io
import re
import shutil
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.giving import donations, receipts
from offset.giving.models import Donation, Receipt
from offset.ledger.models import Entry
from offset.people import contributors, outbox
from offset.people.access import Role
from offset.people.contributors import Contributor
from offset.people.models import AuditEvent, OutboxMessage
from offset.reports.ready_lists import READY
from offset.treasury import payouts, reconciliation
from offset.treasury.models import BankFile, BankLine, BankStatement, Disbursement, StripePayout
from offset.web.secretariat.reports import REPORTS
from tests.builders import treasury as build
from tests.builders.treasury import House
from tests.web.secretariat.test_pages import (  # noqa: F401 - fixtures
    AFTER,
    BEFORE,
    MONTH,
    Desk,
    desk,
)

pytestmark = pytest.mark.usefixtures("desk")
ADA = "ada@lovelace.example"


@pytest.fixture(scope="module")
def furnished(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, House]:
    """October as the bank told it, and a giver who left a name and an address; built once."""
    path = tmp_path_factory.mktemp("looks") / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    house = database.run(build.a_house, at=BEFORE, opening="10000.00")
    database.run(build.a_payment, house, at=AFTER.replace(day=8))
    database.run(payouts.on_payout, database.run(build.the_month), AFTER)
    told = MONTH.read_bytes()
    database.run(
        reconciliation.import_statement,
        actor=house.clerk,
        at=AFTER,
        data=told,
        name="oct.xml",
        read=BankFileReader().read(told, None),
    )
    database.run(_ada)
    database.dispose()
    return path, house


@pytest.fixture
def lived(desk: Desk) -> Desk:  # noqa: F811 - a fixture by its name
    """A clerk at the desk of that October."""
    return desk


def _ada(session: Session) -> None:
    giver = contributors.keep(session, at=AFTER, email=ADA, name="Ada Lovelace")
    gift = session.scalars(select(Donation).where(Donation.entry_id.is_not(None))).first()
    assert gift is not None
    gift.contributor_id = giver
    session.flush()
    receipts.issue(session, gift.id, at=AFTER)
    session.execute(update(OutboxMessage).values(attempts=12, fault="mailbox_unknown"))


def one(desk: Desk, wanted: Any) -> Any:  # noqa: F811 - a fixture by its name
    with desk.database.reading() as session:
        found = session.scalars(wanted).first()
        session.expunge_all()
    return found


def giver(desk: Desk) -> Contributor:  # noqa: F811 - a fixture by its name
    found = one(desk, select(Contributor).where(Contributor.email == ADA))
    assert isinstance(found, Contributor)
    return found


def trail(desk: Desk, action: str) -> list[AuditEvent]:  # noqa: F811 - a fixture by its name
    with desk.database.reading() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()
        session.expunge_all()
    return list(found)


def sought(desk: Desk, word: str) -> str:  # noqa: F811 - a fixture by its name
    """Ask the box; one thing is followed at once."""
    answer = desk.client.get("/secretariat/find", query_string={"q": word}, follow_redirects=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return answer.get_data(as_text=True)


def asked(desk: Desk, path: str) -> int:  # noqa: F811 - a fixture by its name
    seen: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_rest: Any) -> None:
        seen.append(sql)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    desk.get(path)
    event.remove(desk.database.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_box_finds_each_kind_and_shows_its_way(lived: Desk) -> None:
    gift = one(lived, select(Donation).where(Donation.contributor_id.is_not(None)))
    payout = one(lived, select(StripePayout))
    payment = one(lived, select(Disbursement))
    line = one(lived, select(BankLine).where(BankLine.end_to_end_id == payment.number))
    assert line is not None
    for word, told in (
        (gift.reference, "Row of the card processor"),
        (gift.reference.replace("-", " ").lower(), gift.reference),
        (gift.reference[:9].lower(), gift.reference),
        (payment.number[:8], payment.number),
        (str(gift.id), gift.reference),
        (gift.id.hex, gift.reference),
        (gift.charge_id or "txn_000001", gift.reference),
        (payout.payout_id, f"/secretariat/trail/payout/{payout.id}"),
        (payment.number, f"/secretariat/trail/payment/{payment.id}"),
        (str(payment.id), "Decision of the committee"),
        ("1,234.56", payment.number),
        ("EUR 112.40", payout.payout_id),
        ("2026-000001", "Receipt"),
        ("Assets:Bank:B1", "Assets:Bank:B1"),
    ):
        assert told in sought(lived, word), word
    followed = lived.get(f"/trail/payout/{payout.id}")
    assert "Bank line" in followed
    statement = one(lived, select(BankStatement))
    assert f"/secretariat/statements/{statement.id}/file" in followed
    assert 'role="alert"' in lived.get(f"/find?q={'x' * 201}", 422)
    assert "Nothing is called" in sought(lived, "' OR 1=1 --")
    assert "Nothing is called" in sought(lived, "%%%")
    assert "<script>" not in sought(lived, "<script>alert(1)</script>")
    assert "Nothing is called" in sought(lived, "9" * 40)


def test_a_trail_costs_the_same_however_much_hangs_on_it(lived: Desk) -> None:
    payout = one(lived, select(StripePayout))
    gift = one(lived, select(Donation))
    entry = one(lived, select(Entry))
    counts = [
        asked(lived, f"/trail/{kind}/{thing}")
        for kind, thing in (("payout", payout.id), ("gift", gift.id), ("entry", entry.id))
    ]
    assert max(counts) <= 45, counts
    assert asked(lived, "/find?q=60") <= 30
    for path in ("/trail/entry/none", "/trail/nothing/1", f"/trail/gift/{uuid.uuid4()}"):
        lived.get(path, 404)


def test_names_are_for_those_who_answer_givers(lived: Desk) -> None:
    gift = one(lived, select(Donation).where(Donation.contributor_id.is_not(None)))
    ada = giver(lived)
    assert "Ada Lovelace" not in lived.get("/gifts")
    assert f"/secretariat/donors/{ada.id}" in lived.get(f"/gifts/{gift.id}")
    found = sought(lived, "lovelace")
    assert "Ada Lovelace" in found
    assert ADA in found
    lived.sit(Role.APPROVER)
    for word in ("lovelace", ADA, str(ada.id)):
        assert "Nothing is called" in sought(lived, word), word
    assert "Ada" not in lived.get(f"/gifts/{gift.id}")
    assert gift.reference not in lived.get(f"/gifts?text={ADA}") or "Ada" not in lived.get("/gifts")
    lived.get(f"/donors/{ada.id}", 403)
    lived.get(f"/gifts/{gift.id}/giver", 403)
    statement = one(lived, select(BankStatement))
    lived.get(f"/statements/{statement.id}/file", 403)


def test_each_look_is_written_down_for_the_auditor(lived: Desk) -> None:
    ada = giver(lived)
    page = lived.get(f"/donors/{ada.id}?why=she+called")
    assert "she called" in page
    lived.get(f"/donors/{ada.id}?why={'x' * 201}", 422)
    sought(lived, "lovelace")
    seen = trail(lived, "person.seen")
    assert len(seen) >= 2
    assert seen[0].details == {"why": "she called"}
    assert trail(lived, "person.sought")
    assert "Ada" not in str([(row.details, row.object_id) for row in seen])
    lived.sit(Role.AUDITOR)
    told = lived.get("/auditor/lists/looks")
    assert "she called" in told
    assert str(ada.id) in told
    lived.get(f"/donors/{ada.id}", 403)


def test_a_corrected_name_makes_a_new_receipt(lived: Desk) -> None:
    ada, path = giver(lived), f"/donors/{giver(lived).id}"
    told = {"name": "Ada King", "address": "12 St James Square\nLondon", "email": ADA}
    lived.post(f"{path}/correct", 422, reason="", **told)
    lived.post(f"{path}/correct", at=path, reason="she wrote", **told)
    with lived.database.reading() as session:
        papers = session.scalars(select(Receipt).order_by(Receipt.number)).all()
        standing = [row for row in papers if row.cancelled_at is None]
        session.expunge_all()
    assert len(papers) == 2
    assert [row.cancel_reason for row in papers] == ["corrected", None]
    assert standing[0].facts["replaces"]
    (act,) = trail(lived, "donor.corrected")
    assert act.details["receipts"] == 1
    assert "King" not in str(act.details)
    again = lived.post(f"{path}/correct", 422, reason="again", **told)
    assert "Nothing is different" in again
    lived.post(f"{path}/correct", at=path, reason="typo", **{**told, "email": "ada@king.example"})
    assert one(lived, select(Contributor.email).where(Contributor.id == ada.id)) == (
        "ada@king.example"
    )
    lived.post(f"{path}/correct", 422, reason="bad", **{**told, "email": "ada at king"})


def test_a_mail_that_was_given_up_goes_to_the_right_address(lived: Desk) -> None:
    page = lived.get("/donors/mails")
    assert "mailbox_unknown" in page
    message = one(lived, select(OutboxMessage).where(OutboxMessage.recipient == ADA))
    lived.post(f"/donors/mails/{message.id}", 422, email="nobody")
    lived.post(f"/donors/mails/{message.id}", at="/donors/mails", email="ada@right.example")
    with lived.database.reading() as session:
        row = session.get_one(OutboxMessage, message.id)
        assert (row.recipient, row.attempts, row.fault) == ("ada@right.example", 0, None)
        assert ADA not in [one.recipient for one in outbox.given_up(session)]
        assert contributors.by_address(session, "ada@right.example")
    again = lived.post(f"/donors/mails/{message.id}", 422, email=ADA)
    assert "was sent, or is still being tried" in again
    lived.post(f"/donors/mails/{uuid.uuid4()}", 422, email=ADA)


def test_a_person_is_forgotten_and_the_money_stays(lived: Desk) -> None:
    ada = giver(lived)
    lived.get("/donors/forget", 403)
    lived.sit(Role.TREASURER)
    assert "differ" in lived.post("/donors/forget", 422, email=ADA, again="x@y.example")
    assert "no such person" in lived.post(
        "/donors/forget", 422, email="no@body.example", again="no@body.example"
    )
    lived.post("/donors/forget", at="/donors/forget", email=ADA, again=ADA)
    with lived.database.reading() as session:
        row = session.get_one(Contributor, ada.id)
        assert (row.email, row.name, row.address) == (None, None, None)
        assert session.scalars(select(Entry.id)).first()
        assert donations.found(session, Donation.contributor_id == ada.id)
    (act,) = trail(lived, "person.forgotten")
    assert "lovelace" not in str((act.details, act.object_id))
    page = lived.get(f"/donors/{ada.id}")
    assert "forgotten on request" in page
    assert "Correct" not in re.findall(r"<button[^>]*>([^<]+)<", page)
    assert "asked to be forgotten" in lived.post(
        f"/donors/{ada.id}/correct", 422, name="Ada", address="", email="", reason="back"
    )


def test_a_report_is_a_page_a_csv_and_a_workbook(lived: Desk) -> None:
    for name in REPORTS:
        _report(lived, name)
    lived.get("/reports/nothing", 404)


def _report(lived: Desk, name: str) -> None:
    assert f"/secretariat/reports/{name}" in lived.get("/reports")
    page = lived.get(f"/reports/{name}?since=2026-01-01&until=2026-12-31")
    for form in ("csv", "xlsx"):
        assert f"/secretariat/reports/{name}.{form}?since=2026-01-01&amp;until=2026-12-31" in page
        answer = lived.client.get(
            f"/secretariat/reports/{name}.{form}?since=2026-01-01&until=2026-12-31"
        )
        assert answer.data
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
    lived.get(f"/reports/{name}?since=soon", 422)
    lived.get(f"/reports/{name}?since=2026-12-31&until=2026-01-01", 422)
    lived.get(f"/reports/{name}.csv?since=soon", 422)
    lived.get(f"/reports/{name}.pdf", 404)
    assert asked(lived, f"/reports/{name}") <= 16


def test_a_ready_list_is_for_auditors(lived: Desk) -> None:
    lived.get("/auditor", 403)
    lived.get("/auditor/lists/reversals.csv", 403)
    lived.sit(Role.AUDITOR)
    for name in READY:
        _ready(lived, name)
    lived.get("/auditor/lists/nothing", 404)
    told = lived.get("/auditor/lists/payments-decisions?since=2026-01-01&until=2026-12-31")
    assert "DISB-2026-" in told
    assert "1,234.56" in told
    told = lived.get("/auditor/lists/two-people?since=2026-01-01&until=2026-12-31")
    assert "payment to a project" in told
    assert "account of a payee" in told


def _ready(lived: Desk, name: str) -> None:
    assert f"/secretariat/auditor/lists/{name}" in lived.get("/auditor")
    lived.get(f"/auditor/lists/{name}?since=2026-01-01&until=2026-12-31")
    for form in ("csv", "xlsx"):
        path = f"/secretariat/auditor/lists/{name}.{form}?since=2026-01-01&until=2026-12-31"
        assert lived.client.get(path).data
    assert asked(lived, f"/auditor/lists/{name}") <= 12


def test_a_sample_is_drawn_again_from_its_word(lived: Desk) -> None:
    lived.sit(Role.AUDITOR)
    asking = "currency=EUR&method=random&size=3&seed=october&since=2026-10-01&until=2026-10-31"
    page = lived.get(f"/auditor/sample?{asking}")
    assert page == lived.get(f"/auditor/sample?{asking}")
    assert page.count("/secretariat/trail/entry/") == 3
    answer = lived.client.get(f"/secretariat/auditor/sample.xlsx?{asking}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        names = re.findall(r'sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == [
        "sample", "items", "postings", "processor rows", "bank lines", "decisions", "proofs"
    ]  # fmt: skip
    (drawn,) = trail(lived, "sample.drawn")
    assert drawn.details["seed"] == "october"
    for bad in ("size=0&seed=a", "size=201&seed=a", "size=3&seed=", f"size=3&seed={'a' * 65}"):
        lived.get(f"/auditor/sample?currency=EUR&method=random&{bad}", 422)
        lived.get(f"/auditor/sample.xlsx?currency=EUR&method=random&{bad}", 422)
    lived.get("/auditor/sample?size=many&seed=a", 422)


def test_a_bank_s_file_leaves_as_it_came(lived: Desk) -> None:
    lived.sit(Role.AUDITOR)
    statement = one(lived, select(BankStatement))
    answer = lived.client.get(f"/secretariat/statements/{statement.id}/file")
    assert answer.data == MONTH.read_bytes()
    assert answer.headers["Content-Length"] == str(MONTH.stat().st_size)
    assert one(lived, select(BankFile.sha256))[:16] in answer.headers["Content-Disposition"]
    (opened,) = trail(lived, "bank_file.opened")
    assert opened.object_type == "bank_file"
    lived.get(f"/statements/{uuid.uuid4()}/file", 404)

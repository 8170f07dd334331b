"""Does each line of the ready list turn green by itself, and does red keep the site closed?"""

import dataclasses
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offset.config import kept_secret
from offset.database.session import Database
from offset.giving import epochs
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import (
    backups,
    installation,
    jobs,
    mail_probe,
    schedule,
    settings,
    signin,
    users,
)
from offset.people.access import SYSTEM, Actor, Role
from offset.people.backups import BackupKind
from offset.people.installation import Mode
from offset.people.models import OutboxMessage, SecondFactor, User
from offset.projects import criteria
from offset.treasury import statements
from offset.web import ready
from offset.web.language import LANGUAGES
from offset.web.ready import State
from offset.web.ready_words import WORDS
from offset.web.wiring import Services
from tests.fakes import FrozenClock
from tests.fakes_ready import FakeAccount, FakeSurroundings
from tests.web.conftest import assembled, build, services_with, settings_with
from tests.web.rooms import Visitor

URL = "https://give.example.org"


@dataclasses.dataclass
class House:
    """A rehearsal with nothing done yet, and the hands to do each thing."""

    services: Services
    account: FakeAccount
    surroundings: FakeSurroundings
    at: datetime

    @property
    def database(self) -> Database:
        return self.services.database

    def lines(self, mode: Mode = Mode.REHEARSAL) -> dict[str, ready.Line]:
        with self.database.reading() as session:
            found = ready.look(self.services, session, mode, at=self.at)
        return {line.key: line for line in found}

    def state(self, key: str, mode: Mode = Mode.REHEARSAL) -> State:
        return self.lines(mode)[key].state

    def person(self, name: str, *roles: Role) -> Actor:
        held = frozenset(roles)
        mail = f"{name}@example.org"
        made = self.database.run(
            users.invite, actor=SYSTEM, at=self.at, email=mail, name=name, roles=held
        )
        return Actor(made, held)


@pytest.fixture
def house(untold: Database, at: datetime, clock: FrozenClock, tmp_path: Path) -> House:
    untold.run(installation.prepare, Mode.REHEARSAL, at=at)
    told = settings_with(
        OFFSET_PUBLIC_URL=URL, OFFSET_DATA_DIR=str(tmp_path), OFFSET_MAIL_FROM="a@example.org"
    )
    account, surroundings = FakeAccount(at, URL), FakeSurroundings(at)
    wired = dataclasses.replace(
        services_with(told, untold, clock), account=account, surroundings=surroundings
    )
    return House(wired, account, surroundings, at)


def test_every_line_has_its_words_and_every_word_its_line(house: House) -> None:
    assert list(house.lines()) == [key for key, *_ in ready.CHECKS]
    assert set(WORDS) == set(house.lines())


def test_a_new_house_is_closed(house: House) -> None:
    found = house.lines()
    green = {key for key, line in found.items() if line.state is State.GREEN}
    assert green == {
        "address", "certificate", "clock", "disk", "workers", "spf", "dmarc", "pango", "account",
        "api_version", "payouts", "descriptor", "methods", "webhook", "minimum",
    }  # fmt: skip
    blocked = ready.red(tuple(found.values()))
    assert {"people", "mail", "issuer", "terms", "policy", "backup", "drill"} <= blocked
    assert "dkim" not in blocked


def test_several_processes_need_their_counter(house: House) -> None:
    told = dataclasses.replace(
        house.services.settings, workers=2, limits_url="redis://127.0.0.1:6379/0"
    )
    house.services = dataclasses.replace(house.services, settings=told)
    line = house.lines()["workers"]
    assert (line.state, line.found) == (State.GREEN, "2 × 8, redis")
    house.surroundings.up = False
    assert house.state("workers") is State.RED


class Broken(FakeSurroundings):
    """A machine whose disk cannot be asked."""

    def free(self, folder: Path) -> tuple[int, int]:
        raise FileNotFoundError(folder)


def test_a_check_that_breaks_is_red_and_stops_no_other(house: House) -> None:
    house.surroundings = Broken(house.at)
    house.services = dataclasses.replace(house.services, surroundings=house.surroundings)
    found = house.lines()
    disk = found["disk"]
    assert found["address"].state is State.GREEN
    assert (disk.state, disk.found) == (State.RED, "FileNotFoundError")


def _outside(house: House) -> None:
    house.surroundings.up = False
    house.surroundings.until = house.at + timedelta(days=3)
    house.surroundings.free_bytes = 1_000
    house.surroundings.records = {}
    house.account.but(
        automatic_payouts=False, descriptor=" ", methods=frozenset(), takes_payments=False,
        api_version="2020-08-27", endpoints=(), said_at=house.at + timedelta(minutes=5),
    )  # fmt: skip


@pytest.mark.parametrize(
    "key",
    ["address", "certificate", "disk", "spf", "dmarc", "payouts", "descriptor", "methods",
     "account", "api_version", "webhook", "clock"],
)  # fmt: skip
def test_what_is_wrong_outside_is_red(house: House, key: str) -> None:
    assert house.state(key) is State.GREEN
    _outside(house)
    assert house.state(key) is State.RED


def test_what_cannot_be_asked_is_said_and_is_not_green(house: House) -> None:
    house.surroundings.records = None
    house.account.reachable = False
    found = house.lines()
    assert [found[key].state for key in ("spf", "clock")] == [State.UNKNOWN] * 2
    assert found["clock"].blocks
    assert not found["spf"].blocks
    assert {found[key].state for key in ("account", "payouts", "webhook")} == {State.RED}


def test_a_test_account_is_wrong_for_a_live_house(house: House) -> None:
    assert house.state("account", Mode.LIVE) is State.RED
    house.account.but(live=True)
    assert house.state("account", Mode.LIVE) is State.GREEN
    assert house.state("account") is State.RED


def test_a_webhook_that_lacks_a_kind_is_named(house: House) -> None:
    [endpoint] = house.account.told.endpoints
    kinds = house.account.told.wanted_kinds - {"charge.refunded"}
    house.account.but(endpoints=(dataclasses.replace(endpoint, kinds=kinds),))
    assert house.lines()["webhook"].found == "charge.refunded"
    house.account.but(endpoints=(dataclasses.replace(endpoint, enabled=False),))
    assert house.state("webhook") is State.RED


def _do_everything(house: House, clock: FrozenClock) -> tuple[Actor, Actor]:
    """Do what the words of each red line say, through the verbs behind them."""
    ada = house.person("ada", Role.ADMINISTRATOR, Role.TREASURER)
    ben = house.person("ben", Role.CLERK, Role.APPROVER, Role.ADMINISTRATOR)
    run, at = house.database.run, house.at

    def enrolled(session: Any) -> None:
        for person in session.query(User):
            session.add(
                SecondFactor(
                    user_id=person.id, shared_key=b"k" * 20, created_at=at, confirmed_at=at
                )
            )

    run(enrolled)
    for name in schedule.JOBS:
        run(jobs.begin, name=name, at=at)
        run(jobs.finish, name=name, at=at, outcome="done", detail="")
    run(mail_probe.send, actor=ada, at=at)
    secret = mail_link(house).rpartition("/")[2]
    run(mail_probe.arrived, secret, at=at)
    for name, value in {
        "rate": {"EUR": 6000}, "share_bp": 400, "refund_days": 30,
        "attested": {"radar": "seen", "dkim": "seen"},
        "issuer": {
            "legal_name": "Soil House", "country": "France", "address": "", "regime": "NONE",
        },
    }.items():  # fmt: skip
        run(settings.change, name, value, actor=ada, at=at, reason="the board")
    texts = house.services.settings.data_dir / "texts"
    texts.mkdir(parents=True)
    for name in ("terms", "privacy", "legal"):
        for code in LANGUAGES:
            (texts / f"{name}.{code}.md").write_text("# Ours\n\nOur own words.\n")
    run(
        statements.register_account,
        actor=SYSTEM,
        at=at,
        code="B1",
        holder="Soil House",
        number="FR7630006000011234567890189",
        opened_on=at.date(),
        opening=Money(90_000, "EUR"),
    )
    endowed = entries.reserve_endowed(
        endowment_id="1", on=at.date(), source=chart.bank(), amount=Money(50_000, "EUR")
    )
    run(journal.post, endowed, at=at)
    policy = run(
        epochs.propose_policy, actor=ben, at=at, weights={uuid.uuid4(): 1}, reason="the board"
    )
    run(epochs.approve_policy, policy, actor=ada, at=at)
    run(
        criteria.adopt, actor=SYSTEM, at=at, document=criteria.draft_document(),
        valid_from=at.date(),
    )  # fmt: skip
    for kind in BackupKind:
        run(backups.note, kind=kind, at=at, archive="a", size=1, row_count=1, checkpoint=1, root="")
    assert clock.now() == at
    return ada, ben


def mail_link(house: House) -> str:
    with house.database.reading() as session:
        [row] = session.query(OutboxMessage).filter_by(template="mail_probe")
        return str(row.parameters["path"])


def test_the_house_opens_when_everything_is_done_and_not_before(
    house: House, clock: FrozenClock
) -> None:
    ada, ben = _do_everything(house, clock)
    found = house.lines()
    assert {key: line.found for key, line in found.items() if line.state is not State.GREEN} == {}
    run, red = house.database.run, ready.red(tuple(found.values()))
    run(installation.ask, actor=ada, at=house.at, reason="we start", red=red)
    run(installation.confirm, actor=ben, at=house.at, red=red)
    with house.database.reading() as session:
        assert installation.accepting(session)
    # and time alone turns lines red again
    later = house.at + timedelta(days=101)
    with house.database.reading() as session:
        late = ready.look(house.services, session, Mode.REHEARSAL, at=later)
    assert {"backup", "drill", "mail", "jobs", "certificate"} <= ready.red(late)


def test_two_people_are_two(house: House) -> None:
    house.person("ada", Role.ADMINISTRATOR, Role.TREASURER, Role.CLERK, Role.APPROVER)
    assert "prepare_disbursement" in house.lines()["people"].found
    house.person("ben", Role.APPROVER)
    assert "open_site" in house.lines()["people"].found
    house.person("cleo", Role.ADMINISTRATOR)
    assert house.state("people") is State.GREEN
    assert house.lines()["second_factors"].found == "ada, ben, cleo"


def test_the_page_registers_the_webhook_and_keeps_its_secret(
    embedded: Database, at: datetime, clock: FrozenClock, tmp_path: Path
) -> None:
    told = settings_with(OFFSET_DATA_DIR=str(tmp_path))
    account = FakeAccount(at, "http://localhost")
    account.but(endpoints=())
    wired = dataclasses.replace(
        services_with(told, embedded, clock), account=account, surroundings=FakeSurroundings(at)
    )
    app = assembled(wired)
    ada = embedded.run(
        users.invite, actor=SYSTEM, at=at, email="ada@example.org", name="Ada",
        roles=frozenset({Role.ADMINISTRATOR}), password="a long password of ada",
    )  # fmt: skip
    assert ada
    secret = embedded.run(
        signin.use_password, email="ada@example.org", password="a long password of ada", at=at
    )
    visitor = Visitor(app.test_client())
    with visitor.client.session_transaction() as browser:
        browser["_user_id"] = secret
    page = visitor.get("/secretariat/ready")
    assert "Register our address" in page.plain
    visitor.post("/secretariat/ready/webhook")
    assert kept_secret(tmp_path) == account.secret
    assert (tmp_path / "webhook-secret").stat().st_mode & 0o77 == 0
    account.reachable = False
    assert "does not answer" in visitor.post("/secretariat/ready/webhook", expect=503).plain
    visitor.post("/secretariat/ready/attest/radar", {"reason": "rules seen"})
    with embedded.reading() as session:
        assert "rules seen" in settings.current(session, "attested").value["radar"]
    visitor.post("/secretariat/ready/attest/everything", {"reason": "x"}, expect=404)


def test_a_mail_on_trial_arrives_by_a_press_and_not_by_a_look(
    embedded: Database, at: datetime, clock: FrozenClock
) -> None:
    app = build(settings_with(), embedded, clock)
    ada = embedded.run(
        users.invite, actor=SYSTEM, at=at, email="ada@example.org", name="Ada",
        roles=frozenset({Role.ADMINISTRATOR}),
    )  # fmt: skip
    embedded.run(mail_probe.send, actor=Actor(ada, frozenset({Role.ADMINISTRATOR})), at=at)
    with embedded.reading() as session:
        [row] = session.query(OutboxMessage).filter_by(template="mail_probe")
        path = str(row.parameters["path"])
    visitor = Visitor(app.test_client())
    visitor.get(path)
    with embedded.reading() as session:
        assert mail_probe.last(session)[1] is None
    visitor.post(path, expect=200)
    visitor.post("/mail-arrived/somebody-elses", expect=404)
    with embedded.reading() as session:
        sent, came = mail_probe.last(session)
    assert sent == came
    assert came is not None
    assert came.arrived_at == at

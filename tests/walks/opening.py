"""How does a newcomer open the house? Step by step, with what the pages and papers say."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from offset.clock import SystemClock
from offset.money import Money
from offset.projects.criteria import draft_document
from offset.sandbox.demo_bank import write_statement
from offset.sandbox.stripe.control import Control
from offset.treasury.ports import StatementLine
from tests.walks import founding
from tests.walks.newcomer import Browser, Installation

IBAN = "FR76 3000 6000 0112 3456 7890 189"
_BETWEEN = 31.0  # the mails leave at most twice a minute
TEXTS = ("terms", "privacy", "legal")
People = dict[str, Browser]
# Whom the two administrators invite, and what each of them is here for.
INVITED = {
    "cleo": "clerk",
    "tom": "treasurer",
    "sam": "steward",
    "rita": "stc_member",
    "rob": "stc_member",
    "rafa": "rapporteur",
}


class Clerkship:
    """The people of the house with a browser each."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.people: People = {}
        # A round may have begun before and sent the mails of that minute.
        self.ran = time.monotonic()

    def jobs(self) -> str:
        """Let the timer call once more."""
        time.sleep(max(0.0, self.ran + _BETWEEN - time.monotonic()))
        said = self.house.command("jobs", "run")
        self.ran = time.monotonic()
        return said

    def __getitem__(self, name: str) -> Browser:
        return self.people.setdefault(name, Browser(self.house.url))

    def ask_for_links(self, *names: str) -> None:
        for name in names:
            self[name].fill("/sign-in", "/sign-in", email=f"{name}@give.example")

    def sign_in(self, *names: str) -> None:
        for name in names:
            path = self.house.post.links(f"{name}@give.example", "/sign-in/")[-1]
            self.arrive(name, self[name].fill(path, "/sign-in/"))

    def join(self, *names: str) -> None:
        for name in names:
            [path] = self.house.post.links(f"{name}@give.example", "/welcome/")[-1:]
            self.arrive(name, self[name].fill(path, "/welcome/"))

    def arrive(self, name: str, _page: object) -> None:
        """Set the phone up, keep the codes on paper."""
        browser = self[name]
        page = browser.get("/account/second-factor")
        page = browser.press(page, "/account/second-factor", code=browser.six_digits(page))
        page = browser.press(page, "/account/second-factor/codes")
        assert len(re.findall(r"<code>[A-Z0-9-]{19}</code>", page.text)) == 8


def missing(browser: Browser) -> set[str]:
    """The keys of the required lines that are red on the page."""
    page = browser.get("/secretariat/ready")
    rows = re.findall(r'<tr id="(\w+)">(.*?)</tr>', page.text, re.DOTALL)
    assert len(rows) > 25
    return {key for key, row in rows if "chip bad" in row}


def first_people(clerks: Clerkship) -> None:
    """Two administrators sign in and invite the others."""
    clerks.ask_for_links("ada", "ben")
    clerks.jobs()
    clerks.sign_in("ada", "ben")
    ada = clerks["ada"]
    for name, role in INVITED.items():
        ada.fill(
            "/secretariat/people", "/secretariat/people",
            name=name.title(), email=f"{name}@give.example", roles=[role],
        )  # fmt: skip
    ada.fill("/secretariat/ready", "/ready/mail")
    clerks.jobs()
    clerks.join(*INVITED)
    [path] = clerks.house.post.links("ada@give.example", "/mail-arrived/")
    ada.fill(path, "/mail-arrived/")


def decide(clerks: Clerkship) -> None:
    """Texts, issuer, figures, Radar: what somebody has to stand for."""
    texts = clerks.house.folder / "var" / "texts"
    texts.mkdir(parents=True)
    for name in TEXTS:
        for code in ("en", "fr", "es"):
            (texts / f"{name}.{code}.md").write_text("# Ours\n\nOur own words.\n")
    ada = clerks["ada"]
    ada.fill(
        "/secretariat/issuer", "/secretariat/issuer",
        legal_name="Soil House", country="France", reason="Statutes of 2020",
    )  # fmt: skip
    for name, typed in (
        ("rate", {"EUR": "55.00"}),
        ("share_bp", {"value": "4.00"}),
        ("refund_days", {"value": "30"}),
    ):
        ada.fill(
            f"/secretariat/settings/{name}/change", f"/settings/{name}/change",
            reason="Board of 3 November", **typed,
        )  # fmt: skip
    ada.fill("/secretariat/ready", "/ready/attest/radar", reason="Rules looked at")


def bank_and_reserve(clerks: Clerkship, day: datetime) -> None:
    """The treasurer begins an account; own money fills the reserve, by two people."""
    tom, cleo = clerks["tom"], clerks["cleo"]
    tom.fill(
        "/secretariat/bank-accounts/new", "/bank-accounts/new",
        number=IBAN, holder="Soil House", currency="EUR", opened_on=day.date().isoformat(),
        opening="100.00", reason="Contract of October",
    )  # fmt: skip
    wanted = {
        "on": SystemClock().now().date().isoformat(),
        "source": "Assets:Bank:B1", "amount": "500.00", "reason": "Board of 3 November",
    }  # fmt: skip
    path = "/secretariat/entries/new/reserve_endowed"
    cleo.fill(path, path, act="prepare", **wanted)
    tom.fill(cleo.url, "/approve")


def a_project(clerks: Clerkship) -> None:
    """A project is applied for, assessed by three, and admitted once its organisation is known."""
    today = SystemClock().now().date()
    founding.apply(clerks["sam"], today)
    path = founding.seat(
        clerks["cleo"], {"Rita": "reviewer", "Rob": "reviewer", "Rafa": "rapporteur"}
    )
    for name in ("rita", "rob"):
        founding.review(clerks[name])
    founding.decide(clerks["rafa"])
    founding.know(clerks["cleo"], today)
    founding.admit(clerks["cleo"], path)


def allocation_rule(clerks: Clerkship) -> None:
    cleo, tom = clerks["cleo"], clerks["tom"]
    page = cleo.get("/secretariat/allocation")
    [weight] = re.findall(r'name="(weight-[0-9a-f-]{36})"', page.text)
    cleo.press(page, "/allocation/weights", reason="One project, all to it", **{weight: "1"})
    tom.fill("/secretariat/allocation", "/approve")


def open_for_business(house: Installation, say: Callable[..., None] = lambda *_: None) -> Clerkship:
    """From two invited administrators to a site that accepts contributions."""
    clerks = Clerkship(house)
    first_people(clerks)
    say("people", sorted(missing(clerks["ada"])))
    decide(clerks)
    month_before = SystemClock().now().replace(day=1, hour=12, tzinfo=UTC) - timedelta(days=1)
    bank_and_reserve(clerks, month_before)
    ada = clerks["ada"]
    ada.fill(
        "/secretariat/criteria/new", "/criteria/new",
        version=draft_document()["version"], valid_from=SystemClock().now().date().isoformat(),
    )  # fmt: skip
    assert "criteria" not in missing(ada)
    a_project(clerks)
    allocation_rule(clerks)
    say("before opening", sorted(missing(clerks["ada"])))
    assert missing(clerks["ada"]) == set()
    house.command("doctor")
    clerks["ada"].fill("/secretariat/ready", "/ready/open", reason="We begin")
    clerks["tom"].fill("/secretariat/ready", "/ready/confirm")
    assert "since" in clerks["ada"].get("/secretariat/ready").plain
    return clerks


def give(house: Installation) -> str:
    """Somebody gives 60.00 EUR by card; the address of the gift's page comes back."""
    donor = Browser(house.url)
    page = donor.get("/contribute?leg=CDG-JNB&amount=60&currency=EUR")
    donor.press(page, "/contribute", amount="60", currency="EUR")
    session = donor.url.rstrip("/").rpartition("/")[2]
    control = Control.over_http(house.environment["STRIPE_API_BASE"])
    assert control.pay(session, email="donor@example.org", name="Dora") == "paid"
    return session


def statement(opening: Money, lines: list[StatementLine], sequence: int) -> bytes:
    closing = Money(opening.minor + sum(line.amount.minor for line in lines), "EUR")
    return write_statement(
        account=IBAN.replace(" ", ""), sequence=sequence, opening=opening, closing=closing,
        lines=lines, at=SystemClock().now(),
    )  # fmt: skip


def money_arrives(clerks: Clerkship) -> str:
    """A gift, a payout, a statement: everything is matched; the address of the gift's proof."""
    house, control = clerks.house, Control.over_http(clerks.house.environment["STRIPE_API_BASE"])
    give(house)
    tom = clerks["tom"]
    gifts = until(lambda: re.findall(r"/secretariat/gifts/[0-9a-f-]{36}", settled(tom)))
    payout = control.payout()
    assert until(
        lambda: re.findall(
            r"/secretariat/payouts/[0-9a-f-]{36}", tom.get("/secretariat/payouts").text
        )
    )
    day = SystemClock().now().date()
    told = statement(
        Money(10_000, "EUR"),
        [
            StatementLine(
                amount=Money(50_000, "EUR"), booked_on=day, value_on=day, bank_reference="OWN-1",
                end_to_end_id=None, text="Endowment of the reserve", counterparty="Soil House",
            ),
            StatementLine(
                amount=Money(int(payout["amount"]), "EUR"), booked_on=day, value_on=day,
                bank_reference="PO-1", end_to_end_id=str(payout["id"]),
                text=f"STRIPE {payout['id']}", counterparty="STRIPE PAYMENTS EUROPE LTD",
            ),
        ],
        1,
    )  # fmt: skip
    cleo = clerks["cleo"]
    page = cleo.get("/secretariat/statements")
    cleo.upload(page, "/secretariat/statements", "november.xml", told)
    return gifts[0]


def settled(browser: Browser) -> str:
    text = browser.get("/secretariat/gifts").text
    return text if "settled" in text or "allocated" in text else ""


def until(look: Callable[[], list[str]], *, seconds: float = 30) -> list[str]:
    """Look again until something is there: notices travel by themselves."""
    limit = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < limit:
        time.sleep(0.3)
    return found

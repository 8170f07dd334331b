"""Does the first month close that holds nothing but the opening of a bank account?"""

from pathlib import Path

from offset.database.session import Database
from offset.gateways.bank_files import BankFileReader
from offset.money import Money
from offset.people.access import SYSTEM, Role
from offset.sandbox.demo_bank import write_statement
from offset.treasury import reconciliation
from tests.fakes import FrozenClock
from tests.web.rooms import a_house
from tests.web.secretariat.test_house_pages import IBAN, person


def test_the_first_month_closes_with_its_opening_alone(
    embedded: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    house = a_house(embedded, clock, tmp_path)
    tom = house.visit(person(house, "tom", Role.TREASURER))
    told = {
        "number": IBAN, "holder": "Soil House", "currency": "EUR", "opened_on": "2026-10-31",
        "opening": "100.00", "reason": "Contract of October",
    }  # fmt: skip
    tom.post("/secretariat/bank-accounts/new", told)
    file = write_statement(
        account=IBAN.replace(" ", ""), sequence=1, opening=Money(10_000, "EUR"),
        closing=Money(10_000, "EUR"), lines=[], at=house.at(),
    )  # fmt: skip
    house.database.run(
        reconciliation.import_statement, actor=SYSTEM, at=house.at(), data=file, name="november",
        read=BankFileReader().read(file, None),
    )  # fmt: skip
    assert "2026" in tom.get("/secretariat/periods/2026-10").plain
    tom.post("/secretariat/periods/2026-10/close")
    assert "closed" in tom.get("/secretariat/periods/2026-10").plain

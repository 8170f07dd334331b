"""Where do tests of the stewards' room walk?"""

from pathlib import Path

import pytest

from offset.database.session import Database
from tests.fakes import FrozenClock
from tests.web.rooms import House, Visitor, a_house


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


@pytest.fixture
def steward(house: House) -> Visitor:
    return house.visit(house.people.steward)

"""Which stand-ins do these tests talk to?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.stripe import Account, a_live_account, an_account
from tests.fakes import FrozenClock


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    """A stand-in in this process, at a frozen time."""
    with an_account(tmp_path, clock) as found:
        yield found


@pytest.fixture
def live(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    """A stand-in on a port of its own, at a frozen time."""
    with a_live_account(tmp_path, clock) as found:
        yield found

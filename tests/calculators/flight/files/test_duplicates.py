"""Are repeated rows found across parts of a file, within bounded memory?"""

from __future__ import annotations

import pytest

from calculators.flight.files import duplicates
from calculators.flight.files.duplicates import Seen


def test_rows_are_found_again_in_the_same_and_in_later_parts() -> None:
    seen = Seen()
    assert seen.among(["a", "b", "a", "a"], 2) == {2: 2, 3: 2}
    assert seen.among(["c", "b"], 6) == {1: 3}
    assert seen.among(["c", "a"], 8) == {0: 6, 1: 2}
    assert seen.among([], 10) == {}


def test_memory_is_bounded_and_runs_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_RUN", 3)
    seen = Seen(most=4)
    seen.among(["a", "b"], 1)
    seen.among(["c", "d"], 3)
    seen.among(["e"], 5)
    assert seen.among(["a", "d", "e"], 6) == {0: 1, 1: 4}

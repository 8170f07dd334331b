"""Do the worked examples of docs/allocation.md come out of the code to the cent?"""

import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from offset.giving.apportionment import award, split

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "allocation.md").read_text(encoding="utf-8")
IDS = [uuid.UUID(int=number) for number in (1, 2, 3)]


def table(head: str) -> list[tuple[int, list[int]]]:
    """The rows of the one table with this head: the sum, and what each gets."""
    _, _, rest = PAGE.partition(f"| {head} |\n")
    rows = []
    for line in rest.splitlines()[1:]:
        if not line.startswith("|"):
            break
        first, *others = (int(number) for number in re.findall(r"\d+", line))
        rows.append((first, others))
    return rows


@pytest.mark.parametrize(
    ("head", "rule", "weights", "caps"),
    [
        ("total | a | b | c", award, (6, 6, 2), (None, None, None)),
        ("total | MA01 | KE02 | FR03", award, (3, 2, 1), (1500, None, 200)),
        (
            "sum | a | b | c",
            lambda *told: dict(split(*told).parts),
            (6, 6, 2),
            (None, None, None),
        ),
    ],
)
def test_the_examples_are_what_the_code_does(
    head: str,
    rule: Callable[..., Mapping[uuid.UUID, int]],
    weights: tuple[int, ...],
    caps: tuple[int | None, ...],
) -> None:
    rows = table(head)
    assert len(rows) >= 2
    for total, wanted in rows:
        got = rule(total, dict(zip(IDS, weights, strict=True)), dict(zip(IDS, caps, strict=True)))
        assert [got[one] for one in IDS] == wanted, (head, total)

"""Do values come back from both engines exactly as they went in?"""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect, create_engine

from offset.database.types import Day, Document, Id, Instant, Minor, canonical, uuid7, written

SQLITE = create_engine("sqlite://").dialect
POSTGRES = create_engine("postgresql+psycopg://localhost/x").dialect
AT = datetime(2026, 11, 15, 10, 0, 0, 123_456, tzinfo=UTC)


@given(at=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_uuid7_carries_its_instant(at: datetime) -> None:
    made = uuid7(at)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == int(at.timestamp() * 1000)


def test_uuid7_orders_by_time_and_differs_within_it() -> None:
    assert uuid7(AT) < uuid7(AT + timedelta(milliseconds=1))
    many = [uuid7(AT) for _ in range(1000)]
    assert many == sorted(set(many)), "what is made later sorts later"
    assert uuid7(AT, random=lambda n: b"\xff" * n).hex.endswith("bfffffffffffffff")


ROUND_TRIPS = [
    (Id(), uuid7(AT)),
    (Day(), date(2026, 2, 28)),
    (Instant(), AT.replace(microsecond=123_000)),
    (Document(), {"é": [1, None, "x"]}),
]


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRES], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize(("kind", "value"), ROUND_TRIPS)
def test_round_trips(kind: Id | Day | Instant | Document, value: Any, dialect: Dialect) -> None:
    stored = kind.process_bind_param(value, dialect)
    assert kind.process_result_value(stored, dialect) == value
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None


def test_minor_units_go_in_as_they_are() -> None:
    assert Minor().process_bind_param(-5, SQLITE) == -5
    assert Minor().process_bind_param(None, SQLITE) is None


def test_instants_are_stored_as_utc() -> None:
    paris = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert Instant().process_bind_param(paris, SQLITE) == "2026-07-01T10:00:00.000Z"
    assert written(AT) == "2026-11-15T10:00:00.123Z"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Minor(), 1.5),
        (Minor(), True),
        (Day(), AT),
        (Instant(), datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the point
    ],
)
def test_values_that_lie_are_refused(kind: Minor | Day | Instant, value: Any) -> None:
    with pytest.raises(TypeError):
        kind.process_bind_param(value, SQLITE)


def test_canonical_json() -> None:
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
    with pytest.raises(ValueError, match=r"nan|JSON"):
        canonical({"x": float("nan")})

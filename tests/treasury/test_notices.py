"""Are notices that could not be booked listed, read again, explained in writing, page by page?"""

from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.giving.models import ProcessorEvent
from offset.people.access import SYSTEM
from offset.treasury import notices, payouts
from tests.builders import treasury as build
from tests.builders.giving import deliver
from tests.builders.treasury import House
from tests.fakes_giving import FakeProcessor


@pytest.fixture
def house(embedded: Database, at: datetime) -> House:
    return embedded.run(build.a_house, at=at)


def listed(
    database: Database, at: datetime, **asked: object
) -> tuple[tuple[notices.NoticeView, ...], str]:
    with database.reading() as session:
        return notices.listed(session, at=at, **asked)  # type: ignore[arg-type]  # names of listed


def test_a_notice_that_waits_is_read_again_until_it_stands_as_alarm(
    embedded: Database, house: House, at: datetime
) -> None:
    processor = FakeProcessor(at)
    sent = processor.stranger(2_000)
    assert deliver(embedded, processor, sent, at=at).status == "unmatched"
    (one,), following = listed(embedded, at)
    assert (one.kind, one.alarm, one.reason, one.age, following) == (
        "charge.succeeded",
        False,
        "gift_unknown",
        0,
        "",
    )
    told = {
        "actor": house.clerk,
        "event_id": sent.event_id,
        "on_payout": payouts.on_payout,
    }
    assert not notices.read_again(embedded, processor, at=at, **told)
    later = at + timedelta(hours=2)
    assert not notices.read_again(embedded, processor, at=later, **told)
    (one,), _ = listed(embedded, later + timedelta(days=3))
    assert (one.alarm, one.attempts, one.age) == (True, 3, 3)
    with pytest.raises(Forbidden):
        notices.read_again(embedded, processor, at=at, **{**told, "actor": house.approver})
    with pytest.raises(NotFound, match="notice_unknown"):
        notices.read_again(embedded, processor, at=at, **{**told, "event_id": "evt_none"})
    embedded.run(
        lambda session: setattr(
            session.get_one(ProcessorEvent, sent.event_id), "payload", {"erased": True}
        )
    )
    with pytest.raises(Refused, match="notice_erased"):
        notices.read_again(embedded, processor, at=at, **told)


def test_what_was_found_out_is_kept_and_an_explanation_ends_it(
    embedded: Database, house: House, at: datetime
) -> None:
    processor = FakeProcessor(at)
    for amount in (1_000, 2_000, 3_000):
        deliver(embedded, processor, processor.stranger(amount), at=at)
    (first,), following = listed(embedded, at, limit=1)
    rest, end = listed(embedded, at, limit=2, after=following)
    assert (len(rest), end) == (2, "")
    assert first.event_id not in {one.event_id for one in rest}
    told = {"actor": house.clerk, "at": at, "event_id": first.event_id}
    with pytest.raises(InvalidInput, match="note_missing"):
        embedded.run(notices.note, text=" ", explains=True, **told)
    with pytest.raises(NotFound, match="notice_unknown"):
        embedded.run(notices.note, text="x", explains=True, **{**told, "event_id": "evt_none"})
    with pytest.raises(Forbidden):
        embedded.run(notices.note, text="x", explains=True, **{**told, "actor": house.approver})
    with pytest.raises(Forbidden):
        embedded.run(notices.note, text="x", explains=True, **{**told, "actor": SYSTEM})
    embedded.run(notices.note, text="Asked the processor.", explains=False, **told)
    with embedded.reading() as session:
        assert notices.waiting(session) == 3
    assert [one.text for one in listed(embedded, at)[0][0].notes] == ["Asked the processor."]
    embedded.run(notices.note, text="A test of ours.", explains=True, **told)
    with embedded.reading() as session:
        assert notices.waiting(session) == 2
    assert first.event_id not in {one.event_id for one in listed(embedded, at)[0]}

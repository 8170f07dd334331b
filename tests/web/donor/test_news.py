"""Does one press stop the news, without an account, and does opening the link change nothing?"""

from pathlib import Path

import pytest

from offset.database.session import Database
from offset.people import mail_choices
from tests.fakes import FrozenClock
from tests.web.rooms import House, Visitor, a_house


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


def test_news_stop_at_one_press_and_come_again(house: House) -> None:
    def token(session: object) -> str:
        return mail_choices.kept(session, "ana@example.org", at=house.at()).token  # type: ignore[arg-type] # run gives a session

    path = f"/news/{house.database.run(token)}"
    visitor = Visitor(house.app.test_client())
    for _ in range(2):
        page = visitor.get(path)
        assert "No more news of projects" in page.plain
        assert "ana@" not in page.text
        assert page.headers["Cache-Control"] == "no-store"
    # A mail program posts what RFC 8058 asks for, without a token of ours.
    answer = house.app.test_client().post(
        f"{path}/stop", data={"List-Unsubscribe": "One-Click"}, headers={}
    )
    assert answer.status_code == 303
    assert "Receipts still do." in visitor.get(path).plain
    visitor.post(f"{path}/again")
    assert "News come when" in visitor.get(path).plain
    visitor.get("/news/guessed", 404)
    visitor.post("/news/guessed/stop", expect=404)

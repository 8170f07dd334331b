"""Anybody can take the roots home, and have a proof checked without running our script."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.ledger import checkpoints, evidence, journal, queries
from offset.reports import proofs, verify_proof
from tests.builders.ledger import a_gift
from tests.web.conftest import token_of


@pytest.fixture
def proof(embedded: Database, at: datetime) -> dict[str, Any]:
    """The proof of a gift, two checkpoints old."""
    first = embedded.run(journal.post, a_gift(1), at=at)
    for hour in range(1, 4):
        embedded.run(checkpoints.take, at=at + timedelta(hours=hour))
        embedded.run(journal.post, a_gift(hour + 1), at=at + timedelta(hours=hour))
    with embedded.reading() as session:
        document = evidence.document(session, checkpoints.ENTRY_KIND, first.entry_id)
    assert document is not None
    return dict(document)


def told(client: FlaskClient, sent: bytes, status: int = 200) -> list[str]:
    """The verdicts that are shown for a file."""
    answer = client.post(
        "/verify",
        data={
            "proof": (io.BytesIO(sent), "receipt.json"),
            "csrf_token": token_of(client, "/verify"),
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == status
    lines = answer.get_data(as_text=True).split("data-verdict=")[1:]
    return [line.split('"')[1] for line in lines if "hidden" not in line.split(">")[0]]


def test_the_list_of_roots_is_complete_and_counts(
    client: FlaskClient, proof: dict[str, Any]
) -> None:
    listed = json.loads(client.get("/ledger/checkpoints.json").data)["checkpoints"]
    assert [one["n"] for one in listed] == [3, 2, 1]
    assert [one["covers"] for one in listed] == [{"entry": 1}] * 3
    assert listed[-1]["root"] == proof["root"]
    page = client.get("/ledger/checkpoints").get_data(as_text=True)
    assert "Entries: 1" in page
    assert "/ledger/checkpoints/2-3.json" in page


def test_growth_is_proved_by_the_address_of_two_checkpoints(
    client: FlaskClient, proof: dict[str, Any]
) -> None:
    grown = client.get("/ledger/checkpoints/1-3.json").data
    assert told(client, grown) == ["proved"]
    assert json.loads(grown)["earlier"]["root"] == proof["root"]
    assert client.get("/ledger/checkpoints/3-1.json").status_code == 404


def test_every_entry_of_the_books_proves_itself(
    client: FlaskClient, embedded: Database, proof: dict[str, Any]
) -> None:
    path = f"/ledger/entries/{proof['content']['id']}"
    assert f"{path}/proof.json" in client.get(path).get_data(as_text=True)
    assert told(client, client.get(f"{path}/proof.json").data) == ["proved"]
    with embedded.reading() as session:
        newest = queries.entries(session, queries.Filters(), None, limit=1).entries[0]
    assert client.get(f"/ledger/entries/{newest.id}/proof.json").status_code == 404


def test_the_verifier_is_handed_out_as_it_is_tested(client: FlaskClient) -> None:
    answer = client.get("/verify_proof.py")
    assert answer.data == proofs.VERIFIER.read_bytes()
    assert "verify_proof.py" in answer.headers["Content-Disposition"]


def test_nothing_is_said_before_a_file_is_given(client: FlaskClient) -> None:
    page = client.get("/verify").get_data(as_text=True)
    assert page.count("data-verdict=") == page.count("hidden>\n          <b>") == 4


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "proved"),
        ({"pos": 1}, "not_proved"),
        ({"receipt": {"salt": "00"}}, "not_proved"),
    ],
)
def test_a_file_is_checked_where_no_script_runs(
    client: FlaskClient, proof: dict[str, Any], changes: dict[str, Any], verdict: str
) -> None:
    assert told(client, json.dumps({**proof, **changes}).encode()) == [verdict]


def test_a_forged_tree_is_not_among_the_published(
    client: FlaskClient, proof: dict[str, Any]
) -> None:
    forged = {**proof, "pos": 0, "size": 1, "path": []}
    forged["content"] = {**proof["content"], "kind": "bank_gift"}
    forged["leaf"] = forged["root"] = verify_proof.leaf(forged["content"]).hex()
    assert told(client, json.dumps(forged).encode()) == ["not_published"]


@pytest.mark.parametrize(
    "sent", [b"", b"{}", b"[]", b"\xff\xfe", b'"p1."', b"[" * 150_000, b" " * 300_000]
)
def test_what_is_no_proof_is_told_and_breaks_nothing(client: FlaskClient, sent: bytes) -> None:
    assert told(client, sent, 422) == ["unreadable"]

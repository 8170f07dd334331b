"""The papers say what the code does, and the reader's own script agrees with ours."""

import json
import re
import runpy
import subprocess
import sys
import uuid
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from offset.database.session import Database
from offset.database.types import canonical, uuid7
from offset.ledger import checkpoints, entries, evidence, guards, journal, leaves, papers
from offset.ledger.leaves import EntryFact
from offset.ledger.merkle import Frontier, extends, includes
from tests.builders.ledger import a_gift

DOCS = Path(__file__).resolve().parents[2] / "docs"
PROOF = (DOCS / "ledger-proof.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"```python\n(.*?)```", PROOF, flags=re.DOTALL)[0]
VECTORS: list[dict[str, Any]] = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PROOF, flags=re.DOTALL)
]


def by_script(proof: object) -> str:
    """Ask the reader's script, as the reader would."""
    said = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        input=json.dumps(proof),
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


def test_the_chart_of_accounts_is_written_from_the_code() -> None:
    text = (DOCS / "chart-of-accounts.md").read_text(encoding="utf-8")
    assert text == papers.chart_of_accounts(), "run python -m offset.ledger.papers"
    assert all(f"`{recipe.name}`" in text for recipe in entries.recipes())
    assert all(f"`{guard.name}`" in text for guard in guards.GUARDS)


def test_the_page_is_written_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(papers.__file__, run_name="__main__")
    assert capsys.readouterr().out == papers.chart_of_accounts()


def test_there_are_three_vectors() -> None:
    assert len(VECTORS) == 3


@pytest.mark.parametrize("vector", VECTORS, ids=["gift", "reversal", "rate"])
def test_a_vector_is_what_the_code_computes(vector: dict[str, Any]) -> None:
    content = vector["content"]
    salt = bytes.fromhex(content["salt"])
    recorded_at = datetime.fromisoformat(content["recorded_at"])
    if "postings" in content:
        made = leaves.entry_content(
            EntryFact(
                id=uuid.UUID(content["id"]),
                kind=content["kind"],
                idem_key=content["idem"],
                effective_on=date.fromisoformat(content["effective_on"]),
                recorded_at=recorded_at,
                reverses_id=uuid.UUID(content["reverses"]) if content["reverses"] else None,
                source_type=content["source_type"],
                source_id=content["source_id"],
                postings=[tuple(posting) for posting in content["postings"]],
            ),
            salt,
        )
    else:
        made = leaves.fact_content(
            content["kind"], uuid.UUID(content["id"]), content["content"], recorded_at, salt
        )
    assert made == canonical(content)
    leaf = leaves.leaf(made)
    assert leaf.hex() == vector["leaf"]
    path = [bytes.fromhex(sibling) for sibling in vector["path"]]
    assert includes(leaf, vector["pos"], vector["size"], path, bytes.fromhex(vector["root"]))


def test_the_vectors_are_one_tree_that_only_grew() -> None:
    tree = Frontier()
    for vector in VECTORS:
        tree.append(bytes.fromhex(vector["leaf"]))
        if tree.size == 2:
            earlier = tree.root()
    assert {vector["root"] for vector in VECTORS} == {tree.root().hex()}
    told = re.search(r"has the root `(\w{64})`.*the path `(\w{64})`", PROOF, flags=re.DOTALL)
    assert told is not None
    assert told[1] == earlier.hex()
    assert extends(2, earlier, 3, tree.root(), [bytes.fromhex(told[2])])


def test_the_readers_script_proves_the_vectors_and_refuses_a_changed_one() -> None:
    assert [by_script(vector) for vector in VECTORS] == ["proved"] * 3
    changed = json.loads(json.dumps(VECTORS[0]))
    changed["content"]["postings"][2][3] += 1
    assert by_script(changed) == "not proved"
    assert by_script(VECTORS[0] | {"pos": 1}) == "not proved"
    assert by_script(VECTORS[0] | {"path": []}) == "not proved"


def test_what_we_hand_out_is_proved_by_the_readers_script(database: Database, at: datetime) -> None:
    posted = [database.run(journal.post, a_gift(n), at=at) for n in range(5)]
    rate = uuid7(at)
    database.run(checkpoints.seal_fact, kind="rate", fact_id=rate, content={"note": "fixé"}, at=at)
    with database.reading() as session:
        assert evidence.document(session, "rate", rate) is None
    database.run(checkpoints.take, at=at)
    database.run(journal.post, a_gift(9), at=at)
    with database.reading() as session:
        first = evidence.document(session, "entry", posted[3].entry_id)
        fact = evidence.document(session, "rate", rate)
    database.run(checkpoints.take, at=at)
    assert first is not None
    assert by_script(first) == "proved"
    assert by_script(fact) == "proved"
    assert first["content"]["postings"][2] == [3, "Liabilities:Fund:Pool:EUR", "EUR", -5585]
    assert (first["checkpoint"], first["size"]) == (1, 6)
    with database.reading() as session:
        assert evidence.document(session, "entry", posted[3].entry_id) == first

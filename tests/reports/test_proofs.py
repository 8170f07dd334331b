"""What is carried away proves itself with Python alone, and nothing that was changed does."""

import copy
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.ledger import checkpoints, evidence, journal
from offset.ledger.verify import verify
from offset.reports import proofs, verify_proof
from tests.builders.ledger import a_gift


def sealed(database: Database, at: datetime, hours: int = 3) -> list[dict[str, Any]]:
    """Book gifts over some hours, a checkpoint after each, and return the proof of each gift."""
    entries = []
    for hour in range(hours):
        now = at + timedelta(hours=hour)
        entries += [
            database.run(journal.post, a_gift(10 * hour + n), at=now) for n in range(hour + 1)
        ]
        database.run(checkpoints.take, at=now)
    with database.reading() as session:
        documents = [
            evidence.document(session, checkpoints.ENTRY_KIND, one.entry_id) for one in entries
        ]
    return [dict(one) for one in documents if one is not None]


def listed(database: Database) -> dict[str, Any]:
    """The published list of checkpoints, as somebody would have kept it."""
    with database.reading() as session:
        found = checkpoints.recent(session, 100)
        counted = checkpoints.covered(session, [one.n for one in found])
    return {"checkpoints": [proofs.checkpoint_document(one, counted[one.n]) for one in found]}


def asked(folder: Path, *words: object) -> tuple[int, str]:
    """Ask the published file as a stranger would: a copy of it, isolated from everything."""
    script = folder / "verify_proof.py"
    script.write_bytes(proofs.VERIFIER.read_bytes())
    said = subprocess.run(
        [sys.executable, "-I", str(script), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr == ""
    return said.returncode, said.stdout.strip()


def test_the_published_file_proves_a_gift_under_a_kept_root(
    database: Database, at: datetime, tmp_path: Path
) -> None:
    proof = sealed(database, at)[-1]
    (tmp_path / "receipt.json").write_text(json.dumps(proof))
    (tmp_path / "checkpoints.json").write_text(json.dumps(listed(database)))
    words = tmp_path / "receipt.json", tmp_path / "checkpoints.json"
    status, said = asked(tmp_path, *words)
    assert (status, said.splitlines()[-1]) == (0, f"proved under root {proof['root']}")
    assert "Liabilities:Fund:Pool:EUR" in said
    proof["content"]["postings"][0][3] += 1
    (tmp_path / "receipt.json").write_text(json.dumps(proof))
    assert asked(tmp_path, words[0]) == (1, f"NOT PROVED under root {proof['root']}")


def test_a_root_that_was_never_published_proves_nothing(
    embedded: Database, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole tree may be forged; a copy of the list, kept from before, tells."""
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(listed(embedded)))
    given = tmp_path / "receipt.json"
    given.write_text(json.dumps(sealed(embedded, at)[0]))
    assert verify_proof.main([str(given)]) == 0
    assert verify_proof.main([str(given), str(kept)]) == 1
    assert "NOT PROVED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("pos",), 0),
        (("size",), 2),
        (("leaf",), "00" * 32),
        (("root",), "00" * 32),
        (("path",), []),
        (("content", "kind"), "refund"),
        (("content", "salt"), "00" * 16),
        (("receipt",), {"entry_id": "019a8f00-0000-7000-8000-000000000001"}),
        (("receipt",), {"leaf_hash": "00" * 32}),
        (("receipt",), {"salt": "00" * 16}),
    ],
)
def test_whatever_is_changed_is_seen(
    embedded: Database, at: datetime, where: tuple[str, ...], value: object
) -> None:
    proof = sealed(embedded, at)[-1]
    assert verify_proof.included(proof)
    changed = copy.deepcopy(proof)
    place = changed
    for name in where[:-1]:
        place = place[name]
    place[where[-1]] = value
    assert not verify_proof.included(changed)


def test_every_checkpoint_only_adds_to_every_earlier_one(
    embedded: Database, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed(embedded, at, hours=5)
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(listed(embedded)))
    with embedded.reading() as session:
        for later in range(1, 6):
            for earlier in range(1, later + 1):
                proof = proofs.growth_document(session, earlier, later)
                assert proof is not None
                given = tmp_path / "growth.json"
                given.write_text(json.dumps(proof))
                assert verify_proof.main([str(given), str(kept)]) == 0
                proof["earlier"]["root"] = "11" * 32
                assert not verify_proof.grown(proof)
        assert proofs.growth_document(session, 1, 9) is None
        assert proofs.growth_document(session, 3, 2) is None
    assert capsys.readouterr().out.count("proved under root") == 15


@pytest.mark.parametrize(("earlier", "later"), [(0, 3), (5, 3)])
def test_a_tree_does_not_shrink(earlier: int, later: int) -> None:
    one, two = ({"size": size, "root": "22" * 32} for size in (earlier, later))
    assert not verify_proof.grown({"earlier": one, "later": two, "path": []})


def test_the_paper_carries_the_proof_whole(
    embedded: Database, at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = sealed(embedded, at)[-1]
    text = proofs.packed(proof)
    assert verify_proof.from_paper("https://example.org/verify#" + text)["path"] == proof["path"]
    assert verify_proof.main(["--paper", text]) == 0
    # What a square code of medium size holds in bytes, at its most forgiving two levels.
    assert len(text) < 1_400
    assert verify_proof.main(["--paper", text[:-8] + "AAAAAAAA"]) == 1
    assert verify_proof.main(["--paper", text[:40]]) == 2
    assert "proved" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"content": 1}', '{"earlier": {}}'])
def test_what_is_no_proof_is_told(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "some.json"
    given.write_text(text)
    assert verify_proof.main([str(given)]) == 2
    assert verify_proof.main([]) == 2
    assert verify_proof.main([str(tmp_path / "nothing.json")]) == 2
    assert "usage" in capsys.readouterr().out


def test_checkpoints_tell_what_they_cover(embedded: Database, at: datetime) -> None:
    sealed(embedded, at)
    told = listed(embedded)["checkpoints"]
    assert [one["covers"] for one in told] == [{"entry": 3}, {"entry": 2}, {"entry": 1}]
    assert [one["previous_root"] for one in told] == [told[1]["root"], told[2]["root"], None]


def test_the_amounts_of_a_receipt_are_those_of_its_entry(
    embedded: Database, at: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """60.00 EUR: 55.85 for projects, 1.15 of fee, 3.00 of share; a forged paper is not proved."""
    posted = embedded.run(journal.post, a_gift(60), at=at)
    embedded.run(checkpoints.take, at=at)
    with embedded.reading() as session:
        document = evidence.document(session, checkpoints.ENTRY_KIND, posted.entry_id)
    assert document is not None
    told = {"amount": 6_000, "gross": 6_000, "projects": 5_585, "fee": 115, "share": 300}
    receipt = {name: {"minor": minor, "currency": "EUR"} for name, minor in told.items()}
    proof = {**document, "receipt": receipt}
    assert verify_proof.included(proof)
    for name, minor in told.items():
        forged = {**receipt, name: {"minor": minor + 100, "currency": "EUR"}}
        assert not verify_proof.included({**proof, "receipt": forged})
    abroad = {**receipt, "share": {"minor": 300, "currency": "USD"}}
    assert not verify_proof.included({**proof, "receipt": abroad})
    given = tmp_path / "receipt.json"
    given.write_text(json.dumps(proof))
    assert verify_proof.main([str(given)]) == 0
    said = capsys.readouterr().out
    assert "-5,585 smallest units of EUR" in said
    assert "no list of checkpoints was given" in said


def test_a_kept_list_gives_its_roots(embedded: Database, at: datetime) -> None:
    sealed(embedded, at)
    kept = listed(embedded)
    roots = proofs.roots_of(json.dumps(kept))
    assert roots == {one["n"]: bytes.fromhex(one["root"]) for one in kept["checkpoints"]}
    assert verify(embedded, published=roots).clean
    assert not verify(embedded, published={**roots, 9: b"\0" * 32}).clean
    for text in ("{}", "[]", '{"checkpoints": [{"n": 1, "root": "zz"}]}', "no"):
        with pytest.raises(InvalidInput, match="checkpoints_unreadable"):
            proofs.roots_of(text)

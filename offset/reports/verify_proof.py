"""Does this proof hold? ``python verify_proof.py receipt.json [checkpoints.json]``.

Needs Python 3 and nothing else: no package, no network, nothing of the site that made the proof.
It reads one of three things: a proof that one fact stands under a root (receipt.json), a proof that
a later checkpoint only added to an earlier one, or, after ``--paper``, the text of the square code
of a printed proof. It prints what the books say, word for word, and compares the amounts of a
receipt with it; a receipt's number, days and name are not in the books. With a copy of the
published checkpoints, kept from any day, the root must be one of them; without one, compare it
yourself, for anybody can make a tree of their own. Exit status: 0 proved, 1 not proved, 2 no proof
was found.
"""

import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MARK = "p1."
MOST = 1_000_000
PARTS = {
    "projects": "Liabilities:Fund:",
    "fee": "Income:FeePart:",
    "share": "Income:Share:",
}
NO_PROOF = (
    OSError,
    ArithmeticError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)


def leaf(content: object) -> bytes:
    """Hash what a fact says: SHA-256 of 0x00 and its canonical JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(pair: tuple[bytes, bytes], here: int, last: int, path: Sequence[bytes]) -> list[bytes]:
    """Go up from two hashes at one place to their roots (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    old, new = pair
    for sibling in path:
        if last == 0:
            return []
        if here & 1 or here == last:
            old, new = node(sibling, old), node(sibling, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, sibling)
        here, last = here >> 1, last >> 1
    return [old, new] if last == 0 else []


def told_alike(content: dict[str, Any], receipt: dict[str, Any]) -> bool:
    """Say whether the amounts of a receipt are those of its entry."""
    if "gross" not in receipt:
        return True
    lines = content["postings"]
    sums = {
        name: -sum(amount for _, account, _, amount in lines if account.startswith(start))
        for name, start in PARTS.items()
    }
    told = {**{name: receipt[name] for name in PARTS}, "gross": receipt["gross"]}
    sums["gross"] = sum(sums.values())
    if receipt["amount"]["currency"] == receipt["gross"]["currency"]:
        told["amount"], sums["amount"] = receipt["amount"], sums["gross"]
    alike = all(told[name]["minor"] == value for name, value in sums.items())
    return alike and {one["currency"] for one in told.values()} == {line[2] for line in lines}


def included(proof: dict[str, Any]) -> bool:
    """Say whether a fact stands under the root, and is the one its receipt speaks of."""
    made, pos, size = leaf(proof["content"]), int(proof["pos"]), int(proof["size"])
    path = [bytes.fromhex(one) for one in proof["path"]]
    roots = climb((made, made), pos, size - 1, path) if 0 <= pos < size else []
    told = proof.get("receipt") or {}
    agrees = all(
        told.get(name, value) == value
        for name, value in (
            ("leaf_hash", made.hex()),
            ("entry_id", proof["content"]["id"]),
            ("salt", proof["content"]["salt"]),
        )
    )
    agrees = agrees and told_alike(proof["content"], told)
    same_leaf = proof.get("leaf", made.hex()) == made.hex()
    return agrees and same_leaf and roots[1:] == [bytes.fromhex(proof["root"])]


def grown(proof: dict[str, Any]) -> bool:
    """Say whether the later checkpoint begins with everything of the earlier one."""
    first, second = proof["earlier"], proof["later"]
    size, later_size = int(first["size"]), int(second["size"])
    old, new = bytes.fromhex(first["root"]), bytes.fromhex(second["root"])
    path = [bytes.fromhex(one) for one in proof["path"]]
    if not 0 < size <= later_size:
        return False
    if size == later_size:
        return not path and old == new
    steps = path if size & (size - 1) else [old, *path]
    here, last = size - 1, later_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    return bool(steps) and climb((steps[0], steps[0]), here, last, steps[1:]) == [old, new]


def published(proof: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Say whether each root of the proof is one of a kept list of checkpoints."""
    roots = {(one["size"], one["root"]) for one in kept["checkpoints"]}
    asked = [proof["earlier"], proof["later"]] if "earlier" in proof else [proof]
    return all((one["size"], one["root"]) in roots for one in asked)


def from_paper(text: str) -> dict[str, Any]:
    """Read the proof that a square code carries whole."""
    packed = text.strip().rpartition(MARK)[2]
    raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    opened = zlib.decompressobj()
    size = int.from_bytes(raw[:2], "big")
    told: dict[str, Any] = json.loads(opened.decompress(raw[2 : 2 + size], MOST))
    rest = raw[2 + size :]
    hashes = [rest[at : at + 32].hex() for at in range(0, len(rest), 32)]
    return {**told, "root": hashes[0], "path": hashes[1:]}


def said(proof: dict[str, Any]) -> list[str]:
    """Write what the books say, line by line."""
    content = proof.get("content", {})
    lines = [f"{content['kind']} recorded {content['recorded_at']}"] if content else []
    for _, account, currency, amount in content.get("postings", []):
        lines.append(f"  {account:40} {amount:>15,} smallest units of {currency}")
    return lines


def main(words: Sequence[str]) -> int:
    """Answer in one line; the exit status says the same."""
    try:
        if words[0] == "--paper":
            proof, words = from_paper(words[1]), words[1:]
        else:
            proof = json.loads(Path(words[0]).read_text(encoding="utf-8"))
        holds = grown(proof) if "earlier" in proof else included(proof)
        kept = len(words) > 1
        if holds and kept:
            holds = published(proof, json.loads(Path(words[1]).read_text(encoding="utf-8")))
    except (*NO_PROOF, zlib.error):
        print("no proof found; usage: python verify_proof.py receipt.json [checkpoints.json]")  # noqa: T201 - a command prints
        return 2
    roots = (proof["later"] if "earlier" in proof else proof)["root"]
    lines = [
        *(said(proof) if holds else []),
        f"{'proved' if holds else 'NOT PROVED'} under root {roots}",
    ]
    if holds and not kept:
        lines.append("compare this root with a published one: no list of checkpoints was given")
    print("\n".join(lines))  # noqa: T201 - a command prints
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

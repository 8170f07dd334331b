"""Is this audit pack whole, and do its books stand under the published roots?

``python verify_pack.py [FOLDER]`` in the folder of an unpacked audit pack. Needs Python 3 and
nothing else. It hashes every file and compares it with manifest.json; it hashes every entry of
proofs/entries.jsonl and looks for it among proofs/leaves.csv; it builds the tree of the leaves
again and compares its root with each checkpoint of proofs/checkpoints.json, which you compare with
a copy of your own or with what the site publishes. Exit status: 0 whole, 1 not, 2 no pack found.
"""

import csv
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_BLOCK = 1 << 20


def files(folder: Path) -> Iterator[str]:
    """Compare every file with the manifest; yield what is wrong."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for one in manifest["files"]:
        path = folder / one["path"]
        if not path.is_file():
            yield f"{one['path']} is missing"
        elif digest(path) != one["sha256"]:
            yield f"{one['path']} is not the file that was packed"


def digest(path: Path) -> str:
    """Hash a file block by block."""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            made.update(block)
    return made.hexdigest()


def entries(folder: Path) -> Iterator[str]:
    """Look for every entry among the leaves; one that no checkpoint covers yet says so itself."""
    with (folder / "proofs" / "leaves.csv").open(encoding="utf-8", newline="") as file:
        leaves = {(row["kind"], row["fact_id"]): row["hash"] for row in csv.DictReader(file)}
    with (folder / "proofs" / "entries.jsonl").open(encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            text = json.dumps(
                told["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
            )
            made = hashlib.sha256(b"\x00" + text.encode()).hexdigest()
            if made != told["leaf"]:
                yield f"entry {told['content']['id']} does not say what its hash covers"
            known = leaves.get(("entry", told["content"]["id"]))
            if known is not None and known != made:
                yield f"entry {told['content']['id']} is another one in the tree"


def roots(folder: Path) -> Iterator[str]:
    """Build the tree again, and compare its root at each checkpoint."""
    told = json.loads((folder / "proofs" / "checkpoints.json").read_text(encoding="utf-8"))
    wanted = {one["size"]: one["root"] for one in told["checkpoints"]}
    peaks: list[tuple[int, bytes]] = []
    size = 0
    with (folder / "proofs" / "leaves.csv").open(encoding="utf-8", newline="") as file:
        for size, row in enumerate(csv.DictReader(file), start=1):
            made = (1, bytes.fromhex(row["hash"]))
            while peaks and peaks[-1][0] == made[0]:
                width, left = peaks.pop()
                made = (2 * width, _node(left, made[1]))
            peaks.append(made)
            if size in wanted and _root(peaks).hex() != wanted[size]:
                yield f"the checkpoint over {size} facts has another root"
    if wanted and size < max(wanted):
        yield f"there are {size} leaves, a checkpoint covers {max(wanted)}"


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    made = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        made = _node(left, made)
    return made


def main(words: Sequence[str]) -> int:
    """Answer in a line a fault; the exit status says the same."""
    folder = Path(words[0]) if words else Path(__file__).parent
    try:
        faults = [*files(folder), *entries(folder), *roots(folder)]
    except (OSError, ValueError, LookupError, TypeError) as fault:
        print(f"no audit pack found in {folder}: {fault}")  # noqa: T201 - a command prints
        return 2
    print("\n".join(faults or ["the pack is whole"]))  # noqa: T201 - a command prints
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

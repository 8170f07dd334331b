"""How do many hashes become one, so that a few of them prove that one was there?

Merkle trees of RFC 6962, section 2.1: nodes are SHA-256(0x01 ‖ left ‖ right). A frontier keeps
the roots of the complete subtrees, left to right; with it a tree grows, and proofs are made,
without reading the leaves that were there before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

_HASH_BYTES = 32


def node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree of which only the roots of its complete subtrees are kept."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def read(cls, size: int, stored: bytes) -> "Frontier":
        """Read a frontier as a checkpoint stores it."""
        starts = range(0, len(stored), _HASH_BYTES)
        return cls(size, [stored[at : at + _HASH_BYTES] for at in starts])

    def written(self) -> bytes:
        """Write the frontier as a checkpoint stores it."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Grow the tree by one leaf."""
        grown, size = leaf, self.size
        while size & 1:
            grown = node(self.peaks.pop(), grown)
            size >>= 1
        self.peaks.append(grown)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree; of an empty one the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root

    def spans(self) -> dict[tuple[int, int], bytes]:
        """Return the peaks by the leaves they cover, from the first to after the last."""
        found, start = {}, 0
        for peak in self.peaks:
            width = 1 << ((self.size - start).bit_length() - 1)
            found[start, start + width] = peak
            start += width
        return found


class _Grown:
    """The hashes of a tree that grew from a frontier by further leaves."""

    def __init__(self, before: Frontier, later: Sequence[bytes]) -> None:
        self.size = before.size + len(later)
        self._first = before.size
        self._later = later
        self._known = before.spans()

    def over(self, start: int, stop: int) -> bytes:
        known = self._known.get((start, stop))
        if known is not None:
            return known
        if stop - start == 1:
            return self._later[start - self._first]
        middle = start + _left(stop - start)
        self._known[start, stop] = node(self.over(start, middle), self.over(middle, stop))
        return self._known[start, stop]


def inclusion_path(index: int, before: Frontier, later: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the sibling hashes of a leaf, from the leaf up.

    Parameters
    ----------
    index
        Position of the leaf in the whole tree; it is one of the later leaves.
    before
        The tree before them.
    later
        The leaves that make up the rest of the tree.
    """
    tree = _Grown(before, later)
    start, stop = 0, tree.size
    path = []
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            path.append(tree.over(middle, stop))
            stop = middle
        else:
            path.append(tree.over(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_path(before: Frontier, later: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the hashes that prove a tree to be the beginning of a later one."""
    tree = _Grown(before, later)
    start, stop, whole = 0, tree.size, True
    path: list[bytes] = []
    while before.size != stop:
        middle = start + _left(stop - start)
        if before.size <= middle:
            path.append(tree.over(middle, stop))
            stop = middle
        else:
            path.append(tree.over(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(tree.over(start, stop))
    return tuple(reversed(path))


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, made = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            made = node(sibling, made)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            made = node(made, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and made == root


def extends(  # the parts of one published proof
    size: int, root: bytes, later_size: int, later_root: bytes, path: Sequence[bytes]
) -> bool:
    """Check a consistency proof: the later tree begins with the earlier (RFC 9162, 2.1.4.2)."""
    if not 0 < size <= later_size:
        return False
    if size == later_size:
        return not path and root == later_root
    steps = list(path) if size & (size - 1) else [root, *path]
    if not steps:
        return False
    here, last = size - 1, later_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    return _climbs(steps, here, last) == (root, later_root)


def _climbs(steps: Sequence[bytes], here: int, last: int) -> tuple[bytes, bytes] | None:
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            old, new = node(sibling, old), node(sibling, new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new = node(new, sibling)
        here, last = here >> 1, last >> 1
    return (old, new) if last == 0 else None


def _left(size: int) -> int:
    """Return the largest power of two below a size: where RFC 6962 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)

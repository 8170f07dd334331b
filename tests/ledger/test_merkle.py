"""Trees of RFC 6962, checked against the words of the RFC and the vectors of its authors."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offset.ledger import merkle
from offset.ledger.merkle import Frontier, consistency_path, extends, includes, inclusion_path

# google/certificate-transparency (Apache-2.0), cpp/merkletree/merkle_tree_test.cc: the leaves'
# data, and the roots of the trees of their first 1 to 8.
DATA = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


LEAVES = [leaf(bytes.fromhex(data)) for data in DATA]


def grown(leaves: list[bytes]) -> Frontier:
    tree = Frontier()
    for one in leaves:
        tree.append(one)
    return tree


def defined(leaves: list[bytes]) -> bytes:
    """The tree hash as RFC 6962 defines it, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return merkle.node(defined(leaves[:k]), defined(leaves[k:]))


def test_the_published_roots() -> None:
    assert Frontier().root().hex() == EMPTY
    for size, root in enumerate(ROOTS, start=1):
        assert grown(LEAVES[:size]).root().hex() == root


def many(count: int) -> list[bytes]:
    return [leaf(str(number).encode()) for number in range(count)]


@given(st.integers(1, 70))
def test_a_frontier_has_the_root_of_the_definition(size: int) -> None:
    assert grown(many(size)).root() == defined(many(size))


@given(st.data())
def test_every_leaf_proves_itself_and_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    start = data.draw(st.integers(0, size - 1))
    index = data.draw(st.integers(start, size - 1))
    leaves = many(size)
    before = Frontier.read(start, grown(leaves[:start]).written())
    path = inclusion_path(index, before, leaves[start:])
    root = defined(leaves)
    assert includes(leaves[index], index, size, path, root)
    assert len(path) <= (size - 1).bit_length()
    assert not includes(leaf(b"another"), index, size, path, root)
    assert not includes(leaves[index], index, size, path, leaf(b"root"))
    assert not includes(leaves[index], index, size, (*path, root), root)
    if size > 1:
        assert not includes(leaves[index], index ^ 1, size, path, root)
        assert not includes(leaves[index], index, size, path[1:], root)
        assert not includes(leaves[index], index, size, (root, *path[1:]), root)


@given(st.data())
def test_a_tree_proves_that_it_only_grew(data: st.DataObject) -> None:
    later = data.draw(st.integers(1, 70))
    earlier = data.draw(st.integers(1, later))
    leaves = many(later)
    before = grown(leaves[:earlier])
    path = consistency_path(before, leaves[earlier:])
    old, new = defined(leaves[:earlier]), defined(leaves)
    assert extends(earlier, old, later, new, path)
    assert not extends(earlier, leaf(b"old"), later, new, path)
    assert not extends(earlier, old, later, leaf(b"new"), path)
    assert not extends(earlier, old, later, new, (*path, new))
    if path:
        assert not extends(earlier, old, later, new, path[1:])
        assert not extends(earlier, old, later, new, (leaf(b"other"), *path[1:]))


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_a_leaf_outside_the_tree_is_not_in_it(index: int, size: int) -> None:
    assert not includes(LEAVES[0], index, size, (), LEAVES[0])


@pytest.mark.parametrize(("earlier", "later"), [(0, 4), (5, 4)])
def test_a_tree_does_not_grow_from_nothing_or_shrink(earlier: int, later: int) -> None:
    assert not extends(earlier, LEAVES[0], later, LEAVES[0], ())


def test_a_proof_of_growth_is_never_empty() -> None:
    assert not extends(3, LEAVES[0], 4, LEAVES[0], ())
    # A path that ends before it has reached the later root.
    assert not extends(4, LEAVES[0], 8, LEAVES[0], ())

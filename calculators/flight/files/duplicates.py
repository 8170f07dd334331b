"""Has the same row stood in the file before?

A row is a duplicate when all its cells are those of an earlier row. Rows are remembered as 64-bit
hashes with their numbers, 12 bytes each, up to `MOST` different rows: beyond that, rows are still
compared with the remembered ones. Two different rows share a hash once in some 10^5 files of ten
million rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys = NDArray[np.int64]
    Numbers = NDArray[np.uint32]

MOST: Final = 16_000_000
"""Different rows that are remembered: 192 MB."""

_RUN: Final = 2_000_000  # rows in one sorted run; joining two takes as much memory again


def _joined(a: tuple[Keys, Numbers], b: tuple[Keys, Numbers]) -> tuple[Keys, Numbers]:
    keys = np.concatenate((a[0], b[0]))
    order = np.argsort(keys, kind="stable")
    return keys[order], np.concatenate((a[1], b[1]))[order]


class Seen:
    """The rows of a file so far.

    Parameters
    ----------
    most : int
        Different rows to remember.
    """

    def __init__(self, most: int = MOST) -> None:
        self._runs: list[tuple[Keys, Numbers]] = []
        self._room = most

    def among(self, rows: Sequence[object], first: int) -> dict[int, int]:
        """Return, by index, the earlier row that each repeated row repeats.

        Parameters
        ----------
        rows : sequence
            Rows that follow those of earlier calls.
        first : int
            Number of the first of them.
        """
        keys = np.fromiter(map(hash, rows), np.int64, len(rows))
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        fresh = np.ones(len(keys), dtype=bool)
        fresh[1:] = keys[1:] != keys[:-1]
        group = np.cumsum(fresh) - 1
        numbers = (order + first).astype(np.uint32)
        distinct, earliest = keys[fresh], numbers[fresh]
        known = self._find(distinct)
        before = np.where(known > 0, known, earliest)[group]
        repeated = np.flatnonzero(before != numbers)
        self._remember(distinct[known == 0], earliest[known == 0])
        found = zip(order[repeated].tolist(), before[repeated].tolist(), strict=True)
        return dict(sorted(found))

    def _find(self, keys: Keys) -> Numbers:
        """Return the number of the row remembered under each key, 0 for none."""
        known = np.zeros(len(keys), dtype=np.uint32)
        for there, numbers in self._runs:
            place = np.minimum(np.searchsorted(there, keys), len(there) - 1)
            hit = there[place] == keys
            known[hit] = numbers[place[hit]]
        return known

    def _remember(self, keys: Keys, numbers: Numbers) -> None:
        keys, numbers = keys[: self._room], numbers[: self._room]
        self._room -= len(keys)
        if not len(keys):
            return
        run = (keys, numbers)
        if self._runs and len(self._runs[-1][0]) + len(keys) <= _RUN:
            run = _joined(self._runs.pop(), run)
        self._runs.append(run)

"""Which edition of a method was in force on the day of a flight?

``by-date`` takes the edition of the year the flight was on; a day after the last edition takes the
last one, a day before the first has none. Families: ``desnz`` (an edition a year; the one that
``by-date`` alone means) and ``goclimate`` (non-CO2 counted twice before 2023, three times from
then on). Other methods have no published first day, so they are named by their id.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from calculators.errors import UnknownMethod
from calculators.flight.methods import METHOD_IDS, method_info

BY_DATE: Final = "by-date"
"""The edition in force at each row's date."""

DEFAULT_FAMILY: Final = "desnz"
"""The family that ``by-date`` alone means."""

_YEARLY: Final = re.compile(r"desnz-(\d{4})")


@dataclass(frozen=True, slots=True)
class Choice:
    """A method as a caller chose it.

    Attributes
    ----------
    name : str
        As chosen: a method id, ``by-date`` or ``FAMILY:by-date``.
    ids : tuple[str, ...]
        Its editions, oldest first; one where the choice does not depend on a date.
    first_days : tuple[int, ...]
        First day of each edition as an ordinal; empty where the choice does not depend on a date.
    last_day : int
        Last day of the last edition's own year.
    """

    name: str
    ids: tuple[str, ...]
    first_days: tuple[int, ...] = ()
    last_day: int = date.max.toordinal()

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """Id and version of each edition."""
        return tuple((id_, method_info(id_).version) for id_ in self.ids)

    def edition(self, day: int) -> int:
        """Return the index of the edition of a day, -1 before the first."""
        return bisect.bisect_right(self.first_days, day) - 1


def _families() -> dict[str, Choice]:
    years = sorted(int(m[1]) for id_ in METHOD_IDS if (m := _YEARLY.fullmatch(id_)))
    return {
        "desnz": Choice(
            BY_DATE,
            tuple(f"desnz-{year}" for year in years),
            tuple(date(year, 1, 1).toordinal() for year in years),
            date(years[-1], 12, 31).toordinal(),
        ),
        "goclimate": Choice(
            f"goclimate:{BY_DATE}",
            ("goclimate", "goclimate-2023"),
            (date.min.toordinal(), date(2023, 1, 1).toordinal()),
        ),
    }


def choice(name: str) -> Choice:
    """Return what a caller chose.

    Parameters
    ----------
    name : str
        A method id, ``by-date``, or a family and ``:by-date``.

    Raises
    ------
    UnknownMethod
        With the nearest ids, or the families that have editions.
    """
    families = _families()
    family, colon, rest = name.rpartition(":")
    if rest != BY_DATE:
        return Choice(name, (method_info(name).id,))
    found = families.get(family if colon else DEFAULT_FAMILY)
    if found is None:
        raise UnknownMethod({"given": name}, tuple(f"{known}:{BY_DATE}" for known in families))
    return found

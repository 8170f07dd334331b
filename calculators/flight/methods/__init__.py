"""Which published methods are there, and which module answers for each?"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, cast

from calculators.errors import UnknownMethod
from calculators.flight import fuel
from calculators.flight.methods import (
    ademe,
    desnz,
    distance,
    goclimate,
    icao,
    myclimate,
    private_jet,
    tim,
)

if TYPE_CHECKING:
    from calculators.flight.datasets import Dataset
    from calculators.flight.fuel import Aircraft
    from calculators.flight.methods.account import Account
    from calculators.flight.methods.figures import LegBatch, Method, MethodInfo
    from calculators.flight.overrides import Overrides

_MODULES: Final = cast(
    "tuple[Method, ...]",
    (tim, desnz, ademe, myclimate, goclimate, icao, private_jet, distance),
)

_BY_ID: Final[dict[str, tuple[Method, MethodInfo]]] = {
    info.id: (module, info) for module in _MODULES for info in module.INFOS
}

METHOD_IDS: Final = tuple(_BY_ID)
"""Every method id; the default first."""

DEFAULT: Final = METHOD_IDS[0]
"""The method whose figure is the headline."""

ROUTE_METHOD_IDS: Final = tuple(one for one in METHOD_IDS if one != private_jet.METHOD_ID)
"""The methods that answer any route; the others need an aircraft of their own kind."""


def method(method_id: str) -> tuple[Method, MethodInfo]:
    """Return the module and the description of a method.

    Raises
    ------
    UnknownMethod
        With the nearest ids as suggestions.
    """
    found = _BY_ID.get(method_id)
    if found is None:
        near = difflib.get_close_matches(method_id, METHOD_IDS, n=3, cutoff=0.3)
        raise UnknownMethod({"given": method_id}, tuple(near))
    return found


def method_info(method_id: str) -> MethodInfo:
    """Return the description of a method: name, year, scope, licence, source.

    Raises
    ------
    UnknownMethod
        With the nearest ids as suggestions.
    """
    return method(method_id)[1]


def account_of(
    method_id: str, legs: LegBatch, index: int, data: Dataset, overrides: Overrides | None
) -> Account:
    """Return what the figure of a leg is made of by one method; see :class:`Account`.

    Raises
    ------
    UnknownMethod
        With the nearest ids as suggestions.
    """
    return method(method_id)[0].account(method_id, legs, index, data, overrides)


def find_aircraft(method_id: str, code: str, data: Dataset) -> Aircraft:
    """Return the aircraft that a code or name means to a method.

    Raises
    ------
    UnknownAircraft
        With what is spelled alike as suggestions.
    """
    if method_id == private_jet.METHOD_ID:
        return private_jet.find_aircraft(code, data)
    return fuel.find_aircraft(code, data)

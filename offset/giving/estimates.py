"""Which estimate did somebody contribute for, and does it still give the same figures?

Looking at an estimate stores nothing. Contributing stores its inputs, its method, its data
version and its result, so that it can be computed again in any later release.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from calculators.flight.itinerary import Itinerary, Leg, estimate
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound
from offset.giving.models import Estimate


def keep(
    session: Session,
    *,
    query: Mapping[str, Any],
    result_json: Mapping[str, Any],
    method: str,
    version: str,
    dataset: str,
    at: datetime,
) -> uuid.UUID:
    """Store an estimate that somebody contributes for.

    Raises
    ------
    InvalidInput
        ``estimate_unreadable``: the inputs could not be computed again.
    """
    itinerary_of(query)
    row = Estimate(
        id=uuid7(at),
        query=dict(query),
        result=dict(result_json),
        method=method,
        method_version=version,
        dataset=dataset,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def recompute(session: Session, estimate_id: uuid.UUID) -> Mapping[str, Any]:
    """Compute a stored estimate again, by its method and on its own data.

    Raises
    ------
    NotFound
        ``estimate_unknown``.
    """
    row = session.get(Estimate, estimate_id)
    if row is None:
        raise NotFound("estimate_unknown")
    return estimate(itinerary_of(row.query), method=row.method, dataset=row.dataset).as_json()


def query_of(itinerary: Itinerary) -> dict[str, Any]:
    """Write an itinerary as the inputs to store."""
    return {
        "legs": [
            {
                "origin": leg.origin,
                "destination": leg.destination,
                "cabin": leg.cabin,
                "aircraft": leg.aircraft,
            }
            for leg in itinerary.legs
        ],
        "travellers": itinerary.travellers,
    }


def itinerary_of(query: Mapping[str, Any]) -> Itinerary:
    """Read stored inputs as an itinerary.

    Raises
    ------
    InvalidInput
        ``estimate_unreadable``.
    """
    try:
        legs = tuple(Leg(**leg) for leg in query["legs"])
        return Itinerary(legs=legs, travellers=query["travellers"])
    except (KeyError, TypeError) as fault:
        raise InvalidInput("estimate_unreadable") from fault

"""Does a stored estimate give the same figures again?"""

import json
import uuid
from datetime import datetime

import pytest

from calculators.flight.itinerary import Itinerary, Leg, estimate
from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.giving import estimates
from offset.giving.models import Estimate

TRIP = Itinerary(
    legs=(Leg("CDG", "JNB", "economy"), Leg("JNB", "CDG", "business", "789")), travellers=2
)


def test_a_stored_estimate_computes_to_the_same_bytes(database: Database, at: datetime) -> None:
    told = estimate(TRIP).as_json()
    method = told["method"]
    assert isinstance(method, dict)
    estimate_id = database.run(
        estimates.keep,
        query=estimates.query_of(TRIP),
        result_json=told,
        method=method["id"],
        version=method["version"],
        dataset=method["dataset"],
        at=at,
    )
    with database.reading() as session:
        again = estimates.recompute(session, estimate_id)
        stored = session.get_one(Estimate, estimate_id).result
    assert json.dumps(again, sort_keys=True) == json.dumps(stored, sort_keys=True)
    assert json.loads(json.dumps(told)) == stored


@pytest.mark.parametrize("query", [{}, {"legs": [{"from": "CDG"}], "travellers": 1}, {"legs": 1}])
def test_inputs_that_cannot_be_computed_again_are_not_kept(
    embedded: Database, at: datetime, query: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput, match="estimate_unreadable"):
        embedded.run(
            estimates.keep,
            query=query,
            result_json={},
            method="tim-3",
            version="3",
            dataset="2026.1",
            at=at,
        )


def test_an_unknown_estimate_is_not_found(embedded: Database) -> None:
    with embedded.reading() as session, pytest.raises(NotFound, match="estimate_unknown"):
        estimates.recompute(session, uuid.uuid4())

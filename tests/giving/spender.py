"""What does one of many processes do that all want the same money?"""

import uuid
from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from offset.database.session import Database
from offset.giving import allocations
from tests.models import load_models

load_models()


def spend(
    url: str, donation_id: uuid.UUID, at: datetime, together: Barrier, told: "Queue[int | str]"
) -> None:
    """Wait for the others, then allocate; tell how many cents it moved, or what went wrong."""
    database = Database(url, pool_size=1)
    try:
        together.wait(timeout=120)
        found = database.run(allocations.allocate_one, donation_id, at=at)
        told.put(sum(part.amount.minor for part in found.parts))
    except Exception as fault:  # noqa: BLE001 - the parent names what went wrong in a child
        told.put(f"{type(fault).__name__}: {fault}")
    finally:
        database.dispose()

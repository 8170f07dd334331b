"""What does a process do that takes in events until somebody kills it?"""

import os
import pickle
from datetime import datetime
from pathlib import Path

from offset.database.session import Database
from offset.giving import processor_events
from tests.fakes_giving import SIGNED
from tests.models import load_models

load_models()


def take_in(url: str, kept: Path, answered: Path, at: datetime) -> None:
    """Receive every event that was not answered yet; note each answer before the next."""
    processor = pickle.loads(kept.read_bytes())  # noqa: S301 - the parent test wrote it
    done = set(answered.read_text().split()) if answered.exists() else set()
    database = Database(url, pool_size=1)
    with answered.open("a") as told:
        for sent in processor.sent:
            if sent.event_id in done:
                continue
            processor_events.receive(database, processor, sent.raw, SIGNED, at=at)
            told.write(f"{sent.event_id}\n")
            told.flush()
            os.fsync(told.fileno())
    database.dispose()

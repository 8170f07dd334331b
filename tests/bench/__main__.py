"""Which rooms are timed? Each prints its table; ``python -m tests.bench flight`` prints one.

Nothing here is a gate. A tenth of the stated sizes by default, ``FULL=1`` runs them whole.
"""

import sys

from tests.bench import (
    exports,
    flight,
    flight_files,
    ledger,
    measurement,
    month,
    pages,
    payments,
    projects,
    screen,
    serving,
    soil,
    treasury,
)

ROOMS = {
    "exports": exports.exported,
    "flight": flight.flight,
    "ledger": ledger.ledger,
    "measurement": measurement.measurement,
    "month": month.month,
    "pages": pages.pages,
    "payments": payments.payments,
    "projects": projects.projects,
    "serving": serving.serving,
    "flight-files": flight_files.flight_files,
    "screen": screen.screens,
    "soil": soil.soil,
    "treasury": treasury.treasury,
}

for name in sys.argv[1:] or ROOMS:
    print(f"\n== {name}")
    ROOMS[name]()

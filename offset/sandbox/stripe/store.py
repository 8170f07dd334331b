"""Where does the stand-in keep what it knows? In one SQLite file of its own.

Each request and each act is one transaction, so that a killed process leaves whole acts behind.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from offset.sandbox.stripe.objects import Body

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS object (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL, private TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, created, position);
CREATE INDEX IF NOT EXISTS object_by_payout
    ON object (kind, json_extract(private, '$.payout'), created, position);
CREATE INDEX IF NOT EXISTS object_by_charge
    ON object (kind, json_extract(body, '$.charge')) WHERE kind IN ('refund', 'dispute');
CREATE INDEX IF NOT EXISTS object_by_payment
    ON object (kind, json_extract(body, '$.payment_intent'))
    WHERE kind IN ('charge', 'refund', 'dispute', 'checkout.session');
CREATE INDEX IF NOT EXISTS session_by_status ON object (json_extract(body, '$.status'))
    WHERE kind = 'checkout.session';
CREATE INDEX IF NOT EXISTS object_by_due ON object (json_extract(private, '$.due'), position)
    WHERE json_extract(private, '$.due') IS NOT NULL;
CREATE INDEX IF NOT EXISTS payment_by_invoice ON object (json_extract(body, '$.invoice'))
    WHERE kind = 'invoice_payment';
CREATE INDEX IF NOT EXISTS payment_by_intent
    ON object (json_extract(body, '$.payment.payment_intent')) WHERE kind = 'invoice_payment';
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY, event TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, disguise TEXT NOT NULL DEFAULT '', answer TEXT
);
CREATE INDEX IF NOT EXISTS delivery_by_event ON delivery (event);
CREATE INDEX IF NOT EXISTS delivery_by_state ON delivery (state, due);
CREATE TABLE IF NOT EXISTS complaint (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS breach (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    what TEXT NOT NULL, status INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (what, status)
);
"""
_FORGET: Final = (
    "DELETE FROM object",
    "DELETE FROM counter",
    "DELETE FROM setting",
    "DELETE FROM answer",
    "DELETE FROM delivery",
    "DELETE FROM complaint",
    "DELETE FROM breach",
    "DELETE FROM call",
)
_PLACE: Final = "SELECT created, position FROM object WHERE id = ?"
_WAITING: Final = "EXISTS (SELECT 1 FROM delivery WHERE event = object.id AND state <> 'delivered')"


@dataclass(frozen=True)
class Delivery:
    """One attempt, or several, to bring an event to the webhook."""

    number: int
    event: str
    state: str  # due, held, delivered, dropped, failed
    due: int  # milliseconds
    tries: int
    disguise: str  # forged, stale, version, livemode, or nothing
    answer: str | None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which objects of a kind a list asks for."""

    kind: str
    equal: Mapping[str, str | int | None] = field(default_factory=dict)  # SQL expression → value
    other: tuple[str, str] | None = None  # SQL expression, the value it must not have
    among: tuple[str, tuple[str, ...]] | None = None  # SQL expression, allowed values
    created: Mapping[str, int] = field(default_factory=dict)  # gt, gte, lt, lte → seconds
    undelivered: bool | None = None


class Shelf:
    """The store during one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what follows when it fails, and keep what went before."""
        self._rows("SAVEPOINT act")
        try:
            yield
        except BaseException:
            self._rows("ROLLBACK TO act")
            raise
        finally:
            self._rows("RELEASE act")

    # objects

    def add(self, body: Body, *, created: int, **private: Any) -> None:
        """Put a new object on the shelf."""
        self._rows(
            "INSERT INTO object (id, kind, created, body, private) VALUES (?, ?, ?, ?, ?)",
            (body["id"], body["object"], created, json.dumps(body), json.dumps(private)),
        )

    def save(self, body: Body, **private: Any) -> None:
        """Write an object's new state; private notes are merged."""
        self._rows(
            "UPDATE object SET body = ?, private = json_patch(private, ?) WHERE id = ?",
            (json.dumps(body), json.dumps(private), body["id"]),
        )

    def get(self, object_id: str, kind: str | None = None) -> Body | None:
        """Return an object, or None."""
        rows = self._rows("SELECT kind, body FROM object WHERE id = ?", (object_id,))
        if not rows or (kind is not None and rows[0][0] != kind):
            return None
        body: Body = json.loads(rows[0][1])
        return body

    def private(self, object_id: str) -> Body:
        """Return what the stand-in notes about an object and never shows."""
        rows = self._rows("SELECT private FROM object WHERE id = ?", (object_id,))
        notes: Body = json.loads(rows[0][0]) if rows else {}
        return notes

    def select(
        self,
        selection: Selection,
        *,
        limit: int,
        after: str | None = None,
        before: str | None = None,
    ) -> list[Body]:
        """Return objects, newest first; ``before`` pages back towards the newest."""
        where, values = _conditions(selection)
        cursor = before or after
        if cursor is not None:
            sign = ">" if before else "<"
            where += f" AND (created, position) {sign} ({_PLACE})"
            values.append(cursor)
        order = "ASC" if before else "DESC"
        rows = self._rows(
            f"SELECT body FROM object WHERE {where}"  # noqa: S608 - every word is our own
            f" ORDER BY created {order}, position {order} LIMIT ?",
            (*values, limit),
        )
        bodies = [json.loads(row[0]) for row in rows]
        return bodies[::-1] if before else bodies

    def every(self, selection: Selection) -> list[Body]:
        """Return all objects of a selection, oldest first."""
        return self.select(selection, limit=-1)[::-1]

    def sums(self, at: int) -> dict[tuple[str, str], int]:
        """Add up what no payout has taken: (currency, available or pending) → net."""
        rows = self._rows(
            "SELECT json_extract(body, '$.currency'),"
            " iif(json_extract(body, '$.available_on') <= ?, 'available', 'pending'),"
            " sum(json_extract(body, '$.net')) FROM object"
            " WHERE kind = 'balance_transaction' AND json_extract(private, '$.payout') IS NULL"
            " GROUP BY 1, 2",
            (at,),
        )
        return {(currency, group): int(net) for currency, group, net in rows}

    def next_due(self, until: int) -> tuple[int, Body] | None:
        """Return what time changes first, by a moment, and when."""
        rows = self._rows(
            "SELECT json_extract(private, '$.due'), body FROM object"
            " WHERE json_extract(private, '$.due') <= ?"
            " ORDER BY json_extract(private, '$.due'), position LIMIT 1",
            (until,),
        )
        return (int(rows[0][0]), json.loads(rows[0][1])) if rows else None

    # numbers, settings, complaints

    def next_number(self, name: str) -> int:
        """Count up."""
        rows = self._rows(
            "INSERT INTO counter VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET number = number + 1 RETURNING number",
            (name,),
        )
        return int(rows[0][0])

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting of the control panel."""
        rows = self._rows("SELECT value FROM setting WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else default

    def set(self, name: str, value: Any) -> None:
        """Keep a setting of the control panel."""
        self._rows(
            "INSERT INTO setting VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def complain(self, text: str) -> None:
        """Note a breach of the contract by the stand-in itself."""
        self._rows("INSERT INTO complaint (text) VALUES (?)", (text,))

    def complaints(self) -> list[str]:
        """Return every breach of the contract so far."""
        return [row[0] for row in self._rows("SELECT text FROM complaint ORDER BY number")]

    def blame(self, text: str) -> None:
        """Note a breach of the contract by a client."""
        self._rows("INSERT INTO breach (text) VALUES (?)", (text,))

    def breaches(self) -> list[str]:
        """Return every request so far that Stripe would not understand, or that is not offered."""
        return [row[0] for row in self._rows("SELECT text FROM breach ORDER BY number")]

    def count_call(self, what: str, status: int) -> None:
        """Count one answered request."""
        self._rows(
            "INSERT INTO call VALUES (?, ?, 1)"
            " ON CONFLICT (what, status) DO UPDATE SET count = count + 1",
            (what, status),
        )

    def calls(self) -> list[Body]:
        """Return which requests were answered how, and how often."""
        rows = self._rows("SELECT what, status, count FROM call ORDER BY what, status")
        return [{"what": what, "status": status, "count": count} for what, status, count in rows]

    # idempotency

    def answer(self, key: str, *, since: int) -> tuple[str, int, str] | None:
        """Return the request, status and body first seen under a key, unless it expired."""
        rows = self._rows(
            "SELECT request, status, body FROM answer WHERE key = ? AND created >= ?", (key, since)
        )
        return (rows[0][0], int(rows[0][1]), rows[0][2]) if rows else None

    def remember(self, key: str, request: str, status: int, body: str, *, created: int) -> None:
        """Keep an answer under its key."""
        self._rows(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
            (key, request, status, body, created),
        )

    # deliveries

    def post(self, event: str, state: str, *, due: int, disguise: str = "") -> int:
        """Put an event on its way."""
        rows = self._rows(
            "INSERT INTO delivery (event, state, due, disguise) VALUES (?, ?, ?, ?)"
            " RETURNING number",
            (event, state, due, disguise),
        )
        return int(rows[0][0])

    def update_delivery(
        self, number: int, state: str, *, due: int, tries: int, answer: str | None
    ) -> None:
        """Note how an attempt went."""
        self._rows(
            "UPDATE delivery SET state = ?, due = ?, tries = ?, answer = ? WHERE number = ?",
            (state, due, tries, answer, number),
        )

    def deliveries(
        self, state: str | None = None, *, due: int | None = None, limit: int = -1
    ) -> list[Delivery]:
        """Return deliveries, oldest first, of a state and due by a moment."""
        rows = self._rows(
            "SELECT number, event, state, due, tries, disguise, answer FROM delivery"
            " WHERE (:state IS NULL OR state = :state) AND (:due IS NULL OR due <= :due)"
            " ORDER BY due, number LIMIT :limit",
            {"state": state, "due": due, "limit": limit},
        )
        return [Delivery(*row) for row in rows]

    def undelivered(self, event: str) -> int:
        """Count the deliveries of an event that still have to arrive."""
        rows = self._rows(
            "SELECT count(*) FROM delivery WHERE event = ? AND state <> 'delivered'", (event,)
        )
        return int(rows[0][0])

    def clear(self) -> None:
        """Forget everything."""
        for statement in _FORGET:
            self._rows(statement)


def _conditions(selection: Selection) -> tuple[str, list[Any]]:
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    parts = ["kind = ?"]
    values: list[Any] = [selection.kind]
    for expression, value in selection.equal.items():
        parts.append(f"{expression} IS ?")
        values.append(value)
    if selection.other is not None:
        parts.append(f"{selection.other[0]} IS NOT ?")
        values.append(selection.other[1])
    for name, moment in selection.created.items():
        parts.append(f"created {signs[name]} ?")
        values.append(moment)
    if selection.among is not None:
        expression, allowed = selection.among
        parts.append(f"{expression} IN ({', '.join('?' * len(allowed))})")
        values.extend(allowed)
    if selection.undelivered is not None:
        parts.append(_WAITING if selection.undelivered else f"NOT {_WAITING}")
    return " AND ".join(parts), values


class Store:
    """The file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(self._connect()) as connection:
            connection.executescript(_SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        # A killed process loses nothing either way; a lost machine may lose a demonstration.
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Shelf]:
        """Give the shelf for one act: all of it is kept, or nothing."""
        with contextlib.closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Shelf(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

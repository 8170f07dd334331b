"""Which accounts and months need not be looked up again? Those a committed transaction has seen.

An account never changes its number, its code or its currency, and neither it nor a month ever goes
away, so what one transaction read holds for the next; the database refuses whatever does not. What
a transaction read is kept for others once it is committed: what it opened may yet be rolled back.
"""

import uuid
import weakref
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.errors import LedgerRefused
from offset.ledger import chart, periods
from offset.ledger.models import ACCOUNT

Found = dict[str, tuple[uuid.UUID, str]]

_kept: MutableMapping[Any, Found] = weakref.WeakKeyDictionary()
_HERE: Final = "ledger.accounts"
# Months stand beside accounts, by their first day; no account's code begins with a digit.
_A_MONTH: Final = (uuid.UUID(int=0), "")
_FIND: Final = select(ACCOUNT.c.code, ACCOUNT.c.id, ACCOUNT.c.currency).where(
    ACCOUNT.c.code.in_(bindparam("codes", expanding=True))
)


def accounts(
    session: Session, wanted: Mapping[str, str], *, at: datetime, on: date
) -> Mapping[str, uuid.UUID]:
    """Find accounts by code and currency; open the standing ones that are needed at first.

    Raises
    ------
    LedgerRefused
        ``account_unknown``: not open, and not one that opens when first needed.
        ``currency_mixed``: open in another currency.
    """
    kept, here = _for_others(session), session.info.get(_HERE, {})
    missing = [code for code in wanted if code not in kept and code not in here]
    if missing:
        here = _of(session)
        here |= _find(session, missing)
        absent = sorted(set(missing) - here.keys())
        if absent:
            _open(session, {code: wanted[code] for code in absent}, at=at, on=on)
            here |= _find(session, absent)
    found = {code: here.get(code) or kept[code] for code in wanted}
    for code, currency in wanted.items():
        if found[code][1] != currency:
            raise LedgerRefused("currency_mixed", account=code, currency=currency)
    return {code: account_id for code, (account_id, _currency) in found.items()}


def is_open(session: Session, code: str) -> bool:
    """Say whether an account is known to be open, without asking the database."""
    return code in _for_others(session) or code in session.info.get(_HERE, {})


def open_month(session: Session, day: date) -> None:
    """Open the month of a day, unless it is known to be there.

    Raises
    ------
    LedgerRefused
        ``period_locked``: a later month is locked.
    """
    first = day.replace(day=1).isoformat()
    if first not in _for_others(session) and first not in session.info.get(_HERE, {}):
        periods.open_month(session, day)
        _of(session)[first] = _A_MONTH


@contextmanager
def forgotten(session: Session) -> Iterator[None]:
    """Forget all when the database refuses: other books may have been put in their place."""
    try:
        yield
    except DBAPIError:
        _for_others(session).clear()
        raise


def _open(session: Session, absent: Mapping[str, str], *, at: datetime, on: date) -> None:
    for code in absent:
        if not chart.place(code).standing:
            raise LedgerRefused("account_unknown", account=code)
    wanted = [(code, currency, None) for code, currency in absent.items()]
    chart.open_missing(session, wanted, at=at, on=on)


def _find(session: Session, codes: list[str]) -> Found:
    rows = session.connection().execute(_FIND, {"codes": codes})
    return {code: (account_id, currency) for code, account_id, currency in rows}


def _for_others(session: Session) -> Found:
    # The pool of connections is one object for every use of an engine.
    return _kept.setdefault(session.get_bind().engine.pool, {})


def _of(session: Session) -> Found:
    """Return what this transaction has seen; its commit gives it to the others."""
    found: Found | None = session.info.get(_HERE)
    if found is None:
        found = session.info[_HERE] = {}
        event.listen(session, "after_commit", _give, once=True)
        event.listen(session, "after_rollback", _take_back, once=True)
    return found


def _give(session: Session) -> None:
    _for_others(session).update(session.info.pop(_HERE, {}))


def _take_back(session: Session) -> None:
    session.info.pop(_HERE, None)

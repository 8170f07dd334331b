"""Which rules does the database itself hold, and in which words does it refuse?

The DDL of every guard lives in the ledger's migrations, since a migration never imports the
application. This table names each guard and says what it refuses; that each stands in the database
word for word is compared by `offset.database.triggers`.

A guard refuses with the message ``ledger: <code>``; `refusals` turns that into `LedgerRefused`.
Guards of other rooms that speak the same way are translated too.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from offset.errors import LedgerRefused

_SPOKEN: Final = re.compile(r"\bledger: (\w+)")

# Constraints that refuse by their own name, and the word of the domain for each.
CONSTRAINTS: Final[Mapping[str, str]] = {
    "ck_posting_amount_not_zero": "amount_zero",
    "ck_entry_reversal_names_entry": "reversal_unnamed",
    "uq_entry_idem_key": "key_reused",
    "uq_entry_reverses_id": "already_reversed",
    "fk_posting_account_id_account": "currency_mixed",
    "fk_account_currency_currency": "currency_unknown",
    "fk_entry_id_entry_seal": "entry_unsealed",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger: where it stands, what it refuses, and with which words."""

    name: str
    table: str
    refuses: str
    codes: tuple[str, ...]


def refusal_of(fault: DBAPIError) -> LedgerRefused | None:
    """Read a guard's or a constraint's refusal out of a database error, if it is one."""
    said = str(fault.orig)
    spoken = _SPOKEN.search(said)
    if spoken:
        return LedgerRefused(spoken[1])
    for name, code in CONSTRAINTS.items():
        if name in said:
            return LedgerRefused(code)
    return None


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a guard refuses into a refusal of the domain.

    Raises
    ------
    LedgerRefused
        With the guard's code; any other database error passes unchanged.
    """
    try:
        yield
    except DBAPIError as fault:
        refusal = refusal_of(fault)
        if refusal is None:
            raise
        raise refusal from fault


def _kept(table: str, *, but: str = "") -> tuple[Guard, ...]:
    """Name the guards that every table of the books has."""
    what = f"of {table}" if not but else f"of {table} other than {but}"
    return (
        _guard(f"{table}_no_update", table, f"a change {what}", "append_only"),
        _guard(f"{table}_no_delete", table, f"a row of {table} taken away", "append_only"),
        _guard(f"{table}_no_truncate", table, f"{table} emptied", "append_only"),
        _guard(f"{table}_exists", table, f"a row of {table} replaced", "row_exists"),
    )


def _guard(name: str, table: str, refuses: str, *codes: str) -> Guard:
    return Guard(name, table, refuses, codes)


GUARDS: Final = (
    *_kept("currency"),
    *_kept("account", but="its closing day"),
    *_kept("entry"),
    *_kept("posting"),
    *_kept("entry_seal"),
    *_kept("sealed_fact"),
    *_kept("checkpoint"),
    *_kept("checkpoint_leaf"),
    *_kept("period", but="its status"),
    *_kept("period_closing"),
    *_kept("period_balance"),
    *_kept("period_reopening"),
    *_kept("period_reopening_approval"),
    *_kept("fx_rate"),
    _guard(
        "entry_dated",
        "entry",
        "an entry dated in a locked or missing month or more than seven days ahead, an id that"
        " does not begin with the moment of recording, a second reversal, a reversal undone",
        "day_unreadable",
        "id_of_another_time",
        "dated_ahead",
        "period_missing",
        "period_locked",
        "already_reversed",
        "reversal_of_reversal",
    ),
    _guard(
        "posting_allowed",
        "posting",
        "a posting on a sealed entry, a closed account or in another currency than its account",
        "entry_sealed",
        "account_unknown",
        "currency_mixed",
        "account_closed",
    ),
    _guard(
        "entry_seal_balanced",
        "entry_seal",
        "the seal of an entry that is unbalanced in a currency, has fewer than two postings,"
        " does not mirror what it reverses, or spends a fund or project below zero",
        "too_few_postings",
        "unbalanced",
        "not_a_mirror",
        "floor_breached",
        "isolation_unfit",
    ),
    _guard(
        "account_closes_once",
        "account",
        "an account closed twice, opened again, or closed with money on it",
        "account_closed",
        "account_not_empty",
        "day_unreadable",
    ),
    _guard(
        "period_is_month",
        "period",
        "a period that is no calendar month, is not new, or comes before a locked one",
        "period_not_a_month",
        "period_not_open",
        "period_locked",
    ),
    _guard(
        "period_forward",
        "period",
        "a month moved any way but open, closing, locked; locked before an earlier one, without"
        " a closing or with balances that differ from the postings; opened again without two"
        " people or while a later month is locked",
        "period_not_forward",
        "period_out_of_order",
        "period_unclosed",
        "closing_balances_differ",
    ),
    _guard(
        "period_closing_next",
        "period_closing",
        "a closing of a month that is not closing, or with any number but the next",
        "period_not_closing",
        "closing_out_of_order",
    ),
    _guard(
        "period_balance_at_close",
        "period_balance",
        "a closing balance of a month that is not closing, or of a closing that was undone",
        "period_not_closing",
    ),
    _guard(
        "period_reopening_of_closing",
        "period_reopening",
        "a reopening asked for without a reason, or of anything but the newest closing of a"
        " locked month",
        "reason_missing",
        "period_not_locked",
    ),
    _guard(
        "period_reopening_two_people",
        "period_reopening_approval",
        "a reopening approved by whoever asked for it, or after the month was closed anew",
        "same_person",
        "period_not_locked",
    ),
    _guard(
        "checkpoint_leaf_next",
        "checkpoint_leaf",
        "a leaf at any place but the next",
        "leaf_out_of_order",
    ),
    _guard(
        "checkpoint_leaf_sealed",
        "checkpoint_leaf",
        "a leaf that is not the hash of what was sealed",
        "leaf_not_sealed",
    ),
    _guard(
        "entry_seal_form",
        "entry_seal",
        "a seal whose hash, salt or version has not its form",
        "seal_unfit",
    ),
    _guard(
        "sealed_fact_form",
        "sealed_fact",
        "a fact whose hash, salt or version has not its form",
        "seal_unfit",
    ),
    _guard(
        "account_named",
        "account",
        "an account whose code is no name of the chart or names another currency than its own",
        "account_unnamed",
    ),
    _guard(
        "checkpoint_next",
        "checkpoint",
        "a checkpoint that does not follow the last one or does not cover every leaf",
        "checkpoint_out_of_order",
    ),
)

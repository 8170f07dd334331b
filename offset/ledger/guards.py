"""Which rules does the database itself hold, and in which words does it refuse?

The DDL of every guard lives in the ledger's migration, since a migration never imports the
application. This table names each guard, says what it refuses and records the digest of its
definition on each engine; `offset ledger verify` compares them with what the database has.

A guard refuses with the message ``ledger: <code>``; `refusals` turns that into `LedgerRefused`.
Guards of other rooms that speak the same way are translated too.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

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
    """A trigger: where it stands, what it refuses, and what its definition must read as.

    ``digests`` holds the digest of the definition on each engine that has this guard.
    """

    name: str
    table: str
    refuses: str
    codes: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)


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


def digest(definition: str) -> str:
    """Hash a definition with its white space evened out."""
    return hashlib.sha256(" ".join(definition.split()).encode()).hexdigest()[:32]


def installed(session: Session) -> dict[str, str]:
    """Read the digest of every trigger that the database has, by name."""
    engine = session.get_bind().dialect.name
    rows = session.execute(text(_INSTALLED[engine])).all()
    return {name: digest(definition) for name, definition in rows}


def faults(session: Session, guards: Iterable[Guard]) -> tuple[str, ...]:
    """Name every guard that is missing or was changed."""
    engine = session.get_bind().dialect.name
    present = installed(session)
    found = []
    for guard in guards:
        wanted = guard.digests.get(engine)
        if wanted is None:
            continue
        if guard.name not in present:
            found.append(f"guard {guard.name} on {guard.table} is missing")
        elif present[guard.name] != wanted:
            found.append(f"guard {guard.name} on {guard.table} was changed")
    return tuple(found)


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
    found = {engine: digests[name] for engine, digests in DIGESTS.items() if name in digests}
    return Guard(name, table, refuses, codes, found)


_INSTALLED: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    # A disabled trigger reads differently, so that it counts as changed.
    "postgresql": (
        "SELECT t.tgname, concat_ws(E'\\n', pg_get_triggerdef(t.oid, true), t.tgenabled,"
        " p.prosrc, array_to_string(p.proconfig, ',')) FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    ),
}

# The digest of every guard's definition; a test compares them with a migrated database.
DIGESTS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "account_closes_once": "fe42a6e1b4ea0efb97f829e9ea5e6cdd",
        "account_exists": "2eebc289a348b913ec7a1f95bb143654",
        "account_no_delete": "dddc3932183015a4937a866b5a1ba788",
        "account_no_update": "153a865d81a658b542483ddce4999fe1",
        "checkpoint_exists": "e3908387e9563a9b871fe7f9e0f8b898",
        "checkpoint_leaf_exists": "49f8b0bb40324757c54fc795ff67ce8c",
        "checkpoint_leaf_next": "54b094e8f37ebe62250f0a7702e0a03d",
        "checkpoint_leaf_no_delete": "66f48d141515a9078c62738d869e08fb",
        "checkpoint_leaf_no_update": "fc34012e441c378d4b85cde9ee1c4357",
        "checkpoint_next": "bac7fa79b628a6c8d1b57470fd9eeaef",
        "checkpoint_no_delete": "11cc948bee3415186c1d2698eee07466",
        "checkpoint_no_update": "8d27839307cf2dd3fd5d8f030e1780a0",
        "currency_exists": "2ab773b8078085a156a1ff27c168488d",
        "currency_no_delete": "7400db123637063d314d4742ea32e4f8",
        "currency_no_update": "41d95dc36a806288eb16cd16f997ffec",
        "entry_dated": "e3988b282f0bbf60cbd20ab03a47f4a6",
        "entry_exists": "41947d45dea24e86e11685d0d4af0d8e",
        "entry_no_delete": "1e7d8ff24069ad2abe3ec03f0613fc58",
        "entry_no_update": "0282826a8c40fe9a018dd9661e3963d2",
        "entry_seal_balanced": "c1c5f941cd9099e6170f781acc0f6778",
        "entry_seal_exists": "4e38de0e9325ea05166f5e7547c2e09e",
        "entry_seal_no_delete": "6e73a055c7c4659da25fff45e6f3c6f9",
        "entry_seal_no_update": "ce11b17211bb1ab8bb60b6fcca21cd25",
        "period_balance_at_close": "58556d67d27a5de9198bb1c5160c39db",
        "period_balance_exists": "c58f4778c5f410ed54252f73a6eea41b",
        "period_balance_no_delete": "286a0c29b2b906d86b82db8954804afe",
        "period_balance_no_update": "51e887e1f557b8eed578bba056a99137",
        "period_exists": "3499988e6b12c0f29ba666b73d3c17d0",
        "period_forward": "421190aa74e3933fed6187f84423a71b",
        "period_is_month": "45e33d6c85a697a3e38d005d17101d3b",
        "period_no_delete": "6aaee90345158583289893cff4b226d1",
        "period_no_update": "a18b9d902c83820afd4ccc964f2e843a",
        "posting_allowed": "b78f20fd802bc1648cb54cbe16f6891d",
        "posting_exists": "547b9ee8bd8061b68b852a46740ba7ab",
        "posting_no_delete": "b8d52cd7aa81f8e3cfbda5fb56ae0646",
        "posting_no_update": "d848792ba78913f2dca57076db8f4ab4",
        "sealed_fact_exists": "a3605616e1cb70c41faf694ddae0539f",
        "sealed_fact_no_delete": "6f833d6dba8e4a73e103a65f4e85217e",
        "sealed_fact_no_update": "0d5accc61acdbeb8393f16b55938cf77",
    },
    "postgresql": {
        "account_closes_once": "a712f0a236668cc937eaeb597e64543f",
        "account_no_delete": "5c7efbc26d0ef09b1eadb4c321465c3e",
        "account_no_truncate": "80aa955338f806821769444ed5bc31e7",
        "account_no_update": "b0e429624ba3135d6047a94412428e10",
        "checkpoint_leaf_next": "43c650f4b04187973578683fdedacc6c",
        "checkpoint_leaf_no_delete": "954c36fd5be43d557a8a2f1df1db0b0a",
        "checkpoint_leaf_no_truncate": "0b1c16ae23f725c92eedf8b4bf73ceaf",
        "checkpoint_leaf_no_update": "2a7b69b719a647e5b49679666b072db8",
        "checkpoint_next": "dd550d4c50970c70f31c0381be767534",
        "checkpoint_no_delete": "dcdd4216585b7b220b4b2288eca24dd8",
        "checkpoint_no_truncate": "029fa7a56164f5def1793a94ad2f19f4",
        "checkpoint_no_update": "948582271363395f3c3e8f20f4ae2c30",
        "currency_no_delete": "3818d406eb1696c5cb370d7cdbef7a03",
        "currency_no_truncate": "7c68cd16f31fce9c35447c9be8ffcbbd",
        "currency_no_update": "e87109bc6ac9ed714ef8ce5c607de7ff",
        "entry_dated": "d4c844b144bdf85a2fd5b0e807b8001d",
        "entry_no_delete": "3376ba40b01bdb1a29d6d0bf505f0750",
        "entry_no_truncate": "b90b8a6f68fe3199ea485c3e7c79ffa7",
        "entry_no_update": "b14c9eff37093a0e0701f92b3168376b",
        "entry_seal_balanced": "1ae1beee2191ac40e181c7df6509c016",
        "entry_seal_no_delete": "257c39b20c607dc1b092468724bc4077",
        "entry_seal_no_truncate": "46b02f0b1d06a348cf1753eca61193c4",
        "entry_seal_no_update": "d4e9982bbd60b202fd8c9807bf8d1a51",
        "period_balance_at_close": "60e25c696b9937c8144d06a3b20e56c4",
        "period_balance_no_delete": "1674a0b4372a2fdbbc8974049c10110f",
        "period_balance_no_truncate": "88dcb1e6688da1e9f316dbf7b95a07f2",
        "period_balance_no_update": "4325d7d008c6209af8fdfc6118f34d99",
        "period_forward": "58f1a92d27f5d97482e28937db10b09d",
        "period_is_month": "013c220e2585c7fdc45a8221bde17a36",
        "period_no_delete": "edbf66a17fb599a9d5e8d7e2999e1624",
        "period_no_truncate": "13e92aa52db3049f55f9fda4ebd20694",
        "period_no_update": "6b1b5535d46d371aaa33cecd59b49c1f",
        "posting_allowed": "e7ed857907fc9d02ce8a1c74b09a1ab1",
        "posting_no_delete": "ed18c15220ff58b54aa71991cc8689af",
        "posting_no_truncate": "a557539943e10795cde00239e9170298",
        "posting_no_update": "f54b99798578ffe89e85c71d880ea0c6",
        "sealed_fact_no_delete": "a83674fe48c9254e957081f7df2c95c4",
        "sealed_fact_no_truncate": "07016c56d9aa9485de7472973fbd3be2",
        "sealed_fact_no_update": "3b14bafd3b2cd2ee40297ef2aea47865",
    },
}

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
    *_kept("period_balance"),
    _guard(
        "entry_dated",
        "entry",
        "an entry dated in a locked or missing month, a second reversal, a reversal undone",
        "day_unreadable",
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
        "a month moved any way but open, closing, locked, or locked before an earlier one",
        "period_not_forward",
        "period_out_of_order",
    ),
    _guard(
        "period_balance_at_close",
        "period_balance",
        "a closing balance of a month that is not closing",
        "period_not_closing",
    ),
    _guard(
        "checkpoint_leaf_next",
        "checkpoint_leaf",
        "a leaf at any place but the next",
        "leaf_out_of_order",
    ),
    _guard(
        "checkpoint_next",
        "checkpoint",
        "a checkpoint that does not follow the last one or does not cover every leaf",
        "checkpoint_out_of_order",
    ),
)

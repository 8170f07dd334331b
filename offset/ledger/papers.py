"""What does the accountant read? The chart, the recipes and the guards, written from the code.

``python -m offset.ledger.papers > docs/chart-of-accounts.md`` writes the page again; a test
compares it.
"""

import sys
from collections.abc import Iterable, Sequence

from offset.ledger import chart, entries, guards

_TYPES = {
    "Assets": "asset",
    "Liabilities": "liability",
    "Equity": "equity",
    "Income": "income",
    "Expenses": "expense",
}


def chart_of_accounts() -> str:
    """Write the accountant's page as Markdown."""
    places = (
        (
            f"`{place.pattern}`",
            _TYPES[place.pattern.partition(":")[0]],
            place.name,
            place.meaning,
            place.rest,
        )
        for place in chart.PLACES
    )
    recipes = (
        (recipe.number, f"`{recipe.name}`", recipe.event, recipe.debit, recipe.credit)
        for recipe in entries.recipes()
    )
    kept = (
        (f"`{guard.name}`", guard.table, guard.refuses, ", ".join(f"`{c}`" for c in guard.codes))
        for guard in guards.GUARDS
    )
    return "\n".join(
        (
            _INTRODUCTION,
            "## Accounts",
            "",
            *_table(("account", "type", "name", "meaning", "state it must be in"), places),
            "",
            _RECIPES,
            *_table(("no", "recipe", "event", "debit", "credit"), recipes),
            "",
            _GUARDS,
            *_table(("guard", "table", "refuses", "told as"), kept),
            "",
        )
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


_INTRODUCTION = """\
# Chart of accounts, recipes and guards

This page is written from the code by `python -m offset.ledger.papers`; a test compares it.

Every account holds one currency. A positive amount is a debit, a negative one a credit. Dates
are UTC dates. `<cur>` is an ISO currency, `<acct>` a bank account such as `B1`, `<project>` a
project's code such as `P0001`, `<tag>` a stated purpose.
"""
_RECIPES = """\
## Recipes

Every entry of the books is made by one of these. G is the gross amount, F the provider's fee,
N = G − F, S the secretariat's share, A any amount. Entries from Stripe carry Stripe's
`reporting_category` as their kind and the key `stripe:<balance transaction>`; entries from the
bank the key `bank:<line>:<part>`; the bank's side of a payout and of a top-up (R13, R14) keeps the
kind of Stripe's side, `payout` and `topup`. The same key with the same content is the same entry;
with other content it is refused.
"""
_GUARDS = """\
## What the database refuses by itself

These triggers stand in the database, on SQLite and on PostgreSQL, and hold for any SQL on the
application's connection. `offset ledger verify` checks that each is present and unchanged.
Besides, every entry must be sealed when its transaction ends (`entry_unsealed`), a posting
keeps the currency of its account (`currency_mixed`) and is never zero (`amount_zero`). The
guards against emptying a table exist on PostgreSQL, those against replacing a row on SQLite.
"""

if __name__ == "__main__":
    sys.stdout.write(chart_of_accounts())

"""Ledger: a leaf is what was sealed, a seal has its form, an account is named by the chart."""
# ruff: noqa: S608 - every word of the SQL stands in this file

from alembic import op

revision = "0013"
down_revision = "0012"

# What is sealed has a hash of 32 bytes, a salt of 16, and a version that somebody can read.
FORM = (
    "length(NEW.hash) <> 32 OR length(NEW.salt) <> 16 OR NEW.canon_version <> 1"
    " OR NEW.hash IS NULL OR NEW.salt IS NULL OR NEW.canon_version IS NULL"
)
LEAF = (
    "NOT EXISTS (SELECT 1 FROM entry_seal s WHERE NEW.kind = 'entry'"
    " AND s.entry_id = NEW.fact_id AND s.hash = NEW.hash)"
    " AND NOT EXISTS (SELECT 1 FROM sealed_fact f WHERE NEW.kind <> 'entry'"
    " AND f.kind = NEW.kind AND f.fact_id = NEW.fact_id AND f.hash = NEW.hash)"
)
# Each word of a code begins with a capital or a digit: a look-alike of a fund would have no floor.
# What ends in the code of a currency is in that currency.
ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")
UNGUARDED = (
    "(NEW.floor = 'none' AND (lower(NEW.code) LIKE 'liabilities:fund:%'"
    " OR lower(NEW.code) LIKE 'liabilities:project:%')) OR "
)
SQLITE_NAME = (
    UNGUARDED
    + "substr(NEW.code, 1, instr(NEW.code, ':') - 1) NOT IN ('"
    + "', '".join(ROOTS)
    + "') OR NEW.code GLOB '*:[^A-Z0-9]*' OR NEW.code GLOB '*:' OR NEW.code GLOB '*[^A-Za-z0-9:-]*'"
    " OR EXISTS (SELECT 1 FROM currency c WHERE NEW.code LIKE '%:' || c.code"
    " AND c.code <> NEW.currency)"
)
SERVER_NAME = (
    UNGUARDED + "NEW.code !~ '^(" + "|".join(ROOTS) + ")(:[A-Z0-9][A-Za-z0-9-]*)+$'"
    " OR EXISTS (SELECT FROM currency c WHERE split_part(NEW.code, ':', -1) = c.code"
    " AND c.code <> NEW.currency)"
)
# name → table, code, what refuses it on SQLite, and on a server
RULES = {
    "checkpoint_leaf_sealed": ("checkpoint_leaf", "leaf_not_sealed", LEAF, LEAF),
    "entry_seal_form": ("entry_seal", "seal_unfit", FORM, FORM),
    "sealed_fact_form": ("sealed_fact", "seal_unfit", FORM, FORM),
    "account_named": ("account", "account_unnamed", SQLITE_NAME, SERVER_NAME),
}


def upgrade() -> None:
    for name, (table, code, embedded, server) in RULES.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION ledger_{name}() RETURNS trigger LANGUAGE plpgsql"
                # pg_temp stands last: a temporary table must not stand in for one of the books.
                " SET search_path = public, pg_temp SET enable_seqscan = off AS $guard$"
                f" BEGIN IF {server} THEN RAISE EXCEPTION 'ledger: {code}'"
                " USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $guard$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION ledger_{name}()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'ledger: {code}') WHERE {embedded}; END"
            )


def downgrade() -> None:
    for name, (table, *_) in RULES.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION ledger_{name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")

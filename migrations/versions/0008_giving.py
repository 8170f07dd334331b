"""Giving: split and restricted gifts, the donor's word for what is left over, runs by fund."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# The word for a fund is its tag; the pool that everything may be given from has none.
TEXT_COLUMNS = (
    ("donation", "restricted_tag"),
    ("donation", "fund_tag"),
    ("donation", "overflow_tag"),
    ("allocation_epoch", "tag"),
)
DIRECTIVE = "project_id, split, restricted_tag, overflow, overflow_project_id, overflow_tag"

# A gift says one thing about where it goes, and one about where its rest goes.
TWO_WORDS = """
  (NEW.project_id IS NOT NULL AND (NEW.split IS NOT NULL OR NEW.restricted_tag <> ''))
  OR (NEW.split IS NOT NULL AND NEW.restricted_tag <> '')
  OR (NEW.overflow_project_id IS NOT NULL AND NEW.overflow_tag <> '')
  OR NEW.fund_tag <> NEW.restricted_tag
"""
# What the rows of one gift at one project are, before the row that is being written.
AT_PROJECT = (
    "(SELECT COALESCE(SUM(r.amount), 0) FROM allocation_row r"
    " WHERE r.donation_id = NEW.donation_id AND r.project_id = NEW.project_id)"
)
# Money of a fund goes out only by an open run of that fund, to a project the run names.
IN_RUN = """
  SELECT 1 FROM allocation_epoch e JOIN donation d ON d.id = NEW.donation_id
  WHERE e.id = NEW.epoch_id AND e.tag = d.fund_tag
  AND e.opened_at IS NOT NULL AND e.closed_at IS NULL
  AND {names}
"""
RESTRICTED = "SELECT 1 FROM donation d WHERE d.id = NEW.donation_id AND d.fund_tag <> ''"
# An allocation, a return and a refund touch no project's account without saying whose gift it is.
UNNAMED = """
  SELECT 1 FROM entry e JOIN posting p ON p.entry_id = e.id JOIN account k ON k.id = p.account_id
  WHERE e.id = NEW.entry_id AND k.project_id IS NOT NULL
  AND e.kind IN ('allocation', 'deallocation', 'source_refund')
  AND NOT EXISTS (
    SELECT 1 FROM allocation_row r WHERE r.entry_id = e.id AND r.project_id = k.project_id
  )
"""


def rules(sqlite: bool) -> list[tuple[str, str, str, str]]:  # noqa: FBT001 - one caller, in this file
    """Return (trigger, event, table, the condition that refuses) for an engine."""
    names = (
        "replace(e.weights, '-', '') LIKE '%' || lower(hex(NEW.project_id)) || '%'"
        if sqlite
        else "e.weights LIKE '%' || NEW.project_id::text || '%'"
    )
    return [
        (
            "donation_one_directive",
            "INSERT",
            "donation",
            TWO_WORDS,
        ),
        ("donation_directive_fixed", f"UPDATE OF {DIRECTIVE}", "donation", "1 = 1"),
        (
            "donation_fund_once",
            "UPDATE OF fund_tag",
            "donation",
            "OLD.fund_tag <> '' OR NEW.fund_tag = '' OR NEW.fund_tag <> NEW.overflow_tag",
        ),
        ("allocation_epoch_tag_fixed", "UPDATE OF tag", "allocation_epoch", "1 = 1"),
        (
            "allocation_row_not_below_zero",
            "INSERT",
            "allocation_row",
            f"NEW.amount < 0 AND {AT_PROJECT} + NEW.amount < 0",
        ),
        (
            "allocation_row_in_run",
            "INSERT",
            "allocation_row",
            f"NEW.epoch_id IS NOT NULL AND NOT EXISTS ({IN_RUN.format(names=names)})",
        ),
        (
            "allocation_row_restricted",
            "INSERT",
            "allocation_row",
            f"NEW.amount > 0 AND NEW.epoch_id IS NULL AND EXISTS ({RESTRICTED})",
        ),
        ("entry_seal_rows", "INSERT", "entry_seal", f"EXISTS ({UNNAMED})"),
    ]


# A temporary table must not stand in for one of the house, and a plan that was made while a table
# was empty must not read all of it once it is full.
SETTINGS = "SET search_path = public, pg_temp SET enable_seqscan = off"

# What a refusal says; where it is not the trigger's own name, the books read it as theirs.
WORDS = {"entry_seal_rows": "ledger: rows_differ"}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, column in TEXT_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE donation ADD COLUMN split TEXT")
    kind = "BLOB" if sqlite else "UUID"
    op.execute(
        f"ALTER TABLE donation ADD COLUMN overflow_project_id {kind}"
        " CONSTRAINT fk_donation_overflow_project_id_project REFERENCES project (id)"
    )
    new_index("currency", "tag")
    for name, event, table, condition in rules(sqlite):
        refuse(name, event, table, condition, sqlite=sqlite)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _event, table, _condition in rules(sqlite):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    new_index("currency")
    for column in ("overflow_project_id", "split"):
        op.execute(f"ALTER TABLE donation DROP COLUMN {column}")
    for table, column in reversed(TEXT_COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def new_index(*columns: str) -> None:
    """Let one run be open at a time for these columns."""
    op.drop_index("uq_allocation_epoch_open", "allocation_epoch")
    op.create_index(
        "uq_allocation_epoch_open",
        "allocation_epoch",
        list(columns),
        unique=True,
        postgresql_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
        sqlite_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
    )


def refuse(name: str, event: str, table: str, condition: str, *, sqlite: bool) -> None:
    """Write one trigger that refuses a change, by its own name or in the words of the books."""
    word = WORDS.get(name, name)
    if sqlite:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{word}'); END"
        )
        return
    # A condition that reads other tables cannot stand in WHEN on this engine.
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $$ BEGIN"
        f" IF {condition} THEN"
        f" RAISE EXCEPTION USING MESSAGE = '{word}', ERRCODE = 'check_violation'; END IF;"
        " RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )

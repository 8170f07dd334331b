"""Ledger: closings and reopenings of months, floors on stored balances, rates of the day."""
# ruff: noqa: S608 - every word of the SQL stands in this file

import importlib.util
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}

NEW = ("period_closing", "period_reopening", "period_reopening_approval", "fx_rate")
# What makes a row "the same row" for INSERT OR REPLACE.
KEYS = {
    "period_closing": "starts_on = NEW.starts_on AND n = NEW.n",
    "period_reopening": "id = NEW.id",
    "period_reopening_approval": (
        "reopening_id = NEW.reopening_id OR (starts_on = NEW.starts_on AND n = NEW.n)"
    ),
    "fx_rate": "day = NEW.day AND currency = NEW.currency",
    "period_balance": ("starts_on = NEW.starts_on AND n = NEW.n AND account_id = NEW.account_id"),
    # As it read before this migration.
    "period_balance before": "starts_on = NEW.starts_on AND account_id = NEW.account_id",
}

# An entry is dated at most this many days after it is recorded. Its id begins with the moment it
# is recorded, so all entries dated after a month have an id from `tail_from` on: what a closed
# month does not hold is a range of the index.
AHEAD_DAYS = 7

# The last locked month and its newest closing; no row while nothing was ever closed.
CLOSED = (
    "(SELECT p.starts_on, p.ends_on, c.n, c.tail_from FROM period p"
    " JOIN period_closing c ON c.starts_on = p.starts_on"
    " WHERE p.status = 'locked'{before} ORDER BY p.starts_on DESC, c.n DESC LIMIT 1)"
)
# What account `a` holds: its last stored balance and everything dated after it.
STANDING = (
    "COALESCE((SELECT b.balance FROM closed JOIN period_balance b"
    " ON b.starts_on = closed.starts_on AND b.n = closed.n AND b.account_id = a.id), 0)"
    " + COALESCE((SELECT SUM(t.amount) FROM closed {cross} JOIN posting t ON t.account_id = a.id"
    " AND t.entry_id >= closed.tail_from {cross} JOIN entry e ON e.id = t.entry_id"
    " AND e.effective_on > closed.ends_on), 0)"
    # A comparison with NULL finds no row at once, where a condition beside it would read them all.
    " + COALESCE((SELECT SUM(t.amount) FROM posting t WHERE t.account_id ="
    " CASE WHEN EXISTS (SELECT 1 FROM closed) THEN NULL ELSE a.id END), 0)"
)
# Accounts whose closing balance is not the one before it and what moved since.
DIFFERENT = (
    "SELECT account_id FROM ("
    "SELECT b.account_id, b.balance AS amount FROM closed JOIN period_balance b"
    " ON b.starts_on = closed.starts_on AND b.n = closed.n"
    " UNION ALL SELECT t.account_id, t.amount FROM entry e {cross} JOIN posting t"
    " ON t.entry_id = e.id WHERE e.effective_on <= NEW.ends_on"
    " AND e.effective_on > COALESCE((SELECT ends_on FROM closed), {earliest})"
    " UNION ALL SELECT b.account_id, -b.balance FROM period_balance b"
    " WHERE b.starts_on = NEW.starts_on AND b.n ="
    " (SELECT MAX(c.n) FROM period_closing c WHERE c.starts_on = NEW.starts_on)"
    ") AS said GROUP BY account_id HAVING SUM(amount) <> 0"
)
BEFORE = " AND p.starts_on < NEW.starts_on"
# The newest closing of a month, as long as no approved reopening undid it.
STANDS = (
    "EXISTS (SELECT 1 FROM period_closing c WHERE c.starts_on = {month} AND NOT EXISTS"
    " (SELECT 1 FROM period_reopening_approval r WHERE r.starts_on = c.starts_on AND r.n = c.n))"
)

MILLISECONDS = (
    "(CAST(strftime('%s', {at}) AS INTEGER) * 1000 + CAST(substr({at}, 21, 3) AS INTEGER))"
)


def sqlite_with(query: str, before: str = "") -> str:
    """Give a query the last closed month under the name ``closed``."""
    return f"WITH closed AS MATERIALIZED {CLOSED.format(before=before)} {query}"


SQLITE_RULES = {
    "entry_dated": (
        "BEFORE INSERT ON entry",
        (
            ("day_unreadable", "NEW.effective_on IS NOT date(NEW.effective_on, '+0 days')"),
            (
                "id_of_another_time",
                (
                    "hex(substr(NEW.id, 1, 6)) IS NOT"
                    f" printf('%012X', {MILLISECONDS.format(at='NEW.recorded_at')})"
                ),
            ),
            (
                "dated_ahead",
                f"NEW.effective_on > date(NEW.recorded_at, '+{AHEAD_DAYS} days')",
            ),
            (
                "period_missing",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = substr(NEW.effective_on, 1, 7) || '-01')"
                ),
            ),
            (
                "period_locked",
                (
                    "EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = substr(NEW.effective_on, 1, 7) || '-01'"
                    " AND status = 'locked')"
                ),
            ),
            (
                "already_reversed",
                (
                    "NEW.reverses_id IS NOT NULL"
                    " AND EXISTS (SELECT 1 FROM entry WHERE reverses_id = NEW.reverses_id)"
                ),
            ),
            (
                "reversal_of_reversal",
                (
                    "NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM entry"
                    " WHERE id = NEW.reverses_id AND reverses_id IS NOT NULL)"
                ),
            ),
        ),
    ),
    "entry_seal_balanced": (
        "BEFORE INSERT ON entry_seal",
        (
            (
                "too_few_postings",
                "(SELECT COUNT(*) FROM posting WHERE entry_id = NEW.entry_id) < 2",
            ),
            (
                "unbalanced",
                (
                    "EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.entry_id"
                    " GROUP BY currency HAVING SUM(amount) <> 0)"
                ),
            ),
            (
                "not_a_mirror",
                (
                    "EXISTS (SELECT 1 FROM entry e WHERE e.id = NEW.entry_id"
                    " AND e.reverses_id IS NOT NULL AND ("
                    "(SELECT COUNT(*) FROM posting WHERE entry_id = e.id)"
                    " <> (SELECT COUNT(*) FROM posting WHERE entry_id = e.reverses_id)"
                    " OR EXISTS (SELECT 1 FROM posting p WHERE p.entry_id = e.id AND NOT EXISTS"
                    " (SELECT 1 FROM posting o WHERE o.entry_id = e.reverses_id AND o.line = p.line"
                    " AND o.account_id = p.account_id AND o.amount = -p.amount))))"
                ),
            ),
            (
                "floor_breached",
                (
                    "EXISTS ("
                    + sqlite_with(
                        "SELECT 1 FROM posting d JOIN account a ON a.id = d.account_id"
                        " WHERE d.entry_id = NEW.entry_id AND d.amount > 0"
                        " AND a.floor = 'non_negative_credit' AND "
                        + STANDING.format(cross="CROSS")
                        + " > 0"
                    )
                    + ")"
                ),
            ),
        ),
    ),
    "period_forward": (
        "BEFORE UPDATE OF status ON period",
        (
            (
                "period_not_forward",
                (
                    "NOT ((OLD.status = 'open' AND NEW.status = 'closing')"
                    " OR (OLD.status = 'closing' AND NEW.status = 'locked')"
                    " OR (OLD.status = 'locked' AND NEW.status = 'open' AND NOT "
                    + STANDS.format(month="NEW.starts_on")
                    + "))"
                ),
            ),
            (
                "period_out_of_order",
                (
                    "(NEW.status = 'locked' AND EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on < NEW.starts_on AND status <> 'locked'))"
                    " OR (NEW.status = 'open' AND EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on > NEW.starts_on AND status = 'locked'))"
                ),
            ),
            (
                "period_unclosed",
                f"NEW.status = 'locked' AND NOT {STANDS.format(month='NEW.starts_on')}",
            ),
            (
                "closing_balances_differ",
                (
                    "NEW.status = 'locked' AND EXISTS ("
                    + sqlite_with(DIFFERENT.format(cross="CROSS", earliest="''"), before=BEFORE)
                    + ")"
                ),
            ),
        ),
    ),
    "period_closing_next": (
        "BEFORE INSERT ON period_closing",
        (
            (
                "period_not_closing",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = NEW.starts_on AND status = 'closing')"
                ),
            ),
            (
                "closing_out_of_order",
                (
                    "NEW.n <> 1 + (SELECT COUNT(*) FROM period_reopening_approval"
                    " WHERE starts_on = NEW.starts_on)"
                    " OR NEW.n <> 1 + (SELECT COUNT(*) FROM period_closing"
                    " WHERE starts_on = NEW.starts_on)"
                    " OR hex(NEW.tail_from) IS NOT printf('%012X', CAST(strftime('%s', NEW.starts_on,"
                    f" '+1 month', '-{AHEAD_DAYS} days') AS INTEGER) * 1000) || '{'0' * 20}'"
                ),
            ),
        ),
    ),
    "period_balance_at_close": (
        "BEFORE INSERT ON period_balance",
        (
            (
                "period_not_closing",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = NEW.starts_on AND status = 'closing')"
                    " OR NOT EXISTS (SELECT 1 FROM period_closing c WHERE c.starts_on ="
                    " NEW.starts_on AND c.n = NEW.n AND NOT EXISTS (SELECT 1 FROM"
                    " period_reopening_approval r WHERE r.starts_on = c.starts_on AND r.n = c.n))"
                ),
            ),
        ),
    ),
    "period_reopening_of_closing": (
        "BEFORE INSERT ON period_reopening",
        (
            ("reason_missing", "trim(NEW.reason) = ''"),
            (
                "period_not_locked",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = NEW.starts_on AND status = 'locked')"
                    " OR NEW.n IS NOT (SELECT MAX(n) FROM period_closing"
                    " WHERE starts_on = NEW.starts_on)"
                ),
            ),
        ),
    ),
    "period_reopening_two_people": (
        "BEFORE INSERT ON period_reopening_approval",
        (
            (
                "same_person",
                (
                    "NEW.approved_by IS (SELECT asked_by FROM period_reopening"
                    " WHERE id = NEW.reopening_id) OR NEW.approved_by = NEW.asked_by"
                ),
            ),
            (
                "period_not_locked",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = NEW.starts_on AND status = 'locked')"
                    " OR NEW.n IS NOT (SELECT MAX(n) FROM period_closing"
                    " WHERE starts_on = NEW.starts_on)"
                ),
            ),
        ),
    ),
}


def refusal(code: str, condition: str) -> str:
    """Write one refusal of a function on PostgreSQL."""
    return (
        f"IF {condition} THEN RAISE EXCEPTION 'ledger: {code}'"
        " USING ERRCODE = 'check_violation'; END IF;"
    )


def closed(query: str, before: str = "") -> str:
    """Give a query of PostgreSQL the last closed month under the name ``closed``."""
    return f"EXISTS (WITH closed AS MATERIALIZED {CLOSED.format(before=before)} {query})"


LOCKED_AND_NEWEST = (
    "NOT EXISTS (SELECT FROM period WHERE starts_on = NEW.starts_on AND status = 'locked')"
    " OR NEW.n IS DISTINCT FROM"
    " (SELECT max(n) FROM period_closing WHERE starts_on = NEW.starts_on)"
)
ID_TIME = "('x' || substr(replace({id}::text, '-', ''), 1, 12))::bit(48)::bigint"

POSTGRESQL_RULES = {
    "entry_dated": (
        "BEFORE INSERT ON entry",
        """
        DECLARE
          state text;
        BEGIN
        """
        + refusal(
            "id_of_another_time",
            f"{ID_TIME.format(id='NEW.id')} <> floor(extract(epoch FROM NEW.recorded_at) * 1000)",
        )
        + refusal(
            "dated_ahead",
            f"NEW.effective_on > (NEW.recorded_at AT TIME ZONE 'UTC')::date + {AHEAD_DAYS}",
        )
        + """
          -- FOR SHARE: an entry waits only for the close of its own month.
          SELECT status INTO state FROM period
            WHERE starts_on = date_trunc('month', NEW.effective_on)::date FOR SHARE;
        """
        + refusal("period_missing", "state IS NULL")
        + refusal("period_locked", "state = 'locked'")
        + refusal(
            "reversal_of_reversal",
            "NEW.reverses_id IS NOT NULL AND EXISTS (SELECT FROM entry"
            " WHERE id = NEW.reverses_id AND reverses_id IS NOT NULL)",
        )
        + " RETURN NEW; END ",
    ),
    "entry_seal_balanced": (
        "BEFORE INSERT ON entry_seal",
        """
        DECLARE
          original uuid;
        BEGIN
        """
        + refusal(
            "too_few_postings",
            "(SELECT count(*) FROM posting WHERE entry_id = NEW.entry_id) < 2",
        )
        + refusal(
            "unbalanced",
            "EXISTS (SELECT FROM posting WHERE entry_id = NEW.entry_id"
            " GROUP BY currency HAVING sum(amount) <> 0)",
        )
        + " SELECT reverses_id INTO original FROM entry WHERE id = NEW.entry_id; "
        + refusal(
            "not_a_mirror",
            "original IS NOT NULL AND ("
            "(SELECT count(*) FROM posting WHERE entry_id = NEW.entry_id)"
            " <> (SELECT count(*) FROM posting WHERE entry_id = original)"
            " OR EXISTS (SELECT FROM posting p WHERE p.entry_id = NEW.entry_id AND NOT EXISTS ("
            " SELECT FROM posting o WHERE o.entry_id = original AND o.line = p.line"
            " AND o.account_id = p.account_id AND o.amount = -p.amount)))",
        )
        + """
          -- Spenders of one account pass one at a time, in id order; credits never lock.
          PERFORM FROM account
            WHERE floor = 'non_negative_credit' AND id IN (
              SELECT account_id FROM posting WHERE entry_id = NEW.entry_id AND amount > 0
            ) ORDER BY id FOR NO KEY UPDATE;
          IF FOUND THEN
            -- A snapshot taken before the lock cannot see who spent meanwhile.
        """
        + refusal("isolation_unfit", "current_setting('transaction_isolation') = 'repeatable read'")
        + refusal(
            "floor_breached",
            closed(
                "SELECT FROM account a WHERE a.floor = 'non_negative_credit' AND a.id IN ("
                "SELECT account_id FROM posting WHERE entry_id = NEW.entry_id AND amount > 0)"
                " AND " + STANDING.format(cross="") + " > 0"
            ),
        )
        + " END IF; RETURN NEW; END ",
    ),
    "period_forward": (
        "BEFORE UPDATE OF status ON period",
        " BEGIN "
        + refusal(
            "period_not_forward",
            "NOT ((OLD.status = 'open' AND NEW.status = 'closing')"
            " OR (OLD.status = 'closing' AND NEW.status = 'locked')"
            " OR (OLD.status = 'locked' AND NEW.status = 'open' AND NOT "
            + STANDS.format(month="NEW.starts_on")
            + "))",
        )
        + refusal(
            "period_out_of_order",
            "(NEW.status = 'locked' AND EXISTS (SELECT FROM period"
            " WHERE starts_on < NEW.starts_on AND status <> 'locked'))"
            " OR (NEW.status = 'open' AND EXISTS (SELECT FROM period"
            " WHERE starts_on > NEW.starts_on AND status = 'locked'))",
        )
        + refusal(
            "period_unclosed",
            f"NEW.status = 'locked' AND NOT {STANDS.format(month='NEW.starts_on')}",
        )
        + refusal(
            "closing_balances_differ",
            "NEW.status = 'locked' AND "
            + closed(DIFFERENT.format(cross="", earliest="'-infinity'::date"), before=BEFORE),
        )
        + " RETURN NEW; END ",
    ),
    "period_closing_next": (
        "BEFORE INSERT ON period_closing",
        " BEGIN "
        + refusal(
            "period_not_closing",
            "NOT EXISTS (SELECT FROM period"
            " WHERE starts_on = NEW.starts_on AND status = 'closing')",
        )
        + refusal(
            "closing_out_of_order",
            "NEW.n <> 1 + (SELECT count(*) FROM period_reopening_approval"
            " WHERE starts_on = NEW.starts_on)"
            " OR NEW.n <> 1 + (SELECT count(*) FROM period_closing"
            " WHERE starts_on = NEW.starts_on)"
            " OR replace(NEW.tail_from::text, '-', '') <> lpad(to_hex((extract(epoch FROM"
            f" (NEW.starts_on + interval '1 month' - interval '{AHEAD_DAYS} days')::date)"
            f" * 1000)::bigint), 12, '0') || '{'0' * 20}'",
        )
        + " RETURN NEW; END ",
    ),
    "period_balance_at_close": (
        "BEFORE INSERT ON period_balance",
        " BEGIN "
        + refusal(
            "period_not_closing",
            "NOT EXISTS (SELECT FROM period"
            " WHERE starts_on = NEW.starts_on AND status = 'closing')"
            " OR NOT EXISTS (SELECT FROM period_closing c WHERE c.starts_on = NEW.starts_on"
            " AND c.n = NEW.n AND NOT EXISTS (SELECT FROM period_reopening_approval r"
            " WHERE r.starts_on = c.starts_on AND r.n = c.n))",
        )
        + " RETURN NEW; END ",
    ),
    "period_reopening_of_closing": (
        "BEFORE INSERT ON period_reopening",
        " BEGIN "
        + refusal("reason_missing", "btrim(NEW.reason) = ''")
        + refusal("period_not_locked", LOCKED_AND_NEWEST)
        + " RETURN NEW; END ",
    ),
    "period_reopening_two_people": (
        "BEFORE INSERT ON period_reopening_approval",
        " BEGIN "
        + refusal(
            "same_person",
            "NEW.approved_by = NEW.asked_by OR NEW.approved_by ="
            " (SELECT asked_by FROM period_reopening WHERE id = NEW.reopening_id)",
        )
        + refusal("period_not_locked", LOCKED_AND_NEWEST)
        + " RETURN NEW; END ",
    ),
}
# Rules that 0002 wrote and this migration sharpens.
CHANGED = ("entry_dated", "entry_seal_balanced", "period_forward", "period_balance_at_close")

# The gates of 0003, asked of accounts of projects alone, and step by step: what is asked at each
# row has one key to be found by, so that no plan can go another way. As one query over seven
# tables it was planned anew for every posting of every gift.
GATES = {
    "posting_gate": """
        DECLARE
          e entry%ROWTYPE;
          k account%ROWTYPE;
        BEGIN
          IF NEW.amount >= 0 THEN RETURN NEW; END IF;
          SELECT * INTO k FROM account WHERE id = NEW.account_id;
          IF k.project_id IS NULL THEN RETURN NEW; END IF;
          SELECT * INTO e FROM entry WHERE id = NEW.entry_id;
          -- IS NOT DISTINCT FROM is answered by no index: the rows are found by their entry.
          IF NOT EXISTS (
            SELECT FROM allocation_row r
            JOIN project p ON p.id = r.project_id
            JOIN decision d ON d.id = r.decision_id AND d.project_id = r.project_id
            JOIN admission a ON a.id = r.admission_id
            WHERE r.entry_id = NEW.entry_id AND r.amount > 0
            AND r.project_id IS NOT DISTINCT FROM k.project_id
            AND p.status IN ('open', 'funded')
            AND (p.report_due_on IS NULL OR e.effective_on <= p.report_due_on + 30)
            AND {decision} AND {admission}
          ) AND NOT EXISTS (
            SELECT FROM posting o WHERE o.entry_id = e.reverses_id
            AND o.account_id = NEW.account_id AND o.amount = -NEW.amount
          ) THEN
            RAISE EXCEPTION 'ledger: gate_closed' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
    """,
    "posting_payable": """
        DECLARE
          e entry%ROWTYPE;
          k account%ROWTYPE;
        BEGIN
          IF NEW.amount <= 0 THEN RETURN NEW; END IF;
          SELECT * INTO k FROM account WHERE id = NEW.account_id;
          IF k.project_id IS NULL THEN RETURN NEW; END IF;
          SELECT * INTO e FROM entry WHERE id = NEW.entry_id;
          IF e.kind = 'disbursement_order' AND NOT EXISTS (
            SELECT FROM decision d JOIN admission a ON a.project_id = d.project_id
            WHERE d.project_id = k.project_id AND {decision} AND {admission}
          ) THEN
            RAISE EXCEPTION 'ledger: gate_closed' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
    """,
}
# A plan is kept for the session; one that was made while a table was empty would read all of it
# once it is full, so that a load into empty books grows slower with every row.
PLANS = ("enable_seqscan = off",)
# What is asked at each row of the books, whichever migration wrote it.
ASKED_OFTEN = (
    "ledger_entry_dated",
    "ledger_posting_allowed",
    "ledger_entry_seal_balanced",
    "projects_posting_gate",
    "projects_posting_payable",
    "projects_entry_seal_gate",
    "treasury_posting",
)


def upgrade() -> None:
    create_tables()
    on_server = op.get_bind().dialect.name == "postgresql"
    number_the_balances(on_server=on_server)
    for name in CHANGED:
        event = (POSTGRESQL_RULES if on_server else SQLITE_RULES)[name][0]
        drop_rule(name, event, on_server=on_server)
    if on_server:
        guard_postgresql()
    else:
        guard_sqlite()


def create_tables() -> None:
    op.create_table(
        "period_closing",
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("n", MINOR, nullable=False, autoincrement=False),
        sa.Column("tail_from", ID, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("checklist", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("starts_on", "n", name=op.f("pk_period_closing")),
        sa.CheckConstraint("n >= 1", name=op.f("ck_period_closing_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["starts_on"], ["period.starts_on"], name=op.f("fk_period_closing_starts_on_period")
        ),
        **STRICT,
    )
    op.create_table(
        "period_reopening",
        sa.Column("id", ID, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("n", MINOR, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_reopening")),
        sa.UniqueConstraint(
            "id",
            "starts_on",
            "n",
            "asked_by",
            name=op.f("uq_period_reopening_id_starts_on_n_asked_by"),
        ),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_period_reopening_has_reason")),
        sa.ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_period_reopening_closing",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_period_reopening_asked_by_user")
        ),
        **STRICT,
    )
    op.create_table(
        "period_reopening_approval",
        sa.Column("reopening_id", ID, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("n", MINOR, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("approved_by", ID, nullable=False),
        sa.PrimaryKeyConstraint("reopening_id", name=op.f("pk_period_reopening_approval")),
        sa.UniqueConstraint(
            "starts_on", "n", name=op.f("uq_period_reopening_approval_starts_on_n")
        ),
        sa.CheckConstraint(
            "approved_by <> asked_by", name=op.f("ck_period_reopening_approval_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["reopening_id", "starts_on", "n", "asked_by"],
            [
                "period_reopening.id",
                "period_reopening.starts_on",
                "period_reopening.n",
                "period_reopening.asked_by",
            ],
            name="fk_period_reopening_approval_reopening",
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_period_reopening_approval_approved_by_user")
        ),
        **STRICT,
    )
    op.create_table(
        "fx_rate",
        sa.Column("day", DAY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name=op.f("pk_fx_rate")),
        sa.CheckConstraint("CAST(rate AS DECIMAL) > 0", name=op.f("ck_fx_rate_positive")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_fx_rate_source_named")),
        **STRICT,
    )


def number_the_balances(*, on_server: bool) -> None:
    """Give every closing of a month its number, so that a month can be closed again."""
    first = (
        "lpad(to_hex((extract(epoch FROM (starts_on + interval '1 month' - interval"
        f" '{AHEAD_DAYS} days')::date) * 1000)::bigint), 12, '0')"
    )
    if on_server:
        op.execute(
            "INSERT INTO period_closing (starts_on, n, tail_from)"
            f" SELECT starts_on, 1, ({first} || '{'0' * 20}')::uuid FROM period"
            " WHERE status = 'locked'"
        )
        op.add_column("period_balance", sa.Column("n", MINOR, nullable=False, server_default="1"))
        op.alter_column("period_balance", "n", server_default=None)
        op.drop_constraint("pk_period_balance", "period_balance")
        op.create_primary_key(
            "pk_period_balance", "period_balance", ["starts_on", "n", "account_id"]
        )
        op.drop_constraint("fk_period_balance_starts_on_period", "period_balance")
        op.create_foreign_key(
            "fk_period_balance_closing",
            "period_balance",
            "period_closing",
            ["starts_on", "n"],
            ["starts_on", "n"],
        )
        return
    months = op.get_bind().exec_driver_sql(
        "SELECT starts_on, CAST(strftime('%s', starts_on, '+1 month', '-7 days') AS INTEGER)"
        " FROM period WHERE status = 'locked'"
    )
    for starts_on, seconds in months.fetchall():
        op.get_bind().exec_driver_sql(
            "INSERT INTO period_closing (starts_on, n, tail_from) VALUES (?, 1, ?)",
            (starts_on, (seconds * 1000).to_bytes(6, "big") + bytes(10)),
        )
    op.rename_table("period_balance", "period_balance_before")
    create_balances()
    op.execute(
        "INSERT INTO period_balance (starts_on, n, account_id, balance)"
        " SELECT starts_on, 1, account_id, balance FROM period_balance_before"
    )
    op.drop_table("period_balance_before")


def create_balances() -> None:
    """Make the table of closing balances anew, since SQLite cannot change a key in place."""
    op.create_table(
        "period_balance",
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("n", MINOR, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("balance", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("starts_on", "n", "account_id", name=op.f("pk_period_balance")),
        sa.ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_period_balance_closing",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_period_balance_account_id_account")
        ),
        **STRICT,
    )


def drop_rule(name: str, event: str, *, on_server: bool) -> None:
    """Take a rule away; on SQLite one may have gone with its table."""
    if not on_server:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {event.rpartition(' ')[2]}")
    op.execute(f"DROP FUNCTION ledger_{name}()")


def guard_sqlite() -> None:
    for table in (*NEW, "period_balance"):
        keep_on_sqlite(table, KEYS[table])
    for name, (event, rules) in SQLITE_RULES.items():
        write_on_sqlite(name, event, rules)


def keep_on_sqlite(table: str, same_row: str) -> None:
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'ledger: append_only'); END"
        )
    # INSERT OR REPLACE removes the old row without asking the DELETE triggers.
    op.execute(
        f"CREATE TRIGGER {table}_exists BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same_row}) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: row_exists'); END"
    )


def write_on_sqlite(name: str, event: str, rules: tuple[tuple[str, str], ...]) -> None:
    steps = " ".join(
        f"SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused};" for code, refused in rules
    )
    op.execute(f"CREATE TRIGGER {name} {event} BEGIN {steps} END")


def guard_postgresql() -> None:
    for table in NEW:
        for verb in ("update", "delete", "truncate"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            )
    for name, (event, body) in POSTGRESQL_RULES.items():
        write_on_postgresql(name, event, body)
    for name, body in gates().items():
        replace_gate(name, body)
    for function in ASKED_OFTEN:
        for setting in PLANS:
            op.execute(f"ALTER FUNCTION {function}() SET {setting}")


def gates() -> dict[str, str]:
    """Write the gates on postings, quick for every account that is no project's."""
    first = earlier("0003_projects.py")
    holds = {"decision": first.DECISION_HOLDS, "admission": first.ADMISSION_HOLDS}
    return {name: body.format(**holds) for name, body in GATES.items()}


def gates_before() -> dict[str, str]:
    """Write the gates on postings as 0003 wrote them."""
    return {
        name: (
            f" BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION 'ledger: {code}' USING ERRCODE = 'check_violation'; END IF;"
            " RETURN NEW; END "
        )
        for name, _event, code, refused in earlier("0003_projects.py").rules(sqlite=False)
        if name in GATES
    }


def replace_gate(name: str, body: str) -> None:
    options = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
    op.execute(f"CREATE OR REPLACE FUNCTION projects_{name}() {options} AS $guard${body}$guard$")


def write_on_postgresql(name: str, event: str, body: str) -> None:
    # pg_temp stands last: a temporary table must not stand in for a table of the books.
    options = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
    op.execute(f"CREATE FUNCTION ledger_{name}() {options} AS $guard${body}$guard$")
    op.execute(f"CREATE TRIGGER {name} {event} FOR EACH ROW EXECUTE FUNCTION ledger_{name}()")


def downgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    rules = POSTGRESQL_RULES if on_server else SQLITE_RULES
    for name, (event, _refusals) in rules.items():
        drop_rule(name, event, on_server=on_server)
    op.drop_table("fx_rate")
    op.drop_table("period_reopening_approval")
    op.drop_table("period_reopening")
    first = earlier("0002_ledger.py")
    if on_server:
        forget_on_server()
        for name, event, body in first.POSTGRESQL_RULES:
            if name in CHANGED:
                write_on_postgresql(name, event, body)
    else:
        forget_on_sqlite()
        keep_on_sqlite("period_balance", KEYS["period_balance before"])
        for name, event, refusals in first.SQLITE_RULES:
            if name in CHANGED:
                write_on_sqlite(name, event, refusals)
    op.drop_table("period_closing")


def earlier(name: str) -> ModuleType:
    """Read the rules as they first were, in the migration that made them."""
    path = Path(__file__).with_name(name)
    spec = importlib.util.spec_from_file_location(f"books_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


# Closings that a later one of the same month replaced; without numbers only the last can stay.
REPLACED = "n < (SELECT MAX(c.n) FROM period_closing c WHERE c.starts_on = {balances}.starts_on)"


def forget_on_server() -> None:
    for name, body in gates_before().items():
        replace_gate(name, body)
    for function in ASKED_OFTEN:
        for setting in PLANS:
            # Rules that were dropped a moment ago, and are written anew below, have no settings.
            if not function.removeprefix("ledger_").startswith(CHANGED):
                op.execute(f"ALTER FUNCTION {function}() RESET {setting.partition(' ')[0]}")
    op.execute("ALTER TABLE period_balance DISABLE TRIGGER period_balance_no_delete")
    op.execute(f"DELETE FROM period_balance WHERE {REPLACED.format(balances='period_balance')}")
    op.execute("ALTER TABLE period_balance ENABLE TRIGGER period_balance_no_delete")
    op.drop_constraint("fk_period_balance_closing", "period_balance")
    op.drop_constraint("pk_period_balance", "period_balance")
    op.drop_column("period_balance", "n")
    op.create_primary_key("pk_period_balance", "period_balance", ["starts_on", "account_id"])
    op.create_foreign_key(
        "fk_period_balance_starts_on_period",
        "period_balance",
        "period",
        ["starts_on"],
        ["starts_on"],
    )


def forget_on_sqlite() -> None:
    op.rename_table("period_balance", "period_balance_numbered")
    op.create_table(
        "period_balance",
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("balance", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("starts_on", "account_id", name=op.f("pk_period_balance")),
        sa.ForeignKeyConstraint(
            ["starts_on"], ["period.starts_on"], name=op.f("fk_period_balance_starts_on_period")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_period_balance_account_id_account")
        ),
        **STRICT,
    )
    op.execute(
        "INSERT INTO period_balance (starts_on, account_id, balance)"
        " SELECT starts_on, account_id, balance FROM period_balance_numbered"
        f" WHERE NOT {REPLACED.format(balances='period_balance_numbered')}"
    )
    op.drop_table("period_balance_numbered")

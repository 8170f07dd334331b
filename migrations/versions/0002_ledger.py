"""Ledger: accounts, entries, postings, seals, checkpoints, periods, and the guards they obey."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
STRICT = {"sqlite_strict": True, "sqlite_with_rowid": False}

# ISO 4217, table of 2026.
CURRENCIES = {
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "CAD": 2,
    "AUD": 2,
    "SEK": 2,
    "NOK": 2,
    "DKK": 2,
    "PLN": 2,
    "MXN": 2,
    "MAD": 2,
    "KES": 2,
    "ZMW": 2,
    "JPY": 0,
    "KRW": 0,
    "XOF": 0,
    "XAF": 0,
    "MGA": 2,
    "TND": 3,
    "KWD": 3,
}
TABLES = (
    "currency",
    "account",
    "entry_seal",
    "entry",
    "posting",
    "sealed_fact",
    "checkpoint",
    "checkpoint_leaf",
    "period",
    "period_balance",
)
# Tables with one column that may move; all others never change.
MOVING = {
    "account": (
        "id, code, name, type, currency, fund_id, project_id, floor, opened_on",
        "closed_on",
    ),
    "period": ("starts_on, ends_on", "status"),
}
# What makes a row "the same row" for INSERT OR REPLACE.
KEYS = {
    "currency": "code = NEW.code",
    "account": "id = NEW.id OR code = NEW.code",
    "entry_seal": "entry_id = NEW.entry_id",
    "entry": "id = NEW.id OR idem_key = NEW.idem_key",
    "posting": "entry_id = NEW.entry_id AND line = NEW.line",
    "sealed_fact": "kind = NEW.kind AND fact_id = NEW.fact_id",
    "checkpoint": "n = NEW.n",
    "checkpoint_leaf": "pos = NEW.pos OR (kind = NEW.kind AND fact_id = NEW.fact_id)",
    "period": "starts_on = NEW.starts_on",
    "period_balance": "starts_on = NEW.starts_on AND account_id = NEW.account_id",
}

# The rules, once for each engine: (trigger, event, [(code, the condition that refuses)]).
SQLITE_RULES = (
    (
        "entry_dated",
        "BEFORE INSERT ON entry",
        (
            ("day_unreadable", "NEW.effective_on IS NOT date(NEW.effective_on, '+0 days')"),
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
    (
        "posting_allowed",
        "BEFORE INSERT ON posting",
        (
            (
                "entry_sealed",
                "EXISTS (SELECT 1 FROM entry_seal WHERE entry_id = NEW.entry_id)",
            ),
            (
                "account_unknown",
                "NOT EXISTS (SELECT 1 FROM account WHERE id = NEW.account_id)",
            ),
            (
                "currency_mixed",
                "(SELECT currency FROM account WHERE id = NEW.account_id) <> NEW.currency",
            ),
            (
                "account_closed",
                "(SELECT closed_on FROM account WHERE id = NEW.account_id) IS NOT NULL",
            ),
        ),
    ),
    (
        "entry_seal_balanced",
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
                    "EXISTS (SELECT 1 FROM posting d JOIN account a ON a.id = d.account_id"
                    " WHERE d.entry_id = NEW.entry_id AND d.amount > 0"
                    " AND a.floor = 'non_negative_credit'"
                    " AND (SELECT SUM(p.amount) FROM posting p WHERE p.account_id = a.id) > 0)"
                ),
            ),
        ),
    ),
    (
        "account_closes_once",
        "BEFORE UPDATE OF closed_on ON account",
        (
            ("account_closed", "OLD.closed_on IS NOT NULL OR NEW.closed_on IS NULL"),
            ("day_unreadable", "NEW.closed_on IS NOT date(NEW.closed_on, '+0 days')"),
            (
                "account_not_empty",
                "(SELECT SUM(amount) FROM posting WHERE account_id = OLD.id) <> 0",
            ),
        ),
    ),
    (
        "period_is_month",
        "BEFORE INSERT ON period",
        (
            (
                "period_not_a_month",
                (
                    "NEW.starts_on IS NOT date(NEW.starts_on, 'start of month')"
                    " OR NEW.ends_on IS NOT date(NEW.starts_on, '+1 month', '-1 day')"
                ),
            ),
            ("period_not_open", "NEW.status <> 'open'"),
            (
                "period_locked",
                (
                    "EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on > NEW.starts_on AND status = 'locked')"
                ),
            ),
        ),
    ),
    (
        "period_forward",
        "BEFORE UPDATE OF status ON period",
        (
            (
                "period_not_forward",
                (
                    "NOT ((OLD.status = 'open' AND NEW.status = 'closing')"
                    " OR (OLD.status = 'closing' AND NEW.status = 'locked'))"
                ),
            ),
            (
                "period_out_of_order",
                (
                    "NEW.status = 'locked' AND EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on < NEW.starts_on AND status <> 'locked')"
                ),
            ),
        ),
    ),
    (
        "period_balance_at_close",
        "BEFORE INSERT ON period_balance",
        (
            (
                "period_not_closing",
                (
                    "NOT EXISTS (SELECT 1 FROM period"
                    " WHERE starts_on = NEW.starts_on AND status = 'closing')"
                ),
            ),
        ),
    ),
    (
        "checkpoint_leaf_next",
        "BEFORE INSERT ON checkpoint_leaf",
        (
            (
                "leaf_out_of_order",
                "NEW.pos <> COALESCE((SELECT MAX(pos) + 1 FROM checkpoint_leaf), 0)",
            ),
        ),
    ),
    (
        "checkpoint_next",
        "BEFORE INSERT ON checkpoint",
        (
            (
                "checkpoint_out_of_order",
                (
                    "NEW.n <> COALESCE((SELECT MAX(n) + 1 FROM checkpoint), 1)"
                    " OR NEW.size <> (SELECT COALESCE(MAX(pos) + 1, 0) FROM checkpoint_leaf)"
                    " OR NEW.size <= COALESCE((SELECT MAX(size) FROM checkpoint), 0)"
                    " OR NEW.prev_root IS NOT (SELECT root FROM checkpoint ORDER BY n DESC LIMIT 1)"
                ),
            ),
        ),
    ),
)

POSTGRESQL_RULES = (
    (
        "entry_dated",
        "BEFORE INSERT ON entry",
        """
        DECLARE
          state text;
        BEGIN
          -- FOR SHARE: an entry waits only for the close of its own month.
          SELECT status INTO state FROM period
            WHERE starts_on = date_trunc('month', NEW.effective_on)::date FOR SHARE;
          IF state IS NULL THEN
            RAISE EXCEPTION 'ledger: period_missing' USING ERRCODE = 'check_violation';
          END IF;
          IF state = 'locked' THEN
            RAISE EXCEPTION 'ledger: period_locked' USING ERRCODE = 'check_violation';
          END IF;
          IF NEW.reverses_id IS NOT NULL AND EXISTS (
            SELECT FROM entry WHERE id = NEW.reverses_id AND reverses_id IS NOT NULL
          ) THEN
            RAISE EXCEPTION 'ledger: reversal_of_reversal' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "posting_allowed",
        "BEFORE INSERT ON posting",
        """
        DECLARE
          found_currency text;
          closed date;
        BEGIN
          IF EXISTS (SELECT FROM entry_seal WHERE entry_id = NEW.entry_id) THEN
            RAISE EXCEPTION 'ledger: entry_sealed' USING ERRCODE = 'check_violation';
          END IF;
          -- FOR KEY SHARE: waits for an account that is being closed, never for a spender.
          SELECT currency, closed_on INTO found_currency, closed FROM account
            WHERE id = NEW.account_id FOR KEY SHARE;
          IF found_currency IS NULL THEN
            RAISE EXCEPTION 'ledger: account_unknown' USING ERRCODE = 'check_violation';
          END IF;
          IF found_currency <> NEW.currency THEN
            RAISE EXCEPTION 'ledger: currency_mixed' USING ERRCODE = 'check_violation';
          END IF;
          IF closed IS NOT NULL THEN
            RAISE EXCEPTION 'ledger: account_closed' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "entry_seal_balanced",
        "BEFORE INSERT ON entry_seal",
        """
        DECLARE
          original uuid;
        BEGIN
          IF (SELECT count(*) FROM posting WHERE entry_id = NEW.entry_id) < 2 THEN
            RAISE EXCEPTION 'ledger: too_few_postings' USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (
            SELECT FROM posting WHERE entry_id = NEW.entry_id
            GROUP BY currency HAVING sum(amount) <> 0
          ) THEN
            RAISE EXCEPTION 'ledger: unbalanced' USING ERRCODE = 'check_violation';
          END IF;
          SELECT reverses_id INTO original FROM entry WHERE id = NEW.entry_id;
          IF original IS NOT NULL AND (
            (SELECT count(*) FROM posting WHERE entry_id = NEW.entry_id)
              <> (SELECT count(*) FROM posting WHERE entry_id = original)
            OR EXISTS (
              SELECT FROM posting p WHERE p.entry_id = NEW.entry_id AND NOT EXISTS (
                SELECT FROM posting o WHERE o.entry_id = original AND o.line = p.line
                AND o.account_id = p.account_id AND o.amount = -p.amount
              )
            )
          ) THEN
            RAISE EXCEPTION 'ledger: not_a_mirror' USING ERRCODE = 'check_violation';
          END IF;
          -- Spenders of one account pass one at a time, in id order; credits never lock.
          PERFORM FROM account
            WHERE floor = 'non_negative_credit' AND id IN (
              SELECT account_id FROM posting WHERE entry_id = NEW.entry_id AND amount > 0
            ) ORDER BY id FOR NO KEY UPDATE;
          IF FOUND THEN
            -- A snapshot taken before the lock cannot see who spent meanwhile.
            IF current_setting('transaction_isolation') = 'repeatable read' THEN
              RAISE EXCEPTION 'ledger: isolation_unfit' USING ERRCODE = 'check_violation';
            END IF;
            IF EXISTS (
              SELECT FROM posting p JOIN account a ON a.id = p.account_id
              WHERE a.floor = 'non_negative_credit' AND a.id IN (
                SELECT account_id FROM posting WHERE entry_id = NEW.entry_id AND amount > 0
              ) GROUP BY a.id HAVING sum(p.amount) > 0
            ) THEN
              RAISE EXCEPTION 'ledger: floor_breached' USING ERRCODE = 'check_violation';
            END IF;
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "account_closes_once",
        "BEFORE UPDATE OF closed_on ON account",
        """
        BEGIN
          IF OLD.closed_on IS NOT NULL OR NEW.closed_on IS NULL THEN
            RAISE EXCEPTION 'ledger: account_closed' USING ERRCODE = 'check_violation';
          END IF;
          -- Waits for every posting under way on this account.
          PERFORM FROM account WHERE id = OLD.id FOR UPDATE;
          IF (SELECT sum(amount) FROM posting WHERE account_id = OLD.id) <> 0 THEN
            RAISE EXCEPTION 'ledger: account_not_empty' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "period_is_month",
        "BEFORE INSERT ON period",
        """
        BEGIN
          IF NEW.starts_on <> date_trunc('month', NEW.starts_on)::date
            OR NEW.ends_on <> (NEW.starts_on + interval '1 month' - interval '1 day')::date
          THEN
            RAISE EXCEPTION 'ledger: period_not_a_month' USING ERRCODE = 'check_violation';
          END IF;
          IF NEW.status <> 'open' THEN
            RAISE EXCEPTION 'ledger: period_not_open' USING ERRCODE = 'check_violation';
          END IF;
          IF EXISTS (
            SELECT FROM period WHERE starts_on > NEW.starts_on AND status = 'locked'
          ) THEN
            RAISE EXCEPTION 'ledger: period_locked' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "period_forward",
        "BEFORE UPDATE OF status ON period",
        """
        BEGIN
          IF NOT ((OLD.status = 'open' AND NEW.status = 'closing')
            OR (OLD.status = 'closing' AND NEW.status = 'locked')) THEN
            RAISE EXCEPTION 'ledger: period_not_forward' USING ERRCODE = 'check_violation';
          END IF;
          IF NEW.status = 'locked' AND EXISTS (
            SELECT FROM period WHERE starts_on < NEW.starts_on AND status <> 'locked'
          ) THEN
            RAISE EXCEPTION 'ledger: period_out_of_order' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "period_balance_at_close",
        "BEFORE INSERT ON period_balance",
        """
        BEGIN
          IF NOT EXISTS (
            SELECT FROM period WHERE starts_on = NEW.starts_on AND status = 'closing'
          ) THEN
            RAISE EXCEPTION 'ledger: period_not_closing' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "checkpoint_leaf_next",
        "BEFORE INSERT ON checkpoint_leaf",
        """
        BEGIN
          IF NEW.pos <> coalesce((SELECT max(pos) + 1 FROM checkpoint_leaf), 0) THEN
            RAISE EXCEPTION 'ledger: leaf_out_of_order' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
    (
        "checkpoint_next",
        "BEFORE INSERT ON checkpoint",
        """
        BEGIN
          IF NEW.n <> coalesce((SELECT max(n) + 1 FROM checkpoint), 1)
            OR NEW.size <> (SELECT coalesce(max(pos) + 1, 0) FROM checkpoint_leaf)
            OR NEW.size <= coalesce((SELECT max(size) FROM checkpoint), 0)
            OR NEW.prev_root IS DISTINCT FROM
              (SELECT root FROM checkpoint ORDER BY n DESC LIMIT 1)
          THEN
            RAISE EXCEPTION 'ledger: checkpoint_out_of_order' USING ERRCODE = 'check_violation';
          END IF;
          RETURN NEW;
        END
        """,
    ),
)


def upgrade() -> None:
    create_tables()
    op.bulk_insert(
        sa.table("currency", sa.column("code", sa.Text()), sa.column("exponent", MINOR)),
        [{"code": code, "exponent": places} for code, places in CURRENCIES.items()],
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def create_tables() -> None:
    op.create_table(
        "currency",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("exponent", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_currency")),
        sa.CheckConstraint("exponent BETWEEN 0 AND 4", name=op.f("ck_currency_exponent_plausible")),
        **STRICT,
    )
    op.create_table(
        "account",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("fund_id", ID, nullable=True),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("floor", sa.Text(), nullable=False),
        sa.Column("opened_on", DAY, nullable=False),
        sa.Column("closed_on", DAY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("code", name=op.f("uq_account_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_account_id_currency")),
        sa.CheckConstraint(
            "type = COALESCE(CASE substr(code, 1, 3) WHEN 'Ass' THEN 'A' WHEN 'Lia' THEN 'L'"
            " WHEN 'Equ' THEN 'E' WHEN 'Inc' THEN 'I' WHEN 'Exp' THEN 'X' END, '')",
            name=op.f("ck_account_type_of_code"),
        ),
        sa.CheckConstraint(
            "floor = CASE WHEN substr(code, 1, 17) = 'Liabilities:Fund:'"
            " OR substr(code, 1, 20) = 'Liabilities:Project:'"
            " THEN 'non_negative_credit' ELSE 'none' END",
            name=op.f("ck_account_floor_of_code"),
        ),
        sa.CheckConstraint(
            "(substr(code, 1, 20) = 'Liabilities:Project:') = (project_id IS NOT NULL)",
            name=op.f("ck_account_project_of_code"),
        ),
        sa.ForeignKeyConstraint(
            ["currency"], ["currency.code"], name=op.f("fk_account_currency_currency")
        ),
        **STRICT,
    )
    op.create_index("ix_account_project_id", "account", ["project_id"])
    op.create_table(
        "entry_seal",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("canon_version", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_seal")),
        **STRICT,
    )
    op.create_table(
        "entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("idem_key", sa.Text(), nullable=False),
        sa.Column("idem_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", DAY, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("reverses_id", ID, nullable=True),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("idem_key", name=op.f("uq_entry_idem_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_entry_reverses_id")),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_entry_reversal_names_entry"),
        ),
        # Sealed at commit: the seal must exist when the transaction ends, not before.
        sa.ForeignKeyConstraint(
            ["id"],
            ["entry_seal.entry_id"],
            name=op.f("fk_entry_id_entry_seal"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["entry.id"], name=op.f("fk_entry_reverses_id_entry")
        ),
        **STRICT,
    )
    op.create_index("ix_entry_effective_on", "entry", ["effective_on", "id"])
    op.create_index("ix_entry_source_id", "entry", ["source_id", "source_type"])
    op.create_index("ix_entry_kind", "entry", ["kind", "effective_on", "id"])
    op.create_table(
        "posting",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("line", MINOR, nullable=False, autoincrement=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_posting")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_posting_entry_id_entry")),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["account.id", "account.currency"],
            name=op.f("fk_posting_account_id_account"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_posting_amount_not_zero")),
        sa.CheckConstraint("line >= 1", name=op.f("ck_posting_line_counted_from_one")),
        **STRICT,
    )
    op.create_index("ix_posting_account_id", "posting", ["account_id", "entry_id", "amount"])
    op.create_table(
        "sealed_fact",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fact_id", ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("canon_version", MINOR, nullable=False),
        sa.PrimaryKeyConstraint("kind", "fact_id", name=op.f("pk_sealed_fact")),
        **STRICT,
    )
    op.create_table(
        "checkpoint",
        sa.Column("n", MINOR, nullable=False, autoincrement=False),
        sa.Column("size", MINOR, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("prev_root", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_checkpoint")),
        **STRICT,
    )
    op.create_table(
        "checkpoint_leaf",
        sa.Column("pos", MINOR, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fact_id", ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_checkpoint_leaf")),
        sa.UniqueConstraint("kind", "fact_id", name=op.f("uq_checkpoint_leaf_kind_fact_id")),
        **STRICT,
    )
    op.create_table(
        "period",
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("starts_on", name=op.f("pk_period")),
        sa.CheckConstraint(
            "status IN ('open', 'closing', 'locked')", name=op.f("ck_period_status_known")
        ),
        **STRICT,
    )
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


def guard_sqlite() -> None:
    for table in TABLES:
        columns = f" OF {MOVING[table][0]}" if table in MOVING else ""
        for name, event in (("update", f"UPDATE{columns}"), ("delete", "DELETE")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'ledger: append_only'); END"
            )
        # INSERT OR REPLACE removes the old row without asking the DELETE triggers.
        op.execute(
            f"CREATE TRIGGER {table}_exists BEFORE INSERT ON {table} "
            f"WHEN EXISTS ({same_row(table)}) "
            "BEGIN SELECT RAISE(ABORT, 'ledger: row_exists'); END"
        )
    for name, event, rules in SQLITE_RULES:
        steps = " ".join(
            f"SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused};" for code, refused in rules
        )
        op.execute(f"CREATE TRIGGER {name} {event} BEGIN {steps} END")


def same_row(table: str) -> str:
    return f"SELECT 1 FROM {table} WHERE {KEYS[table]}"  # noqa: S608 - names of this file


def guard_postgresql() -> None:
    # pg_temp stands last: a temporary table must not stand in for a table of the books.
    options = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
    op.execute(
        f"CREATE FUNCTION ledger_append_only() {options} AS $guard$"
        " BEGIN RAISE EXCEPTION 'ledger: append_only' USING ERRCODE = 'check_violation'; END"
        " $guard$"
    )
    for table in TABLES:
        columns = f" OF {MOVING[table][0]}" if table in MOVING else ""
        for name, event in (
            ("update", f"UPDATE{columns}"),
            ("delete", "DELETE"),
            ("truncate", "TRUNCATE"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            )
    for name, event, body in POSTGRESQL_RULES:
        op.execute(f"CREATE FUNCTION ledger_{name}() {options} AS $guard${body}$guard$")
        op.execute(f"CREATE TRIGGER {name} {event} FOR EACH ROW EXECUTE FUNCTION ledger_{name}()")


def downgrade() -> None:
    for table in (
        "period_balance",
        "period",
        "checkpoint_leaf",
        "checkpoint",
        "sealed_fact",
        "posting",
        "entry",
        "entry_seal",
        "account",
        "currency",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name, _event, _body in POSTGRESQL_RULES:
            op.execute(f"DROP FUNCTION ledger_{name}()")
        op.execute("DROP FUNCTION ledger_append_only()")

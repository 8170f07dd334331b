"""Statements: saved mappings, announced lines, notifications, and rules for charges and interest."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_EVIDENCE = (
    "bank_mapping",
    "bank_pending_line",
    "bank_notice",
    "bank_rule",
    "bank_rule_match",
)


# What a pledge received only grows, unless a match of the bank is undone: then it is again the sum
# of the parts that were not given back whole.
_STANDS = (
    "COALESCE((SELECT SUM(d.gross) FROM donation d WHERE d.bank_pledge_id = NEW.id"
    " AND d.settled_at IS NOT NULL AND d.refunded < d.gross), 0)"
)
_SHRINKS = f"NEW.received < OLD.received AND NEW.received <> {_STANDS}"
_GROWS = "bank_pledge_only_grows"


def _id() -> sa.types.TypeEngine[object]:
    return sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def _minor() -> sa.types.TypeEngine[object]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _day() -> sa.types.TypeEngine[object]:
    return sa.Date().with_variant(sa.Text(), "sqlite")


def _instant() -> sa.types.TypeEngine[object]:
    return sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("bank_file", sa.Column("form", sa.Text(), nullable=True))
    op.create_table(
        "bank_mapping",
        sa.Column("id", _id(), nullable=False),
        sa.Column("account_id", _id(), nullable=False),
        sa.Column("version", _minor(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("saved_at", _instant(), nullable=False),
        sa.Column("saved_by", _id(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_bank_mapping_version_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_mapping_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["user.id"], name=op.f("fk_bank_mapping_saved_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_mapping")),
        sa.UniqueConstraint("account_id", "version", name="uq_bank_mapping_version"),
        info={"append_only": True},
    )
    op.create_table(
        "bank_pending_line",
        sa.Column("id", _id(), nullable=False),
        sa.Column("statement_id", _id(), nullable=False),
        sa.Column("number", _minor(), nullable=False),
        sa.Column("amount", _minor(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("expected_on", _day(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
            name=op.f("fk_bank_pending_line_statement_id_bank_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_pending_line")),
        sa.UniqueConstraint("statement_id", "number", name="uq_bank_pending_line_number"),
        info={"append_only": True},
    )
    op.create_table(
        "bank_notice",
        sa.Column("id", _id(), nullable=False),
        sa.Column("file_id", _id(), nullable=False),
        sa.Column("account_id", _id(), nullable=False),
        sa.Column("number", _minor(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("amount", _minor(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("booked_on", _day(), nullable=False),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("creditor_reference", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("counterparty_iban", sa.Text(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_bank_notice_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["bank_file.id"], name=op.f("fk_bank_notice_file_id_bank_file")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_notice_account_id_bank_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_notice")),
        sa.UniqueConstraint("file_id", "number", name="uq_bank_notice_number"),
        info={"append_only": True},
    )
    op.create_index("ix_bank_notice_account_id", "bank_notice", ["account_id", "bank_reference"])
    op.create_table(
        "bank_rule",
        sa.Column("id", _id(), nullable=False),
        sa.Column("rule_id", _id(), nullable=False),
        sa.Column("version", _minor(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("books", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ceiling", _minor(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("written_at", _instant(), nullable=False),
        sa.Column("written_by", _id(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_bank_rule_version_positive")),
        sa.CheckConstraint("ceiling > 0", name=op.f("ck_bank_rule_ceiling_positive")),
        sa.CheckConstraint(
            "books IN ('bank_fee', 'interest')", name=op.f("ck_bank_rule_books_known")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_bank_rule_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_rule")),
        sa.UniqueConstraint("rule_id", "version", name="uq_bank_rule_version"),
        info={"append_only": True},
    )
    op.create_table(
        "bank_rule_match",
        sa.Column("match_id", _id(), nullable=False),
        sa.Column("rule_version_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["match.id"], name=op.f("fk_bank_rule_match_match_id_match")
        ),
        sa.ForeignKeyConstraint(
            ["rule_version_id"],
            ["bank_rule.id"],
            name=op.f("fk_bank_rule_match_rule_version_id_bank_rule"),
        ),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_bank_rule_match")),
        info={"append_only": True},
    )
    # What matching asks of the lines of before: who paid, and which line came with a reference.
    op.create_index("ix_bank_line_counterparty_iban", "bank_line", ["counterparty_iban"])
    op.create_index("ix_bank_line_bank_reference", "bank_line", ["account_id", "bank_reference"])
    for table in _EVIDENCE:
        op.append_only(table)
    _let_parts_be_undone()


def _let_parts_be_undone() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {_GROWS}")
        op.execute(
            f"CREATE TRIGGER {_GROWS} BEFORE UPDATE OF received ON bank_pledge"
            f" WHEN ({_SHRINKS}) BEGIN SELECT RAISE(ABORT, '{_GROWS}'); END"
        )
        return
    op.execute(f"DROP TRIGGER {_GROWS} ON bank_pledge")
    op.execute(
        f"CREATE FUNCTION {_GROWS}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = public, pg_temp AS $$ BEGIN IF {_SHRINKS} THEN RAISE EXCEPTION USING "
        f"MESSAGE = '{_GROWS}', ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {_GROWS} BEFORE UPDATE OF received ON bank_pledge "
        f"FOR EACH ROW EXECUTE FUNCTION {_GROWS}()"
    )


def _only_grows() -> None:
    when = "WHEN (NEW.received < OLD.received)"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {_GROWS}")
        op.execute(
            f"CREATE TRIGGER {_GROWS} BEFORE UPDATE OF received ON bank_pledge {when} "
            f"BEGIN SELECT RAISE(ABORT, '{_GROWS}'); END"
        )
        return
    op.execute(f"DROP TRIGGER {_GROWS} ON bank_pledge")
    op.execute(f"DROP FUNCTION {_GROWS}()")
    op.execute(
        f"CREATE TRIGGER {_GROWS} BEFORE UPDATE OF received ON bank_pledge FOR EACH ROW {when} "
        "EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    _only_grows()
    op.drop_index("ix_bank_line_bank_reference", table_name="bank_line")
    op.drop_index("ix_bank_line_counterparty_iban", table_name="bank_line")
    op.drop_table("bank_rule_match")
    op.drop_table("bank_rule")
    op.drop_index("ix_bank_notice_account_id", table_name="bank_notice")
    op.drop_table("bank_notice")
    op.drop_table("bank_pending_line")
    op.drop_table("bank_mapping")
    op.drop_column("bank_file", "form")

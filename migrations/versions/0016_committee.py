"""The committee's work: calls, profiles, links of invitation, questions, counts, letters."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
KEPT = ("call_entry", "handover", "inquiry_round", "decision_roll", "thanks_letter")
# Somebody tied to a project gets no seat in any later version of it.
RECUSED = """
  SELECT 1 FROM assignment o JOIN assessment b ON b.id = o.assessment_id
  JOIN assessment n ON n.id = NEW.assessment_id
  WHERE o.user_id = NEW.user_id AND o.declared_interest IS NOT NULL
  AND b.project_id = n.project_id
"""
SEATED = """
  SELECT 1 FROM assignment a WHERE a.id = NEW.assignment_id
  AND a.removed_at IS NULL AND a.declared_at IS NOT NULL
"""
SCORING = """
  SELECT 1 FROM review v JOIN assignment a ON a.id = v.assignment_id
  WHERE v.id = NEW.review_id AND a.removed_at IS NULL AND a.declared_at IS NOT NULL
"""
# trigger, event, code, the condition that refuses
RULES = (
    (
        "assignment_recused",
        "BEFORE INSERT ON assignment",
        "interest_declared",
        f"EXISTS ({RECUSED})",
    ),
    (
        "review_declared",
        "BEFORE INSERT ON review",
        "declaration_missing",
        f"NOT EXISTS ({SEATED})",
    ),
    (
        "review_score_declared",
        "BEFORE INSERT ON review_score",
        "declaration_missing",
        f"NOT EXISTS ({SCORING})",
    ),
    (
        "inquiry_once",
        "BEFORE UPDATE ON inquiry",
        "append_only",
        "OLD.answer IS NOT NULL OR (OLD.round_id IS NOT NULL AND NEW.text <> OLD.text)",
    ),
    ("inquiry_no_delete", "BEFORE DELETE ON inquiry", "append_only", "1 = 1"),
)


def upgrade() -> None:
    _create_tables()
    for table in KEPT:
        op.append_only(table)
    if op.get_bind().dialect.name == "sqlite":
        for name, event, code, refused in RULES:
            op.execute(
                f"CREATE TRIGGER {name} {event} "
                f"BEGIN SELECT RAISE(ABORT, 'ledger: {code}') WHERE {refused}; END"
            )
        return
    options = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
    for name, event, code, refused in RULES:
        kept = "OLD" if "DELETE" in event else "NEW"
        op.execute(
            f"CREATE FUNCTION committee_{name}() {options} AS $guard$ BEGIN IF {refused} THEN"
            f" RAISE EXCEPTION 'ledger: {code}' USING ERRCODE = 'check_violation'; END IF;"
            f" RETURN {kept}; END $guard$"
        )
        op.execute(
            f"CREATE TRIGGER {name} {event} FOR EACH ROW EXECUTE FUNCTION committee_{name}()"
        )


def _created(table: str, *, by: str = "created_by") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([by], ["user.id"], name=op.f(f"fk_{table}_{by}_user"))


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _create_tables() -> None:
    op.create_table(
        "assessment_call",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_assessment_call_closes_later")),
        _created("assessment_call"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_call")),
        sa.UniqueConstraint("name", name="uq_assessment_call_name"),
    )
    op.create_index("ix_assessment_call_closes_at", "assessment_call", ["closes_at"])
    op.create_table(
        "call_entry",
        sa.Column("application_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        _of("call_entry", "application_id", "application"),
        _of("call_entry", "call_id", "assessment_call"),
        _of("call_entry", "assessment_id", "assessment"),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_call_entry")),
    )
    op.create_index("ix_call_entry_call_id", "call_entry", ["call_id"])
    op.create_index("ix_call_entry_assessment_id", "call_entry", ["assessment_id"])
    op.create_table(
        "member_profile",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("expertise", sa.Text(), nullable=False),
        sa.Column("affiliations", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("saved_by", ID, nullable=True),
        _of("member_profile", "user_id", "user"),
        _created("member_profile", by="saved_by"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_member_profile")),
    )
    op.create_table(
        "assignment_link",
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        _of("assignment_link", "assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_assignment_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_assignment_link_secret_hash")),
    )
    op.create_table(
        "handover",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("to_assignment_id", ID, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("handed_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "to_assignment_id <> assignment_id", name=op.f("ck_handover_to_somebody_else")
        ),
        _of("handover", "assignment_id", "assignment"),
        _of("handover", "to_assignment_id", "assignment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint(
            "assignment_id", "criterion", name="uq_handover_assignment_id_criterion"
        ),
    )
    op.create_index("ix_handover_to_assignment_id", "handover", ["to_assignment_id"])
    op.create_table(
        "inquiry_round",
        sa.Column("id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("assessment_id", ID, nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("sent_by", ID, nullable=True),
        _of("inquiry_round", "application_id", "application"),
        _of("inquiry_round", "assessment_id", "assessment"),
        _created("inquiry_round", by="sent_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_round")),
        sa.UniqueConstraint("application_id", name=op.f("uq_inquiry_round_application_id")),
    )
    op.create_table(
        "inquiry",
        sa.Column("id", ID, nullable=False),
        sa.Column("assignment_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("round_id", ID, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", ID, nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_inquiry_answered_whole")
        ),
        sa.CheckConstraint(
            "answer IS NULL OR round_id IS NOT NULL", name=op.f("ck_inquiry_sent_before_answered")
        ),
        _of("inquiry", "assignment_id", "assignment"),
        _of("inquiry", "application_id", "application"),
        _of("inquiry", "round_id", "inquiry_round"),
        _created("inquiry", by="answered_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index("ix_inquiry_application_id", "inquiry", ["application_id"])
    op.create_table(
        "decision_roll",
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("members", MINOR, nullable=False),
        sa.Column("recused", MINOR, nullable=False),
        sa.CheckConstraint(
            "recused >= 0 AND recused <= members",
            name=op.f("ck_decision_roll_recused_are_members"),
        ),
        _of("decision_roll", "decision_id", "decision"),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_roll")),
    )
    op.create_table(
        "thanks_letter",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("year", MINOR, nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("dossiers", MINOR, nullable=False),
        sa.Column("minutes", MINOR, nullable=False),
        sa.Column("issued_on", DAY, nullable=False),
        sa.Column("issued_by", ID, nullable=True),
        sa.CheckConstraint(
            "dossiers > 0 AND minutes > 0", name=op.f("ck_thanks_letter_thanks_for_work")
        ),
        _of("thanks_letter", "user_id", "user"),
        _created("thanks_letter", by="issued_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks_letter")),
        sa.UniqueConstraint("user_id", "year", name="uq_thanks_letter_user_id_year"),
    )


def downgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    for name, event, _code, _refused in RULES:
        op.execute(f"DROP TRIGGER {name}" + (f" ON {event.split()[-1]}" if on_server else ""))
        if on_server:
            op.execute(f"DROP FUNCTION committee_{name}()")
    for table in (
        "thanks_letter",
        "decision_roll",
        "inquiry",
        "inquiry_round",
        "handover",
        "assignment_link",
        "member_profile",
        "call_entry",
        "assessment_call",
    ):
        op.drop_table(table)

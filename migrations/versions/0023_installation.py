"""People: what an installation is for, who opened it to contributions, which process runs a job."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Opening takes two: the version that opens was asked for by somebody else. A demonstration is
# open from its first day. Closing takes anyone with the right.
_ALONE = (
    "NEW.name = 'accepting' AND NEW.value LIKE '%true%'"
    " AND NOT EXISTS (SELECT 1 FROM installation i WHERE i.mode = 'demo')"
    " AND NOT EXISTS (SELECT 1 FROM opening_ask a"
    " WHERE a.version = NEW.version AND a.asked_by <> NEW.set_by)"
)


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", _WHOLE, nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.CheckConstraint(
            "mode IN ('demo', 'rehearsal', 'live')", name=op.f("ck_installation_mode")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "opening_ask",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.Column("asked_by", _ID, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user.id"], name=op.f("fk_opening_ask_asked_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_ask")),
    )
    op.create_index("ix_opening_ask_version", "opening_ask", ["version"])
    op.create_table(
        "backup_run",
        sa.Column("id", _ID, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("archive", sa.Text(), nullable=False),
        sa.Column("size", _WHOLE, nullable=False),
        sa.Column("row_count", _WHOLE, nullable=False),
        sa.Column("checkpoint", _WHOLE, nullable=True),
        sa.Column("root", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('backup', 'drill')", name=op.f("ck_backup_run_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_run")),
    )
    op.create_index("ix_backup_run_kind", "backup_run", ["kind", "made_at"])
    op.create_table(
        "mail_probe",
        sa.Column("id", _ID, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("sent_by", _ID, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("arrived_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["sent_by"], ["user.id"], name=op.f("fk_mail_probe_sent_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_probe")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_mail_probe_secret_hash")),
    )
    for table in ("installation", "opening_ask", "backup_run"):
        op.append_only(table)
    op.add_column("job_run", sa.Column("holder", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION people_opening_alone() RETURNS trigger LANGUAGE plpgsql"
            " SET search_path = public, pg_temp AS $guard$"
            f" BEGIN IF {_ALONE} THEN RAISE EXCEPTION 'opening_alone'"
            " USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $guard$"
        )
        op.execute(
            "CREATE TRIGGER opening_alone BEFORE INSERT ON setting"
            " FOR EACH ROW EXECUTE FUNCTION people_opening_alone()"
        )
    else:
        op.execute(
            "CREATE TRIGGER opening_alone BEFORE INSERT ON setting"
            f" BEGIN SELECT RAISE(ABORT, 'opening_alone') WHERE {_ALONE}; END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER opening_alone ON setting")
        op.execute("DROP FUNCTION people_opening_alone()")
    else:
        op.execute("DROP TRIGGER opening_alone")
    op.drop_column("job_run", "holder")
    op.drop_table("mail_probe")
    op.drop_table("backup_run")
    op.drop_table("opening_ask")
    op.drop_table("installation")

"""People: the second factor of staff and committee."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "second_factor",
        sa.Column(
            "user_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("shared_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("last_step", whole, nullable=False),
        sa.Column("failures", whole, nullable=False),
        sa.Column("failed_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "second_factor_pass",
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("passed_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["login_hash"],
            ["login.secret_hash"],
            name=op.f("fk_second_factor_pass_login_hash_login"),
        ),
        sa.PrimaryKeyConstraint("login_hash", name=op.f("pk_second_factor_pass")),
    )


def downgrade() -> None:
    op.drop_table("second_factor_pass")
    op.drop_table("second_factor")

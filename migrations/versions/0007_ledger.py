"""Ledger: reopening, rates of the day, what the application's role may do."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

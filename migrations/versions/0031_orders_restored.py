"""A payment whose return was mistaken: its order stands again, by the word of the two who gave it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

# Money leaves a project only by a yes of the second person, for the same project and amount. That
# yes also holds for the order that takes the place of the one a mistaken return had reversed; one
# order of a payment stands at a time.
CHANGED = (
    ("e.kind = 'disbursement_order'", "e.kind IN ('disbursement_order', 'disbursement_restored')"),
    (
        "WHERE x.entry_id = NEW.entry_id AND",
        """WHERE (x.entry_id = NEW.entry_id
                                   OR (e.kind = 'disbursement_restored'
                                       AND EXISTS (SELECT 1 FROM entry o WHERE o.id = x.entry_id
                                                      AND o.source_type = e.source_type
                                                      AND o.source_id = e.source_id)
                                       AND NOT EXISTS (
                                         SELECT 1 FROM entry o
                                          WHERE o.source_id = e.source_id
                                            AND o.source_type = e.source_type AND o.id <> e.id
                                            AND o.kind IN
                                              ('disbursement_order', 'disbursement_restored')
                                            AND NOT EXISTS (SELECT 1 FROM entry r
                                                             WHERE r.reverses_id = o.id)))) AND""",
    ),
)


def upgrade() -> None:
    _rewrite(before=0, after=1)


def downgrade() -> None:
    _rewrite(before=1, after=0)


def _rewrite(*, before: int, after: int) -> None:
    """Write the guard anew as it stands, with these conditions; its settings stay."""
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        read = (
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'posting_two_people'"
        )
    else:
        read = "SELECT pg_get_functiondef('treasury_posting()'::regprocedure)"
    held = str(connection.execute(sa.text(read)).scalar_one())
    for pair in CHANGED:
        if held.count(pair[before]) != 1:
            message = "the guard before payments is not the one that the migrations wrote"
            raise RuntimeError(message)
        held = held.replace(pair[before], pair[after])
    if sqlite:
        op.execute("DROP TRIGGER posting_two_people")
    # a colon in the definition is no parameter
    op.execute(sa.text(held.replace(":", r"\:")))

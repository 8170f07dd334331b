"""Which allocations were told to the donor whose money moved?"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base


class AllocationTold(Base):
    """An allocation whose donor was written to, or asked for no news, so that nobody hears twice.

    One row an entry of the journal.
    """

    __tablename__ = "allocation_told"
    __table_args__ = ({"info": {"append_only": True}},)

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    told_at: Mapped[datetime]

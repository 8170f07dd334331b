"""What do projects ask of the outside? Somebody who keeps files and prepares pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class StoredPhoto:
    """A picture after re-encoding: three sizes without metadata, named by their content.

    ``sha256`` is of the file that came, ``look`` is 32 hexadecimal digits that stay nearly the
    same when the picture is scaled or recompressed.
    """

    key_large: str
    key_medium: str
    key_small: str
    width: int
    height: int
    sha256: str = ""
    look: str = ""


@dataclass(frozen=True)
class PaperFacts:
    """What is known of a document that was read: a plain PDF with so many pages."""

    pages: int


class PaperReader(Protocol):
    """Whoever opens a document that somebody hands in, and refuses what acts instead of shows."""

    def read(self, data: bytes) -> PaperFacts:
        """Read a document.

        Raises
        ------
        InvalidInput
            ``file_no_pdf``, ``file_too_large``, ``pdf_broken``, ``pdf_encrypted``,
            ``pdf_too_long``, or ``pdf_active_*`` with what it holds.
        """
        ...


class SheetReader(Protocol):
    """Whoever reads the rows of a spreadsheet that somebody filled in."""

    def rows(self, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give the rows of the first sheet with their numbers.

        Raises
        ------
        InvalidInput
            ``sheet_…`` with the row.
        """
        ...


class FileStore(Protocol):
    """Whoever keeps bytes under a name made from their content."""

    def put(self, data: bytes, *, suffix: str) -> str:
        """Keep bytes and return their key; the same bytes give the same key.

        Raises
        ------
        InvalidInput
            ``file_type_refused``.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return what was kept.

        Raises
        ------
        NotFound
            ``file_unknown``.
        """
        ...

    def drop(self, key: str) -> None:
        """Forget what was kept under a key; nothing happens where there is nothing."""
        ...

    def keep_photo(self, data: bytes) -> StoredPhoto:
        """Decode a picture, drop its metadata and keep it in three sizes.

        Raises
        ------
        InvalidInput
            ``photo_too_large``, ``photo_unreadable``, ``photo_heic``, ``photo_animated`` or
            ``photo_two_files``.
        """
        ...

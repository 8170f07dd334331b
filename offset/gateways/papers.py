"""Is this file a plain PDF, and how many pages does it have? Refused otherwise, with the reason.

What only shows is welcome. What acts is not: scripts, programs that start, files inside the file,
forms that send, media, and anything hidden behind a password. A place where the reader opens
(``/OpenAction`` with a page, as most office programs write) acts on nothing and may stay.
"""

import re
from typing import Final

from offset.errors import InvalidInput
from offset.projects.ports import PaperFacts

MOST_BYTES: Final = 20_000_000
MOST_PAGES: Final = 2_000
_HEAD: Final = b"%PDF-"
# what follows a PDF may not be another kind of file that merely begins like one
_TAIL: Final = re.compile(rb"%%EOF[\s\x00]*\Z")
_TAIL_BYTES: Final = 2_048


class PdfPapers:
    """Reads documents that people hand in."""

    def read(self, data: bytes) -> PaperFacts:
        """Read a document and return its number of pages.

        Raises
        ------
        InvalidInput
            Field ``file``: ``file_missing``, ``file_too_large``, ``file_no_pdf``,
            ``pdf_broken``, ``pdf_encrypted``, ``pdf_too_long``, or ``pdf_active`` with what it
            holds.
        """
        if not data:
            raise InvalidInput("file_missing", field="file")
        if len(data) > MOST_BYTES:
            raise InvalidInput("file_too_large", field="file", highest=MOST_BYTES // 1_000_000)
        if not data.startswith(_HEAD):
            raise InvalidInput("file_no_pdf", field="file")
        if not _TAIL.search(data[-_TAIL_BYTES:]):
            raise InvalidInput("pdf_broken", field="file")
        # The parser is large and few requests need it: it comes with the first document.
        from offset.gateways import paper_objects  # noqa: PLC0415 - see above

        try:
            return paper_objects.facts(data)
        except InvalidInput:
            raise
        # whatever else goes wrong inside a file of strangers is a file that cannot be read
        except (Exception, RecursionError):  # noqa: BLE001 - the parser raises many kinds
            raise InvalidInput("pdf_broken", field="file") from None

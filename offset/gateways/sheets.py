"""Which rows are in a spreadsheet that somebody filled in offline, read without trusting it?

The bounds are those of every workbook here: size, members, unpacked bytes, no formulas, no
entities. A cell that would be cut short is refused, since half an answer is worse than none.
"""

from collections.abc import Iterator
from typing import Final

from offset.errors import InvalidInput
from offset.gateways.sheet_rows import is_workbook, numbered_rows

_LONGEST_CELL: Final = 3_999
# What the reader of workbooks says, in the words of a form.
_TOLD: Final = {
    "statement_too_large": "sheet_too_large",
    "statement_hostile": "sheet_hostile",
    "statement_formula": "sheet_formula",
    "statement_too_many_lines": "sheet_too_long",
}


class WorkbookSheets:
    """Reads XLSX files."""

    def rows(self, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give the rows of the first sheet with their numbers.

        Raises
        ------
        InvalidInput
            ``sheet_type_refused``, ``sheet_too_large``, ``sheet_hostile``, ``sheet_formula``,
            ``sheet_too_long``, ``sheet_cell_long`` or ``sheet_unreadable``.
        """
        if not is_workbook(data) or b"vbaProject.bin" in data:
            raise InvalidInput("sheet_type_refused", field="file")
        try:
            for number, row in numbered_rows(data):
                yield number, _whole(number, row)
        except InvalidInput as fault:
            if not fault.code.startswith("statement_"):
                raise
            code = _TOLD.get(fault.code, "sheet_unreadable")
            raise InvalidInput(code, field="file", row=fault.parameters.get("row", 0)) from None


def _whole(number: int, row: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(cell) > _LONGEST_CELL for cell in row):
        raise InvalidInput("sheet_cell_long", field="file", row=number, longest=_LONGEST_CELL)
    return row

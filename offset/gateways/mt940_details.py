"""What do the banks write into field 86 of an MT940 line? Five dialects, one answer.

German banks cut it into ``?20…`` (some write ``>`` or ``~``) with SEPA words such as ``EREF+`` and
``SVWZ+``; Dutch ones write ``/EREF/…/REMI/…``; others write plain text.
"""

import re
from dataclasses import dataclass
from typing import Final

_NOTHING: Final = frozenset({"NONREF", "NOTPROVIDED", "NOTAVAILABLE", "EREF", ""})
_CUT: Final = re.compile(r"^\s*\d{3}\s*(?P<mark>[?>~@])(?=\d\d)")
_SEPA: Final = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+|(MTLG):"
)
_SLASHED: Final = re.compile(
    r"/(EREF|PREF|MARF|CSID|BENM|ORDP|CNTP|NAME|REMI|ISDT|IBAN|BIC|TRTP|TRCD|ID|PURP|SVCL|ULTB|ULTC"
    r"|ULTD|RTRN)/"
)
_IBAN: Final = re.compile(r"\b([A-Z]{2}\d{2}[A-Z0-9]{11,30})\b")


@dataclass(frozen=True)
class Details:
    """What field 86 says about one line."""

    text: str = ""
    end_to_end_id: str | None = None
    counterparty: str | None = None
    iban: str | None = None


def read_details(written: str) -> Details:
    """Read field 86; ``written`` has its lines as the file has them."""
    cut = _CUT.match(written)
    if cut:
        return _cut(written, cut["mark"])
    joined = written.replace("\n", "")
    if _SLASHED.search(joined):
        return _slashed(joined)
    text = _tidy(written.replace("\n", " "))
    found = _IBAN.search(text)
    return Details(text=text, iban=found[1] if found else None)


def _cut(written: str, mark: str) -> Details:
    """Read ``166?00GUTSCHRIFT?20EREF+…?31DE…?32Name``."""
    # A line break is where the record was full, in the middle of a word or not.
    joined = written.replace("\n", "")
    fields: dict[int, str] = {}
    # The mark alone, without two digits behind it, is what somebody wrote.
    cuts = re.split(rf"{re.escape(mark)}(\d\d)", joined)
    for number, told in zip(cuts[1::2], cuts[2::2], strict=True):
        fields.setdefault(int(number), told)
    words = "".join(fields.get(n, "") for n in (*range(20, 30), *range(60, 64)))
    parts = _sepa(words)
    name = _tidy(f"{fields.get(32, '')}{fields.get(33, '')}")
    iban = "".join((parts.get("IBAN") or fields.get(31, "")).split()).upper()
    text = parts.get("SVWZ") or parts.get("", "") or parts.get("MTLG") or fields.get(0, "")
    return Details(
        text=_tidy(text),
        end_to_end_id=_meant(parts.get("EREF")),
        counterparty=name or None,
        iban=iban if _IBAN.fullmatch(iban) else None,
    )


def _sepa(words: str) -> dict[str, str]:
    """Cut the remittance text at its SEPA words; what stands before them has no name."""
    marks = list(_SEPA.finditer(words))
    if not marks:
        return {"": words}
    found = {"": words[: marks[0].start()]}
    ends = [*(mark.start() for mark in marks[1:]), len(words)]
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1] or mark[2], words[mark.end() : end])
    return found


def _slashed(joined: str) -> Details:
    """Read ``/EREF/…/BENM//NAME/…/REMI/…/ISDT/…`` and ING's ``/CNTP/iban/bic/name/``."""
    marks = list(_SLASHED.finditer(joined))
    found: dict[str, str] = {}
    ends = [*(mark.start() for mark in marks[1:]), len(joined)]
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1], joined[mark.end() : end])
    party = found.get("CNTP", "").split("/")
    iban = _tidy(found.get("IBAN") or party[0]).replace(" ", "").upper()
    name = found.get("NAME") or (party[2] if len(party) > 2 else "")  # noqa: PLR2004 - iban/bic/name
    remittance = re.sub(r"^/?(?:USTD|STRD)//", "", found.get("REMI", ""))
    return Details(
        text=_tidy(remittance.strip("/")),
        end_to_end_id=_meant(found.get("EREF") or found.get("PREF")),
        counterparty=_tidy(name.strip("/")) or None,
        iban=iban if _IBAN.fullmatch(iban) else None,
    )


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _meant(reference: str | None) -> str | None:
    told = _tidy(reference or "").strip("/")
    return None if told.upper() in _NOTHING else told

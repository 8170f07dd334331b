"""How does the statement of a closed month become files: a PDF in each language, one workbook?

They are printed outside any transaction from the facts that the closing kept, so that printing
again gives the same bytes, and none of them can change what was closed.
"""

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from offset.database.session import Database
from offset.errors import OffsetError
from offset.giving.ports import DocumentRenderer
from offset.money import Money
from offset.reports import workbook
from offset.treasury import month_statement
from offset.treasury.month_statement import FORMS, LANGUAGES, Statement

Sentence = Callable[[str, Mapping[str, Any]], str]
"""Gives the sentence for the board in a language, of the facts of a statement."""

Heading = Callable[[str, str], str]
"""Gives the name of a column or a part of the workbook in a language."""

_COLUMNS: Final = ("part", "name", "day", "days", "currency", "amount", "by", "text")
_NUMBERS: Final = (False, False, False, False, False, True, False, False)


def print_pending(
    database: Database,
    documents: DocumentRenderer,
    sentence: Sentence,
    *,
    at: datetime,
    languages: Collection[str] = LANGUAGES,
    heading: Heading | None = None,
) -> int:
    """Print what the statements of closed months lack; return how many files were kept.

    Drawing takes a moment each: whoever waits asks for one language, and the job does the others.
    Without the system's drawing library there is no PDF; the workbook and the pages still work.
    """
    with database.reading() as session:
        waiting = month_statement.unprinted(session)
    done = 0
    for one in waiting:
        told = {code: sentence(code, one.facts) for code in LANGUAGES}
        held = {(paper.form, paper.language) for paper in one.papers}
        for form, language in FORMS:
            if (form, language) in held or (form == "pdf" and language not in languages):
                continue
            data = _printed(documents, told, heading, one, language if form == "pdf" else None)
            if data is not None:
                done += database.run(
                    month_statement.keep_paper,
                    at=at,
                    statement_id=one.id,
                    form=form,
                    language=language,
                    data=data,
                )
    return done


def _printed(
    documents: DocumentRenderer,
    told: Mapping[str, str],
    heading: Heading | None,
    one: Statement,
    language: str | None,
) -> bytes | None:
    """Draw the PDF of a language, or write the workbook that has them all."""
    if language is None:
        return written(one, told, heading)
    try:
        return documents.render(
            "month",
            language,
            {**one.facts, "sha256": one.sha256, "sentence": told[language]},
        )
    except OffsetError as fault:
        if fault.code == "pdf_unavailable":
            return None
        raise


def written(one: Statement, sentences: Mapping[str, str], heading: Heading | None = None) -> bytes:
    """Write the workbook of a statement: one row a figure, named by the part it belongs to.

    The first sheet is in English, as other programs read it; with ``heading`` each other language
    has a sheet of the same rows.
    """
    out = io.BytesIO()
    month = one.facts["month"][:7]
    sheets = [workbook.Sheet(f"Month {month}", _COLUMNS, _NUMBERS, _rows(one, sentences))]
    if heading is not None:
        sheets += [_in(code, heading, one, sentences) for code in LANGUAGES if code != "en"]
    workbook.write_sheets(out, sheets)
    return out.getvalue()


def _in(
    code: str, heading: Heading, one: Statement, sentences: Mapping[str, str]
) -> workbook.Sheet:
    rows = ((heading(code, part), *rest) for part, *rest in _rows(one, sentences))
    names = [heading(code, name) for name in _COLUMNS]
    title = f"{heading(code, 'month')} {one.facts['month'][:7]}"
    return workbook.Sheet(title, names, _NUMBERS, rows)


def _rows(one: Statement, sentences: Mapping[str, str]) -> Iterator[Sequence[str]]:
    facts = one.facts
    yield _row("closed", facts["month"], day=facts["closed_at"][:10], by=facts["closed_by"])
    yield _row("closing", str(facts["n"]))
    yield _row("hash of the facts (SHA-256)", one.sha256)
    if facts["checkpoint"] is not None:
        place = facts["checkpoint"]
        yield _row("checkpoint", str(place["n"]), text=place["root"])
    for code, text in sentences.items():
        yield _row("for the board", code, text=text)
    yield from _open_rows(facts)
    yield from _sums(facts)


def _open_rows(facts: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    """Write the identity of each bank account, then what is open."""
    for bank in facts["banks"]:
        for side in ("book", "unmatched", "unbooked", "stated", "gap"):
            yield _row(f"bank: {side}", bank["code"], bank[side], day=bank["reached"] or "")
    for item in facts["items"]:
        yield _row(
            f"open: {item['code']}",
            item["name"],
            item["amount"],
            day=item["since"] or "",
            days=str(item["age"]),
            by=item["by"] or "",
            text=item["text"] or "",
        )


def _sums(facts: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for part in ("brought", "allocated", "paid", "fees"):
        for amount in facts[part]:
            yield _row(part, "", amount)
    for line in facts["kinds"]:
        yield _row("entries", line["kind"], line["amount"], days=str(line["entries"]))
    for line in facts["trial"]:
        yield _row("trial balance", line["code"], line["amount"], text=line["name"])


def _row(
    part: str,
    name: str,
    amount: Mapping[str, Any] | None = None,
    *,
    day: str = "",
    days: str = "",
    by: str = "",
    text: str = "",
) -> Sequence[str]:
    money = None if amount is None else Money(amount["minor"], amount["currency"])
    figure = "" if money is None else money.decimal()
    return (part, name, day, days, money.currency if money else "", figure, by, text)

"""How is a bank line matched on the screen: one row opened, one main button, the same by keys?"""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.money import Money
from offset.people.access import Right
from offset.treasury import queries, reconciliation
from offset.treasury import screen as screens
from offset.treasury.matching import Kind
from offset.treasury.reconciliation import Part
from offset.treasury.screen import TO_DO, Row, Screen, State
from offset.web import labels
from offset.web.errors import blame, sentence_of, status_of
from offset.web.secretariat import words
from offset.web.secretariat.forms import Choice, Note, Press, Reason, Split
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import policy
from offset.web.wiring import services

_OLD_DAYS: Final = 7
_SHOWS: Final = ("all", "todo", "waiting", "old", "matched")
Option = tuple[str, str]


@blueprint.get("/reconciliation")
@policy(Right.SEE_DESK)
def reconcile() -> ResponseReturnValue:
    """Show what the bank says beside what the books say."""
    return _page()


@blueprint.post("/reconciliation/certain")
@policy(Right.MATCH)
def match_certain() -> ResponseReturnValue:
    """Match everything that is certain."""
    return press(reconciliation.match_certain, _here(), _again)


@blueprint.post("/reconciliation/lines/<uuid:line_id>/match")
@policy(Right.MATCH)
def match_line(line_id: uuid.UUID) -> ResponseReturnValue:
    """Match one line with what was chosen, and book what is missing."""
    form = Choice()
    if not form.validate():
        return _page(status=422)
    try:
        parts = [_part(form.choice.data or "")]
        act(reconciliation.confirm, line_id=line_id, parts=parts)
    except OffsetError as fault:
        return _again(sentence_of(fault), status_of(fault))
    return back(_here())


@blueprint.post("/reconciliation/lines/<uuid:line_id>/split")
@policy(Right.MATCH)
def split_line(line_id: uuid.UUID) -> ResponseReturnValue:
    """Match one line in parts."""
    form = Split()
    try:
        if form.validate():
            act(reconciliation.confirm, line_id=line_id, parts=_parts(form, line_id))
            return back(_here())
    except OffsetError as fault:
        blame(form, fault)
    return _page(opened=str(line_id), work="split", split=form, status=422)


@blueprint.post("/reconciliation/lines/<uuid:line_id>/note")
@policy(Right.MATCH)
def note_line(line_id: uuid.UUID) -> ResponseReturnValue:
    """Write a note beside a line."""
    form = Note()
    try:
        if form.validate():
            act(reconciliation.note, line_id=line_id, text=form.text.data)
            return back(f"{_here()}{'&' if '?' in _here() else '?'}open={line_id}#line-{line_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(opened=str(line_id), work="note", note=form, status=422)


@blueprint.post("/reconciliation/matches/<uuid:match_id>/undo")
@policy(Right.MATCH)
def undo_match(match_id: uuid.UUID) -> ResponseReturnValue:
    """Take a match back, with the reason."""
    form = Reason()
    try:
        if form.validate():
            act(reconciliation.undo, match_id=match_id, reason=form.reason.data)
            return back(_here())
    except OffsetError as fault:
        blame(form, fault)
    return _page(undo=str(match_id), reason=form, status=422)


@blueprint.get("/payouts")
@policy(Right.SEE_DESK)
def payout_list() -> ResponseReturnValue:
    """List the payouts of the card processor."""
    with services().database.reading() as session:
        found = tuple(queries.payout_lines(session).values())
    return render_template("secretariat/payouts.html", payouts=found, words=words, on=today())


@blueprint.get("/payouts/<uuid:payout_id>")
@policy(Right.SEE_DESK)
def payout(payout_id: uuid.UUID) -> ResponseReturnValue:
    """Show a payout, its charges and its bank line on one page."""
    return _payout_page(payout_id)


@blueprint.post("/payouts/<uuid:payout_id>/match")
@policy(Right.MATCH)
def match_payout(payout_id: uuid.UUID) -> ResponseReturnValue:
    """Match a payout with the bank line that was chosen on its own page."""
    form = Choice()
    if not form.validate():
        return _payout_page(payout_id, status=422)
    try:
        line_id = uuid.UUID(form.choice.data or "")
        act(
            reconciliation.confirm,
            line_id=line_id,
            parts=[Part(kind=Kind.PAYOUT, subject_id=payout_id)],
        )
    except ValueError:
        raise NotFound("bank_line_unknown") from None
    except OffsetError as fault:
        return _payout_page(payout_id, told=sentence_of(fault), status=status_of(fault))
    return back(f"/payouts/{payout_id}")


def _payout_page(payout_id: uuid.UUID, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = queries.payout(session, payout_id)
        lines = [
            row
            for account in queries.accounts(session)
            for row in screens.screen(session, account.code, on=today()).rows
            if row.state in TO_DO and row.rest == found.line.amount
        ]
    return render_template(
        "secretariat/payout.html",
        payout=found,
        lines=lines if found.arrived_on is None else [],
        press=Press(),
        told=told,
        words=words,
    ), status


def _again(told: str, status: int) -> ResponseReturnValue:
    return _page(told=told, status=status)


def _page(
    *,
    opened: str = "",
    work: str = "",
    undo: str = "",
    split: Split | None = None,
    note: Note | None = None,
    reason: Reason | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        accounts = queries.accounts(session)
        code = _account(tuple(account.code for account in accounts))
        seen = screens.screen(session, code, on=today()) if code else None
    if seen is None:
        return render_template("secretariat/no_account.html"), status
    show = _one_of(request.args.get("show", ""), _SHOWS)
    rows = [row for row in seen.rows if _wanted(row, show)]
    opened = opened or request.args.get("open", "")
    row = next((r for r in rows if opened and str(r.line_id) == opened), None)
    row = row or next((r for r in rows if r.state in TO_DO), None)
    options = _options(row, seen) if row is not None else []
    split = split or Split()
    for field in (split.choice1, split.choice2, split.choice3):
        field.choices = labels.options([("", "–"), *options])
    return render_template(
        "secretariat/reconciliation.html",
        seen=seen,
        rows=rows,
        accounts=accounts,
        filters=_filters(seen, show),
        show=show,
        opened=row,
        work=work or _one_of(request.args.get("work", ""), ("", "split", "note")),
        undo=undo or request.args.get("undo", ""),
        options=options,
        chosen=_chosen(row),
        press=Press(),
        split=split,
        note=note or Note(),
        reason=reason or Reason(),
        told=told,
        words=words,
        Kind=Kind,
        State=State,
        TO_DO=TO_DO,
    ), status


def _account(codes: Sequence[str]) -> str:
    wanted = request.args.get("account", "")
    if wanted in codes:
        return wanted
    return codes[0] if codes else ""


def _here() -> str:
    """Return the screen as it was filtered, to come back to."""
    show = _one_of(request.args.get("show", ""), _SHOWS)
    account = request.args.get("account", "")
    asked = [f"show={show}"] if show != "all" else []
    if account.isalnum() and account.isascii():
        asked.append(f"account={account}")
    return "/reconciliation" + (f"?{'&'.join(asked)}" if asked else "")


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else known[0]


def _wanted(row: Row, show: str) -> bool:
    match show:
        case "todo":
            return row.state in TO_DO
        case "waiting":
            return row.state in {State.WAITING, State.IN_TRANSIT}
        case "old":
            return row.age > _OLD_DAYS and row.state is not State.MATCHED
        case "matched":
            return row.state is State.MATCHED
        case _:
            return True


def _filters(seen: Screen, show: str) -> list[tuple[str, str, int, bool]]:
    names = {
        "all": gettext("All"),
        "todo": gettext("To do"),
        "waiting": gettext("Waiting"),
        "old": gettext("Older than 7 days"),
        "matched": gettext("Matched"),
    }
    return [
        (f"?show={one}", name, sum(_wanted(row, one) for row in seen.rows), one == show)
        for one, name in names.items()
    ]


def _chosen(row: Row | None) -> str:
    if row is None or not row.proposals:
        return ""
    best = row.proposals[0]
    return _value(best.kind, best.candidate_id)


def _value(kind: Kind, subject: uuid.UUID | None) -> str:
    return f"{kind.value}:{subject or ''}"


def _options(row: Row, seen: Screen) -> list[Option]:
    """Offer what a line may be: what was proposed, what else waits on its side, and the rules."""
    if row.rest is None:
        return []
    found = {
        _value(one.kind, one.candidate_id): words.named(words.KINDS, one.kind)
        for one in row.proposals
        if one.candidate_id is not None
    }
    for other in seen.rows:
        if other.state in {State.WAITING, State.IN_TRANSIT}:
            value, sum_, text = _waiting(other)
            if sum_.minor * row.rest.minor > 0:
                found[value] = f"{text}, {words.amount(sum_)}"
    rule = Kind.UNIDENTIFIED if row.rest.minor > 0 else Kind.BANK_FEE
    found.setdefault(_value(rule, None), words.named(words.KINDS, rule))
    return list(found.items())


def _waiting(row: Row) -> tuple[str, Money, str]:
    """Name what waits for its line: the choice, the amount as the bank will state it, the text."""
    if row.payout is not None:
        text = f"{words.named(words.KINDS, Kind.PAYOUT)} {row.payout.payout_id}"
        return _value(Kind.PAYOUT, row.payout.id), row.payout.amount, text
    if row.payment is not None:
        text = f"{words.named(words.KINDS, Kind.DISBURSEMENT)} {row.payment.number}"
        return _value(Kind.DISBURSEMENT, row.payment.id), -row.payment.amount, text
    if row.booking is None:
        raise LookupError("a row that waits is a payout, a payment or a booking")
    text = words.named(words.ENTRY_KINDS, row.booking.kind)
    return _value(Kind.ENTRY, row.booking.entry_id), row.booking.amount, text


def _part(choice: str, sum_: Money | None = None) -> Part:
    """Read a choice of the form: a kind, and the id of what it is.

    Raises
    ------
    InvalidInput
        ``parts_missing``.
    """
    kind, _, subject = choice.partition(":")
    try:
        return Part(
            kind=Kind(kind), subject_id=uuid.UUID(subject) if subject else None, amount=sum_
        )
    except ValueError:
        raise InvalidInput("parts_missing", field="choice") from None


def _parts(form: Split, line_id: uuid.UUID) -> list[Part]:
    """Read the parts of a split; amounts are typed without a sign and take that of the line.

    Raises
    ------
    InvalidInput
        ``parts_missing``.
    """
    with services().database.reading() as session:
        out = queries.line_amount(session, line_id).minor < 0
    told = []
    for choice, field in (
        (form.choice1, form.amount1),
        (form.choice2, form.amount2),
        (form.choice3, form.amount3),
    ):
        if choice.data:
            sum_ = -field.money if field.money is not None and out else field.money
            told.append(_part(choice.data, sum_))
    if not told:
        raise InvalidInput("parts_missing", field="choice1")
    return told

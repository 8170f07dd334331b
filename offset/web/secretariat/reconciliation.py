"""How is a bank line matched on the screen: one row opened, one main button, the same by keys?"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.money import Money
from offset.people.access import Right
from offset.treasury import (
    certainties,
    payout_lines,
    queries,
    reconciliation,
    suggestions,
    unidentified,
)
from offset.treasury import screen as screens
from offset.treasury.combining import Together
from offset.treasury.matching import Kind, Proposal
from offset.treasury.proposed import Proposed, proposed
from offset.treasury.reconciliation import Part
from offset.treasury.screen import TO_DO, Row, Screen, Show, State
from offset.web import labels
from offset.web.errors import blame, sentence_of, status_of
from offset.web.secretariat import recon_view, words
from offset.web.secretariat.forms import Choice, Note, Press, Reason, Split
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import policy
from offset.web.wiring import now, services

_OFFERED: Final = 200
_WORKS: Final = ("", "split", "note")
_PILLS: Final = (
    Show.ALL,
    Show.TODO,
    Show.CERTAIN,
    Show.SUGGESTED,
    Show.TO_CHECK,
    Show.WAITING,
    Show.OLD,
    Show.NOTED,
    Show.SPLIT,
    Show.MATCHED,
)
Option = tuple[str, str]


@blueprint.get("/reconciliation")
@policy(Right.SEE_DESK)
def reconcile() -> ResponseReturnValue:
    """Show what the bank says beside what the books say."""
    return _page()


@blueprint.post("/reconciliation/certain")
@policy(Right.MATCH)
def match_certain() -> ResponseReturnValue:
    """Match everything that is certain, on every account."""
    return press(reconciliation.match_certain, _here(), _again)


@blueprint.post("/reconciliation/ticked")
@policy(Right.MATCH)
def match_ticked() -> ResponseReturnValue:
    """Confirm the certain lines of the page or those ticked, or match the ticked as one thing."""
    if not Press().validate():
        return _page(status=422)
    doing = request.form.get("act", "certain")
    name = "certain" if doing == "page" else "line"
    ticked = [key for one in request.form.getlist(name) if (key := recon_view.id_of(one))]
    try:
        if doing == "together":
            part = _part(request.form.get("choice", ""))
            act(reconciliation.confirm_together, line_ids=ticked, parts=[part])
            return back(_here())
        done = act(certainties.confirm, line_ids=ticked)
    except OffsetError as fault:
        return _again(_told(fault, ticked), status_of(fault))
    if done.left:
        return _page(told=_left(done))
    return back(_here())


@blueprint.post("/reconciliation/lines/<uuid:line_id>/match")
@policy(Right.MATCH)
def match_line(line_id: uuid.UUID) -> ResponseReturnValue:
    """Match one line with what was chosen, and book what is missing."""
    form = Choice()
    if not form.validate():
        return _page(status=422)
    try:
        _match(line_id, form)
    except OffsetError as fault:
        return _again(_told(fault, [line_id]), status_of(fault))
    return back(_next())


@blueprint.post("/reconciliation/lines/<uuid:line_id>/together")
@policy(Right.MATCH)
def match_together(line_id: uuid.UUID) -> ResponseReturnValue:
    """Match a line with several things, or several lines with one, as it was suggested."""
    form = Choice()
    try:
        if form.validate():
            one = _combination(line_id, form.choice.data or "")
            act(
                reconciliation.confirm_together,
                line_ids=one.line_ids,
                parts=[
                    Part(kind=kind, subject_id=key, amount=sum_ if len(one.parts) > 1 else None)
                    for kind, key, sum_ in one.parts
                ],
            )
            return back(_next())
    except OffsetError as fault:
        return _again(_told(fault, [line_id]), status_of(fault))
    return _page(status=422)


@blueprint.post("/reconciliation/lines/<uuid:line_id>/split")
@policy(Right.MATCH)
def split_line(line_id: uuid.UUID) -> ResponseReturnValue:
    """Match one line in parts."""
    form = Split()
    try:
        if form.validate():
            act(reconciliation.confirm, line_id=line_id, parts=_parts(form, line_id))
            return back(_next())
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
            return back(f"/reconciliation?{recon_view.query(open=line_id)}#line-{line_id}")
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
            line = recon_view.id_of(request.args.get("open", ""))
            return back(f"/reconciliation?{recon_view.query(open=line)}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(undo=str(match_id), reason=form, status=422)


@blueprint.get("/payouts")
@policy(Right.SEE_DESK)
def payout_list() -> ResponseReturnValue:
    """List the payouts of the card processor."""
    with services().database.reading() as session:
        found = payout_lines.payout_lines(session)[::-1]
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
    line_id = recon_view.id_of(form.choice.data or "")
    if line_id is None:
        raise NotFound("bank_line_unknown")
    try:
        act(
            reconciliation.confirm,
            line_id=line_id,
            parts=[Part(kind=Kind.PAYOUT, subject_id=payout_id)],
        )
    except OffsetError as fault:
        return _payout_page(payout_id, told=sentence_of(fault), status=status_of(fault))
    return back(f"/payouts/{payout_id}")


def _payout_page(payout_id: uuid.UUID, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = payout_lines.payout(session, payout_id)
        waits = found.arrived_on is None
        lines = screens.open_lines_of(session, found.line.amount, on=today()) if waits else ()
    return render_template(
        "secretariat/payout.html",
        payout=found,
        lines=lines,
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
    wanted_account = request.args.get("account", "")
    accounts = suggestions.keep_fresh(services().database, at=now(), code=wanted_account)
    account = next((a for a in accounts if a.code == wanted_account), None)
    account = account or next(iter(accounts), None)
    if account is None:
        return render_template("secretariat/no_account.html"), status
    view = recon_view.view_of(account.currency)
    wanted = opened or request.args.get("open", "")
    with services().database.reading() as session:
        seen = screens.screen(session, account.code, on=today(), view=view)
        row, rows = _opened(session, seen, wanted)
        entry = _entry(session, seen.account, row)
    options = _options(row, seen) if row is not None else []
    waiting = [_waiting(one) for one in seen.waiting[:_OFFERED]]
    split = split or Split()
    for field, _amount in split.parts():
        field.choices = labels.options([("", "–"), *options])
    return render_template(
        "secretariat/reconciliation.html",
        seen=seen,
        rows=rows,
        accounts=accounts,
        filters=_filters(seen, view.show),
        view=view,
        filtered=recon_view.filtered(view),
        query=recon_view.query,
        opened=row,
        following=_following(rows, row),
        work=work or _one_of(request.args.get("work", ""), _WORKS),
        undo=undo or request.args.get("undo", ""),
        options=options,
        joinable=[(value, f"{text}, {words.amount(sum_)}") for value, sum_, text in waiting],
        entry=entry,
        value=_value,
        combination=_combination_key,
        press=Press(),
        split=split,
        note=note or Note(),
        reason=reason or Reason(),
        told=told,
        words=words,
        kinds=[(one.value, words.KINDS[one]) for one in Kind],
        Kind=Kind,
        State=State,
        Show=Show,
        TO_DO=TO_DO,
    ), status


def _opened(session: Any, seen: Screen, wanted: str) -> tuple[Row | None, Sequence[Row]]:
    """Find the row to open: the one asked for, even from another page, or the first to do."""
    rows = seen.rows
    found = next((r for r in rows if wanted and str(r.line_id) == wanted), None)
    line_id = recon_view.id_of(wanted)
    if found is None and line_id is not None:
        found = screens.line(session, line_id, on=today(), account=seen.account)
        rows = (found, *rows) if found is not None else rows
    return found or next((r for r in rows if r.state in TO_DO), None), rows


def _entry(session: Any, account: str, row: Row | None) -> Proposed | None:
    """Draft the entry that the main button of the opened row would make."""
    if row is None or row.best is None or row.line_id is None or not row.rest:
        return None
    return proposed(
        session,
        line_id=row.line_id,
        on=row.on,
        account=account,
        kind=row.best.kind,
        subject_id=row.best.candidate_id,
        amount=row.rest,
        rule_id=row.best.rule_id,
    )


def _following(rows: Sequence[Row], row: Row | None) -> uuid.UUID | None:
    """Name the line that is to be opened after this one."""
    todo = [one for one in rows if one.state in TO_DO]
    if row not in todo:
        return None
    after = todo[todo.index(row) + 1 :]
    return after[0].line_id if after else None


def _here() -> str:
    """Return the screen as it was filtered, to come back to."""
    asked = recon_view.query()
    return f"/reconciliation?{asked}" if asked else "/reconciliation"


def _next() -> str:
    """Return the screen with the next line to do opened."""
    line = recon_view.id_of(request.form.get("next", ""))
    return f"/reconciliation?{recon_view.query(open=line)}#line-{line}" if line else _here()


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else known[0]


def _told(fault: OffsetError, line_ids: Iterable[uuid.UUID]) -> str:
    """Tell a refusal; of a line that somebody else matched, who that was and as what."""
    sentence = sentence_of(fault)
    if fault.code != "line_matched":
        return sentence
    with services().database.reading() as session:
        rows = [screens.line(session, one, on=today()) for one in line_ids]
    held = [match for row in rows if row is not None and not row.rest for match in row.matches]
    return " ".join([sentence, *(words.matched_by(match) for match in held)])


def _left(done: certainties.Confirmed) -> str:
    told = ngettext("%(num)s line was matched.", "%(num)s lines were matched.", done.done)
    more = ngettext(
        "%(num)s line stays open: it is no longer certain, or somebody else was first.",
        "%(num)s lines stay open: they are no longer certain, or somebody else was first.",
        len(done.left),
    )
    return f"{told} {more}"


def _filters(seen: Screen, show: Show) -> list[tuple[str, str, int, bool]]:
    return [
        (
            f"?{recon_view.query(show='' if one is Show.ALL else one.value, after='')}",
            str(words.SHOWS[one]),
            seen.counts.get(one, 0),
            one is show,
        )
        for one in _PILLS
        if one in {show, Show.ALL, Show.TODO, Show.MATCHED} or seen.counts.get(one, 0)
    ]


def _value(kind: Kind, subject: uuid.UUID | None, rule: uuid.UUID | None = None) -> str:
    """Write what a line may be as the value of a choice."""
    told = f"{kind.value}:{subject or ''}"
    return f"{told}:{rule}" if rule else told


def _combination_key(one: Together) -> str:
    """Name a suggestion of several by what it is made of."""
    lines = ",".join(sorted(str(line_id) for line_id in one.line_ids))
    return f"{lines}:{','.join(sorted(str(key) for _, key, _ in one.parts))}"


def _combination(line_id: uuid.UUID, chosen: str) -> Together:
    """Find the suggestion of several that a form names, as it stands now.

    Raises
    ------
    InvalidInput
        ``parts_missing``.
    """
    with services().database.reading() as session:
        row = screens.line(session, line_id, on=today())
    for one in row.together if row is not None else ():
        if _combination_key(one) == chosen:
            return one
    raise InvalidInput("parts_missing", field="choice")


def _options(row: Row, seen: Screen) -> list[Option]:
    """Offer what a line may be: what was proposed, what else waits on its side, and the rules."""
    if row.rest is None:
        return []
    found = {
        _value(one.kind, one.candidate_id, one.rule_id): _proposal_text(one)
        for one in row.proposals
        if one.candidate_id is not None or one.rule_id is not None
    }
    rest = row.rest.minor
    going = [told for told in map(_waiting, seen.waiting) if told[1].minor * rest > 0]
    going.sort(key=lambda told: abs(told[1].minor - rest))
    for value, sum_, text in going[:_OFFERED]:
        found[value] = f"{text}, {words.amount(sum_)}"
    rule = Kind.UNIDENTIFIED if rest > 0 else Kind.BANK_FEE
    found.setdefault(_value(rule, None), words.named(words.KINDS, rule))
    return list(found.items())


def _proposal_text(one: Proposal) -> str:
    named = next((r.value for r in one.reasons if r.why in words.NAMING), "")
    kind = words.named(words.KINDS, one.kind)
    return f"{kind} {named}" if named else kind


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


def _match(line_id: uuid.UUID, form: Choice) -> None:
    """Match a line with what a form chose: a thing that was offered, or a gift by its reference."""
    reference = (form.reference.data or "").strip()
    choice = form.choice.data or ""
    if reference:
        with services().database.reading() as session:
            gift = unidentified.named(session, reference)
        choice = _value(Kind.GIFT, gift)
    act(reconciliation.confirm, line_id=line_id, parts=[_part(choice)])


def _part(choice: str, sum_: Money | None = None) -> Part:
    """Read a choice of the form: a kind, the id of what it is, and the rule that proposed it.

    Raises
    ------
    InvalidInput
        ``parts_missing``.
    """
    kind, _, rest = choice.partition(":")
    subject, _, rule = rest.partition(":")
    try:
        return Part(
            kind=Kind(kind),
            subject_id=uuid.UUID(subject) if subject else None,
            amount=sum_,
            rule_id=uuid.UUID(rule) if rule else None,
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
    for choice, field in form.parts():
        if choice.data:
            sum_ = -field.money if field.money is not None and out else field.money
            told.append(_part(choice.data, sum_))
    if not told:
        raise InvalidInput("parts_missing", field="choice1")
    return told

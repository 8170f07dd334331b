"""How does the secretary write a rule for charges or interest? With a preview, before it holds."""

import uuid

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people.access import Right
from offset.treasury import bank_rules, queries
from offset.treasury.bank_rules import Preview
from offset.web import labels
from offset.web.errors import blame, status_of
from offset.web.secretariat.bank_forms import RuleForm
from offset.web.secretariat.forms import Reason
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import policy
from offset.web.wiring import services


@blueprint.get("/rules")
@policy(Right.SEE_DESK)
def rule_list() -> ResponseReturnValue:
    """List the rules that hold, and offer a new one, or the next version of one."""
    form = RuleForm(formdata=None)
    asked = request.args.get("change", "")
    with services().database.reading() as session:
        chosen = next((r for r in bank_rules.listed(session) if str(r.rule_id) == asked), None)
    if chosen is not None:
        form.name.data, form.books.data = chosen.name, chosen.books
        form.words.data = "\n".join(chosen.words)
        form.currency.data = chosen.ceiling.currency
        form.ceiling.data = chosen.ceiling.decimal()
        form.rule_id.data = str(chosen.rule_id)
    return _page(form)


@blueprint.post("/rules")
@policy(Right.MATCH)
def rule_write() -> ResponseReturnValue:
    """Show which lines a rule would have taken, or write it."""
    form = RuleForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        ceiling = form.most()
        if request.form.get("act") == "preview":
            with services().database.reading() as session:
                found = bank_rules.preview(
                    session, books=form.books.data, words=form.told(), ceiling=ceiling
                )
            return _page(form, previewed=found)
        act(
            bank_rules.write,
            name=form.name.data or "",
            books=form.books.data or "",
            words=form.told(),
            ceiling=ceiling,
            reason=form.reason.data or "",
            rule_id=_rule_id(form.rule_id.data),
        )
    except OffsetError as fault:
        blame(form, fault)
        return _page(form, status=422 if fault.field else status_of(fault))
    return back("/rules")


@blueprint.post("/rules/<uuid:rule_id>/stop")
@policy(Right.MATCH)
def rule_stop(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Stop a rule."""
    form = Reason()
    if not form.validate():
        return _page(RuleForm(formdata=None), stopping=form, status=422)
    try:
        act(bank_rules.stop, rule_id=rule_id, reason=form.reason.data or "")
    except OffsetError as fault:
        blame(form, fault)
        return _page(RuleForm(formdata=None), stopping=form, status=status_of(fault))
    return back("/rules")


def _rule_id(told: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(told) if told else None
    except ValueError:
        abort(404)


def _page(
    form: RuleForm,
    *,
    previewed: tuple[Preview, ...] | None = None,
    stopping: Reason | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        rules = bank_rules.listed(session)
        currencies = sorted({one.currency for one in queries.accounts(session)} | {"EUR"})
    form.currency.choices = labels.options([(one, one) for one in currencies])
    return render_template(
        "secretariat/bank_rules.html",
        form=form,
        rules=rules,
        previewed=previewed,
        stopping=stopping or Reason(formdata=None),
        stop_failed=stopping is not None,
    ), status

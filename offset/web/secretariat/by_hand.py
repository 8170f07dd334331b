"""How is an entry written by hand? A recipe, a look at its postings, and mostly a second person."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.people.access import Right, may
from offset.treasury import manual_entries, suspense
from offset.treasury.manual_entries import Offer, Preview, Wanted
from offset.treasury.models import ManualRecipe
from offset.treasury.suspense import Unexplained
from offset.web import labels
from offset.web.errors import blame, sentence_of
from offset.web.secretariat import words
from offset.web.secretariat.forms import ByHand, Press, Refuse
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import current_actor, policy
from offset.web.templating import money
from offset.web.wiring import services

RECIPES: Final[Mapping[str, LazyString]] = {
    ManualRecipe.SHARE_DRAWN: _("Draw the secretariat's share"),
    ManualRecipe.RESERVE_ENDOWED: _("Fill the refund reserve"),
    ManualRecipe.FUND_MOVED: _("Move money between funds"),
    ManualRecipe.SUSPENSE_EXPLAINED: _("Book a movement in suspense where it belongs"),
    ManualRecipe.REVERSAL: _("Reverse an entry by hand"),
}
HINTS: Final[Mapping[str, LazyString]] = {
    ManualRecipe.SHARE_DRAWN: _(
        "To the operating account, never more than was earned. Always two people."
    ),
    ManualRecipe.RESERVE_ENDOWED: _(
        "From your own money that was sent to a bank account of ours, or from the share: never"
        " more than was earned and not drawn."
    ),
    ManualRecipe.FUND_MOVED: _(
        "Only money in which no gift waits, such as what a project paid back."
    ),
    ManualRecipe.SUSPENSE_EXPLAINED: _(
        "What the processor moved and no rule knows: a cost, your own money, the reserve, a fund or"
        " a bank account. Always two people."
    ),
    ManualRecipe.REVERSAL: _(
        "Only what was booked by hand; gifts, payments and matches are undone where they stand."
    ),
}


@dataclass(frozen=True)
class Filling:
    """A form that is being filled in, and what it would book."""

    recipe: ManualRecipe
    form: ByHand
    offer: Offer
    # What is taken out of suspense, once it is chosen.
    movement: Unexplained | None = None


@blueprint.get("/entries")
@policy(Right.SEE_JOURNAL)
def by_hand() -> ResponseReturnValue:
    """List the entries by hand, and the recipes."""
    with services().database.reading() as session:
        found = manual_entries.listed(session)
    return render_template(
        "secretariat/by_hand.html", found=found, recipes=RECIPES, hints=HINTS, words=words
    )


@blueprint.get("/entries/new/<recipe>")
@policy(Right.PREPARE_MANUAL_ENTRY)
def new_by_hand(recipe: str) -> ResponseReturnValue:
    """Show the form of a recipe."""
    filling = _filling(recipe)
    filling.form.on.data = today()
    filling.form.entry.data = request.args.get("entry", "")
    if filling.movement is not None:
        filling.form.amount.data = suspense.abs_of(filling.movement.rest).decimal()
    return _form(filling)


@blueprint.post("/entries/new/<recipe>")
@policy(Right.PREPARE_MANUAL_ENTRY)
def prepare_by_hand(recipe: str) -> ResponseReturnValue:
    """Show the postings of what was filled in, or prepare it for the second person."""
    filling = _filling(recipe)
    form = filling.form
    try:
        if form.validate():
            wanted = _wanted(filling)
            if request.form.get("act") == "prepare":
                return back(f"/entries/{act(manual_entries.prepare, wanted=wanted)}")
            with services().database.reading() as session:
                return _form(filling, manual_entries.preview(session, wanted))
    except OffsetError as fault:
        blame(form, fault)
    return _form(filling, status=422)


@blueprint.get("/entries/<uuid:entry_id>")
@policy(Right.SEE_JOURNAL)
def one_by_hand(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Show one prepared entry; whoever may decides."""
    return _one(entry_id)


@blueprint.post("/entries/<uuid:entry_id>/approve")
@policy(Right.APPROVE_MANUAL_ENTRY)
def approve_by_hand(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Book a prepared entry."""
    return press(
        manual_entries.approve,
        f"/entries/{entry_id}",
        lambda told, status: _one(entry_id, told=told, status=status),
        manual_entry_id=entry_id,
    )


@blueprint.post("/entries/<uuid:entry_id>/refuse")
@policy(Right.APPROVE_MANUAL_ENTRY)
def refuse_by_hand(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a prepared entry, with the reason."""
    form = Refuse()
    try:
        if form.validate():
            reason = form.reason.data or ""
            act(manual_entries.refuse, manual_entry_id=entry_id, reason=reason)
            return back(f"/entries/{entry_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _one(entry_id, refuse=form, status=422)


def _filling(recipe: str) -> Filling:
    if recipe not in set(ManualRecipe):
        raise NotFound("recipe_unknown")
    form, kind = ByHand(), ManualRecipe(recipe)
    if kind is ManualRecipe.SUSPENSE_EXPLAINED:
        return _of_suspense(kind, form)
    with services().database.reading() as session:
        offer = manual_entries.offers(session)[kind]
    form.source.choices = labels.options((code, code) for code, _currency in offer.sources)
    form.target.choices = labels.options((code, code) for code, _currency in offer.targets)
    form.currency_code = dict(offer.sources).get(form.source.data or "", "EUR")
    return Filling(kind, form, offer)


def _of_suspense(kind: ManualRecipe, form: ByHand) -> Filling:
    """Offer the movements that have no place yet, and the places of the one that is chosen."""
    asked = form.movement.data or request.args.get("movement", "")
    with services().database.reading() as session:
        found = suspense.unexplained(session, on=today())
        chosen = next((one for one in found if str(one.entry_id) == asked), None)
        if chosen is None and not asked:
            # what waits for a second person already comes last
            chosen = next(iter(sorted(found, key=lambda one: bool(one.waiting))), None)
        form.currency_code = chosen.rest.currency if chosen else "EUR"
        codes = suspense.places(session, form.currency_code)
    form.movement.data = str(chosen.entry_id) if chosen else asked
    form.movement.choices = labels.options((str(one.entry_id), _named(one)) for one in found)
    form.target.choices = labels.options((code, code) for code in codes)
    offer = Offer((), tuple((code, form.currency_code) for code in codes))
    return Filling(kind, form, offer, chosen)


def _named(one: Unexplained) -> str:
    told = (one.on.isoformat(), one.category, one.source_id, money(one.rest))
    return ", ".join(word for word in told if word)


def _wanted(filling: Filling) -> Wanted:
    form = filling.form
    if form.on.data is None:
        raise InvalidInput("day_unreadable", field="on", text="")
    reversing = filling.recipe is ManualRecipe.REVERSAL
    return Wanted(
        recipe=filling.recipe,
        on=form.on.data,
        reason=form.reason.data or "",
        amount=None if reversing else form.amount.money,
        source=form.source.data or "" if filling.offer.sources else "",
        target=form.target.data or "" if filling.offer.targets else "",
        reverses_id=_entry_id(form.entry.data) if reversing else None,
        explains_id=filling.movement.entry_id if filling.movement else None,
    )


def _entry_id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID((text or "").strip())
    except ValueError:
        raise InvalidInput("entry_unknown", field="entry", entry=text) from None


def _form(
    filling: Filling, preview: Preview | None = None, *, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "secretariat/by_hand_new.html",
        recipe=filling.recipe,
        title=RECIPES[filling.recipe],
        hint=HINTS[filling.recipe],
        form=filling.form,
        offer=filling.offer,
        preview=preview,
    ), status


def _one(
    entry_id: uuid.UUID, *, told: str = "", refuse: Refuse | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    preview, changed = None, None
    with services().database.reading() as session:
        seen = manual_entries.shown(session, entry_id)
        if seen.outcome is None:
            try:
                preview = manual_entries.preview(session, seen.wanted)
            except OffsetError as fault:
                changed = fault
    mine = seen.prepared_by == actor.user_id
    alone = mine and not seen.two_people and may(actor, Right.POST_MANUAL_ENTRY)
    return render_template(
        "secretariat/by_hand_one.html",
        seen=seen,
        preview=preview,
        changed=sentence_of(changed) if changed else "",
        mine=mine,
        may_decide=alone or (not mine and may(actor, Right.APPROVE_MANUAL_ENTRY)),
        press=Press(),
        refuse=refuse or Refuse(),
        told=told,
        recipes=RECIPES,
        words=words,
    ), status

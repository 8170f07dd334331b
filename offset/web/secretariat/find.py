"""What is this number, and what does it belong to? One box, and the trail of whatever it finds."""

from collections.abc import Mapping
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import NotFound, OffsetError
from offset.giving import donor_desk
from offset.people.access import Right, may
from offset.reports import documents, finding, trails
from offset.reports.trail_steps import Step
from offset.web.errors import sentence_of
from offset.web.language import page
from offset.web.secretariat import report_words, words
from offset.web.secretariat.room import act, blueprint
from offset.web.security import current_actor, policy
from offset.web.wiring import services

# Where each kind of thing has a page of its own; the others are shown by their trail.
PATHS: Final[Mapping[str, str]] = {
    "account": "/secretariat/accounts/{}",
    "allocation": "/secretariat/journal/{}",
    "arrival": "/secretariat/disbursements/{}",
    "concern": "/secretariat/concerns/{}",
    "dispute": "/secretariat/trail/dispute/{}",
    "donor": "/secretariat/donors/{}",
    "entry": "/secretariat/journal/{}",
    "gift": "/secretariat/gifts/{}",
    "manual": "/secretariat/entries/{}",
    "outcome": "/projects/{}",
    "payment": "/secretariat/disbursements/{}",
    "payout": "/secretariat/payouts/{}",
    "refund": "/secretariat/refunds/{}",
    "report": "/projects/{}",
}


def address_of(step: Step) -> str:
    """Return the page of a thing: its own, or its trail; empty where there is neither."""
    if step.kind == "statement":
        allowed = may(current_actor(), Right.SEE_BANK_FILES)
        return page(f"/secretariat/statements/{step.id}/file") if allowed else ""
    if step.kind in PATHS:
        return page(PATHS[step.kind].format(step.id))
    return trail_of(step)


def trail_of(step: Step) -> str:
    """Return the trail of a thing; empty where it has none."""
    if step.kind not in trails.FOLLOWED:
        return ""
    return page(f"/secretariat/trail/{step.kind}/{step.id}")


def name_of(step: Step) -> str:
    """Name a thing: an entry by its kind, everything else as it is called."""
    if step.kind == "entry":
        return words.named(words.ENTRY_KINDS, step.name)
    return step.name or step.id


@blueprint.get("/find")
@policy(Right.SEE_JOURNAL)
def find() -> ResponseReturnValue:
    """Find what a word names; a single thing is followed at once."""
    word = request.args.get("q", "")
    found: tuple[Step, ...] = ()
    fault, status = "", 200
    try:
        with services().database.reading() as session:
            found = finding.find(session, current_actor(), word)
    except OffsetError as refused:
        fault, status = sentence_of(refused), 422
    if named := [one.id for one in found if one.kind == "donor"]:
        # A name on a list is a look as well.
        act(donor_desk.found, contributor_ids=named)
    if len(found) == 1 and (trail_of(found[0]) or address_of(found[0])):
        return redirect(trail_of(found[0]) or address_of(found[0]), code=303)
    return render_template(
        "secretariat/find.html",
        word=word[: finding.LONGEST],
        fault=fault,
        groups=_grouped(found),
        kinds=report_words.KINDS,
        words=words,
        address_of=address_of,
        trail_of=trail_of,
        name_of=name_of,
    ), status


@blueprint.get("/trail/<kind>/<thing_id>")
@policy(Right.SEE_JOURNAL)
def follow(kind: str, thing_id: str) -> ResponseReturnValue:
    """Show a thing with everything on its way: gift, payment, payout, bank line, project.

    Raises
    ------
    NotFound
        ``thing_unknown``.
    """
    if not finding.allowed(current_actor(), kind):
        raise NotFound("thing_unknown")
    with services().database.reading() as session:
        told = trails.trail(session, kind, thing_id)
        facts = documents.facts(session, kind, told.focus.id)
    return render_template(
        "secretariat/trail.html",
        told=told,
        facts=facts,
        groups=_grouped(told.steps),
        kinds=report_words.KINDS,
        columns=report_words.COLUMNS,
        words=words,
        address_of=address_of,
        trail_of=trail_of,
        name_of=name_of,
    )


def _grouped(found: tuple[Step, ...]) -> dict[str, list[Step]]:
    groups: dict[str, list[Step]] = {}
    for one in found:
        groups.setdefault(one.kind, []).append(one)
    return groups

"""Whom do we pay, who governs them, and is a name like one on the list of sanctions?"""

import uuid

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right, may
from offset.treasury import organisation_files, payee_queries, proposals, sanctions
from offset.treasury.organisation_files import Governor, Registration
from offset.treasury.payee_models import CallOutcome, HitOutcome
from offset.treasury.payee_queries import KnownPage
from offset.treasury.proposals import Call
from offset.web.errors import blame, status_of
from offset.web.secretariat import words
from offset.web.secretariat.payee_forms import (
    CallForm,
    HitForm,
    OrganisationForm,
    SanctionsUpload,
)
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.security import accepts, current_actor, fresh, policy
from offset.web.wiring import services

_LARGEST = 101_000_000
SUBJECTS: words.Labels = {
    "organisation": _("the organisation"),
    "person": _("somebody who governs it"),
    "holder": _("the holder of its account"),
}
WHY: words.Labels = {
    "same": _("the same name"),
    "order": _("the same words in another order"),
    "contained": _("every word of one name stands in the other"),
    "spelling": _("the same name in another spelling"),
}


@blueprint.get("/organisations")
@policy(Right.SEE_DESK)
def organisations() -> ResponseReturnValue:
    """List the organisations, and the editions of the list they were compared with."""
    return _list(SanctionsUpload())


@blueprint.post("/organisations/list")
@policy(Right.KNOW_PAYEES)
@accepts(_LARGEST)
def upload_list() -> ResponseReturnValue:
    """Take in an edition of the list of sanctions and compare everybody with it."""
    form = SanctionsUpload()
    if not form.validate():
        return _list(form, status=422)
    try:
        upload = form.file.data
        if not upload:
            raise InvalidInput("file_missing", field="file")
        data, name = upload.read(), upload.filename or ""
        edition = services().sanctions.read(data)
        act(sanctions.take_in, data=data, name=name, edition=edition)
    except OffsetError as fault:
        blame(form, fault)
        return _list(form, status=422 if fault.field else status_of(fault))
    return back("/organisations")


@blueprint.get("/organisations/<uuid:organisation_id>")
@policy(Right.SEE_DESK)
def organisation(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show one organisation: its file, its people for few eyes, the likenesses found."""
    return _page(organisation_id)


@blueprint.route("/organisations/<uuid:organisation_id>/file", methods=["GET", "POST"])
@policy(Right.KNOW_PAYEES)
@fresh
def organisation_file(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Enter or renew the file of an organisation."""
    form = OrganisationForm()
    if request.method == "POST":
        try:
            if form.validate():
                act(
                    organisation_files.enter,
                    organisation_id=organisation_id,
                    registration=_registration(form),
                    governors=[_governor(line) for line in _lines(form.governors.data)],
                )
                return back(f"/organisations/{organisation_id}")
        except OffsetError as fault:
            blame(form, fault)
    with services().database.reading() as session:
        seen = payee_queries.organisation(session, current_actor(), organisation_id, on=today())
    if request.method == "GET":
        _fill(form, seen)
    return render_template("secretariat/organisation_file.html", seen=seen, form=form), (
        422 if request.method == "POST" else 200
    )


@blueprint.post("/organisations/<uuid:organisation_id>/compare")
@policy(Right.KNOW_PAYEES)
def compare_organisation(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Compare an organisation with the newest list once more."""
    return press(
        organisation_files.screen_again,
        f"/organisations/{organisation_id}",
        lambda told, status: _page(organisation_id, told=told, status=status),
        organisation_id=organisation_id,
    )


@blueprint.post("/organisations/<uuid:organisation_id>/hits/<uuid:hit_id>")
@policy(Right.KNOW_PAYEES)
@fresh
def decide_hit(organisation_id: uuid.UUID, hit_id: uuid.UUID) -> ResponseReturnValue:
    """Say of a likeness whether it is somebody else, and how one knows."""
    form = HitForm()
    try:
        if form.validate():
            act(
                sanctions.decide,
                hit_id=hit_id,
                outcome=HitOutcome(form.outcome.data),
                reason=form.reason.data or "",
            )
            return back(f"/organisations/{organisation_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(organisation_id, decided=(hit_id, form), status=422)


@blueprint.route("/proposals/<uuid:proposal_id>", methods=["GET", "POST"])
@policy(Right.PREPARE_DISBURSEMENT)
@fresh
def proposal(proposal_id: uuid.UUID) -> ResponseReturnValue:
    """Call back about proposed bank details, and write down with whom one spoke."""
    form = CallForm()
    if request.method == "POST":
        try:
            if form.validate():
                act(
                    proposals.call_back,
                    proposal_id=proposal_id,
                    call=Call(
                        outcome=CallOutcome(form.outcome.data),
                        spoke_with=form.spoke_with.data or "",
                        number_called=form.number_called.data or "",
                        note=form.note.data or "",
                    ),
                    explanation=form.explanation.data or "",
                )
                return back("/disbursements#payees")
        except OffsetError as fault:
            blame(form, fault)
    with services().database.reading() as session:
        found = [one for one in proposals.waiting(session) if one.id == proposal_id]
    if not found:
        return back("/disbursements#payees")
    return render_template("secretariat/proposal.html", seen=found[0], form=form), (
        422 if request.method == "POST" else 200
    )


def _registration(form: OrganisationForm) -> Registration:
    return Registration(
        legal_name=form.legal_name.data or "",
        other_names=tuple(_lines(form.other_names.data)),
        register=form.register.data or "",
        number=form.number.data or "",
        registered_on=form.registered_on.data,
        street=form.street.data or "",
        postcode=form.postcode.data or "",
        town=form.town.data or "",
        country=form.country.data or "",
        evidence=form.evidence.data or "",
    )


def _governor(line: str) -> Governor:
    """Read a line: a name, an office and perhaps a birth, with commas between."""
    name, office, born, *_rest = [*(part.strip() for part in line.split(",")), "", "", ""]
    return Governor(name=name, office=office, born=born)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _fill(form: OrganisationForm, seen: KnownPage) -> None:
    """Begin with what the file says now, so that a renewal is a look and a press."""
    form.legal_name.data = seen.line.name
    file = seen.file
    if file is None:
        return
    for name in ("legal_name", "register", "number", "registered_on", "street", "postcode"):
        form[name].data = getattr(file, name)
    for name in ("town", "country", "evidence"):
        form[name].data = getattr(file, name)
    form.other_names.data = "\n".join(file.other_names)
    form.governors.data = "\n".join(
        ", ".join(filter(None, (one.name, one.office, one.born))) for one in seen.governors
    )


def _list(form: SanctionsUpload, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        lines = payee_queries.known(session, current_actor(), on=today())
        lists = payee_queries.lists(session)
    return render_template(
        "secretariat/organisations.html",
        lines=lines,
        lists=lists,
        form=form,
        today=today(),
        stale=sanctions.LIST_DAYS,
    ), status


def _page(
    organisation_id: uuid.UUID,
    *,
    decided: tuple[uuid.UUID, HitForm] | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    actor = current_actor()
    with services().database.reading() as session:
        seen = payee_queries.organisation(session, actor, organisation_id, on=today())
    forms = {hit.id: HitForm(formdata=None, prefix="") for hit in seen.hits}
    if decided is not None:
        forms[decided[0]] = decided[1]
    return render_template(
        "secretariat/organisation.html",
        seen=seen,
        forms=forms,
        failed=decided,
        told=told,
        subjects=SUBJECTS,
        why=WHY,
        knows=may(actor, Right.KNOW_PAYEES),
        word=words.named,
    ), status

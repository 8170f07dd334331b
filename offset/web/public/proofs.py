"""How does somebody check the books from home? Checkpoints, growth, and a page that verifies.

The script of the page does it in the browser, where nothing leaves the reader's machine. Without a
script the same file is sent here and the same published lines answer.
"""

import json
import uuid
from typing import Any, Final

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from offset.errors import NotFound
from offset.ledger import checkpoints, evidence
from offset.reports import proofs, verify_proof
from offset.web.public import blueprint, texts
from offset.web.security import limited, public
from offset.web.wiring import services

_CHECKPOINTS: Final = 100
_MOST_LISTED: Final = 10_000
_MOST_BYTES: Final = 200_000
_MINUTE: Final = 60


class ProofForm(FlaskForm):
    """A file to be checked by us, where the browser runs no script."""

    proof = FileField()


@blueprint.get("/ledger/checkpoints")
@public
def ledger_checkpoints() -> ResponseReturnValue:
    """List the published roots over everything that was sealed."""
    with services().database.reading() as session:
        found = checkpoints.recent(session, _CHECKPOINTS)
        covered = checkpoints.covered(session, [one.n for one in found])
    return render_template(
        "public/checkpoints.html",
        checkpoints=found,
        covered=covered,
        fact_word=lambda kind: texts.say(texts.FACT_KINDS, kind),
    )


@blueprint.get("/ledger/checkpoints.json")
@public
def checkpoint_list() -> ResponseReturnValue:
    """Hand out the published roots, to be kept by whoever trusts nobody."""
    with services().database.reading() as session:
        found = checkpoints.recent(session, _MOST_LISTED)
        covered = checkpoints.covered(session, [one.n for one in found])
    answer = jsonify(checkpoints=[proofs.checkpoint_document(one, covered[one.n]) for one in found])
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    return answer


@blueprint.get("/ledger/checkpoints/<int:earlier>-<int:later>.json")
@public
def checkpoint_growth(earlier: int, later: int) -> ResponseReturnValue:
    """Prove that a checkpoint only added to an earlier one.

    Raises
    ------
    NotFound
        ``checkpoint_unknown``.
    """
    with services().database.reading() as session:
        found = proofs.growth_document(session, earlier, later)
    if found is None:
        raise NotFound("checkpoint_unknown")
    answer = jsonify(found)
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    return answer


@blueprint.get("/ledger/entries/<uuid:entry_id>/proof.json")
@public
def entry_proof(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out one entry with the proof that it stands under a published root.

    Raises
    ------
    NotFound
        ``proof_not_yet`` until the next checkpoint covers it, or where there is no such entry.
    """
    with services().database.reading() as session:
        document = evidence.document(session, checkpoints.ENTRY_KIND, entry_id)
    if document is None:
        raise NotFound("proof_not_yet")
    return jsonify(document)


@blueprint.get("/verify_proof.py")
@public
def verifier() -> ResponseReturnValue:
    """Hand out the file that checks a proof with Python alone."""
    answer = Response(proofs.VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="verify_proof.py"'
    return answer


@blueprint.route("/verify", methods=["GET", "POST"])
@public
@limited("30 per minute")
def verify() -> ResponseReturnValue:
    """Check a proof: in the browser where it can, else here by the same published lines."""
    form = ProofForm()
    verdict = _verdict(_uploaded()) if form.is_submitted() and form.validate() else None
    page = render_template("public/verify.html", form=form, verdict=verdict)
    return page, 422 if verdict == "unreadable" else 200


def _uploaded() -> bytes:
    file = request.files.get("proof")
    return file.read(_MOST_BYTES + 1) if file else b""


def _verdict(raw: bytes) -> str:
    """Say what a file is: proved, not_proved, not_published, or unreadable."""
    try:
        proof: dict[str, Any] = json.loads(raw[:_MOST_BYTES])
        grown = "earlier" in proof
        holds = verify_proof.grown(proof) if grown else verify_proof.included(proof)
        asked = [proof["earlier"], proof["later"]] if grown else [proof]
        roots = {(int(one["size"]), bytes.fromhex(one["root"])) for one in asked}
    except verify_proof.NO_PROOF:
        return "unreadable"
    if not holds:
        return "not_proved"
    with services().database.reading() as session:
        known = checkpoints.published(session, [root for _, root in roots])
    return "proved" if roots <= known else "not_published"

"""Who may do what? The one table of rights; views and verbs both ask it."""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from offset.errors import Forbidden


class Role(enum.StrEnum):
    """What somebody is here for; one person may hold several, within the limits of conflicts."""

    STEWARD = "steward"
    STC_MEMBER = "stc_member"
    RAPPORTEUR = "rapporteur"
    CLERK = "clerk"
    TREASURER = "treasurer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"


class Right(enum.StrEnum):
    """One thing a person may do; a verb requires exactly one."""

    SEE_OWN_GIFTS = "see_own_gifts"
    APPLY = "apply"
    POST_UPDATE = "post_update"
    REVIEW = "review"
    DECIDE = "decide"
    SEE_COMMITTEE = "see_committee"
    CHECK_ELIGIBILITY = "check_eligibility"
    ASSIGN_REVIEWERS = "assign_reviewers"
    ADMIT = "admit"
    MODERATE = "moderate"
    HANDLE_CONCERN = "handle_concern"
    EDIT_CRITERIA = "edit_criteria"
    SEE_DESK = "see_desk"
    SEE_JOURNAL = "see_journal"
    IMPORT_STATEMENT = "import_statement"
    MATCH = "match"
    PREPARE_ALLOCATION = "prepare_allocation"
    APPROVE_ALLOCATION = "approve_allocation"
    PREPARE_DISBURSEMENT = "prepare_disbursement"
    APPROVE_DISBURSEMENT = "approve_disbursement"
    KNOW_PAYEES = "know_payees"
    PREPARE_REFUND = "prepare_refund"
    APPROVE_REFUND = "approve_refund"
    SEND_RECEIPT = "send_receipt"
    END_GUARD = "end_guard"
    SEE_KEPT_RECEIPT = "see_kept_receipt"
    SEE_DONORS = "see_donors"
    FORGET_PERSON = "forget_person"
    SEE_BANK_FILES = "see_bank_files"
    PREPARE_MANUAL_ENTRY = "prepare_manual_entry"
    APPROVE_MANUAL_ENTRY = "approve_manual_entry"
    POST_MANUAL_ENTRY = "post_manual_entry"
    CLOSE_PERIOD = "close_period"
    ASK_REOPENING = "ask_reopening"
    REOPEN_PERIOD = "reopen_period"
    MANAGE_PEOPLE = "manage_people"
    CHANGE_SETTINGS = "change_settings"
    SEE_AUDIT = "see_audit"
    SEE_READY = "see_ready"
    OPEN_SITE = "open_site"
    RUN_JOBS = "run_jobs"


_DESK: Final = frozenset(
    {Role.CLERK, Role.TREASURER, Role.APPROVER, Role.ADMINISTRATOR, Role.AUDITOR}
)
_EVERYBODY: Final = frozenset(Role)

# One line a right. Firm: the committee moves no money, the secretariat scores nothing, the
# administrator holds neither.
RIGHTS: Final[Mapping[Right, frozenset[Role]]] = {
    Right.SEE_OWN_GIFTS: _EVERYBODY,
    Right.APPLY: frozenset({Role.STEWARD}),
    Right.POST_UPDATE: frozenset({Role.STEWARD}),
    Right.REVIEW: frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
    Right.DECIDE: frozenset({Role.RAPPORTEUR}),
    Right.SEE_COMMITTEE: frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
    Right.CHECK_ELIGIBILITY: frozenset({Role.CLERK}),
    Right.ASSIGN_REVIEWERS: frozenset({Role.CLERK}),
    Right.ADMIT: frozenset({Role.CLERK, Role.TREASURER}),
    Right.MODERATE: frozenset({Role.CLERK}),
    # One proposes the answer, another closes: two offices, so that there are two people.
    Right.HANDLE_CONCERN: frozenset({Role.CLERK, Role.TREASURER, Role.APPROVER}),
    Right.EDIT_CRITERIA: frozenset({Role.ADMINISTRATOR, Role.CLERK}),
    Right.SEE_DESK: _DESK,
    Right.SEE_JOURNAL: _DESK,
    Right.IMPORT_STATEMENT: frozenset({Role.CLERK, Role.TREASURER}),
    Right.MATCH: frozenset({Role.CLERK, Role.TREASURER}),
    Right.PREPARE_ALLOCATION: frozenset({Role.CLERK, Role.TREASURER}),
    Right.APPROVE_ALLOCATION: frozenset({Role.TREASURER, Role.APPROVER}),
    Right.PREPARE_DISBURSEMENT: frozenset({Role.CLERK, Role.TREASURER}),
    Right.APPROVE_DISBURSEMENT: frozenset({Role.TREASURER, Role.APPROVER}),
    # Who governs the organisations we pay, and whose name is like one on a sanctions list.
    Right.KNOW_PAYEES: frozenset({Role.CLERK, Role.TREASURER}),
    Right.PREPARE_REFUND: frozenset({Role.CLERK, Role.TREASURER}),
    Right.APPROVE_REFUND: frozenset({Role.TREASURER, Role.APPROVER}),
    Right.SEND_RECEIPT: frozenset({Role.CLERK, Role.TREASURER}),
    # Small gifts wait while cards are being tried; whoever looks at the gifts may say it is over.
    Right.END_GUARD: frozenset({Role.CLERK, Role.TREASURER, Role.ADMINISTRATOR}),
    # Receipts of givers who asked to be forgotten, kept because the law of the issuer says so.
    Right.SEE_KEPT_RECEIPT: frozenset({Role.TREASURER, Role.AUDITOR}),
    # Who gave, by name: whoever answers donors, and each look is on the trail.
    Right.SEE_DONORS: frozenset({Role.CLERK, Role.TREASURER}),
    Right.FORGET_PERSON: frozenset({Role.TREASURER, Role.ADMINISTRATOR}),
    # A bank's own file names whoever the bank named; who opens one is on the trail.
    Right.SEE_BANK_FILES: frozenset({Role.CLERK, Role.TREASURER, Role.AUDITOR}),
    Right.PREPARE_MANUAL_ENTRY: frozenset({Role.CLERK, Role.TREASURER}),
    Right.APPROVE_MANUAL_ENTRY: frozenset({Role.TREASURER, Role.APPROVER}),
    Right.POST_MANUAL_ENTRY: frozenset({Role.TREASURER}),
    Right.CLOSE_PERIOD: frozenset({Role.TREASURER}),
    Right.ASK_REOPENING: frozenset({Role.CLERK, Role.TREASURER}),
    Right.REOPEN_PERIOD: frozenset({Role.TREASURER, Role.APPROVER}),
    Right.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Right.CHANGE_SETTINGS: frozenset({Role.ADMINISTRATOR}),
    Right.SEE_AUDIT: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.TREASURER}),
    Right.SEE_READY: frozenset({Role.TREASURER, Role.ADMINISTRATOR, Role.AUDITOR}),
    Right.OPEN_SITE: frozenset({Role.TREASURER, Role.ADMINISTRATOR}),
    Right.RUN_JOBS: frozenset({Role.SYSTEM}),
}
STAFF: Final = frozenset(
    {Role.STC_MEMBER, Role.RAPPORTEUR, Role.CLERK, Role.TREASURER, Role.APPROVER}
    | {Role.ADMINISTRATOR, Role.AUDITOR}
)
# Acts of two people: who prepares or asks, and who approves, are never the same person.
TWO_PEOPLE: Final = (
    (Right.PREPARE_ALLOCATION, Right.APPROVE_ALLOCATION),
    (Right.PREPARE_DISBURSEMENT, Right.APPROVE_DISBURSEMENT),
    (Right.PREPARE_REFUND, Right.APPROVE_REFUND),
    (Right.PREPARE_MANUAL_ENTRY, Right.APPROVE_MANUAL_ENTRY),
    (Right.ASK_REOPENING, Right.REOPEN_PERIOD),
    (Right.OPEN_SITE, Right.OPEN_SITE),
)
# Nobody holds one of each side: who scores a project never moves its money.
_SIDES: Final = (
    frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}),
    frozenset({Role.CLERK, Role.TREASURER, Role.APPROVER, Role.ADMINISTRATOR}),
)


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a person with the roles held at this moment, or the system itself.

    ``helps`` names the organisations, other than one's own, that let this person act for them
    now, each with one right. ``deputises`` names the people who are away and whom this person
    acts for today, each with the roles that come with it; they count beside one's own.
    """

    user_id: uuid.UUID | None
    roles: frozenset[Role] = field(default_factory=frozenset)
    helps: frozenset[tuple[uuid.UUID, Right]] = field(default_factory=frozenset)
    deputises: frozenset[tuple[uuid.UUID, Role]] = field(default_factory=frozenset)


ANONYMOUS: Final = Actor(None)
SYSTEM: Final = Actor(None, frozenset({Role.SYSTEM}))


def may(actor: Actor, right: Right) -> bool:
    """Say whether an actor holds a right."""
    return (
        bool(RIGHTS[right] & actor.roles)
        or (right is Right.SEE_OWN_GIFTS and actor.user_id is not None)
        or any(role in RIGHTS[right] for _absent, role in actor.deputises)
    )


def stands_for(actor: Actor, right: Right) -> frozenset[uuid.UUID]:
    """Name the absent people by whose roles alone somebody holds a right; none where it is own."""
    if RIGHTS[right] & actor.roles:
        return frozenset()
    return frozenset(absent for absent, role in actor.deputises if role in RIGHTS[right])


def is_other(actor: Actor, right: Right, first: uuid.UUID | None) -> bool:
    """Say whether an actor is somebody else than who did the step before, also by whom they act."""
    return first is None or (actor.user_id != first and stands_for(actor, right) != {first})


def require_other(actor: Actor, right: Right, first: uuid.UUID | None) -> None:
    """Refuse whoever would be both sides of one act, also in the name of somebody absent.

    Raises
    ------
    Forbidden
        ``same_person``.
    """
    if not is_other(actor, right, first):
        raise Forbidden("same_person")


def person(actor: Actor) -> uuid.UUID:
    """Return who acts; two-person acts are never the system's.

    Raises
    ------
    Forbidden
        ``person_needed``.
    """
    if actor.user_id is None:
        raise Forbidden("person_needed")
    return actor.user_id


def require(actor: Actor, right: Right) -> None:
    """Refuse an actor without a right.

    Raises
    ------
    Forbidden
        ``right_missing``.
    """
    if not may(actor, right):
        raise Forbidden("right_missing", right=right.value)


def clash(roles: frozenset[Role]) -> bool:
    """Say whether a set of roles stands on both sides of an assessment."""
    return all(side & roles for side in _SIDES)

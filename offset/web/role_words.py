"""What is each role called, and what may whoever holds it do, in one sentence?"""

from collections.abc import Collection, Mapping
from typing import Final

from flask_babel import lazy_gettext as _

from offset.people.access import Right, Role

ROLES: Final[Mapping[Role, tuple[str, str]]] = {
    Role.CLERK: (
        _("Clerk"),
        _("Imports statements, matches, moderates, and prepares what others approve."),
    ),
    Role.TREASURER: (
        _("Treasurer"),
        _("Approves what another person prepared, closes months, opens the site."),
    ),
    Role.APPROVER: (_("Approver"), _("Approves or refuses what another person prepared.")),
    Role.ADMINISTRATOR: (
        _("Administrator"),
        _("Invites people, gives roles, changes settings; never one's own role, and no money."),
    ),
    Role.AUDITOR: (_("Auditor"), _("Reads everything and changes nothing.")),
    Role.STC_MEMBER: (_("Committee member"), _("Reviews projects that were assigned.")),
    Role.RAPPORTEUR: (
        _("Rapporteur"),
        _("Leads the committee's consensus and records its decisions."),
    ),
    Role.STEWARD: (_("Steward"), _("Applies for projects and reports on them.")),
}


def names(roles: Collection[Role]) -> str:
    """Name several roles in one line."""
    return ", ".join(str(ROLES[role][0]) for role in Role if role in roles and role in ROLES)


_ACTS: Final[Mapping[Right, object]] = {
    Right.PREPARE_ALLOCATION: _("an allocation run"),
    Right.PREPARE_DISBURSEMENT: _("a payment to a project"),
    Right.PREPARE_REFUND: _("a refund"),
    Right.PREPARE_MANUAL_ENTRY: _("an entry by hand"),
    Right.ASK_REOPENING: _("opening a closed month again"),
    Right.OPEN_SITE: _("accepting contributions"),
}


def two_people_act(pair: tuple[Right, Right]) -> str:
    """Name an act of two people by the part that comes first."""
    return str(_ACTS.get(pair[0], pair[0].value.replace("_", " ")))

"""Does the table of rights say what the house promises?"""

import itertools

import pytest

from offset.errors import Forbidden
from offset.people.access import ANONYMOUS, RIGHTS, SYSTEM, Actor, Right, Role, clash, may, require

COMMITTEE = {Role.STC_MEMBER, Role.RAPPORTEUR}
MONEY = {
    Right.ADMIT,
    Right.MATCH,
    Right.IMPORT_STATEMENT,
    Right.PREPARE_ALLOCATION,
    Right.APPROVE_ALLOCATION,
    Right.PREPARE_DISBURSEMENT,
    Right.APPROVE_DISBURSEMENT,
    Right.PREPARE_REFUND,
    Right.APPROVE_REFUND,
    Right.PREPARE_MANUAL_ENTRY,
    Right.APPROVE_MANUAL_ENTRY,
    Right.POST_MANUAL_ENTRY,
    Right.CLOSE_PERIOD,
    Right.ASK_REOPENING,
    Right.REOPEN_PERIOD,
}


def test_every_right_has_a_line() -> None:
    assert set(RIGHTS) == set(Right)


@pytest.mark.parametrize("right", sorted(MONEY))
def test_committee_moves_no_money(right: Right) -> None:
    assert not RIGHTS[right] & COMMITTEE


@pytest.mark.parametrize("right", [Right.REVIEW, Right.DECIDE])
def test_only_the_committee_scores(right: Right) -> None:
    assert RIGHTS[right] <= COMMITTEE


def test_approver_approves_and_nothing_else() -> None:
    held = {right for right in Right if Role.APPROVER in RIGHTS[right]}
    assert held == {
        Right.HANDLE_CONCERN,  # closes what another answered
        Right.SEE_OWN_GIFTS,
        Right.SEE_DESK,
        Right.SEE_JOURNAL,
        Right.APPROVE_ALLOCATION,
        Right.APPROVE_DISBURSEMENT,
        Right.APPROVE_REFUND,
        Right.APPROVE_MANUAL_ENTRY,
        Right.REOPEN_PERIOD,
    }


def test_auditor_only_reads() -> None:
    held = {right for right in Right if Role.AUDITOR in RIGHTS[right]}
    assert all(right.value.startswith("see_") for right in held)


def test_anybody_signed_in_sees_own_gifts() -> None:
    assert may(Actor(SYSTEM.user_id, frozenset({Role.AUDITOR})), Right.SEE_OWN_GIFTS)
    assert not may(ANONYMOUS, Right.SEE_OWN_GIFTS)


@pytest.mark.parametrize("right", sorted(set(Right) - {Right.SEE_OWN_GIFTS}))
def test_nobody_without_a_role(right: Right) -> None:
    with pytest.raises(Forbidden, match="right_missing"):
        require(ANONYMOUS, right)


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.product(sorted(COMMITTEE), [Role.CLERK, Role.TREASURER, Role.APPROVER])),
)
def test_science_and_money_clash(one: Role, other: Role) -> None:
    assert clash(frozenset({one, other}))


def test_two_roles_of_one_side_do_not_clash() -> None:
    assert not clash(frozenset({Role.CLERK, Role.TREASURER}))
    assert not clash(frozenset({Role.STC_MEMBER, Role.RAPPORTEUR}))

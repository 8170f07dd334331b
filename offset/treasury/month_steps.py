"""How far has a month come? Eight steps from the processor's payouts to the lock."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from offset.clock import utc_day
from offset.treasury.month import UNIDENTIFIED, Item, Look


class StepState(enum.StrEnum):
    """Whether a step is done, waits for somebody, or is under way in good time."""

    DONE = "done"
    TODO = "todo"
    IN_TIME = "in_time"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: how much of it is done, whoever was last at it, and how old the oldest is."""

    key: str
    state: StepState
    done: int
    total: int
    person: str = ""
    age: int | None = None
    path: str

    @property
    def left(self) -> int:
        """How many are left to do."""
        return self.total - self.done


_RECONCILIATION: Final = "/secretariat/reconciliation"


def steps(found: Look, *, locked: bool, closed_by: str = "") -> tuple[Step, ...]:
    """Return the eight steps of a month as it was found."""
    return (
        _payouts(found),
        _statements(found),
        _lines(found),
        _unidentified(found),
        _allocation(found),
        _payments(found),
        _clearing(found),
        _lock(found, locked=locked, closed_by=closed_by),
    )


def _payouts(found: Look) -> Step:
    counts = found.counts
    (unread,) = found.of("payouts") or (None,)
    whole = counts.payouts == counts.payouts_read or not (unread and unread.open)
    return Step(
        key="payouts",
        state=StepState.DONE if whole else StepState.TODO,
        done=counts.payouts_read,
        total=counts.payouts,
        age=_days(found.on, counts.payouts_oldest and utc_day(counts.payouts_oldest)),
        path="/secretariat/payouts",
    )


def _statements(found: Look) -> Step:
    missing = [one for one in found.banks if not one.complete]
    behind = min((one.reached for one in missing if one.reached), default=None)
    last = max((one for one in found.banks if one.imported_at), key=_imported, default=None)
    # Before the month's end its statements cannot be there: nobody is late.
    early = found.on <= found.ends_on
    waits = StepState.IN_TIME if early else StepState.TODO
    return Step(
        key="statements",
        state=waits if missing else StepState.DONE,
        done=len(found.banks) - len(missing),
        total=len(found.banks),
        person=last.imported_by if last else "",
        age=_days(found.on, behind),
        path="/secretariat/statements",
    )


def _imported(one: object) -> str:
    return str(getattr(one, "imported_at", ""))


def _lines(found: Look) -> Step:
    left = found.unexplained_lines
    oldest = min((one.oldest for one in found.banks if one.oldest), default=None)
    lines = sum(one.lines for one in found.banks)
    return Step(
        key="lines",
        state=StepState.TODO if left or any(one.gap for one in found.banks) else StepState.DONE,
        done=max(lines - left, 0),
        total=max(lines, left),
        person=found.counts.matched_by,
        age=_days(found.on, oldest) if left else None,
        path=f"{_RECONCILIATION}?show=todo",
    )


def _unidentified(found: Look) -> Step:
    items = [one for one in found.of("clearing") if one.name.startswith(UNIDENTIFIED)]
    waits = any(one.open for one in items)
    count = found.counts.unidentified if items else 0
    told = count if items and all(one.words for one in items) else 0
    return Step(
        key="unidentified",
        state=_state(waits=waits, left=count - told),
        done=told,
        total=count,
        person=_author(items),
        age=_oldest(items),
        path="/secretariat/unidentified",
    )


def _allocation(found: Look) -> Step:
    counts = found.counts
    oldest = counts.unallocated_oldest
    waits = bool(counts.runs_waiting) or (bool(counts.unallocated) and not counts.runs_open)
    return Step(
        key="allocation",
        state=_state(waits=waits, left=counts.unallocated),
        done=counts.gifts - counts.unallocated,
        total=counts.gifts,
        person=counts.run_by,
        age=_days(found.on, oldest and utc_day(oldest)) if counts.unallocated else None,
        path="/secretariat/allocation",
    )


def _payments(found: Look) -> Step:
    counts = found.counts
    oldest = counts.payments_oldest
    return Step(
        key="payments",
        state=_state(waits=bool(counts.payments_waiting), left=0),
        done=counts.payments_made,
        total=counts.payments_made + counts.payments_waiting,
        person=counts.payment_by,
        age=_days(found.on, oldest and utc_day(oldest)),
        path="/secretariat/disbursements",
    )


def _clearing(found: Look) -> Step:
    items = found.of("clearing", "suspense")
    waits = any(one.open for one in items) or bool(found.unbalanced)
    explained = [one for one in items if one.words]
    return Step(
        key="clearing",
        state=_state(waits=waits, left=len(items) - len(explained)),
        done=len(explained),
        total=len(items),
        person=_author(items),
        age=_oldest(items),
        path="#open",
    )


def _lock(found: Look, *, locked: bool, closed_by: str) -> Step:
    counts = found.counts
    sealed = counts.checkpoint_at is not None and (
        counts.newest_entry_at is None or counts.newest_entry_at <= counts.checkpoint_at
    )
    over = found.on > found.ends_on
    todo = StepState.TODO if over else StepState.IN_TIME
    return Step(
        key="lock",
        state=StepState.DONE if locked else todo,
        done=sealed + locked,
        total=2,
        person=closed_by,
        age=None if locked or not over else (found.on - found.ends_on).days,
        path="#close",
    )


def _state(*, waits: bool, left: int) -> StepState:
    if waits:
        return StepState.TODO
    return StepState.IN_TIME if left else StepState.DONE


def _author(items: Iterable[Item]) -> str:
    words = [one.words for one in items if one.words]
    return max(words, key=lambda one: one.at).by if words else ""


def _oldest(items: Iterable[Item]) -> int | None:
    return max((one.age for one in items if one.since), default=None)


def _days(on: date, since: date | None) -> int | None:
    return None if since is None else (on - since).days

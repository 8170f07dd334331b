"""What can go wrong, in the words of the domain?

::

    OffsetError                 code and parameters; web/errors.py holds the sentences
    ├── ConfigurationError      the environment is wrong or half set; every fault told together
    ├── InvalidInput            a value cannot be right in any state (field, file, amount)
    ├── NotFound                nothing by that name, or not for these eyes
    ├── Forbidden               this person may not do this
    ├── Refused                 a rule of the house says no in the present state
    │   ├── LedgerRefused       the books refuse: unbalanced, locked, floor, key reused
    │   └── StateRefused        a state machine has no such step
    ├── Conflict                somebody else was first; read again
    └── TryLater                an engine or a processor is busy; nothing was booked
"""

from collections.abc import Mapping


class OffsetError(Exception):
    """Something the domain refuses, as a stable code and its parameters.

    Parameters
    ----------
    code
        A stable word such as ``project_not_open``; the key of the sentence in ``web/errors.py``.
    field
        The form field or file row the fault belongs to, when there is one.
    parameters
        Values that the sentence needs.
    """

    def __init__(self, code: str, /, *, field: str | None = None, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.parameters: Mapping[str, object] = parameters

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in sorted(self.parameters.items()))
        return f"{self.code} ({told})" if told else self.code


class ConfigurationError(OffsetError):
    """The environment is wrong; ``faults`` lists every one, each naming its setting."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("configuration", faults=faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


class InvalidInput(OffsetError):
    """A value that cannot be right in any state."""


class NotFound(OffsetError):
    """Nothing by that name, or nothing for these eyes."""


class Forbidden(OffsetError):
    """The person may not do it."""


class Refused(OffsetError):
    """A rule of the house says no in the present state."""


class LedgerRefused(Refused):
    """The books refuse an entry."""


class StateRefused(Refused):
    """A state machine has no such step from here."""


class Conflict(OffsetError):
    """Somebody else was first."""


class TryLater(OffsetError):
    """An engine or a processor is busy; nothing was booked."""

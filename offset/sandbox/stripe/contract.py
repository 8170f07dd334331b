"""Is this request, or this object, what the pinned ``stripe`` package says Stripe speaks?

The package is generated from the specification of exactly the API version it calls, so its
annotations are the contract: ``TypedDict`` classes for parameters, annotated resource classes for
answers. Nothing here knows a single field by name.
"""

import builtins
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, Union

import stripe
import typing_extensions
from stripe import RequestOptions, StripeObject
from stripe._object_classes import OBJECT_CLASSES, get_object_class
from stripe._stripe_object import UntypedStripeObject

Path = tuple[str, ...]
Judge = Callable[[Any, Any, "Path"], list["Fault"]]

_OPTIONS: Final = frozenset(RequestOptions.__annotations__)
_UNIONS: Final = (Union, types.UnionType)
_LITERALS: Final = (Literal, typing_extensions.Literal)
_NOT_REQUIRED: Final = (typing.NotRequired, typing_extensions.NotRequired)
_NONE: Final = type(None)


@dataclass(frozen=True)
class Fault:
    """One thing that Stripe would not say or not accept."""

    path: Path
    reason: str
    code: str  # unknown, missing, mistyped, enum

    @property
    def param(self) -> str:
        """The path as Stripe writes it: ``line_items[0][quantity]``."""
        head, *tail = self.path or ("",)
        return head + "".join(f"[{step}]" for step in tail)

    def __str__(self) -> str:
        return f"{self.param}: {self.reason}"


# --- resolving the annotations --------------------------------------------------------------


class _Names(dict[str, Any]):
    """The names of a module; one that only type checkers import is looked up in the package.

    A name nobody knows becomes ``Any``: it must never make a field look required or wrong.
    """

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return _resource(name) or _resource(name.removesuffix("Resource")) or Any


def _resource(name: str) -> Any:
    """Find a resource by its class name; the plain ``charge`` comes before ``issuing.charge``."""
    words = sorted(
        (word for word, (_, found) in OBJECT_CLASSES.items() if found == name),
        key=lambda word: word.count("."),
    )
    return get_object_class("V1", words[0]) if words else None


def origin(kind: Any) -> Any:
    """Return what a generic type is made from."""
    return typing.get_origin(kind)


@cache
def fields(owner: type) -> Mapping[str, Any]:
    """Return the fields of a resource or parameter class with their resolved types."""
    names = _Names(vars(sys.modules[owner.__module__]))
    options_of_a_call = _OPTIONS if is_parameters(owner) else frozenset()
    declared = {
        name: annotation
        for name, annotation in owner.__annotations__.items()
        if name not in options_of_a_call and origin(annotation) is not typing.ClassVar
    }
    holder = type("Holder", (), {"__annotations__": declared, "__module__": owner.__module__})
    return typing_extensions.get_type_hints(holder, names, names, include_extras=True)


def bare(kind: Any) -> Any:
    """Take ``NotRequired`` off a type."""
    return typing.get_args(kind)[0] if origin(kind) in _NOT_REQUIRED else kind


@cache
def options(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type alone.

    The package writes enums as ``Literal[…] | str`` for the future's sake; the ``str`` is dropped,
    because a stand-in and its tests speak of today.
    """
    kind = bare(kind)
    members = typing.get_args(kind) if origin(kind) in _UNIONS else (kind,)
    listed = any(origin(member) in _LITERALS and any(typing.get_args(member)) for member in members)
    return tuple(member for member in members if not (listed and member is str))


def may_be_absent(kind: Any) -> bool:
    """Say whether a field of an answer may be null or left out."""
    return any(member in (_NONE, Any) for member in options(kind))


def is_parameters(kind: Any) -> bool:
    """Say whether a type is a dictionary of parameters."""
    return typing_extensions.is_typeddict(kind)


def is_resource(kind: Any) -> bool:
    """Say whether a type is a class of the package whose fields are declared."""
    return isinstance(kind, type) and issubclass(kind, StripeObject)


def object_name(kind: Any) -> str | None:
    """Return the ``object`` word of a resource, None for a nested class."""
    name = getattr(kind, "OBJECT_NAME", None)
    return name if isinstance(name, str) else None


# --- checking ---------------------------------------------------------------------------------


def check_request(parameters: type, values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Check the parameters of a request against their class."""
    return tuple(_parameters(parameters, values, ()))


def check_answer(value: Mapping[str, Any], resource: type | None = None) -> tuple[Fault, ...]:
    """Check an object that the API answers against the class its ``object`` names."""
    found = resource or get_object_class("V1", str(value.get("object")))
    if found is StripeObject:
        return (Fault(("object",), f"no resource is called {value.get('object')!r}", "unknown"),)
    return tuple(_resource_faults(found, value, ()))


def _parameters(owner: type, values: Mapping[str, Any], path: Path) -> list[Fault]:
    known = fields(owner)
    faults = [
        Fault((*path, name), "Received unknown parameter", "unknown")
        for name in values
        if name not in known
    ]
    faults += [
        Fault((*path, name), "Missing required param", "missing")
        for name in sorted(getattr(owner, "__required_keys__", ()))
        if name in known and name not in values
    ]
    for name, value in values.items():
        if name in known:
            faults += _value(known[name], value, (*path, name))
    return faults


def _resource_faults(owner: type, values: Mapping[str, Any], path: Path) -> list[Fault]:
    known = fields(owner)
    faults = [
        Fault((*path, name), "is no field of this object", "unknown")
        for name in values
        if name not in known and name != "object"
    ]
    for name, kind, plain, absent in _expected(owner):
        if name in values:
            if type(values[name]) not in plain:
                faults += _value(kind, values[name], (*path, name))
        elif not absent:
            faults.append(Fault((*path, name), "is promised and missing", "missing"))
    return faults


@cache
def _expected(owner: type) -> tuple[tuple[str, Any, frozenset[type], bool], ...]:
    """Return the fields with the plain types that are right at a glance: most values are null."""
    return tuple(
        (
            name,
            kind,
            frozenset(t for m in options(kind) for t in _PLAIN.get(m, ())),
            may_be_absent(kind),
        )
        for name, kind in fields(owner).items()
    )


_PLAIN: Final[Mapping[Any, tuple[type, ...]]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    _NONE: (_NONE,),
}


def _value(kind: Any, value: Any, path: Path) -> list[Fault]:
    """Check against each member of a union; the member with the fewest faults speaks."""
    members = options(kind)
    if isinstance(value, Mapping) and "object" in value:
        named = [member for member in members if object_name(member) == value["object"]]
        members = tuple(named) or members
    best: list[Fault] | None = None
    for member in members:
        faults = _member(member, value, path)
        if not faults:
            return []
        if best is None or _closer(faults, best, path):
            best = faults
    return best or [Fault(path, "has no possible value", "mistyped")]


def _closer(faults: list[Fault], best: list[Fault], path: Path) -> bool:
    """Prefer faults inside the value to faults about the value as a whole, then the fewest."""
    outside, best_outside = faults[0].path == path, best[0].path == path
    return (outside, len(faults)) < (best_outside, len(best))


def _member(kind: Any, value: Any, path: Path) -> list[Fault]:
    return _judge_of(kind)(kind, value, path)


@cache
def _judge_of(kind: Any) -> Judge:
    return next((judge for applies, judge in _JUDGES if applies(kind)), _scalar)


def _literal(kind: Any, value: Any, path: Path) -> list[Fault]:
    allowed = typing.get_args(kind)
    if value in allowed and type(value) in {type(word) for word in allowed}:
        return []
    return [Fault(path, f"must be one of {', '.join(map(str, allowed))}, not {value!r}", "enum")]


def _list(kind: Any, value: Any, path: Path) -> list[Fault]:
    if not isinstance(value, list):
        return [Fault(path, f"Invalid array: {value!r}", "mistyped")]
    (inner,) = typing.get_args(kind) or (Any,)
    return [f for i, item in enumerate(value) for f in _value(inner, item, (*path, str(i)))]


def _mapping(kind: Any, value: Any, path: Path) -> list[Fault]:
    if not isinstance(value, Mapping):
        return [Fault(path, f"Invalid object: {value!r}", "mistyped")]
    inner = (typing.get_args(kind) or (Any,))[-1]
    return [f for name, item in value.items() for f in _value(inner, item, (*path, str(name)))]


def _list_object(kind: Any, value: Any, path: Path) -> list[Fault]:
    faults = _nested(stripe.ListObject, value, path)
    if faults or not typing.get_args(kind):
        return faults
    (inner,) = typing.get_args(kind)
    where = (*path, "data")
    return [
        f for i, item in enumerate(value["data"]) for f in _value(inner, item, (*where, str(i)))
    ]


def _nested(kind: Any, value: Any, path: Path) -> list[Fault]:
    if not isinstance(value, Mapping):
        return [Fault(path, f"Invalid object: {value!r}", "mistyped")]
    judge = _parameters if is_parameters(kind) else _resource_faults
    return judge(kind, value, path)


_SCALARS: Final[Mapping[Any, Callable[[Any], bool]]] = {
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    Decimal: lambda value: isinstance(value, str | Decimal),
    _NONE: lambda value: value is None,
}


def _scalar(kind: Any, value: Any, path: Path) -> list[Fault]:
    judge = _SCALARS.get(kind)
    if judge is None or judge(value):
        return []
    return [Fault(path, f"Invalid {kind.__name__}: {value!r}", "mistyped")]


_JUDGES: Final[
    tuple[tuple[Callable[[Any], bool], Callable[[Any, Any, Path], list[Fault]]], ...]
] = (
    (lambda kind: origin(kind) in _LITERALS, _literal),
    (lambda kind: origin(kind) in _UNIONS, _value),
    (lambda kind: origin(kind) is list, _list),
    (lambda kind: origin(kind) is stripe.ListObject, _list_object),
    (lambda kind: kind is stripe.ListObject, _list_object),
    (lambda kind: origin(kind) in (dict, UntypedStripeObject), _mapping),
    (lambda kind: is_parameters(kind) or is_resource(kind), _nested),
)


# --- coercing what arrives as text ----------------------------------------------------------


def coerce(kind: Any, value: Any) -> Any:
    """Turn the words of a form body into the declared types; what does not fit stays as it is."""
    if isinstance(value, Mapping):
        return _coerce_mapping(kind, value)
    for member in options(kind):
        read = _READERS.get(member)
        if read is not None and (found := read(value)) is not None:
            return found
    return value


def _coerce_mapping(kind: Any, value: Mapping[str, Any]) -> Any:
    for member in options(kind):
        if origin(member) is list and all(step.isdecimal() for step in value):
            (inner,) = typing.get_args(member)
            return [coerce(inner, value[step]) for step in sorted(value, key=int)]
        if is_parameters(member):
            known = fields(member)
            return {
                name: coerce(known[name], item) if name in known else item
                for name, item in value.items()
            }
    return dict(value)


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() else None


def _fraction(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_READERS: Final[Mapping[Any, Callable[[str], Any]]] = {
    int: _whole,
    float: _fraction,
    bool: {"true": True, "false": False}.get,
}

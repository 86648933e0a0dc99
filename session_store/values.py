"""Frozen dataclasses that start quickly. Callers, type checkers and `dataclasses` itself take them for its own.

The standard library's decorator loads `inspect`, `ast` and `dis`, and compiles six methods for each class: a tenth of a
cold start. This one compiles one.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from dataclasses import dataclass, field, replace

__all__ = ["dataclass", "field", "fields_of", "replace"]

_MISSING: Final = object()
_FIELDS: Final = "__value_fields__"
_NOT_COPIED: Final = ("__dict__", "__weakref__")


class Field:
    """A field of such a class. The arguments are those of `dataclasses.field`."""

    __slots__ = ("compare", "default", "default_factory", "hash", "init", "kw_only", "metadata", "repr", "type")

    def __init__(
        self,
        *,
        default: Any = _MISSING,  # noqa: ANN401 - any field's
        default_factory: Any = _MISSING,  # noqa: ANN401 - likewise
        init: bool = True,
        repr: bool = True,  # noqa: A002 - as `dataclasses` has it
        hash: bool | None = None,  # noqa: A002 - likewise
        compare: bool = True,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = metadata or {}
        self.kw_only = False
        self.type = ""


if not TYPE_CHECKING:
    field = Field

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """The decorator, for what is frozen and has slots."""
        if not (frozen and slots):
            raise TypeError("a class that is not frozen, or has no slots, is a matter of `dataclasses`")
        return lambda kind: _made(kind, kw_only=kw_only)

    def replace(value: object, /, **changes: object) -> object:
        """The same value with other fields."""
        given = {name: getattr(value, name) for name, each in fields_of(type(value)).items() if each.init}
        return type(value)(**given | changes)


def fields_of(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any of the classes, here and below
    """The fields of a dataclass, also of one by the standard library: name -> field."""
    fields: Mapping[str, Any] = getattr(kind, _FIELDS, None) or kind.__dataclass_fields__
    return fields


def _made(kind: Any, *, kw_only: bool) -> Any:  # noqa: ANN401
    """The class again, because slots have to be there from the beginning."""
    own = dict(_declared(kind, kw_only=kw_only))
    fields = {name: each for base in kind.__mro__[:0:-1] for name, each in vars(base).get(_FIELDS, {}).items()} | own
    kept = {name: value for name, value in vars(kind).items() if name not in own and name not in _NOT_COPIED}
    positional = tuple(name for name, each in fields.items() if each.init and not each.kw_only)
    of_fields = {"__slots__": tuple(own), "__match_args__": positional, _FIELDS: fields}
    made: Any = type(kind)(kind.__name__, kind.__bases__, {**_METHODS, **kept, **of_fields})
    made.__qualname__ = kind.__qualname__
    made.__value_equality__ = attrgetter(*(name for name, each in fields.items() if each.compare))
    made.__value_hash__ = attrgetter(
        *(name for name, each in fields.items() if (each.compare if each.hash is None else each.hash))
    )
    made.__init__ = _initializer(made, fields)
    return made


def _declared(kind: type, *, kw_only: bool) -> Iterator[tuple[str, Field]]:
    for name, its_type in kind.__annotations__.items():
        if not str(its_type).startswith("ClassVar"):
            value = vars(kind).get(name, _MISSING)
            each = value if isinstance(value, Field) else Field(default=value)
            each.kw_only, each.type = kw_only, its_type
            yield name, each


def _initializer(made: Any, fields: Mapping[str, Field]) -> Callable[..., None]:  # noqa: ANN401
    """The method, compiled, so that it is as quick as one that is written out."""
    known: dict[str, Any] = {"MADE": _MISSING}
    parameters: dict[bool, list[str]] = {False: [], True: []}
    lines = []
    for name, each in fields.items():
        if not each.init:
            continue
        known |= {f"set_{name}": getattr(made, name).__set__, f"default_{name}": each.default}
        value, default = name, "" if each.default is _MISSING else f"=default_{name}"
        if each.default_factory is not _MISSING:
            known[f"make_{name}"] = each.default_factory
            value, default = f"make_{name}() if {name} is MADE else {name}", "=MADE"
        parameters[each.kw_only].append(f"{name}{default}")
        lines.append(f" set_{name}(self, {value})\n")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()\n")
    keywords = ["*", *parameters[True]] if parameters[True] else []
    head = f"def __init__({', '.join(['self', *parameters[False], *keywords])}):\n"
    exec(head + "".join(lines), known)  # noqa: S102 - of names in our own sources, as `dataclasses` does
    method: Callable[..., None] = known["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    method.__annotations__ = {name: each.type for name, each in fields.items() if each.init} | {"return": None}
    return method


def _repr(self: Any) -> str:  # noqa: ANN401
    shown = (f"{name}={getattr(self, name)!r}" for name, each in fields_of(type(self)).items() if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equals(self: Any, other: Any) -> bool:  # noqa: ANN401
    is_alike: bool = NotImplemented
    if type(other) is type(self):
        is_alike = self.__value_equality__(self) == self.__value_equality__(other)
    return is_alike


def _hash(self: Any) -> int:  # noqa: ANN401
    return hash(self.__value_hash__(self))


def _set(self: Any, name: str, value: object) -> None:  # noqa: ANN401
    _check_change(self, "assign to", name)
    object.__setattr__(self, name, value)


def _delete(self: Any, name: str) -> None:  # noqa: ANN401
    _check_change(self, "delete", name)
    object.__delattr__(self, name)


def _check_change(value: object, verb: str, name: str) -> None:
    """Refuse a change. A subclass may have attributes of its own, which are not fields."""
    if _FIELDS in vars(type(value)) or name in fields_of(type(value)):
        from dataclasses import FrozenInstanceError  # noqa: PLC0415 - only an error pays for it

        raise FrozenInstanceError(f"cannot {verb} field {name!r}")


def _state(self: Any) -> list[Any]:  # noqa: ANN401
    return [getattr(self, name) for name in fields_of(type(self))]


def _set_state(self: Any, state: list[Any]) -> None:  # noqa: ANN401
    for name, value in zip(fields_of(type(self)), state, strict=True):
        object.__setattr__(self, name, value)


class _OfDataclasses:
    """An attribute by which `dataclasses` knows its own classes: that of a twin, made by it at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, _: object, kind: type) -> Any:  # noqa: ANN401
        return getattr(_twin(kind), self._name)


@cache
def _twin(kind: type) -> type:
    import dataclasses  # noqa: PLC0415 - most programs never ask

    declared = []
    for name, each in fields_of(kind).items():
        given = {key: getattr(each, key) for key in Field.__slots__ if getattr(each, key) is not _MISSING}
        declared.append((name, given.pop("type"), dataclasses.field(**given)))
    return dataclasses.make_dataclass(kind.__name__, declared, frozen=True, slots=True)


_METHODS: Final = {
    "__dataclass_fields__": _OfDataclasses("__dataclass_fields__"),
    "__dataclass_params__": _OfDataclasses("__dataclass_params__"),
    "__delattr__": _delete,
    "__eq__": _equals,
    "__getstate__": _state,
    "__hash__": _hash,
    "__replace__": replace,
    "__repr__": _repr,
    "__setattr__": _set,
    "__setstate__": _set_state,
}

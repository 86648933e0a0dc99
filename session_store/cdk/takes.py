"""Checks, defaults and `help()` for a construct that takes declared props."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from session_store.cdk.prop_kinds import Prop

_Family = TypeVar("_Family")
_Class = TypeVar("_Class", bound=type)


def takes(family: type) -> Callable[[_Class], _Class]:
    """For a construct whose `__init__` takes a family of props as `**props`.

    Python would say nothing about a misspelt one, and `help()` nothing about any of them. With this, a name that does
    not exist is an InvalidInputError that says which one is near, and `help()` lists all, with their defaults.
    """

    def decorate(construct: _Class) -> _Class:
        made = vars(construct)["__init__"]
        signature = _signature(made, family)

        @wraps(made)
        def init(self: object, *args: object, **given: object) -> None:
            for name in given:
                if name not in signature.parameters:
                    raise InvalidInputError(name, _unknown(construct.__name__, name, signature.parameters))
            made(self, *args, **given)

        init.__dict__["__signature__"] = signature  # which `inspect` looks for
        type.__setattr__(construct, "__init__", init)
        if construct.__doc__:
            construct.__doc__ = f"{construct.__doc__.rstrip()}\n\n{_section(family)}"
        return construct

    return decorate


def declared(family: type) -> dict[str, Prop]:
    """The declarations of a family's props, by name."""
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(family, include_extras=True).items()}


def filled(family: type[_Family], props: Mapping[str, Any]) -> _Family:
    """All props of a family, checked: those that are given, and the defaults of the others.

    Raises:
        InvalidInputError: a prop is of the wrong type or out of range.
    """
    found = {name: prop.accept(name, props.get(name, prop.default)) for name, prop in declared(family).items()}
    return cast("_Family", found)


def of(family: type[_Family], props: Mapping[str, Any]) -> _Family:
    """Those of the given props that belong to a family."""
    return cast("_Family", {name: props[name] for name in declared(family) if name in props})


def _unknown(construct: str, name: str, known: Collection[str]) -> str:
    props = sorted({*known} - {"self", "scope", "construct_id"})
    near = get_close_matches(name, props, n=1)
    return f"is no prop of {construct}, " + (f"did you mean {near[0]}?" if near else f"it has {', '.join(props)}")


def _signature(made: Callable[..., None], family: type) -> inspect.Signature:
    """The flat signature, in which each prop has a place of its own."""
    signature = inspect.signature(made)
    types = get_type_hints(family)
    explicit = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    flat = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=prop.default, annotation=types[name])
        for name, prop in declared(family).items()
    ]
    return signature.replace(parameters=[*explicit, *flat])


def _section(family: type) -> str:
    lines = (f"        {name}: {prop.text} ({prop.shown})" for name, prop in declared(family).items())
    return "\n".join(["    Props:", *lines, "    "])

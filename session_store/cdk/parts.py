"""Optional parts of a store, for instance encryption, as the service's functions get them.

A part is a subclass of `Part`, and a prop of `StoreProps`. A function gets those parts that
are given and that its access patterns use: the part's code and libraries in its zip, variables, and permissions. A
function without one has nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aws_cdk import aws_lambda as lambda_

    from session_store.catalog.pattern import AccessPattern
    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.wheels import Libraries


class Part:
    """An optional part of the store. Its subclasses may be constructs, whose metaclass allows no abstract class.

    Attributes:
        rooms: of `session_store`, that the code of a function with the part can get to. They are among the
            `OPTIONAL_ROOMS` of `session_store.cdk.bundle`.
        libraries: what a function's zip holds for it.
    """

    rooms: ClassVar[frozenset[str]]
    libraries: frozenset[Libraries] = frozenset()

    def serves(self, patterns: Collection[AccessPattern]) -> bool:
        """Whether code with these access patterns uses the part."""
        raise NotImplementedError

    def give(self, function: lambda_.Function, table: SessionTableGrants, patterns: Collection[AccessPattern]) -> None:
        """Set a function's variables, and grant it what the part needs for these access patterns."""
        raise NotImplementedError

    def props_for(self, given: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - most need none
        """Props that a function needs in place of what is given, for instance a network.

        Args:
            given: all of them, checked.

        Raises:
            InvalidInputError: the part does not go with one.
        """
        return {}


def parts_in(props: Mapping[str, object], patterns: Collection[AccessPattern]) -> list[Part]:
    """The parts among the props of a function that its access patterns use."""
    return [part for part in props.values() if isinstance(part, Part) and part.serves(patterns)]


def without_unused(props: Mapping[str, Any], patterns: Collection[AccessPattern]) -> dict[str, Any]:
    """The same props, less the parts that code with these access patterns does not use."""
    return {name: each for name, each in props.items() if not isinstance(each, Part) or each.serves(patterns)}

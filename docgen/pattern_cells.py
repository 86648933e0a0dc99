"""The cells that tables about access patterns share: methods of the store, and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docgen.markdown import code
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.pattern import Resource
from session_store.storage.schema import INDEX_NAME

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.catalog.pattern import AccessPattern

_RESOURCES: Final = tuple(
    dict.fromkeys(
        (
            Resource.TABLE,
            Resource.INDEX,
            *sorted(resource for pattern in ACCESS_PATTERNS for _, resource in pattern.permissions()),
        )
    )
)
PERMISSION_HEADINGS: Final = tuple(
    f"on the index `{INDEX_NAME}`" if resource == Resource.INDEX else f"on the {resource}" for resource in _RESOURCES
)


def methods(pattern: AccessPattern) -> str:
    """The methods of the store that have an access pattern, and what they have it with."""
    given = f" with `{pattern.given}`" if pattern.given else ""
    return f"{code(pattern.methods)}{given}"


def permission_cells(permissions: Collection[tuple[str, Resource]]) -> tuple[str, ...]:
    """The actions on each resource, in the order of the headings."""
    return tuple(
        code(sorted(action for action, target in permissions if target == resource)) for resource in _RESOURCES
    )

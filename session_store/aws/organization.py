"""The accounts of an organization, all or those below some of its units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class OrganizationAccount:
    """An active account of an organization.

    Attributes:
        id: 12 digits.
        name: as the organization shows it.
    """

    id: str
    name: str


def accounts_in(organizations: Any, units: Iterable[str]) -> Iterator[OrganizationAccount]:  # noqa: ANN401 - a client
    """The active accounts of an organization, each once.

    Args:
        organizations: a client of the service.
        units: ids of organizational units or of a root. The accounts below them count, at any depth. All accounts
            when there are none.
    """
    seen: set[str] = set()
    for found in _below(organizations, units) if units else _pages(organizations, "list_accounts", "Accounts"):
        # `State` takes the place of `Status`, which older versions of the SDK have.
        if found.get("State", found.get("Status")) == "ACTIVE" and found["Id"] not in seen:
            seen.add(found["Id"])
            yield OrganizationAccount(found["Id"], found.get("Name", ""))


def _below(organizations: Any, units: Iterable[str]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    waiting = list(units)
    while waiting:
        unit = waiting.pop(0)
        yield from _pages(organizations, "list_accounts_for_parent", "Accounts", ParentId=unit)
        children = _pages(organizations, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=unit)
        waiting += [child["Id"] for child in children]


def _pages(organizations: Any, operation: str, member: str, **arguments: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    for page in organizations.get_paginator(operation).paginate(**arguments):
        yield from page[member]

"""The arguments of a fan-out, checked before anything is done."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar, cast

from session_store.aws.fan_out import Limits
from session_store.aws.organization import OrganizationAccount
from session_store.aws.roles import RoleOptions, check_account, role_arn_in, role_to_assume
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
_WORKERS: Final = 16
_PER_ACCOUNT: Final = 4


class FanOutOptions(RoleOptions, total=False):
    """Arguments of `fan_out`. Those of `RoleOptions` go along, for the role in each account.

    Attributes:
        accounts: ids of 12 digits, or what `organization_accounts` returns. Needs `role`.
        profiles: names of profiles of the SDK's files, in place of accounts.
        role: name of the role to assume in each account, with its path if it has one.
        regions: names of regions. By default the sessions' own region.
        workers: how many threads do the work, 16 by default.
        per_account: how many targets of one account go on at once, 4 by default.
        on_progress: is called with the number of targets that are done and the number of all.
        cancelled: once it is set, no further target begins. The outcomes of the rest say so.
    """

    accounts: Iterable[str | OrganizationAccount]
    profiles: Iterable[str]
    role: str
    regions: Iterable[str]
    workers: int
    per_account: int
    on_progress: Callable[[int, int], object]
    cancelled: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The arguments of a fan-out, ready to use.

    Attributes:
        accounts: ids of accounts. Empty in a fan-out over profiles, and in one of the sessions' own account.
        profiles: names of profiles.
        role: the role's name, empty without accounts.
        role_options: how to assume it.
        regions: None stands for the sessions' own.
        limits: how much goes on at once.
        on_progress: is told how many targets are done, and how many there are.
        cancelled: once it is set, no further target begins.
    """

    accounts: Sequence[str]
    profiles: Sequence[str]
    role: str
    role_options: RoleOptions
    regions: Sequence[str | None]
    limits: Limits
    on_progress: Callable[[int, int], object] | None
    cancelled: Event


def checked(work: object, options: FanOutOptions) -> Checked:
    """The arguments of a fan-out, checked.

    Raises:
        InvalidInputError: an argument is not acceptable, or does not fit the others.
        TypeError: there is no argument of that name.
    """
    _check_together(work, options)
    found = Checked(
        accounts=_account_ids(options.get("accounts", ())),
        profiles=names("profiles", options.get("profiles", ())),
        role=options.get("role", ""),
        role_options=_role_options(options),
        regions=names("regions", options["regions"]) if "regions" in options else [None],
        limits=_limits(options),
        on_progress=options.get("on_progress"),
        cancelled=options.get("cancelled") or Event(),
    )
    for account in found.accounts[:1]:
        role_to_assume(role_arn_in("aws", account, found.role), found.role_options, chained=False)
    return found


def names(field: str, given: Iterable[str]) -> list[str]:
    """Names of regions, profiles or units, each once.

    Raises:
        InvalidInputError: one is no text, or they are a single text.
    """
    listed = _several(field, given)
    if wrong := [name for name in listed if not isinstance(name, str) or not name]:
        raise InvalidInputError(field, "must be texts", value=wrong[0])
    return list(dict.fromkeys(listed))


def _check_together(work: object, options: FanOutOptions) -> None:
    if unknown := options.keys() - FanOutOptions.__annotations__.keys() - RoleOptions.__annotations__.keys():
        raise TypeError(f"fan_out() got an unexpected keyword argument {min(unknown)!r}")
    if not callable(work) or inspect.iscoroutinefunction(work):
        raise InvalidInputError("work", "must be a plain function: it runs in a thread")
    if "accounts" in options and "profiles" in options:
        raise InvalidInputError("profiles", "cannot be given together with accounts")
    if ("accounts" in options) != ("role" in options):
        raise InvalidInputError("role", "and accounts belong together: it is the role to assume in each of them")
    if "mfa" in options:
        raise InvalidInputError("mfa", "would be asked for in each account: fan out from `with_mfa(prompt)`")
    if "accounts" not in options and (of_roles := options.keys() & RoleOptions.__annotations__.keys()):
        raise InvalidInputError(min(of_roles), "is for the role in accounts, and none are given")


def _limits(options: FanOutOptions) -> Limits:
    numbers = {"workers": options.get("workers", _WORKERS), "per_account": options.get("per_account", _PER_ACCOUNT)}
    for name, number in numbers.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise InvalidInputError(name, "must be a whole number of at least 1", value=number)
    return Limits(**numbers)


def _role_options(options: FanOutOptions) -> RoleOptions:
    named = RoleOptions.__annotations__
    return cast("RoleOptions", {name: value for name, value in options.items() if name in named})


def _account_ids(accounts: Iterable[str | OrganizationAccount]) -> list[str]:
    ids = [each.id if isinstance(each, OrganizationAccount) else each for each in _several("accounts", accounts)]
    return list(dict.fromkeys(check_account("accounts", each) for each in ids))


def _several(field: str, given: Iterable[T]) -> Sequence[T]:
    if isinstance(given, str):
        raise InvalidInputError(field, "must be a list, not a single text", value=given)
    return list(given)

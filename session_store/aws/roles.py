"""A role to assume, with all that AWS lets the caller say about it."""

from __future__ import annotations

import getpass
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypedDict

from session_store.errors import InvalidInputError

MfaPrompt = Callable[[str], str]
"""Is shown a text and returns the code of an MFA device. `getpass.getpass` is one."""

LONGEST_CHAINED: Final = timedelta(hours=1)
_SHORTEST: Final = timedelta(minutes=15)
_LONGEST: Final = timedelta(hours=12)
_ROLE: Final = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):role/[\w+=,.@/-]{1,576}", re.ASCII)
_NAME: Final = re.compile(r"[\w+=,.@/-]{1,576}", re.ASCII)
_SESSION_NAME: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_UNFIT: Final = re.compile(r"[^\w+=,.@-]+", re.ASCII)
_NAMES: Final = ("AWS_ROLE_SESSION_NAME", "AWS_LAMBDA_FUNCTION_NAME")
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)


class RoleOptions(TypedDict, total=False):
    """Arguments of `assume_role`, and of `fan_out` for the role in each account.

    Attributes:
        session_name: names the session in CloudTrail. By default `AWS_ROLE_SESSION_NAME`, the name of the Lambda
            function, or of the user of this machine.
        external_id: that the role's owner demands.
        mfa: is shown a text and returns the code of the caller's MFA device, for instance `getpass.getpass`. It is
            asked at each refresh. `AwsSessions.with_mfa` asks once for up to 36 hours.
        mfa_serial: the device's ARN or serial number. By default the profile's `mfa_serial`, or the caller's only
            device, which takes the permission `iam:ListMFADevices`.
        duration: how long the credentials last, 15 minutes to 12 hours. AWS's default is an hour, and so is the most
            for a role that is assumed from another role.
        tags: session tags.
        transitive_tags: names of the tags that further roles of the chain get as well.
        source_identity: who is behind the session. It cannot be changed in a chain.
        policy: a session policy, as a mapping or as JSON. It can only take permissions away.
        policy_arns: managed policies that do the same.
    """

    session_name: str
    external_id: str
    mfa: MfaPrompt
    mfa_serial: str
    duration: timedelta
    tags: Mapping[str, str]
    transitive_tags: Sequence[str]
    source_identity: str
    policy: Mapping[str, Any] | str
    policy_arns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Role:
    """A role and how to assume it, compared by value.

    Attributes:
        arn: the role's ARN.
        mfa: see `RoleOptions`.
        mfa_serial: see `RoleOptions`.
        arguments: the further arguments of AssumeRole, as JSON. It may hold an external id.
    """

    arn: str
    mfa: MfaPrompt | None
    mfa_serial: str | None
    arguments: str = field(repr=False)

    @property
    def account(self) -> str:
        """The account that the role is in."""
        return self.arn.split(":")[4]


def role_to_assume(arn: str, options: RoleOptions, *, chained: bool) -> Role:
    """A role with its options, checked.

    Args:
        arn: the role's ARN.
        options: how to assume it.
        chained: whether the caller's credentials are a role's.

    Raises:
        InvalidInputError: the ARN, the duration, the session's name or the policy is not acceptable.
        TypeError: there is no option of that name.
    """
    if not isinstance(arn, str) or not _ROLE.fullmatch(arn):
        raise InvalidInputError("role_arn", "must be like arn:aws:iam::111111111111:role/Name", value=arn)
    if unknown := options.keys() - RoleOptions.__annotations__.keys():
        raise TypeError(f"assume_role() got an unexpected keyword argument {min(unknown)!r}")
    arguments = json.dumps(_arguments(options, chained=chained), sort_keys=True)
    return Role(arn, options.get("mfa"), options.get("mfa_serial"), arguments)


def role_arn_in(partition: str, account: str, name: str) -> str:
    """The ARN of a role by its name, with its path if it has one.

    Raises:
        InvalidInputError: it is no role's name, or no account's id.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidInputError("role", "must be a role's name, like Ops or path/Ops", value=name)
    return f"arn:{partition}:iam::{check_account('account', account)}:role/{name.strip('/')}"


def check_account(field_name: str, account: str) -> str:
    """An account's id.

    Raises:
        InvalidInputError: it is none.
    """
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
        raise InvalidInputError(field_name, "must be 12 digits, as a text", value=account)
    return account


def check_duration(duration: timedelta, longest: timedelta, note: str = "") -> int:
    """Seconds of a duration that AWS accepts for temporary credentials.

    Raises:
        InvalidInputError: it is shorter than 15 minutes, or too long.
    """
    if not isinstance(duration, timedelta) or not _SHORTEST <= duration <= longest:
        hours = int(longest.total_seconds() // 3600)
        problem = f"must be a timedelta from 15 minutes to {hours} hour{'s' if hours > 1 else ''}{note}"
        raise InvalidInputError("duration", problem, value=duration)
    return int(duration.total_seconds())


def _arguments(options: RoleOptions, *, chained: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {"RoleSessionName": _session_name(options.get("session_name"))}
    if "duration" in options:
        note = ": AWS allows no more in a chain of roles, and the credentials are renewed by themselves"
        longest, note = (LONGEST_CHAINED, note) if chained else (_LONGEST, "")
        arguments["DurationSeconds"] = check_duration(options["duration"], longest, note)
    if "policy" in options:
        arguments["Policy"] = _policy(options["policy"])
    if "tags" in options:
        arguments["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(options["tags"].items())]
    if "transitive_tags" in options:
        arguments["TransitiveTagKeys"] = sorted(options["transitive_tags"])
    if "policy_arns" in options:
        arguments["PolicyArns"] = [{"arn": arn} for arn in sorted(options["policy_arns"])]
    if "external_id" in options:
        arguments["ExternalId"] = options["external_id"]
    if "source_identity" in options:
        arguments["SourceIdentity"] = options["source_identity"]
    return arguments


def _session_name(given: str | None) -> str:
    if given is not None:
        if not isinstance(given, str) or not _SESSION_NAME.fullmatch(given):
            raise InvalidInputError("session_name", "must be 2 to 64 letters, digits or +=,.@-_", value=given)
        return given
    names = (*(os.environ.get(name) for name in _NAMES), _user(), "session-store")
    fitting = (_UNFIT.sub("-", name)[:64] for name in names if name)
    return next(name for name in fitting if _SESSION_NAME.fullmatch(name))


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return None


def _policy(policy: Mapping[str, Any] | str) -> str:
    try:
        return json.dumps(json.loads(policy) if isinstance(policy, str) else dict(policy))
    except (TypeError, ValueError) as error:
        raise InvalidInputError("policy", f"must be a JSON object: {error}") from None

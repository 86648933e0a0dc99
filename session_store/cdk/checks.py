"""Checks of props. A wrong one is refused by its own name, before CDK says what it makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar, cast

from aws_cdk import Annotations, Duration, Token

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk import aws_apigatewayv2 as apigateway
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_

_LAMBDAS_TIMEOUT: Final = 3  # of a function that sets none, in seconds
_LEAST_TIMEOUT: Final = 5  # the store's deadline, and a second for the rest
_T = TypeVar("_T")


def check_type(prop: str, value: _T, kind: type, expected: str) -> _T:
    """An object of one of our own classes."""
    if not isinstance(value, kind):
        raise InvalidInputError(prop, f"must be {expected}", value=value)
    return value


def check_member(prop: str, value: _T, member: str, expected: str) -> _T:
    """An object of CDK's, told by a member. Imported ones belong to no class, and their interfaces cannot be asked."""
    if not hasattr(value, member):
        raise InvalidInputError(prop, f"must be {expected}", value=value)
    return value


def check_grantee(value: iam.IGrantable) -> iam.IGrantable:
    """A principal that permissions can be given to."""
    return check_member(
        "grantee", value, "grant_principal", "a role or a function of CDK; of a SessionFunction its `function`"
    )


def check_function(value: lambda_.Function) -> lambda_.Function:
    """A Lambda function that this app creates."""
    return check_member(
        "function", value, "add_environment", "a Lambda function of CDK; of a SessionFunction its `function`"
    )


def check_http_api(prop: str, value: apigateway.IHttpApi) -> apigateway.IHttpApi:
    """An HTTP API, made by this app or imported."""
    return check_member(prop, value, "add_vpc_link", "an aws_apigatewayv2.HttpApi")


def key_itself(prop: str, value: kms.IKey) -> kms.IKey:
    """A key of CDK's. Of an alias the key that it stands for, since KMS ignores permissions on an alias."""
    key = check_member(prop, value, "key_arn", "a key of CDK, for instance from Key.from_key_arn")
    if not hasattr(key, "alias_name"):
        return key
    try:
        return cast("kms.Alias", key).alias_target_key
    except RuntimeError:  # jsii's: it was imported by its name
        problem = "must be the key itself, KMS ignores permissions on an alias: Key.from_key_arn or Key.from_lookup"
        raise InvalidInputError(prop, problem) from None


def check_region(prop: str, region: str, stack: Stack) -> None:
    """Refuse something that is in another region than a stack, as far as both are known.

    Raises:
        InvalidInputError: it is.
    """
    known = not Token.is_unresolved(region) and not Token.is_unresolved(stack.region)
    if known and region != stack.region:
        raise InvalidInputError(prop, f"must be in the stack's region, {stack.region}", value=region)


def warn_of_short_timeout(function: lambda_.Function) -> None:
    """Warn, when the app is synthesized, where a function leaves the store less time than it may take."""
    timeout = getattr(function, "timeout", ...)  # not every kind of function tells
    if timeout is ... or (timeout is not None and timeout.is_unresolved()):
        return
    seconds = _LAMBDAS_TIMEOUT if timeout is None else timeout.to_seconds()
    if seconds < _LEAST_TIMEOUT:
        Annotations.of(function).add_warning_v2(
            "session-store:timeout",
            f"The function ends after {seconds} seconds. In the last two of them the session store begins no request: "
            "the session of a slow handler is not saved, and its caller gets 503. Set timeout=Duration.seconds(10).",
        )


def check_whole_number(prop: str, value: int, *, minimum: int) -> int:
    """A whole number without an upper limit."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InvalidInputError(prop, f"must be a whole number, at least {minimum}", value=value)
    return value


def as_timedelta(prop: str, value: Duration | timedelta) -> timedelta:
    """A duration as the library has them. Both kinds are accepted wherever a prop is one."""
    if isinstance(value, timedelta):
        return value
    check_type(prop, value, Duration, "a Duration or a timedelta")
    if value.is_unresolved():
        raise InvalidInputError(prop, "must be known when the app is synthesized: no parameter, no token")
    return timedelta(milliseconds=value.to_milliseconds())


def as_timedelta_or(default: timedelta, prop: str, value: Duration | timedelta | None) -> timedelta:
    """The same of a prop that may be left out."""
    return default if value is None else as_timedelta(prop, value)


def as_duration(value: Duration | timedelta) -> Duration:
    """A duration of whole seconds as CDK has them."""
    return value if isinstance(value, Duration) else Duration.seconds(value.total_seconds())

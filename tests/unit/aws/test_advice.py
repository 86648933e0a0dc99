"""Advice for every error of AWS and of its SDK: complete, specific, runnable, and without anything secret."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from itertools import chain
from typing import Any

import boto3.exceptions
import botocore.discovery
import botocore.exceptions
import botocore.model
import botocore.parsers
import botocore.session
import botocore.utils
import pytest
import s3transfer.exceptions
from botocore import xform_name
from botocore.exceptions import ClientError, EndpointConnectionError, NoRegionError

from session_store import StoreConfigurationError
from session_store.aws.advice import SDK_ERRORS, SERVICE_CODES, Advice, advice_for

# Bases: their errors are of a class below, or have a service's code.
BASES = {"BotoCoreError", "Boto3Error", "ClientError"}
MODULES = (
    *(botocore.discovery, botocore.exceptions, botocore.model, botocore.parsers, botocore.utils),
    *(boto3.exceptions, s3transfer.exceptions),
)
EXCEPTIONS = sorted(
    {
        member
        for module in MODULES
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, Exception) and member.__module__ == module.__name__
        if member.__name__ not in BASES and not member.__name__.startswith("_")
    },
    key=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
# The services and operations that people, and this package, sign in by and keep sessions with.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "dynamodb": (),
    "iam": ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "ListAccessKeys", "SimulatePrincipalPolicy"),
    "kms": ("Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey"),
    "organizations": ("ListAccounts", "ListAccountsForParent", "ListOrganizationalUnitsForParent"),
    "signin": (),
    "sso": (),
    "sso-oidc": (),
    "sts": (),
}
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
COMMON = (
    *("AccessDeniedException", "ExpiredTokenException", "IncompleteSignature", "InternalFailure", "NotAuthorized"),
    *("MalformedHttpRequestException", "OptInRequired", "RequestAbortedException", "RequestEntityTooLargeException"),
    *("RequestExpired", "RequestTimeoutException", "ServiceUnavailable", "ThrottlingException", "ValidationError"),
    *("UnrecognizedClientException", "UnknownOperationException", "InvalidAction", "InvalidClientTokenId"),
    *("InvalidParameterCombination", "InvalidParameterValue", "InvalidQueryParameter", "MalformedQueryString"),
    *("MissingAction", "MissingAuthenticationToken", "MissingParameter", "SignatureDoesNotMatch"),
)
UNKNOWN = "has no advice yet"


def reply(code: str, operation: str = "Query", message: str = "", status: int = 400) -> ClientError:
    details: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(details, operation)


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_every_exception_of_the_sdk_has_advice(kind: type[Exception]) -> None:
    advice = advice_for(kind.__new__(kind))

    assert UNKNOWN not in advice.meaning
    assert advice.code == kind.__name__


def modelled_errors() -> Iterator[tuple[str, str]]:
    """Operation and code of each error that the models of those services name."""
    session = botocore.session.get_session()
    for service, some in OPERATIONS.items():
        model = session.get_service_model(service)
        for name in some or model.operation_names:
            for shape in model.operation_model(name).error_shapes:
                yield name, shape.metadata.get("error", {}).get("code", shape.name)


def test_every_error_code_that_those_services_name_has_advice_of_its_own() -> None:
    errors = [*modelled_errors(), *(("Query", code) for code in COMMON)]

    # A status without a meaning: only the code can have found the advice.
    assert len(errors) > 300
    assert not {code for operation, code in errors if UNKNOWN in advice_for(reply(code, operation, status=0)).meaning}


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (reply("ExpiredToken"), "expired"),
        (reply("InvalidClientTokenId", status=403), "does not know the access key"),
        (reply("AccessDeniedException"), "may not make this call"),
        (reply("AccessDenied", "AssumeRole", "User: x is not authorized to perform: sts:AssumeRole"), "trust policy"),
        (reply("AccessDenied", message="... with an explicit deny in a service control policy"), "organization denies"),
        (reply("AccessDeniedException", message="because no permissions boundary allows"), "boundary denies"),
        (reply("SignatureDoesNotMatch", message="Signature expired: 20261127T1000Z is now earlier"), "clock"),
        (reply("InvalidSignatureException"), "secret key does not belong"),
        (reply("RequestTimeTooSkewed", status=403), "clock"),
        (reply("ResourceNotFoundException", message="Requested resource not found"), "no such table"),
        (reply("ResourceNotFoundException", "GetFunction"), "no such resource"),
        (reply("UnauthorizedException", "GetRoleCredentials", status=401), "SSO sign-in has expired"),
        (reply("ForbiddenException", "GetRoleCredentials", status=403), "does not offer you this account"),
        (reply("UnknownOperationException"), "does not know the operation"),
        (reply("ThrottlingException"), "limits the rate"),
        (reply("LimitExceeded", "CreateAccessKey", status=409), "two access keys"),
        (reply("ValidationError", "AssumeRole", "exceeds the 1 hour limit for role chaining"), "1 hour at most"),
        (reply("com.amazon.coral.service#SerializationException"), "refuses a value"),
        (reply("NewThing", status=503), "Try again"),
        (reply("NewThing", status=429), "limits the rate"),
        (reply("<html>", status=302), UNKNOWN),
        (NoRegionError(), "no region"),
        (ValueError("mine"), "Neither AWS nor its SDK"),
    ],
    ids=str,
)
def test_the_advice_is_about_that_error(error: Exception, meaning: str) -> None:
    assert meaning in advice_for(error).meaning


def test_what_may_work_later_is_told_from_what_will_not() -> None:
    assert advice_for(reply("ThrottlingException")).temporary
    assert advice_for(EndpointConnectionError(endpoint_url="http://x")).temporary
    assert not advice_for(reply("AccessDenied")).temporary


def test_an_error_of_ours_has_the_advice_for_its_cause() -> None:
    ours = StoreConfigurationError("cannot make a client")
    ours.__cause__ = NoRegionError()

    assert advice_for(ours).code == "NoRegionError"


def test_the_command_names_the_profile_the_region_and_the_endpoint_as_the_shell_reads_them() -> None:
    denied = advice_for(reply("AccessDenied"), profile="my dev", region="eu-west-1")
    unreachable = advice_for(EndpointConnectionError(endpoint_url="https://user:hunter2@[::1]:8000/path?token=hunter2"))

    assert denied.first_command == "aws sts get-caller-identity --profile 'my dev' --region eu-west-1"
    assert "hunter2" not in unreachable.first_command
    assert ":8000" in unreachable.first_command


def test_nothing_of_the_message_is_in_the_advice() -> None:
    advice = advice_for(reply("v1.secret token", message="v1.secret-token", status=500))

    assert advice == Advice("ClientError", advice.meaning, advice.first_command, temporary=True)
    assert "secret" not in " ".join(map(str, advice))


def aws_commands() -> Iterator[tuple[str, str]]:
    for row in (*SERVICE_CODES, *SDK_ERRORS):
        command = row.command.format(profile=" --profile x", region=" --region y", endpoint="http://x")
        assert shlex.split(command)
        yield from re.findall(r"aws ([a-z][a-z0-9-]+) ([a-z][a-z-]+)", command.replace("s3api", "s3"))


def test_every_command_of_the_aws_cli_exists() -> None:
    of_the_cli: set[Any] = {("configure", name) for name in ("export-credentials", "get", "list", "list-profiles")}
    of_the_cli |= {("sso", "login"), ("s3", "ls")}
    of_services = set(aws_commands()) - of_the_cli
    session = botocore.session.get_session()
    operations = {
        (service, xform_name(name, "-"))
        for service in {service for service, _ in of_services}
        for name in session.get_service_model(service).operation_names
    }

    assert of_services <= operations


def test_a_code_stands_once_but_for_those_with_a_phrase_or_an_operation() -> None:
    codes = [row.names.split() for row in SERVICE_CODES if not row.phrase and not row.operation]
    classes = [row.names.split() for row in SDK_ERRORS]

    for names in (list(chain(*codes)), list(chain(*classes))):
        assert len(names) == len(set(names))

"""Errors of AWS and of its SDK, with the meaning of each and the command to begin with. The advice is data."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Final

from session_store.aws.advice.row import Advice, Row
from session_store.aws.advice.sdk_errors import SDK_ERRORS
from session_store.aws.advice.service_codes import SERVICE_CODES, code_like

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SDK_ERRORS", "SERVICE_CODES", "Advice", "Row", "advice_for"]

_SDK: Final = ("botocore", "boto3", "s3transfer", "session_store.aws.errors")
_CODE: Final = re.compile(r"[A-Za-z0-9][\w.:-]{0,99}")
_ADDRESS: Final = re.compile(r"(?P<scheme>https?://)(?:[^/]*@)?(?P<host>[^/?#@]+)")
_DOCTOR: Final = "session-store doctor{profile}{region}"
_UNKNOWN: Final = Row("", "Neither AWS nor its SDK raised this error: read its traceback.", _DOCTOR)
_UNKNOWN_TO_US: Final = Row("", "The SDK raised an error that has no advice yet.", _DOCTOR)


def advice_for(error: BaseException, *, profile: str | None = None, region: str | None = None) -> Advice:
    """The advice for an error. It quotes neither the error's message nor the request.

    An error that neither AWS nor the SDK raised has the advice for its cause, as far as the SDK raised that.

    Args:
        error: any exception.
        profile: the profile in use, for the command.
        region: the region in use, for the command.
    """
    for each in _with_causes(error):
        if found := _row_of(each):
            return _filled(*found, each, profile, region)
    return _filled(type(error).__name__, _UNKNOWN, error, profile, region)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _row_of(error: BaseException) -> tuple[str, Row] | None:
    names = [kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith(_SDK)]
    if not names:
        return None
    rows = _rows_by_class()
    of_class = next((rows[name] for name in names if name in rows), _UNKNOWN_TO_US)
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return names[0], of_class
    details = response.get("Error") or {}
    # A code may have a name before it, `aws.protocol#Throttling`. One that is no code may be anything, a page too.
    code = str(details.get("Code", "")).rpartition("#")[2]
    code = code if _CODE.fullmatch(code) else names[0]
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message, operation = str(details.get("Message", "")).lower(), getattr(error, "operation_name", "")
    fitting = (_row_of_reply(each, message, operation) for each in (code, code_like(status)))
    return code, next(filter(None, fitting), of_class)


def _row_of_reply(code: str, message: str, operation: str) -> Row | None:
    return next((row for row in _rows_by_code().get(code, ()) if row.fits(message, operation)), None)


@cache
def _rows_by_class() -> dict[str, Row]:
    return {name: row for row in SDK_ERRORS for name in row.names.split()}


@cache
def _rows_by_code() -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in SERVICE_CODES:
        for code in row.names.split():
            rows.setdefault(code, []).append(row)
    return rows


def _filled(code: str, row: Row, error: BaseException, profile: str | None, region: str | None) -> Advice:
    command = row.command.format(
        profile=_option("--profile", profile), region=_option("--region", region), endpoint=_endpoint_of(error)
    )
    return Advice(code, row.meaning, command, row.temporary)


def _option(name: str, value: str | None) -> str:
    return f" {name} {shlex.quote(value)}" if value else ""


def _endpoint_of(error: BaseException) -> str:
    """The endpoint's address without path and credentials."""
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    address = _ADDRESS.match(url)
    return shlex.quote(address["scheme"] + address["host"]) if address else "ENDPOINT"

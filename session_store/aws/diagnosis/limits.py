"""The limits of the account, of the functions on a table and of their APIs: which one growing traffic meets first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.finding import Finding, Severity, note, ok, warning
from session_store.aws.functions import find_functions
from session_store.catalog.access_patterns import CREATE_SESSION
from session_store.catalog.operator_commands import ALIAS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from session_store.aws.diagnosis.subject import Subject
    from session_store.aws.functions import Function

_NEW_ACCOUNT: Final = 10  # executions at once
_USUAL: Final = 1_000
_MORE: Final = (
    "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value"
)
_OF_API: Final = re.compile(r":execute-api:[^:]*:\d*:(\w+)/")
_NOT_FOUND: Final = frozenset({"ResourceNotFoundException", "NotFoundException"})
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_SIGN_IN: Final = {"Read": CREATE_SESSION.cost().rru, "Write": CREATE_SESSION.cost().wru}


class _Concurrency(NamedTuple):
    """The executions that may run at once: of the account, those not reserved, and those reserved by function."""

    account: int
    shared: int
    of_functions: dict[str, int | None]

    @property
    def reserved(self) -> dict[str, int]:
        """Those of the functions that have some of their own."""
        return {name: number for name, number in self.of_functions.items() if number is not None}

    @property
    def least(self) -> tuple[int, str] | None:
        """The fewest that a running function may have, and its name unless it shares those of the account."""
        own = [(number, name) for name, number in self.reserved.items() if number]
        shared = [(self.shared, "")] if None in self.of_functions.values() else []
        return min([*own, *shared], default=None)


class _Throttle(NamedTuple):
    """The requests that the APIs let in: so many a second, and so many at once."""

    rate: float
    burst: int


def check(subject: Subject, name: str, table: dict[str, Any]) -> Iterator[Finding]:
    """Findings about the limits. A permission that is missing is a note.

    Args:
        subject: the session.
        name: the table's.
        table: its description, empty where it may not be seen.
    """
    throttle = yield from _of_functions(subject, name)
    try:
        limits = ask(subject.client("dynamodb"), "describe_limits")
        yield from _units(limits, table, throttle)
    except FAILURES as failure:
        yield subject.failed("DynamoDB's limits cannot be seen", failure, Severity.NOTE)


def _of_functions(subject: Subject, name: str) -> Generator[Finding, None, _Throttle | None]:
    throttle = None
    try:
        client = subject.client("lambda")
        found = find_functions(client, name)
        if found.unreadable:
            names = ", ".join(function.name for function in found.unreadable)
            yield note(f"Whether these use the table is not known: {names}", "Their variables cannot be decrypted")
        if not found.on_table:
            return None
        concurrency = _concurrency(client, found.on_table)
        yield from _executions(concurrency)
        throttle = _throttle_of(subject, client, found.on_table)
        if throttle is not None and concurrency.least is not None:
            yield _first(concurrency.account, *concurrency.least, throttle)
    except FAILURES as failure:
        yield subject.failed("Not all limits of functions and APIs can be seen", failure, Severity.NOTE)
    return throttle


def _concurrency(client: Any, functions: list[Function]) -> _Concurrency:  # noqa: ANN401 - made at run time
    limit = ask(client, "get_account_settings", "AccountLimit")
    replies = {each.name: ask(client, "get_function_concurrency", FunctionName=each.name) for each in functions}
    of_functions = {name: reply.get("ReservedConcurrentExecutions") for name, reply in replies.items()}
    return _Concurrency(limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"], of_functions)


def _executions(concurrency: _Concurrency) -> Iterator[Finding]:
    reserved = [f"{name} {number:,}" for name, number in concurrency.reserved.items() if number]
    of_functions = f"Reserved for functions on the table: {', '.join(reserved) or 'none'}"
    yield ok(
        f"Lambda runs {concurrency.account:,} executions at once in this account and region",
        f"{concurrency.shared:,} of them are not reserved. {of_functions}",
    )
    if stopped := [name for name, number in concurrency.reserved.items() if not number]:
        why = "Their reserved concurrency is 0, so that Lambda refuses every call"
        yield warning(f"Stopped: {', '.join(stopped)}", why, "session-store resume")


def _throttle_of(subject: Subject, client: Any, functions: list[Function]) -> _Throttle | None:  # noqa: ANN401
    """That of all HTTP APIs that may call the functions. None: no such API, or none that throttles."""
    apis = subject.client("apigatewayv2")
    ids = set().union(*(_api_ids(client, function) for function in functions))
    stages = [stage for each in sorted(ids) for stage in _asked(apis, "get_stages", "Items", ApiId=each) or ()]
    settings = [stage.get("DefaultRouteSettings", {}) for stage in stages]
    rates = [each["ThrottlingRateLimit"] for each in settings if each.get("ThrottlingRateLimit")]
    bursts = [each["ThrottlingBurstLimit"] for each in settings if each.get("ThrottlingBurstLimit")]
    return _Throttle(sum(rates), sum(bursts)) if rates and bursts else None


def _api_ids(client: Any, function: Function) -> set[str]:  # noqa: ANN401 - made at run time
    """The APIs that the policy of a function, or of its alias, lets call it."""
    of_each = (_asked(client, "get_policy", "Policy", FunctionName=function.name + each) for each in ("", f":{ALIAS}"))
    return {api for policy in of_each for api in _OF_API.findall(policy or "")}


def _asked(client: Any, method: str, field: str, **parameters: str) -> Any:  # noqa: ANN401 - made at run time
    """The field of a reply, None where there is no such thing."""
    try:
        return ask(client, method, field, **parameters)
    except ClientError as failure:
        if failure.response["Error"]["Code"] in _NOT_FOUND:
            return None
        raise


def _first(account: int, least: int, name: str, throttle: _Throttle) -> Finding:
    """The limit of Lambda and of the APIs that is met first."""
    rate, burst = throttle
    lets_in = f"API Gateway lets in {burst:,} requests at once and {rate:,.0f} a second"
    if least >= burst:
        return ok("API Gateway's limit is met before Lambda's", f"{lets_in}, and answers 429 beyond")
    new = ", as in a new account" if account <= _NEW_ACCOUNT else ""
    runs = f"{name or 'A function without a reservation'} runs {least:,}{new}"
    lasting = f"That is enough while a request takes {1000 * least / rate:,.0f} ms on average"
    fix = f"{_MORE} {max(burst, _USUAL)}"
    if name:
        fix = "Raise reserved_concurrent_executions, or lower throttling_burst_limit"
    return warning("Lambda's limit is met before API Gateway's", f"{lets_in}. {runs}. {lasting}", fix)


def _units(limits: dict[str, Any], table: dict[str, Any], throttle: _Throttle | None) -> Iterator[Finding]:
    """Whether sign-ins at the rate of the APIs would meet a limit of the table first."""
    takes = {kind: limits[f"TableMax{kind}CapacityUnits"] for kind in _SIGN_IN}
    if own := _own(table):
        takes = {kind: min(number, own[kind] or number) for kind, number in takes.items()}
    needed = {kind: units * throttle.rate if throttle else 0 for kind, units in _SIGN_IN.items()}
    short = next((kind for kind, units in needed.items() if units > takes[kind]), None)
    has = f"{takes['Read']:,} read and {takes['Write']:,} write units a second"
    if throttle is None or short is None:
        yield ok(f"The table and its index take {has}", "Their own settings limit them" if own else "DynamoDB's quota")
        return
    asks = f"{throttle.rate:,.0f} sign-ins a second, which API Gateway lets in, need {needed[short]:,.0f}"
    why = f"The table and its index take {takes[short]:,} {short.lower()} units a second. {asks}"
    fix = "Lower throttling_rate_limit, or raise " + ("the table's own limits" if own else "DynamoDB's quota")
    yield warning("The table's limit is met before API Gateway's", why, fix)


def _own(table: dict[str, Any]) -> dict[str, int]:
    """The units that the table's settings allow it and its index, which has the same. Empty: no limit of its own."""
    on_demand = table.get("OnDemandThroughput", {})
    found = {kind: on_demand.get(f"Max{kind}RequestUnits", -1) for kind in _SIGN_IN}
    if table and table.get("BillingModeSummary", {}).get("BillingMode") != _ON_DEMAND:
        provisioned = table.get("ProvisionedThroughput", {})
        found = {kind: provisioned.get(f"{kind}CapacityUnits", 0) for kind in _SIGN_IN}
    limited = {kind: max(number, 0) for kind, number in found.items()}
    return {"Read": limited["Read"], "Write": 2 * limited["Write"]} if any(limited.values()) else {}

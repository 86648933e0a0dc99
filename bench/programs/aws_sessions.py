"""Sessions and clients, and accounts fanned out: by this library, by its peers, and by boto3 alone.

Runs in the environment of `bench.environment`. STS, the organization and DynamoDB are answered inside the process, by a
handler that the SDK gives every session, so that the time is the libraries' own. Prints a JSON object: name of the
subject -> CPU seconds.

Usage: aws_sessions.py sessions ROUNDS | aws_sessions.py fan-out NAME ACCOUNTS
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import boto3
from botocore import handlers
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from bench.alternating import medians_of
from session_store.aws import AwsSessions, StaticCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "eu-west-1"
CALLER = "999999999999"
WORKERS = 16
KEY: dict[str, Any] = {"aws_access_key_id": "AKIABENCH", "aws_secret_access_key": "any"}
OUR_KEY = StaticCredentials("AKIABENCH", "any")
END = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
_ROLE = re.compile(r"RoleArn=arn%3Aaws%3Aiam%3A%3A(\d{12})")


class Body(io.BytesIO):
    """The body of a reply, as urllib3 hands it on."""

    def stream(self, **_: object) -> Any:  # noqa: ANN401 - an iterator
        """All of it."""
        yield self.read()


def reply(request: Any, event_name: str, **_: object) -> AWSResponse:  # noqa: ANN401 - the SDK's request
    """Answer a request as AWS would. The caller has no permission for other operations."""
    answer = ANSWERS.get(event_name.rpartition(".")[2])
    text = answer(request) if answer else json.dumps({"__type": "AccessDeniedException"})
    return AWSResponse(request.url, 200 if answer else 400, HTTPHeaders(), Body(text.encode()))


def assumed(request: Any) -> str:  # noqa: ANN401
    """Credentials for the role that a request names."""
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    account = _ROLE.search(body)[1]  # type: ignore[index]
    keys = f"<AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>any</SecretAccessKey>"
    given = f"<Credentials>{keys}<SessionToken>any</SessionToken><Expiration>{END}</Expiration></Credentials>"
    user = f"<AssumedRoleUser><AssumedRoleId>any</AssumedRoleId><Arn>{arn_in(account)}</Arn></AssumedRoleUser>"
    return f"<AssumeRoleResponse><AssumeRoleResult>{given}{user}</AssumeRoleResult></AssumeRoleResponse>"


def arn_in(account: str) -> str:
    """The ARN of the role's session."""
    return f"arn:aws:sts::{account}:assumed-role/Ops/bench"


def identity(_request: object) -> str:
    """The identity of the caller."""
    members = f"<Account>{CALLER}</Account><Arn>arn:aws:iam::{CALLER}:user/bench</Arn><UserId>any</UserId>"
    result = f"<GetCallerIdentityResult>{members}</GetCallerIdentityResult>"
    return f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"


ANSWERS: dict[str, Callable[[Any], str]] = {
    "AssumeRole": assumed,
    "GetCallerIdentity": identity,
    "ListTables": lambda _request: json.dumps({"TableNames": []}),
}


def ours(_number: int = 0) -> Any:  # noqa: ANN401 - a client, whose class is made at run time
    """A client of a new session of this library."""
    return AwsSessions(region=REGION, credentials=OUR_KEY).client("dynamodb")


def bare(_number: int = 0) -> Any:  # noqa: ANN401
    """A client of a new session of boto3."""
    return boto3.Session(region_name=REGION, **KEY).client("dynamodb")


def boto_session_manager(_number: int = 0) -> Any:  # noqa: ANN401
    """A client of a new session of boto-session-manager."""
    package: Any = import_module("boto_session_manager.api")
    return package.BotoSesManager(region_name=REGION, **KEY).get_client("dynamodb")


def boto3_refresh_session(number: int = 0) -> Any:  # noqa: ANN401
    """A client of a new session of boto3-refresh-session."""
    package: Any = import_module("boto3_refresh_session")
    role = {"RoleArn": role_in(account_of(number)), "RoleSessionName": "bench"}
    settings = {"region_name": REGION}
    return package.RefreshableSession(
        assume_role_kwargs=role, sts_client_kwargs=settings | KEY, region_name=REGION
    ).client("dynamodb")


def aws_assume_role_lib(number: int = 0) -> Any:  # noqa: ANN401
    """A client of a role's session of aws-assume-role-lib."""
    package: Any = import_module("aws_assume_role_lib")
    return package.assume_role(BASE, role_in(account_of(number)), RoleSessionName="bench").client("dynamodb")


def account_of(number: int) -> str:
    """The id of an account."""
    return f"{number + 1:012}"


def role_in(account: str) -> str:
    """The ARN of the role in an account."""
    return f"arn:aws:iam::{account}:role/Ops"


def ours_fanned(accounts: list[str]) -> int:
    """This library's own fan-out."""
    aws = AwsSessions(region=REGION, credentials=OUR_KEY)
    outcomes = aws.fan_out(
        lambda each: each.client("dynamodb").list_tables(), accounts=accounts, role="Ops", workers=WORKERS
    )
    return sum(outcome.ok for outcome in outcomes)


def bare_fanned(accounts: list[str]) -> int:
    """The loop that teams write."""
    sts = BASE.client("sts")

    def work(account: str) -> bool:
        keys = sts.assume_role(RoleArn=role_in(account), RoleSessionName="bench")["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
        return "TableNames" in session.client("dynamodb").list_tables()

    return in_threads(work, accounts)


def boto_session_manager_fanned(accounts: list[str]) -> int:
    """Roles of boto-session-manager, in threads."""
    package: Any = import_module("boto_session_manager.api")
    base = package.BotoSesManager(region_name=REGION, **KEY)
    return in_threads(
        lambda account: "TableNames" in base.assume_role(role_in(account)).get_client("dynamodb").list_tables(),
        accounts,
    )


def boto3_refresh_session_fanned(accounts: list[str]) -> int:
    """Sessions of boto3-refresh-session, in threads."""
    return in_threads(lambda account: "TableNames" in boto3_refresh_session(int(account)).list_tables(), accounts)


def aws_assume_role_lib_fanned(accounts: list[str]) -> int:
    """Sessions of aws-assume-role-lib, in threads."""
    return in_threads(lambda account: "TableNames" in aws_assume_role_lib(int(account)).list_tables(), accounts)


def botocove_fanned(accounts: list[str]) -> int:
    """The decorator of botocove."""
    package: Any = import_module("botocove")

    @package.cove(  # type: ignore[untyped-decorator]
        target_ids=accounts, rolename="Ops", assuming_session=BASE, thread_workers=WORKERS, regions=[REGION]
    )
    def work(session: Any) -> bool:  # noqa: ANN401
        return "TableNames" in session.client("dynamodb").list_tables()

    return len(work()["Results"])


def in_threads(work: Callable[[str], bool], accounts: list[str]) -> int:
    """How often some work succeeded, done for each account by as many threads as the others use."""
    with ThreadPoolExecutor(WORKERS) as threads:
        return sum(threads.map(work, accounts))


MAKERS = {
    "ours": ours,
    "boto3": bare,
    "boto-session-manager": boto_session_manager,
    "boto3-refresh-session": boto3_refresh_session,
    "aws-assume-role-lib": aws_assume_role_lib,
}
FANS = {
    "ours": ours_fanned,
    "boto3": bare_fanned,
    "boto-session-manager": boto_session_manager_fanned,
    "boto3-refresh-session": boto3_refresh_session_fanned,
    "aws-assume-role-lib": aws_assume_role_lib_fanned,
    "botocove": botocove_fanned,
}
handlers.BUILTIN_HANDLERS.append(("before-send", reply))
BASE = boto3.Session(region_name=REGION, **KEY)


def seconds(call: Callable[[], object]) -> float:
    """CPU time of a call, all threads together."""
    started = time.process_time()
    call()
    return time.process_time() - started


def sessions(rounds: int) -> dict[str, float]:
    """Medians of alternating runs, after one that fills caches of modules."""
    return medians_of({name: partial(seconds, make) for name, make in MAKERS.items()}, rounds=rounds)


def fanned(name: str, count: int) -> dict[str, float]:
    """One fan-out. Each library has a process of its own."""
    accounts = [account_of(number) for number in range(count)]
    done: list[int] = []
    taken = seconds(lambda: done.append(FANS[name](accounts)))
    if done != [count]:
        raise SystemExit(f"{name}: {done[0]} of {count} accounts were done")
    return {name: taken}


if __name__ == "__main__":
    print(
        json.dumps(sessions(int(sys.argv[2])) if sys.argv[1] == "sessions" else fanned(sys.argv[2], int(sys.argv[3])))
    )

"""The same work in many accounts and regions: an outcome for each, limits, progress, cancellation."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from session_store import InvalidInputError
from session_store.aws import AwsSessions, OrganizationAccount
from tests.support.sdk_replies import answer_with

ACCOUNTS = ["111111111111", "222222222222", "333333333333"]
REGIONS = ["eu-west-1", "us-east-1"]


def where(aws: AwsSessions) -> tuple[str, str]:
    """The account and the region that a call reaches."""
    found = aws.client("sts").get_caller_identity()
    return found["Account"], aws.client("sts").meta.region_name


def test_the_work_is_done_in_each_account_and_region_with_the_roles_credentials(aws: AwsSessions) -> None:
    sent = answer_with(aws, lambda _each: None)
    told: list[tuple[int, int]] = []

    outcomes = list(
        aws.fan_out(
            where,
            accounts=[*ACCOUNTS, ACCOUNTS[0]],
            role="Ops",
            regions=REGIONS,
            external_id="partner",
            on_progress=lambda done, total: told.append((done, total)),
        )
    )

    everywhere = {(account, region) for account in ACCOUNTS for region in REGIONS}
    assert {outcome.value for outcome in outcomes} == everywhere
    assert all(outcome.ok and outcome.value == (outcome.account, outcome.region) for outcome in outcomes)
    assert told == [(done, 6) for done in range(1, 7)]
    assert Counter(each.operation for each in sent) == {"GetCallerIdentity": 1, "AssumeRole": 3}


def test_one_failure_hides_no_other_and_has_its_advice(aws: AwsSessions) -> None:
    def fail_in_one(sessions: AwsSessions) -> str:
        if sessions.account == ACCOUNTS[1]:
            sessions.client("dynamodb").describe_table(TableName="nowhere")
        return "done"

    outcomes = {each.account: each for each in aws.fan_out(fail_in_one, accounts=ACCOUNTS, role="Ops")}

    assert [outcomes[account].value for account in ACCOUNTS] == ["done", None, "done"]
    failed = outcomes[ACCOUNTS[1]]
    assert isinstance(failed.error, ClientError)
    assert not failed.ok
    assert failed.advice is not None
    assert failed.advice.code == "ResourceNotFoundException"
    assert outcomes[ACCOUNTS[0]].advice is None


def test_a_region_that_the_account_has_not_enabled_is_skipped_and_named(aws: AwsSessions) -> None:
    off = {"Regions": [{"RegionName": name, "RegionOptStatus": "DISABLED"} for name in ("af-south-1", "ap-east-1")]}
    sent = answer_with(aws, lambda each: (200, json.dumps(off)) if each.service == "account" else None)

    list(aws.fan_out(where, regions=REGIONS))
    assert not [each for each in sent if each.service == "account"]  # they are on everywhere
    outcomes = list(aws.fan_out(where, regions=["af-south-1", "me-south-1", "eu-west-1"]))

    skipped = {each.region: each.skipped for each in outcomes}
    assert skipped == {"eu-west-1": "", "me-south-1": "", "af-south-1": "the account has not enabled the region"}
    assert len([each for each in sent if each.service == "account"]) == 1


def test_without_the_permission_to_ask_for_regions_the_work_is_done(aws: AwsSessions) -> None:
    answer_with(
        aws, lambda each: (403, json.dumps({"code": "AccessDeniedException"})) if each.service == "account" else None
    )

    (outcome,) = aws.fan_out(where, regions=["af-south-1"])
    assert outcome.value == ("123456789012", "af-south-1")


def test_profiles_have_accounts_that_are_found_out(config_file: Path, aws: AwsSessions) -> None:
    config_file.write_text(
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = hidden\n"
        "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/Ops\nsource_profile = base\n"
        "[profile b]\nrole_arn = arn:aws:iam::222222222222:role/Ops\nsource_profile = base\n"
        "[profile broken]\nrole_arn = arn:aws:iam::333333333333:role/Ops\nsource_profile = gone\n"
    )
    found = {each.profile: each for each in aws.fan_out(where, profiles=["a", "b", "broken", "missing"])}

    assert [(found[name].account, found[name].value) for name in "ab"] == [
        ("111111111111", ("111111111111", "eu-west-1")),
        ("222222222222", ("222222222222", "eu-west-1")),
    ]
    errors = {name: type(found[name].error).__name__ for name in ("broken", "missing")}
    assert errors == {"broken": "InvalidConfigError", "missing": "ProfileNotFound"}


def test_an_organizations_active_accounts_below_a_unit(aws: AwsSessions) -> None:
    organizations = aws.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    ids = {}
    for name in ("outer", "inner", "elsewhere", "closed"):
        status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        ids[name] = status["AccountId"]
    outer = organizations.create_organizational_unit(ParentId=root, Name="outer")["OrganizationalUnit"]["Id"]
    inner = organizations.create_organizational_unit(ParentId=outer, Name="inner")["OrganizationalUnit"]["Id"]
    for name, unit in (("outer", outer), ("inner", inner), ("closed", inner)):
        organizations.move_account(AccountId=ids[name], SourceParentId=root, DestinationParentId=unit)
    organizations.close_account(AccountId=ids["closed"])

    below = aws.organization_accounts([outer, inner])

    assert sorted(below, key=lambda each: each.name, reverse=True) == [
        OrganizationAccount(ids["outer"], "outer"),
        OrganizationAccount(ids["inner"], "inner"),
    ]
    assert ids["elsewhere"] in {each.id for each in aws.organization_accounts()}
    outcomes = aws.fan_out(where, accounts=below, role="Ops")
    assert {each.account for each in outcomes if each.ok} == {ids["outer"], ids["inner"]}


def test_no_more_goes_on_at_once_than_is_allowed_for_an_account_and_in_all(aws: AwsSessions) -> None:
    busy: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock = threading.Lock()
    full = threading.Barrier(4)

    def meet(sessions: AwsSessions) -> None:
        for name, change in ((sessions.account, 1), ("all", 1)):
            with lock:
                busy[name] += change
                most[name] = max(most[name], busy[name])
        full.wait(10)
        with lock:
            busy.subtract([sessions.account, "all"])

    regions = ["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"]
    accounts = [*ACCOUNTS, "444444444444"]
    outcomes = list(aws.fan_out(meet, accounts=accounts, role="Ops", regions=regions, workers=4, per_account=2))

    assert [each.error for each in outcomes] == [None] * 16
    assert most == dict.fromkeys(accounts, 2) | {"all": 4}


def test_leaving_the_loop_lets_no_further_target_begin(aws: AwsSessions) -> None:
    begun: list[str] = []
    outcomes = aws.fan_out(lambda each: begun.append(each.account), accounts=ACCOUNTS, role="Ops", workers=1)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]

    assert len(begun) < 3  # the second may begin while the caller has the first
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fan-out")]


def test_after_a_cancellation_the_rest_says_so(aws: AwsSessions) -> None:
    cancelled = threading.Event()
    outcomes = list(
        aws.fan_out(lambda _each: cancelled.set(), accounts=ACCOUNTS, role="Ops", workers=1, cancelled=cancelled)
    )

    assert [each.skipped for each in outcomes] == ["", *["cancelled before it began"] * 2]


def test_the_sessions_own_fault_is_an_error_of_the_call_and_not_of_each_account(aws: AwsSessions) -> None:
    refusal = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
    answer_with(aws, lambda _each: (403, refusal))

    with pytest.raises(ClientError, match="ExpiredToken"):
        next(aws.fan_out(where, accounts=ACCOUNTS, role="Ops"))


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_a_roles_arn_is_of_the_callers_partition(aws: AwsSessions, region: str, partition: str) -> None:
    (outcome,) = aws.in_region(region).fan_out(lambda each: each.identity.arn, accounts=ACCOUNTS[:1], role="path/Ops")

    assert str(outcome.value).startswith(f"arn:{partition}:sts::111111111111:assumed-role/")


def test_a_context_variable_of_the_caller_reaches_the_work(aws: AwsSessions) -> None:
    ticket: ContextVar[str] = ContextVar("ticket")
    ticket.set("T-1")

    assert [each.value for each in aws.fan_out(lambda _each: ticket.get(), regions=REGIONS)] == ["T-1", "T-1"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"accounts": ACCOUNTS}, "role"),
        ({"role": "Ops"}, "role"),
        ({"accounts": "111111111111", "role": "Ops"}, "accounts"),
        ({"accounts": ["1111"], "role": "Ops"}, "accounts"),
        ({"accounts": ACCOUNTS, "role": "arn:aws:iam::1:role/Ops"}, "role"),
        ({"accounts": ACCOUNTS, "role": "Ops", "duration": 3600}, "duration"),
        ({"accounts": ACCOUNTS, "role": "Ops", "mfa": input}, "mfa"),
        ({"accounts": ACCOUNTS, "role": "Ops", "profiles": ["a"]}, "profiles"),
        ({"external_id": "1"}, "external_id"),
        ({"regions": "eu-west-1"}, "regions"),
        ({"regions": [None]}, "regions"),
        ({"workers": 0}, "workers"),
        ({"per_account": True}, "per_account"),
    ],
)
def test_a_mistake_is_refused_by_its_name_at_the_call(aws: AwsSessions, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        aws.fan_out(where, **arguments)

    assert raised.value.field == field


def test_a_misspelt_argument_and_an_async_function_are_refused(aws: AwsSessions) -> None:
    async def work(_sessions: AwsSessions) -> None:
        return None

    with pytest.raises(TypeError, match="'region'"):
        aws.fan_out(where, region="eu-west-1")  # type: ignore[call-arg]
    with pytest.raises(InvalidInputError, match="work: must be a plain function"):
        aws.fan_out(work)


def test_asyncio_awaits_all_outcomes_and_hears_of_progress_in_its_own_thread(aws: AwsSessions) -> None:
    told: list[tuple[int, int, bool]] = []

    def tell(done: int, total: int) -> None:
        told.append((done, total, threading.current_thread() is threading.main_thread()))

    outcomes = asyncio.run(aws.fan_out_async(where, accounts=ACCOUNTS, role="Ops", on_progress=tell))

    assert {each.value for each in outcomes} == {(account, "eu-west-1") for account in ACCOUNTS}
    assert told == [(1, 3, True), (2, 3, True), (3, 3, True)]


def test_a_cancelled_task_lets_no_further_target_begin(aws: AwsSessions) -> None:
    begun: list[str] = []
    go_on = threading.Event()

    async def cancel_in_the_first() -> None:
        started = asyncio.Event()
        loop = asyncio.get_running_loop()

        def work(sessions: AwsSessions) -> None:
            begun.append(sessions.account)
            loop.call_soon_threadsafe(started.set)
            go_on.wait(10)

        task = asyncio.create_task(aws.fan_out_async(work, accounts=ACCOUNTS, role="Ops", workers=1))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()

    asyncio.run(cancel_in_the_first())
    assert len(begun) == 1


def test_hundreds_of_accounts_have_sessions_that_share_the_models_and_are_closed_behind(aws: AwsSessions) -> None:
    closed: list[str] = []
    close = AwsSessions.close

    def noted(self: AwsSessions) -> None:
        closed.append(self.account)
        close(self)

    accounts = [f"{number:012}" for number in range(40)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AwsSessions, "close", noted)
        outcomes = aws.fan_out(lambda each: each.client("dynamodb"), accounts=accounts, role="Ops", workers=2)
        clients = {each.account: each.value for each in islice(outcomes, 40)}

    assert sorted(closed) == accounts
    models = {id(client.meta.service_model.metadata) for client in clients.values() if client}
    assert len(models) == 1


def test_the_callers_own_sessions_stay_open(aws: AwsSessions) -> None:
    client = aws.client("sts")
    list(aws.fan_out(where, regions=REGIONS))

    assert aws.client("sts") is client

"""Resources with state keep their logical ids in the template, and all properties that would force a replacement.

CloudFormation replaces a resource whose logical id changes: a table would come back empty, a log too, and the API would
answer at another URL. Renaming or moving a construct is enough. Do not change these lists: move the construct back.
"""

from __future__ import annotations

import pytest

from tests.infra.templates import API, CONTEXT, ENVIRONMENTS, LOG_GROUP, TABLE, deployment, every_stack

QUEUE, BUS = "AWS::SQS::Queue", "AWS::Events::EventBus"
STATEFUL_TYPES = {TABLE, LOG_GROUP, API, QUEUE, BUS, "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
STATEFUL = {
    "SessionsTable38FA6F99": TABLE,
    "SessionsApiAD872AFB": API,
    "SessionsApiAccessLog73BCFA25": LOG_GROUP,
    "SessionsCreateChildSessionLogsEEE10238": LOG_GROUP,
    "SessionsCreateSessionLogs6769B5E8": LOG_GROUP,
    "SessionsEraseCustomerLogs9A600E52": LOG_GROUP,
    "SessionsExpireLogsBE79F9FB": LOG_GROUP,
    "SessionsIntrospectLogs76B6AEB8": LOG_GROUP,
    "SessionsReadLogs8151AD53": LOG_GROUP,
    "SessionsUpdateSessionLogsCAFB3965": LOG_GROUP,
}
OF_EVENTS = {"EventsBus45DE4339": BUS, "EventsFunctionLogsD8FC8B97": LOG_GROUP, "EventsParkingB30E0833": QUEUE}
# Another value of any of these makes CloudFormation create another table.
TABLE_KEY = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]
FOR_EVER_ABSENT = ("TableName", "LocalSecondaryIndexes")
EVERY_ENVIRONMENT = pytest.mark.parametrize("environment", ENVIRONMENTS)


@EVERY_ENVIRONMENT
def test_what_holds_state_keeps_its_logical_id(environment: str) -> None:
    resources = deployment(environment).content["Resources"]
    found = {name: each["Type"] for name, each in resources.items() if each["Type"] in STATEFUL_TYPES}
    assert found == STATEFUL | (OF_EVENTS if "events" in CONTEXT["environments"][environment] else {})


@pytest.mark.shows("A15")
@EVERY_ENVIRONMENT
def test_no_property_makes_the_table_a_new_one(environment: str) -> None:
    _, table = deployment(environment).only(TABLE)
    assert table["Properties"]["KeySchema"] == TABLE_KEY
    assert [name for name in FOR_EVER_ABSENT if name in table["Properties"]] == []


@EVERY_ENVIRONMENT
def test_the_stacks_keep_their_names(environment: str) -> None:
    demo = {f"SessionStoreDemo-{environment}"} if environment in {"local", "dev"} else set()
    assert set(every_stack(environment)) == {f"SessionStore-{environment}"} | demo

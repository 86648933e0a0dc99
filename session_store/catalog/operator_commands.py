"""The commands of `session-store`, each once: what it does, and what its operator must be allowed.

A row here and a file in `session_store/cli/commands/` make a command. The list in `--help`, the completion of names,
the managed policy and the reference page come from the row, so that none of them loads the command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.catalog import access_patterns as patterns
from session_store.catalog.large_data import BUCKET, OBJECTS, operations_of
from session_store.catalog.lifecycle import EVENT_BUS, PARKING_QUEUE, STREAM
from session_store.catalog.pattern import DataUse, Operation, Resource

if TYPE_CHECKING:
    from session_store.catalog.pattern import AccessPattern


class Section(StrEnum):
    """The headings under which `--help` lists the commands."""

    READING = "Read sessions"
    ENDING = "End and erase"
    WHOLE_TABLE = "Go through the whole table"
    OPERATING = "Watch, stop and resume"
    EVENTS = "Lifecycle events"
    SETTING_UP = "Set up and diagnose"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCommand:
    """One command, or one way to use it that needs a policy of its own.

    Attributes:
        name: as it is typed.
        given: the option with which a command needs this row's policy in place of its usual one.
        section: where `--help` lists it.
        summary: one line.
        patterns: the access patterns that it uses. It knows sessions by their id alone.
        operations: what it asks of AWS besides, for instance a Scan.
        in_bucket: what it asks of S3 besides, where the table has large data there.
        on_keys: what it asks of the keys in KMS besides, where the data is encrypted.
        data: what it does with sessions' data, as far as it takes keys and objects. To count and to end takes none.
    """

    name: str
    given: str = ""
    section: Section
    summary: str
    patterns: tuple[AccessPattern, ...] = ()
    operations: tuple[Operation, ...] = ()
    in_bucket: tuple[Operation, ...] = ()
    on_keys: tuple[Operation, ...] = ()
    data: DataUse = DataUse.NONE

    @property
    def policy_name(self) -> str:
        """The name of its policy: `end`, or with an option `end-created-before`."""
        return self.name + self.given.replace("--", "-", 1)

    def permissions(self) -> frozenset[tuple[str, Resource]]:
        """IAM actions with the resource each is for. Empty when it calls nothing that AWS has to allow."""
        of_patterns = (pattern.permissions(customer_known=False) for pattern in self.patterns)
        return frozenset((each.action, each.resource) for each in self.operations).union(*of_patterns)

    def on_large_data(self) -> frozenset[tuple[str, Resource]]:
        """Those on a bucket of large data besides, where the table has one."""
        wanted = (each for each in self.patterns if self.data is not DataUse.NONE or each.data is DataUse.NONE)
        of_patterns = (each for pattern in wanted for each in operations_of(pattern))
        return frozenset((each.action, each.resource) for each in (*of_patterns, *self.in_bucket))


_DESCRIBE: Final = Operation("dynamodb:DescribeTable", purpose="tell this table from others, and about how large it is")
_SCAN: Final = (_DESCRIBE, Operation("dynamodb:Scan", purpose="read all rows"))
_VERIFY: Final = (
    *_SCAN,
    Operation("dynamodb:Scan", Resource.INDEX, purpose="compare the index with the table"),
    Operation("dynamodb:BatchGetItem", purpose="read customers' rows, and again what looks wrong"),
    Operation("dynamodb:Query", purpose="read a child session's root"),
    Operation("dynamodb:Query", Resource.INDEX, purpose="look at a row in the index"),
)

_LIST: Final = Operation("s3:ListBucket", BUCKET, purpose="list the objects")
_GET: Final = Operation("s3:GetObject", OBJECTS, purpose="read large data")
_PUT: Final = Operation("s3:PutObject", OBJECTS, purpose="write large data")
_DELETE: Final = Operation("s3:DeleteObject", OBJECTS, purpose="delete objects whose row was not written, or is gone")

DATA_KEYS: Final = Resource("keys of the data")
"""The keys in KMS that data is encrypted under."""
FUNCTIONS: Final = Resource("functions")
"""The functions in the table's account and region."""
LOG_GROUPS: Final = Resource("log groups")
"""The log groups there."""
STAGES: Final = Resource("stages")
"""The stages of the HTTP APIs there."""
EVERYTHING: Final = Resource("account")
"""For actions that AWS allows only on everything."""
DESCRIBED_AS: Final = "Session store: "
"""The beginning of the description of each of the service's functions. `stop` tells them from others by it."""
ALIAS: Final = "live"
"""The alias that API Gateway calls, of a function whose versions are started before they are called."""
_FIND_FUNCTIONS: Final = Operation("lambda:ListFunctions", EVERYTHING, purpose="find those that use the table")
_CONCURRENCY: Final = Operation("lambda:GetFunctionConcurrency", FUNCTIONS, purpose="read what it is now")
_CHANGE_CONCURRENCY: Final = (
    _FIND_FUNCTIONS,
    Operation("lambda:ListTags", FUNCTIONS, purpose="read what `stop` has kept"),
    Operation("lambda:PutFunctionConcurrency", FUNCTIONS, purpose="set the concurrency"),
)

OPERATOR_COMMANDS: Final = (
    OperatorCommand(
        name="list",
        section=Section.READING,
        summary="List a customer's live sessions, newest first.",
        patterns=(patterns.GET_CUSTOMER_SESSIONS,),
        data=DataUse.READS,
    ),
    OperatorCommand(
        name="show",
        section=Section.READING,
        summary="Show one session.",
        patterns=(patterns.GET_SESSION,),
        data=DataUse.READS,
    ),
    OperatorCommand(
        name="last-login",
        section=Section.READING,
        summary="Say when a customer last signed in.",
        patterns=(patterns.GET_LAST_LOGIN_TIME,),
    ),
    OperatorCommand(
        name="children",
        section=Section.READING,
        summary="List the child sessions of a session.",
        patterns=(patterns.GET_CHILD_SESSIONS,),
        data=DataUse.READS,
    ),
    OperatorCommand(
        name="end",
        section=Section.ENDING,
        summary="End one session, or all of a customer.",
        patterns=(
            patterns.END_SESSION,
            patterns.END_CUSTOMER_SESSIONS,
            patterns.GET_SESSION,
            patterns.GET_CUSTOMER_SESSIONS,
        ),
    ),
    OperatorCommand(
        name="erase",
        section=Section.ENDING,
        summary="Delete every row of a customer, for erasure requests.",
        patterns=(patterns.ERASE_CUSTOMER, patterns.GET_CUSTOMER_SESSIONS),
    ),
    OperatorCommand(
        name="end",
        given="--created-before",
        section=Section.ENDING,
        summary="End all sessions that began before a moment.",
        operations=(*_SCAN, Operation("dynamodb:UpdateItem", purpose="end each session")),
    ),
    OperatorCommand(
        name="export",
        section=Section.WHOLE_TABLE,
        summary="Write all rows to a file.",
        operations=_SCAN,
        in_bucket=(_GET,),
    ),
    OperatorCommand(
        name="import",
        section=Section.WHOLE_TABLE,
        summary="Create the rows of an export that the table lacks.",
        operations=(
            _DESCRIBE,
            Operation("dynamodb:BatchGetItem", purpose="read the roots of children, with --revive customers' rows"),
            Operation("dynamodb:PutItem", purpose="create each row that is not there"),
        ),
        in_bucket=(_PUT, _DELETE),
    ),
    OperatorCommand(
        name="stats",
        section=Section.WHOLE_TABLE,
        summary="Count sessions: active, by hour, by client, by age.",
        operations=_SCAN,
    ),
    OperatorCommand(
        name="verify",
        section=Section.WHOLE_TABLE,
        summary="Check all rows and the index.",
        operations=_VERIFY,
        in_bucket=(_LIST,),
    ),
    OperatorCommand(
        name="verify",
        given="--fix",
        section=Section.WHOLE_TABLE,
        summary="Check all rows and the index, and repair.",
        operations=(
            *_VERIFY,
            Operation("dynamodb:UpdateItem", purpose="repair a row"),
            Operation("dynamodb:DeleteItem", purpose="delete a child session without its root"),
        ),
        in_bucket=(_LIST, _DELETE),
    ),
    OperatorCommand(
        name="reencrypt",
        section=Section.WHOLE_TABLE,
        summary="Encrypt all data as new data is.",
        operations=(
            *_SCAN,
            Operation("dynamodb:GetItem", purpose="read a data key"),
            Operation("dynamodb:PutItem", purpose="make the week's data key"),
            Operation("dynamodb:UpdateItem", purpose="encrypt a session's data"),
        ),
        in_bucket=(_GET, _PUT, _DELETE),
        data=DataUse.WRITES,
    ),
    OperatorCommand(
        name="import-samples",
        section=Section.WHOLE_TABLE,
        summary="Create the sample sessions of a file.",
        operations=(
            Operation("dynamodb:GetItem", purpose="read the customer's row"),
            Operation("dynamodb:UpdateItem", purpose="make the customer's row, or move its TTL"),
            Operation("dynamodb:PutItem", purpose="create each session that is not there"),
        ),
    ),
    OperatorCommand(
        name="watch",
        section=Section.OPERATING,
        summary="Show sessions that start and end, and thefts, as they happen.",
        operations=(
            _FIND_FUNCTIONS,
            Operation("logs:FilterLogEvents", LOG_GROUPS, purpose="read the lines about requests"),
        ),
    ),
    OperatorCommand(
        name="stop",
        section=Section.OPERATING,
        summary="Stop the functions: every request is refused until resume.",
        operations=(
            *_CHANGE_CONCURRENCY,
            _CONCURRENCY,
            Operation("lambda:TagResource", FUNCTIONS, purpose="keep what it was"),
        ),
    ),
    OperatorCommand(
        name="resume",
        section=Section.OPERATING,
        summary="Give stopped functions the concurrency that they had.",
        operations=(
            *_CHANGE_CONCURRENCY,
            Operation("lambda:DeleteFunctionConcurrency", FUNCTIONS, purpose="set that it has none of its own"),
            Operation("lambda:UntagResource", FUNCTIONS, purpose="forget what it was"),
        ),
    ),
    OperatorCommand(
        name="redrive",
        section=Section.EVENTS,
        summary="Send the events of parked messages.",
        operations=(
            Operation("sqs:GetQueueAttributes", PARKING_QUEUE, purpose="see about how many messages there are"),
            Operation("sqs:ReceiveMessage", PARKING_QUEUE, purpose="take messages"),
            Operation("sqs:ChangeMessageVisibility", PARKING_QUEUE, purpose="give back those that stay"),
            Operation("sqs:DeleteMessage", PARKING_QUEUE, purpose="delete those whose events are sent"),
            Operation("sqs:SendMessage", PARKING_QUEUE, purpose="park a record of a batch that cannot be read"),
            Operation("dynamodb:GetItem", purpose="read the row as it is now"),
            Operation("dynamodb:GetShardIterator", STREAM, purpose="find the records of a batch that failed"),
            Operation("dynamodb:GetRecords", STREAM, purpose="read them"),
            Operation("events:PutEvents", EVENT_BUS, purpose="send events"),
        ),
    ),
    OperatorCommand(
        name="doctor",
        section=Section.SETTING_UP,
        summary="Find out why AWS or the table does not answer as it should.",
        operations=(
            Operation("dynamodb:DescribeTable", purpose="compare the table with the schema"),
            Operation("dynamodb:DescribeTimeToLive", purpose="see whether expired rows are deleted"),
            Operation("dynamodb:DescribeLimits", EVERYTHING, purpose="read the quota of a table"),
            Operation("lambda:GetAccountSettings", EVERYTHING, purpose="read how many executions may run at once"),
            _FIND_FUNCTIONS,
            _CONCURRENCY,
            Operation("lambda:GetPolicy", FUNCTIONS, purpose="find the APIs that call the functions"),
            Operation("apigateway:GET", STAGES, purpose="read how much the APIs let in"),
        ),
        in_bucket=(
            Operation("s3:ListBucket", BUCKET, purpose="see whether it is there, in this account"),
            Operation("s3:GetBucketPublicAccessBlock", BUCKET, purpose="see whether it is private"),
            Operation("s3:GetLifecycleConfiguration", BUCKET, purpose="see when it deletes objects"),
        ),
        on_keys=(Operation("kms:DescribeKey", DATA_KEYS, purpose="see whether they are enabled"),),
    ),
    OperatorCommand(
        name="policy",
        section=Section.SETTING_UP,
        summary="Print the IAM policy that a command needs.",
        operations=(Operation("dynamodb:DescribeTable", purpose="find the table's ARN and its key"),),
    ),
    OperatorCommand(
        name="cost",
        section=Section.SETTING_UP,
        summary="Say what a deployment costs, and which limit it meets first.",
    ),
    OperatorCommand(
        name="completion",
        section=Section.SETTING_UP,
        summary="Print the completion script of a shell.",
    ),
)
"""In the order of `--help`. Every row with an option stands behind its command."""

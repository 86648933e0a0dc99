"""The controls of AWS Security Hub for the services that are deployed, and how this project meets them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class State(StrEnum):
    """How the project meets a control."""

    MET = "met"
    NOT_MET = "not met"
    NO_RESOURCE = "no such resource"


class Control(NamedTuple):
    """One control.

    Attributes:
        name: Security Hub's.
        requirement: in our words.
        state: how the project meets it.
        how: how it is met, or the reason why not.
    """

    name: str
    requirement: str
    state: State
    how: str


CONTROLS: Final = (
    Control(
        "DynamoDB.1",
        "Tables scale their capacity with demand",
        State.MET,
        "The table is on demand (`BillingMode: PAY_PER_REQUEST`).",
    ),
    Control(
        "DynamoDB.2",
        "Tables have point-in-time recovery",
        State.MET,
        "`staging`, `prod` and the construct's default; `local` and `dev` need no restore.",
    ),
    Control(
        "DynamoDB.3",
        "DAX clusters are encrypted at rest",
        State.NO_RESOURCE,
        "No DAX: reads are strongly consistent.",
    ),
    Control(
        "DynamoDB.4",
        "Tables are in a backup plan",
        State.NOT_MET,
        "Sessions live for hours, and expired ones must not come back. Point-in-time recovery is the backup. "
        "The account's owner can add a plan by tag.",
    ),
    Control(
        "DynamoDB.5",
        "Tables are tagged",
        State.MET,
        "Every deployed environment tags its stack, with the table.",
    ),
    Control(
        "DynamoDB.6",
        "Tables have deletion protection",
        State.MET,
        "`prod` and the construct's default; the other environments are disposable.",
    ),
    Control(
        "DynamoDB.7",
        "DAX clusters are encrypted in transit",
        State.NO_RESOURCE,
        "As DynamoDB.3.",
    ),
    Control(
        "Lambda.1",
        "Function policies prohibit public access",
        State.MET,
        "Only API Gateway may invoke a function, only for the service's API.",
    ),
    Control(
        "Lambda.2",
        "Functions use supported runtimes",
        State.MET,
        "Python 3.13.",
    ),
    Control(
        "Lambda.3",
        "Functions are in a VPC",
        State.NOT_MET,
        "They reach only DynamoDB and CloudWatch Logs, through IAM and TLS (see "
        "`tests/rules/rule_exceptions.py`). The prop `vpc` sets one.",
    ),
    Control(
        "Lambda.5",
        "VPC functions are in several zones",
        State.NO_RESOURCE,
        "No function is in a VPC.",
    ),
    Control(
        "Lambda.6",
        "Functions are tagged",
        State.MET,
        "As DynamoDB.5.",
    ),
    Control(
        "Lambda.7",
        "Functions have X-Ray tracing",
        State.NOT_MET,
        "X-Ray's actions need the resource `*` (see `tests/rules/rule_exceptions.py`). The prop `tracing` adds it.",
    ),
    Control(
        "APIGateway.1",
        "REST and WebSocket APIs log their execution",
        State.NO_RESOURCE,
        "All APIs are HTTP APIs, with an access log instead (APIGateway.9).",
    ),
    Control(
        "APIGateway.2",
        "REST stages have a certificate for the back end",
        State.NO_RESOURCE,
        "As APIGateway.1; integrations are functions, called through IAM.",
    ),
    Control(
        "APIGateway.3",
        "REST stages have X-Ray tracing",
        State.NO_RESOURCE,
        "As APIGateway.1.",
    ),
    Control(
        "APIGateway.4",
        "REST stages have a web ACL",
        State.NO_RESOURCE,
        "As APIGateway.1; WAF does not support HTTP APIs. Every back-end route needs a signature, every stage "
        "is throttled.",
    ),
    Control(
        "APIGateway.5",
        "REST caches are encrypted",
        State.NO_RESOURCE,
        "As APIGateway.1: an HTTP API has no cache.",
    ),
    Control(
        "APIGateway.8",
        "Routes specify their authorization",
        State.MET,
        "`AWS_IAM` on every back-end route. User routes and the demo's pages are for browsers, which cannot "
        "sign; their handlers require a live session's token.",
    ),
    Control(
        "APIGateway.9",
        "V2 stages have an access log",
        State.MET,
        "The service's stage, without paths, queries and headers; not the demo's (`local` and `dev` only).",
    ),
    Control(
        "APIGateway.10",
        "V2 integrations over a private link use TLS",
        State.NO_RESOURCE,
        "All integrations are functions, called through AWS's endpoint; no VPC link.",
    ),
    Control(
        "APIGateway.11",
        "Domain names have a recommended TLS policy",
        State.NO_RESOURCE,
        "The APIs have AWS's domain names. An application that adds one chooses its policy.",
    ),
    Control(
        "EventBridge.2",
        "Event buses are tagged",
        State.MET,
        "As DynamoDB.5.",
    ),
    Control(
        "EventBridge.3",
        "Custom event buses have a policy",
        State.NOT_MET,
        "Without one only this account's principals reach the bus, each by its own policy. A consumer in another "
        "account needs one, which its owner adds.",
    ),
    Control(
        "EventBridge.4",
        "Global endpoints replicate events",
        State.NO_RESOURCE,
        "No global endpoint.",
    ),
    Control(
        "SQS.1",
        "Queues are encrypted at rest",
        State.MET,
        "The parking queue, by the key that SQS owns, or by `queue_encryption_key`.",
    ),
    Control(
        "SQS.2",
        "Queues are tagged",
        State.MET,
        "As DynamoDB.5.",
    ),
    Control(
        "SQS.3",
        "Policies of queues allow no public access",
        State.MET,
        "The parking queue's policy only denies: calls without TLS.",
    ),
    Control(
        "S3.1",
        "The account blocks public access to S3",
        State.NO_RESOURCE,
        "Of the account, not of a stack.",
    ),
    Control(
        "S3.2",
        "Buckets block public reads",
        State.MET,
        "All public access is blocked in both buckets of `LargeDataBucket`.",
    ),
    Control(
        "S3.3",
        "Buckets block public writes",
        State.MET,
        "As S3.2.",
    ),
    Control(
        "S3.5",
        "Buckets refuse requests without TLS",
        State.MET,
        "Their policies deny them, and TLS below 1.2.",
    ),
    Control(
        "S3.6",
        "Policies give other accounts no sensitive action",
        State.MET,
        "The policies only deny, and let S3 write the access log.",
    ),
    Control(
        "S3.8",
        "Buckets block public access themselves",
        State.MET,
        "As S3.2.",
    ),
    Control(
        "S3.9",
        "Buckets have an access log",
        State.MET,
        "The bucket of large data. That of the log itself has none.",
    ),
    Control(
        "S3.12",
        "Access is not given by ACLs",
        State.MET,
        "The bucket's owner owns all objects, which switches ACLs off.",
    ),
    Control(
        "S3.13",
        "Buckets have lifecycle rules",
        State.MET,
        "Objects go after 430 days, log files after 90.",
    ),
    Control(
        "S3.14",
        "Buckets keep versions",
        State.NOT_MET,
        "Deleted data has to be gone.",
    ),
    Control(
        "S3.17",
        "Buckets are encrypted with a key in KMS",
        State.MET,
        "With the table's customer-managed key, where it has one.",
    ),
)
SHOWN: Final = frozenset(control.name for control in CONTROLS if control.state is not State.NOT_MET)
"""The controls that need a test."""

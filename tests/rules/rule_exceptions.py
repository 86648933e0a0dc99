"""Why a finding of a rule pack stands: the one table of exceptions, for every tool and environment.

`tests/rules` runs cdk-nag (AwsSolutions, Serverless, NIST 800-53 R5), cfn-lint and checkov over what every environment
deploys. A finding that no entry here explains fails, and so does an entry that explains nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

EVERY_ENVIRONMENT: Final = ("local", "dev", "staging", "prod")

_IN_THE_DEMO: Final = ("SessionStoreDemo/*", ("local", "dev"))


class RuleException(NamedTuple):
    """Findings that are accepted."""

    rules: tuple[str, ...]  # ids as the tools write them: the same thing is often found by several
    reason: str
    where: str = "*"  # construct paths, as a shell pattern; stacks are named without their environment
    environments: tuple[str, ...] = EVERY_ENVIRONMENT  # in which each of the rules finds it


RULE_EXCEPTIONS: Final = (
    RuleException(
        ("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
        "Python 3.13 gets security updates from AWS until 2029 and is the newest version that the package declares. "
        "The tests run the same code on 3.11, its oldest: nothing newer than that is used. A newer runtime is taken by "
        "a commit, never by itself; an application takes one by `runtime`.",
    ),
    RuleException(
        ("NIST.800.53.R5-LambdaDLQ", "Serverless-LambdaDLQ", "CKV_AWS_116"),
        "API Gateway calls the functions synchronously: the caller gets the error. A dead-letter queue takes only "
        "asynchronous calls, and would store request bodies, which hold tokens. For rules that "
        "insist there is `dead_letter_queue`.",
    ),
    RuleException(
        ("NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117"),
        "The functions reach nothing but DynamoDB and CloudWatch Logs, through IAM and TLS; there is no private "
        "network for them to be in, and one would add an endpoint, its policy and slower starts to every deployment. "
        "An application that has one gives `vpc`.",
    ),
    RuleException(
        ("NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115"),
        "The API's throttling is the limit. Reserved concurrency is taken from the account's other functions, so "
        "only its owner can choose it: `reserved_concurrent_executions` of SessionService.",
    ),
    RuleException(
        ("CKV_AWS_173",),
        "The environment variables are the table's name and the timeouts: nothing secret. Lambda encrypts them with "
        "its own key, or with `environment_encryption_key`.",
    ),
    RuleException(
        ("NIST.800.53.R5-CloudWatchLogGroupEncrypted", "CKV_AWS_158"),
        "No log line holds a token, session data or a customer id in the clear, which tests hold it to; CloudWatch "
        "encrypts all logs with its own key, and a customer-managed one would protect nothing further. An application "
        "that has to gives `log_encryption_key`.",
    ),
    RuleException(
        ("NIST.800.53.R5-IAMNoInlinePolicy",),
        "Each function has a role of its own with a policy for it alone: exact actions on exact resources. A managed "
        "policy is for sharing, and can be attached to others by mistake.",
    ),
    RuleException(
        ("Serverless-LambdaTracing",),
        "X-Ray has no resource narrower than `*` for what a traced function has to be allowed; what a request cost "
        "is in the access log and in the functions' own log lines. An application may choose otherwise: `tracing`.",
    ),
    RuleException(
        ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"),
        "The queue of lifecycle events is itself where failures go: what is in it waits for `session-store redrive`, "
        "and an alarm says so.",
        where="*/Events/Parking/Resource",
        environments=("local", "staging", "prod"),
    ),
    RuleException(
        ("AwsSolutions-SQS4",),
        "The embedded AWS speaks HTTP alone, and a queue that refuses that would refuse everything.",
        where="SessionStore/Events/Parking/Resource",
        environments=("local",),
    ),
    RuleException(
        ("CKV_AWS_27",),
        "SQS encrypts the queue with its own key. Its messages hold ids and no data. An application that has to gives "
        "`queue_encryption_key`.",
        where="*/Events/Parking/Resource",
        environments=("local", "staging", "prod"),
    ),
    RuleException(
        ("W3005",),
        "CDK makes a function wait for its role, so that it never starts before the role's policy is there; that "
        "the role's ARN is referred to as well does no harm.",
    ),
    RuleException(
        ("CKV_AWS_165",),
        "Environments whose table goes with its stack hold nothing worth restoring.",
        where="SessionStore/Sessions/Table/*",
        environments=("local", "dev"),
    ),
    RuleException(
        ("AwsSolutions-APIG4",),
        "The demo's pages are for browsers, which cannot sign requests: its handler asks for a live session's cookie "
        "on every page that shows a customer's data. The demo cannot be deployed where users are (see DemoStack).",
        *_IN_THE_DEMO,
    ),
    RuleException(
        ("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging", "CKV_AWS_95"),
        "The demo has no users whose access would have to be accounted for: it cannot be deployed where users are.",
        *_IN_THE_DEMO,
    ),
    RuleException(
        ("CKV_AWS_165", "Serverless-EventBusDLQ"),
        "The demo's mails go to a log. Nothing is lost with one, or with the memory of which were sent.",
        where="SessionStoreDemo/Mails/*",
        environments=("local",),
    ),
    RuleException(
        ("NIST.800.53.R5-CloudWatchAlarmAction",),
        "The topic that alarms notify belongs to the people on call: an environment names it as `topic_arn` of "
        "`monitoring`. Without one the alarms show on the dashboard.",
        where="SessionStore/Monitoring/*",
        environments=("staging", "prod"),
    ),
)

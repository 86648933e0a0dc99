"""Whether the keys in KMS that sessions' data is encrypted under can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.finding import Finding, Severity, error, ok

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from session_store.aws.diagnosis.subject import Subject

_ENABLED: Final = "Enabled"
_MENDED_BY: Final = {"Disabled": "enable-key", "PendingDeletion": "cancel-key-deletion"}
_HARM: Final = "Functions that start from now on cannot read data under it. Those that run can"
_MISSING: Final = ("NotFoundException",)


def check(subject: Subject, arns: Sequence[str]) -> Iterator[Finding]:
    """Findings about keys, one for each. A permission that is missing is a note.

    Args:
        subject: the session.
        arns: of the keys, that of new data first.
    """
    for number, arn in enumerate(arns):
        yield _of_key(subject, arn, "New data is encrypted under it" if number == 0 else "It is for older data")


def _of_key(subject: Subject, arn: str, use: str) -> Finding:
    name, region = arn.rpartition("/")[2], arn.split(":")[3]
    try:
        client = subject.client("kms", region)
        state: str = ask(client, "describe_key", "KeyMetadata", "KeyState", KeyId=arn)
    except FAILURES as failure:
        code = getattr(failure, "response", {}).get("Error", {}).get("Code")
        severity = Severity.ERROR if code in _MISSING else Severity.NOTE
        return subject.failed(f"The key {name} of the data cannot be looked at", failure, severity)
    if state == _ENABLED:
        return ok(f"The key {name} of the data is enabled", use)
    fix = f"aws kms {_MENDED_BY.get(state, 'describe-key')} --key-id {arn} --region {region}"
    return error(f"The key {name} of the data is {state}", f"{use}. {_HARM}", fix)

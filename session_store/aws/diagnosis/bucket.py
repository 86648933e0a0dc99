"""Whether a bucket of large data is there, in this account, private, and keeps objects for as long as sessions live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.finding import Finding, Severity, error, ok, warning
from session_store.model import MAX_ABSOLUTE_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.aws.diagnosis.subject import Subject

_FORBIDDEN: Final = "403"
_NOT_FOUND: Final = "404"
_DEPLOY: Final = "Deploy it with `LargeDataBucket`"
_DAYS: Final = MAX_ABSOLUTE_TIMEOUT.days


def check(subject: Subject, owner: str, name: str) -> Iterator[Finding]:
    """Findings about a bucket of large data. A permission that is missing is a note.

    Args:
        subject: the session.
        owner: the account that the bucket has to belong to.
        name: the bucket's.
    """
    client = subject.client("s3")
    try:
        ask(client, "head_bucket", Bucket=name, ExpectedBucketOwner=owner)
    except FAILURES as failure:
        yield _not_there(subject, name, failure)
        return
    yield ok(f"The bucket {name} is there", f"It belongs to the account {owner}")
    yield _privacy(subject, client, name)
    yield _lifetime(subject, client, name)


def _not_there(subject: Subject, name: str, failure: Exception) -> Finding:
    code = failure.response["Error"]["Code"] if isinstance(failure, ClientError) else ""
    if code == _NOT_FOUND:
        why = "Large data can be neither read nor saved"
        return error(f"There is no bucket {name}", why, f"Check the name. {_DEPLOY}")
    if code == _FORBIDDEN:
        why = "It belongs to another account than it should, or `s3:ListBucket` is not allowed"
        return error(f"The bucket {name} cannot be looked at", why, "session-store policy doctor, or check the name")
    return subject.failed(f"The bucket {name} cannot be looked at", failure)


def _privacy(subject: Subject, client: Any, name: str) -> Finding:  # noqa: ANN401 - made at run time
    try:
        blocks = ask(client, "get_public_access_block", "PublicAccessBlockConfiguration", Bucket=name)
    except FAILURES as failure:
        if not _is(failure, "NoSuchPublicAccessBlockConfiguration"):
            return subject.failed("Whether the bucket is private cannot be seen", failure, Severity.NOTE)
        blocks = {}
    if blocks and all(blocks.values()):
        return ok("The bucket is private", "All public access is blocked")
    lacking = ", ".join(sorted(each for each, is_on in blocks.items() if not is_on)) or "All four blocks"
    fix = f"aws s3api put-public-access-block --bucket {name} --public-access-block-configuration"
    fix += " BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
    return error("The bucket can be opened to the public", f"Off: {lacking}", fix)


def _lifetime(subject: Subject, client: Any, name: str) -> Finding:  # noqa: ANN401 - made at run time
    try:
        rules = ask(client, "get_bucket_lifecycle_configuration", "Rules", Bucket=name)
    except FAILURES as failure:
        if not _is(failure, "NoSuchLifecycleConfiguration"):
            return subject.failed("When the bucket deletes objects cannot be seen", failure, Severity.NOTE)
        rules = []
    expiring = [rule["Expiration"] for rule in rules if rule["Status"] == "Enabled" and "Expiration" in rule]
    early = [each for each in expiring if "Date" in each or each.get("Days", _DAYS + 1) <= _DAYS]
    if early:
        when = ", ".join(f"after {each['Days']} days" if "Days" in each else "at a date" for each in early)
        why = f"A rule deletes objects {when}. A session may live for {_DAYS} days, and then cannot be read"
        return error("The bucket deletes objects of live sessions", why, _DEPLOY)
    if not expiring:
        why = "Of objects that no row points to, `session-store verify --fix` is the only end"
        return warning("The bucket never deletes objects", why, _DEPLOY)
    return ok("The bucket keeps objects for as long as sessions live", "And deletes them later")


def _is(failure: Exception, code: str) -> bool:
    return isinstance(failure, ClientError) and failure.response["Error"]["Code"] == code

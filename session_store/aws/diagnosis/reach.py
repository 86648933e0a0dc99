"""Whether AWS answers, by which way, as whom, and whether the clocks agree. One call to STS says it all."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.finding import Finding, Severity, error, note, ok, warning
from session_store.aws.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from session_store.aws.diagnosis.subject import Subject

_REFUSED_ABOVE: Final = 300.0  # seconds
_NOTICED_ABOVE: Final = 60.0
_OF_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def check(subject: Subject) -> Generator[Finding, None, Identity | None]:
    """Findings about the way to AWS, the clock and the identity.

    Returns:
        The identity, None when AWS does not tell it.
    """
    try:
        client = subject.client("sts")
        way = subject.way_to(client.meta.endpoint_url)
    except (BotoCoreError, ValueError) as failure:
        yield subject.failed("There can be no client for STS", failure)
        return None
    before = subject.clock.now()
    identity, refusal = None, None
    try:
        reply: dict[str, Any] = ask(client, "get_caller_identity")
        identity = Identity(reply["Account"], reply["Arn"], reply["UserId"])
    except ClientError as failure:
        reply, refusal = dict(failure.response), failure
    except FAILURES as failure:
        yield subject.failed(f"STS does not answer: {way}", failure)
        return None
    yield from _way(client.meta.endpoint_url, way)
    yield from _clock(reply["ResponseMetadata"].get("HTTPHeaders", {}), (before + subject.clock.now()) / 2)
    if refusal is not None:
        yield subject.failed("AWS refuses the credentials", refusal)
    if identity is not None:
        yield from _who(identity)
    return identity


def _way(endpoint: str, way: str) -> Iterator[Finding]:
    yield ok("STS answers", way)
    if not endpoint.endswith(_OF_AWS):
        yield note(
            "The endpoint is none of AWS's",
            f"{way}: an emulator, or an endpoint of your network",
            "To use AWS itself, unset AWS_ENDPOINT_URL, and endpoint_url in the profile",
        )


def _clock(headers: Mapping[str, str], now: float) -> Iterator[Finding]:
    """Findings about the difference to AWS's clock, which every reply tells in seconds."""
    if "date" not in headers:
        return
    ahead = now - parsedate_to_datetime(headers["date"]).timestamp()
    shown = f"{abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} AWS's"
    if abs(ahead) > _REFUSED_ABOVE:
        why = "AWS refuses signatures that are more than 5 minutes off, and expiries are misjudged"
        yield error(f"This machine's clock is {shown}", why, "sudo timedatectl set-ntp true")
    elif abs(ahead) > _NOTICED_ABOVE:
        why = "From 5 minutes on AWS refuses the signatures"
        yield warning(f"This machine's clock is {shown}", why, "sudo timedatectl set-ntp true")
    else:
        yield ok("This machine's clock is right", f"It is {shown}")


def _who(identity: Identity) -> Iterator[Finding]:
    if identity.arn.endswith(":root"):
        yield Finding(
            Severity.WARNING,
            f"You are the root user of the account {identity.account}",
            "No policy limits it",
            "Sign in as a user or role of your own, and delete the root user's access keys",
        )
    else:
        yield ok(f"You are {identity.arn}", f"The account is {identity.account}")

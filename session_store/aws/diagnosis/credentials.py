"""Which provider gave the credentials, which others it hides, and when they end."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.utils import get_environ_proxies

from session_store.aws.diagnosis.asking import FAILURES
from session_store.aws.diagnosis.finding import Finding, error, note, ok, warning
from session_store.aws.diagnosis.sources import configured, title_of
from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from botocore.credentials import Credentials

    from session_store.aws.diagnosis.subject import Subject

_FIRST_FAILED: Final = "The provider that comes first gives no credentials"
_SOON: Final = timedelta(minutes=15)
_INSTANCE: Final = "iam-role"
_RENEWED: Final = frozenset(
    {
        *("assume-role", "assume-role-with-web-identity", "sso", "login", "custom-process", "container-role"),
        *("function", "session-token", _INSTANCE),
    }
)
_ANSWERS: Final = "the metadata service answers"
_METADATA_SERVICE: Final = "http://169.254.169.254/"
_LONG_LIVED: Final = "AKIA"
_UNSET: Final = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"


def check(subject: Subject) -> Generator[Finding, None, bool]:
    """Findings about the credentials.

    Returns:
        Whether there are some to sign with.
    """
    try:
        credentials: Any = subject.aws.session.get_credentials()
        if credentials is None:
            yield from _missing(subject)
            return False
        # The first use of a role or of SSO is here: until then the SDK has only seen that they are set up.
        frozen = credentials.get_frozen_credentials()
    except FAILURES as failure:
        yield subject.failed(_FIRST_FAILED, failure)
        return False
    except StoreConfigurationError as failure:  # another account than is demanded, or a file without a key
        yield error(_FIRST_FAILED, str(failure), "Name another profile, or correct that")
        return False
    except OSError as failure:  # the file of a web identity's token
        yield error(_FIRST_FAILED, f"{failure.filename}: {failure.strerror}", "env | grep AWS_; cat ~/.aws/config")
        return False
    yield from _origin(subject, credentials.method)
    yield from _expiry(subject, credentials, temporary=bool(frozen.token))
    if frozen.access_key.startswith(_LONG_LIVED) and not frozen.token:
        yield note(
            "The access key never expires",
            "It is that of an IAM user, and works for everyone who has a copy",
            "Use a role on servers and SSO for people, or `session_store.aws.rotate_access_key`",
        )
    return True


def _missing(subject: Subject) -> Iterator[Finding]:
    yield subject.failed("There are no credentials", NoCredentialsError())
    if get_environ_proxies(_METADATA_SERVICE).get("http"):
        yield warning(
            "The proxy gets the requests for an instance's role",
            "HTTP_PROXY is set, and NO_PROXY does not name the metadata service",
            "export NO_PROXY=$NO_PROXY,169.254.169.254",
        )


def _origin(subject: Subject, method: str) -> Iterator[Finding]:
    sources = dict(configured(subject.environment, subject.profile_settings))
    by_method = {source.method: evidence for source, evidence in sources.items()}
    evidence = by_method.get(method, "")
    profile = f" in the profile {subject.profile or 'default'}" if evidence and not evidence.isupper() else ""
    otherwise = _ANSWERS if method == _INSTANCE else "There was no search for them"
    yield ok(f"The credentials come from {title_of(method)}", f"{evidence}{profile}" or otherwise)
    if method in {*by_method, _INSTANCE}:  # otherwise the program gave them, and there was no search
        yield from _hidden(subject, method, evidence, {each: source.title for source, each in sources.items()})


def _hidden(subject: Subject, method: str, evidence: str, titles: dict[str, str]) -> Iterator[Finding]:
    """Findings about the other sources. Two that are set up by the same name are one."""
    hidden = [f"{title} ({name})" for name, title in titles.items() if name != evidence]
    if method != _INSTANCE and _has_instance_role(subject):
        hidden.append(f"{title_of(_INSTANCE)} ({_ANSWERS})")
    if method == "env" and subject.environment.get("AWS_PROFILE"):
        yield warning(
            f"The profile {subject.profile} gives no credentials",
            "AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE",
            f"{_UNSET}, or name the profile in the call or with --profile",
        )
    if hidden:
        yield note("Other credentials are there, and not used", ", ".join(hidden), "Remove those that are not meant")


def _has_instance_role(subject: Subject) -> bool:
    if subject.environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    providers = subject.botocore.get_component("credential_provider").providers
    try:
        return any(provider.load() for provider in providers if provider.METHOD == _INSTANCE)
    except BotoCoreError:
        return False


def _expiry(subject: Subject, credentials: Credentials, *, temporary: bool) -> Iterator[Finding]:
    end: datetime | None = getattr(credentials, "_expiry_time", None)
    if end is None or end.year == MAXYEAR:  # which stands for no end
        if temporary:
            yield note(
                "The credentials end, and nothing says when",
                "They have a session token and no expiry",
                "Set AWS_CREDENTIAL_EXPIRATION, or use a profile that renews them",
            )
        return
    left = end - datetime.fromtimestamp(subject.clock.now(), UTC)
    shown = f"At {end:%Y-%m-%d %H:%M:%S} UTC, in {round(left.total_seconds() / 60)} minutes"
    if credentials.method in _RENEWED:
        yield ok("The credentials are renewed before they end", shown)
    elif left < _SOON:
        yield warning("The credentials end soon, and are not renewed", shown, "Get new ones where these came from")
    else:
        yield ok("The credentials end", shown)

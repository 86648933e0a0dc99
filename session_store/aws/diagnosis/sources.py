"""The places of credentials in the order of the SDK, and how to see without a call that a place has some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Source:
    """One provider of the SDK.

    Attributes:
        method: its name in the SDK.
        title: its name for people.
        variables: environment variables, one of which it needs.
        keys: settings of the profile, one of which it needs.
        unless: settings of the profile with which another source is meant.
    """

    method: str
    title: str
    variables: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def evidence(self, environment: Mapping[str, str], profile: Mapping[str, Any]) -> str:
        """The names of the variable and the setting that it would be used by, empty when there are none."""
        if any(key in profile for key in self.unless):
            return ""
        return ", ".join(
            [name for name in self.variables if environment.get(name)] + [key for key in self.keys if key in profile]
        )


_WEB_IDENTITY: Final = "web_identity_token_file"
_KEYS: Final = ("aws_access_key_id",)
SOURCES: Final = (
    Source("env", "the environment", variables=("AWS_ACCESS_KEY_ID",)),
    Source("assume-role", "the profile's role", keys=("role_arn",), unless=(_WEB_IDENTITY,)),
    Source(
        "assume-role-with-web-identity",
        "a web identity token",
        variables=("AWS_WEB_IDENTITY_TOKEN_FILE",),
        keys=(_WEB_IDENTITY,),
    ),
    Source("sso", "IAM Identity Center (SSO)", keys=("sso_session", "sso_start_url")),
    Source("shared-credentials-file", "the credentials file", keys=_KEYS),
    Source("login", "`aws login`", keys=("login_session",)),
    Source("custom-process", "the profile's credential_process", keys=("credential_process",)),
    Source("config-file", "the configuration file", keys=_KEYS),
    Source("ec2-credentials-file", "the file of AWS_CREDENTIAL_FILE", variables=("AWS_CREDENTIAL_FILE",)),
    Source("boto-config", "the file of BOTO_CONFIG", variables=("BOTO_CONFIG",)),
    Source(
        "container-role",
        "the container's role",
        variables=("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ),
    Source("iam-role", "the instance's role"),
)
_TITLES: Final = {source.method: source.title for source in SOURCES} | {
    "explicit": "the program",
    "function": "a function of the program",
    "session-token": "a sign-in with MFA",
    "assume-role": "an assumed role",
}


def title_of(method: str) -> str:
    """A provider's name for people."""
    return _TITLES.get(method, method)


def configured(environment: Mapping[str, str], profile: Mapping[str, Any]) -> Iterator[tuple[Source, str]]:
    """The sources that are set up, in the SDK's order, with the names of the variables and settings that do so."""
    for source in SOURCES:
        if evidence := source.evidence(environment, profile):
            yield source, evidence

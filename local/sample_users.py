"""Users of the embedded Cognito, for `make run OIDC=cognito`. Their password is no secret: it opens sample data."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from local.embedded_aws import EmbeddedAws

USER_NAMES: Final = ("ana", "bob")
PASSWORD: Final = "Sample-password-1"  # noqa: S105 - everyone who runs the demo may know it


def email_of(user_name: str) -> str:
    """The address that the demo shows."""
    return f"{user_name}@example.com"


def add_sample_users(aws: EmbeddedAws, user_pool_id: str) -> None:
    """Creates the users, or gives them their password back.

    Args:
        aws: The embedded AWS.
        user_pool_id: Of the pool that the demo's stack has made.
    """
    cognito = aws.session().client("cognito-idp", endpoint_url=aws.endpoint_url)
    for name in USER_NAMES:
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(
                UserPoolId=user_pool_id,
                Username=name,
                UserAttributes=[
                    {"Name": "email", "Value": email_of(name)},
                    {"Name": "email_verified", "Value": "true"},
                ],
                MessageAction="SUPPRESS",
            )
        cognito.admin_set_user_password(UserPoolId=user_pool_id, Username=name, Password=PASSWORD, Permanent=True)

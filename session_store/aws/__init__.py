"""Connections to AWS: sessions for people with many accounts, and how the store's own client is made.

    from session_store.aws import AwsSessions, ClientSettings

    aws = AwsSessions("work", region="eu-west-1", client=ClientSettings(connect_timeout=0.5, read_timeout=1))
    aws.client("dynamodb").list_tables()
    for outcome in aws.fan_out(work, accounts=["111111111111", "222222222222"], role="Ops"):
        print(outcome.account, outcome.region, outcome.error or outcome.value)

Only `CLIENT_CONFIG` and `connect` are loaded at once. The store needs no more, and neither of them needs boto3.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from session_store.aws.connection import CLIENT_CONFIG, connect

if TYPE_CHECKING:
    from session_store.aws.access_keys import Rotation, rotate_access_key
    from session_store.aws.advice import Advice, advice_for
    from session_store.aws.client_settings import ClientSettings
    from session_store.aws.diagnosis import Finding, Severity
    from session_store.aws.encrypted_credentials import EncryptedCredentials
    from session_store.aws.env_files import load_env_file
    from session_store.aws.errors import WrongAccountError
    from session_store.aws.fan_out import Outcome
    from session_store.aws.file_keys import KmsKey, PassPhrase
    from session_store.aws.identity import Identity
    from session_store.aws.organization import OrganizationAccount
    from session_store.aws.roles import RoleOptions
    from session_store.aws.sessions import AwsSessions
    from session_store.aws.static_credentials import StaticCredentials
    from session_store.aws.targets import FanOutOptions
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: functions import this package, and run none of it."""
        if name not in __all__:
            raise AttributeError(name)
        modules = import_module(f"{__name__}.members").MODULES
        return getattr(import_module(f"{__name__}.{modules[name]}"), name)

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "CLIENT_CONFIG",
    "Advice",
    "AwsSessions",
    "ClientSettings",
    "EncryptedCredentials",
    "FanOutOptions",
    "Finding",
    "Identity",
    "KmsKey",
    "OrganizationAccount",
    "Outcome",
    "PassPhrase",
    "RoleOptions",
    "Rotation",
    "Severity",
    "StaticCredentials",
    "WrongAccountError",
    "advice_for",
    "connect",
    "load_env_file",
    "rotate_access_key",
]

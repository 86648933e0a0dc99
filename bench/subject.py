"""The subject of the CPU measurements: one session in a table of dynoxide, an engine that answers quickly."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from local import dynoxide
from local.console import CommandError
from local.embedded_aws import REGION
from session_store import SessionSettings, SessionStore
from session_store.aws.connection import Key, connect
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from session_store.testing import create_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.storage.attribute_values import Item

TABLE_NAME: Final = "bench"
CUSTOMER_ID: Final = "customer-1"
_ANY_KEY: Final = Key("any", "any")  # dynoxide checks none
# Long enough that no extension falls due while a measurement runs.
_SETTINGS: Final = SessionSettings(idle_timeout=timedelta(days=1), absolute_timeout=timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Subject:
    """A session, ready to be read.

    Attributes:
        endpoint_url: where the engine answers.
        token: the session's token.
        child_token: that of a child session.
        key: key of its item.
    """

    endpoint_url: str
    token: str
    child_token: str
    key: Item

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make any botocore client talk to the engine."""
        return environment_of(self.endpoint_url)


def environment_of(endpoint_url: str) -> dict[str, str]:
    """The environment variables that make any botocore client talk to an engine."""
    return {
        "AWS_ACCESS_KEY_ID": _ANY_KEY.access_key_id,
        "AWS_SECRET_ACCESS_KEY": _ANY_KEY.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint_url,
    }


@contextmanager
def running_engine() -> Iterator[tuple[str, Any]]:
    """Start the engine. Gives its endpoint's URL and a client. Stop it afterwards.

    Raises:
        CommandError: this machine cannot run it.
    """
    if reason := dynoxide.why_unavailable():
        raise CommandError(f"dynoxide cannot run here: {reason}")
    with dynoxide.dynoxide() as endpoint_url:
        yield endpoint_url, connect("dynamodb", region_name=REGION, endpoint_url=endpoint_url, key=_ANY_KEY)


@contextmanager
def running_subject() -> Iterator[Subject]:
    """Start the engine, create the table and sign a customer in. Stop the engine afterwards.

    Raises:
        CommandError: this machine cannot run the engine.
    """
    with running_engine() as (endpoint_url, client):
        create_table(client, TABLE_NAME)
        store = SessionStore(TABLE_NAME, dynamodb_client=client, settings=_SETTINGS)
        created = store.create_session(
            CUSTOMER_ID, data={"language": "en", "cart": [{"sku": "B-1001", "quantity": 2}]}, client="Firefox on Linux"
        )
        child = store.create_child_session(created.session)
        key = key_item(SessionKey(created.session.session_id, CUSTOMER_ID))
        yield Subject(endpoint_url, created.token, child.token, key)

"""The sample data: the published example of this schema, with ids made from its login times and fixed here.

Customer ABC has a session with two child sessions, one of them closing, and a closing session. Customer XYZ has
a session with one child session. The tokens are random and thrown away, so they cannot be presented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from session_store.model import SessionState, Timeouts
from session_store.settings import DEFAULT_SETTINGS
from session_store.storage import schema
from session_store.storage.attribute_values import binary, number, write_map
from session_store.storage.document import Document
from session_store.storage.items import attributes_of_key, key_item, new_item
from session_store.storage.records import ChildRecord, CustomerRecord, SessionRecord, TokenRecord
from session_store.tokens import Token

if TYPE_CHECKING:
    from session_store.data.types import JSONObject
    from session_store.storage.attribute_values import Item

CUSTOMER_ABC: Final = "ABC"
CUSTOMER_XYZ: Final = "XYZ"
LOGIN_ABC: Final = datetime(2023, 5, 12, 11, 30, 0, tzinfo=UTC)
LOGIN_XYZ: Final = datetime(2023, 4, 30, 15, 22, 9, tzinfo=UTC)

# UUIDv7: the first 48 bits are the login time in milliseconds. The newest of a customer sorts last.
SESSION_ABC_CLOSING: Final = "01880fb9-92c0-7000-8abc-000000000001"
SESSION_ABC: Final = "01880fb9-92c0-7001-8abc-000000000002"
CHILD_ABC: Final = "01880fb9-92c0-7002-8abc-000000000003"
CHILD_ABC_CLOSING: Final = "01880fb9-92c0-7003-8abc-000000000004"
SESSION_XYZ: Final = "0187d2c1-cce8-7000-9abc-000000000001"
CHILD_XYZ: Final = "0187d2c1-cce8-7001-9abc-000000000002"

# Long enough to come back to after a break; they begin anew at each start.
TIMEOUTS: Final = Timeouts(idle=timedelta(days=7), absolute=timedelta(days=30))
_RETENTION: Final = int(DEFAULT_SETTINGS.retention.total_seconds())
_DAY: Final = 24 * 60 * 60

LIFETIME_ATTRIBUTES: Final = frozenset(
    {"last_seen_at", "idle_timeout", "expires_at", "absolute_expires_at", "ttl", "collection_until"}
)
"""The attributes that a renewal changes in an existing row."""

NewToken: TypeAlias = Callable[[str, str | None], Token]


@dataclass(frozen=True)
class _SampleChild:
    child_session_id: str
    data: JSONObject
    state: SessionState = SessionState.ACTIVE


@dataclass(frozen=True)
class _SampleSession:
    session_id: str
    customer_id: str
    login: datetime
    data: JSONObject
    client: str
    state: SessionState = SessionState.ACTIVE
    children: tuple[_SampleChild, ...] = ()


_SAMPLES: Final = (
    _SampleSession(
        SESSION_ABC,
        CUSTOMER_ABC,
        LOGIN_ABC,
        data={"language": "en", "cart": [{"sku": "B-1001", "quantity": 2}]},
        client="Firefox on Linux",
        children=(
            _SampleChild(CHILD_ABC, data={"application": "shop"}),
            _SampleChild(CHILD_ABC_CLOSING, data={"application": "support"}, state=SessionState.CLOSING),
        ),
    ),
    _SampleSession(
        SESSION_ABC_CLOSING,
        CUSTOMER_ABC,
        LOGIN_ABC,
        data={"language": "en"},
        client="Safari on iPhone",
        state=SessionState.CLOSING,
    ),
    _SampleSession(
        SESSION_XYZ,
        CUSTOMER_XYZ,
        LOGIN_XYZ,
        data={"language": "ja", "visits": 3},
        client="Chrome on Windows",
        children=(_SampleChild(CHILD_XYZ, data={"application": "shop"}),),
    ),
)


def sample_items(
    now: int, *, customers: Mapping[str, CustomerRecord] | None = None, new_token: NewToken = Token.new
) -> list[Item]:
    """Build the sample rows.

    Args:
        now: start of their lifetimes, epoch seconds. They were created at their login times all the same.
        customers: the customers' rows that are there already, under which the sessions come. New ones for the others.
        new_token: makes the throw-away tokens, for a caller that needs the same rows each time.

    Returns:
        Rows as DynamoDB attribute values: the customers, then each session before its child sessions.
    """
    known = {sample.customer_id: _customer_record(sample, now) for sample in _SAMPLES} | dict(customers or {})
    rows = [_customer_item(customer) for customer in known.values()]
    for sample in _SAMPLES:
        session = _session_record(sample, known[sample.customer_id], now, new_token)
        rows.append(new_item(session))
        rows.extend(new_item(_child_record(child, session, new_token)) for child in sample.children)
    return rows


def _customer_record(sample: _SampleSession, now: int) -> CustomerRecord:
    kept = now + int(TIMEOUTS.absolute.total_seconds()) + _RETENTION + _DAY
    row_id = hashlib.sha256(sample.customer_id.encode()).digest()[:8]
    return CustomerRecord(sample.customer_id, row_id, int(sample.login.timestamp() * 1000), kept)


def _customer_item(customer: CustomerRecord) -> Item:
    return (
        key_item(customer.key)
        | attributes_of_key(customer.key)
        | {
            "row_id": binary(customer.row_id),
            "generation": number(customer.generation),
            schema.TTL_ATTRIBUTE: number(customer.ttl),
        }
    )


def _session_record(sample: _SampleSession, customer: CustomerRecord, now: int, new_token: NewToken) -> SessionRecord:
    login = int(sample.login.timestamp())
    idle, absolute = (int(timeout.total_seconds()) for timeout in (TIMEOUTS.idle, TIMEOUTS.absolute))
    collection_until = now + absolute + _RETENTION if sample.children else None
    return SessionRecord(
        session_id=sample.session_id,
        customer_id=sample.customer_id,
        session_state=sample.state,
        data=_document(sample.data),
        version=1,
        generation=customer.generation,
        customer_row=customer.row_id,
        created_at=login,
        last_login_time=login,
        last_seen_at=now,
        idle_timeout=idle,
        expires_at=now + idle,
        absolute_expires_at=now + absolute,
        ttl=collection_until or now + idle + _RETENTION,
        collection_until=collection_until,
        client=sample.client,
        write_id=b"",
        token=_token_record(new_token(sample.session_id, None)),
    )


def _child_record(child: _SampleChild, session: SessionRecord, new_token: NewToken) -> ChildRecord:
    return ChildRecord(
        session_id=session.session_id,
        child_session_id=child.child_session_id,
        customer_id=session.customer_id,
        session_state=child.state,
        data=_document(child.data),
        version=1,
        created_at=session.created_at,
        last_login_time=session.last_login_time,
        absolute_expires_at=session.absolute_expires_at,
        ttl=session.absolute_expires_at + _RETENTION,
        token=_token_record(new_token(session.session_id, child.child_session_id)),
    )


def _token_record(token: Token) -> TokenRecord:
    """Without a key for successors: the token is thrown away."""
    return TokenRecord(family_hash=token.family_hash, head=token.token_hash)


def _document(data: JSONObject) -> Document:
    return Document({"M": write_map(data)})

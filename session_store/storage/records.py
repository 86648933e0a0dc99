"""Rows of the table as records: the language between the operations and the storage. Times are integer epoch seconds.

The records are named tuples. Making a dataclass of this size costs every cold start a millisecond.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from session_store.model import ChildSession, Session, SessionState
from session_store.storage.document import NO_DATA, Document

if TYPE_CHECKING:
    from session_store.model import EndReason

_WRITE_ID_BYTES: Final = 8
# The fields for the ids of a session's last saves, the newest first.
WRITE_IDS: Final = ("write_id", "previous_write_id", *(f"write_id_{number}" for number in range(3, 9)))


class SessionKey(NamedTuple):
    """Names a session's row."""

    session_id: str
    customer_id: str | None


class ChildKey(NamedTuple):
    """Names a child session's row."""

    session_id: str
    child_session_id: str


class CustomerKey(NamedTuple):
    """Names a customer's own row."""

    customer_id: str


class IdempotencyKey(NamedTuple):
    """Names the row of an idempotency key.

    Attributes:
        key_hash: SHA-256 of customer and key, in hexadecimal digits.
        customer_id: whose sign-in it was, None for a visitor's session.
    """

    key_hash: str
    customer_id: str | None


class RowKey(NamedTuple):
    """Names a row of any form, by its key as it is stored."""

    partition_key: str
    sort_key: str


class TokenRecord(NamedTuple):
    """The token's part of a row.

    Attributes:
        family_hash: SHA-256 of the family, None in an ended session.
        rotation_key: the key that authenticates successors' secrets, 32 bytes.
        head: SHA-256 of the secret that the session goes by.
        epoch: number of the head: 0 at creation, one more with each rotation.
        first_used_at: when a successor of the head was used for the first time, None before that.
        first_used: SHA-256 of that successor's secret.
    """

    family_hash: bytes | None = None
    rotation_key: bytes | None = None
    head: bytes | None = None
    epoch: int = 0
    first_used_at: int | None = None
    first_used: bytes | None = None

    def __repr__(self) -> str:
        return "TokenRecord(...)"  # neither a hash nor the key shows in one


NO_TOKEN: Final = TokenRecord()


class SessionRecord(NamedTuple):
    """A session's row.

    Attributes:
        generation: the customer's generation at creation, or when an end-all last kept the session.
        customer_row: id of the customer's row at creation, None for a visitor. An erased customer gets another row.
        child_mark: what its children copy. Another one ends those from before. None until that happens.
        write_id: id of the last save, in a tombstone of the end. A write finds its own id after a lost reply.
        earlier_write_ids: of the saves before it, as far as they are kept: `WRITE_IDS` without the first.
        collection_until: TTL of the session and its children alike, None before the first child. Children are found
            through the session's row. None may stay for longer.
        end_reason: why it ended, None before that.
    """

    session_id: str
    customer_id: str | None
    session_state: SessionState
    data: Document
    version: int
    generation: int
    created_at: int
    last_login_time: int | None
    last_seen_at: int
    idle_timeout: int
    expires_at: int
    absolute_expires_at: int
    ttl: int
    client: str | Document | None
    write_id: bytes
    token: TokenRecord
    earlier_write_ids: tuple[bytes, ...] = ()
    collection_until: int | None = None
    customer_row: bytes | None = None
    child_mark: bytes | None = None
    ends_with_browser: bool = False
    end_reason: EndReason | None = None

    @property
    def key(self) -> SessionKey:
        """The key of the row."""
        return SessionKey(self.session_id, self.customer_id)

    def knows_write(self, write_id: bytes) -> bool:
        """Whether a write is among the last ones."""
        return write_id == self.write_id or write_id in self.earlier_write_ids

    def is_shown(self, now: int) -> bool:
        """Whether reads serve it: active or closing, and not expired."""
        return self.session_state is not SessionState.ENDED and now < self.expires_at

    def is_live(self, now: int) -> bool:
        """Whether it may be used and written: active, and not expired."""
        return self.session_state is SessionState.ACTIVE and now < self.expires_at

    def opened(self) -> SessionRecord:
        """The same with its data at hand."""
        return self._replace(data=self.data.opened())

    def to_session(self, *, reads_later: bool = False) -> Session:
        """The session for callers. Its snapshot is this record without its token. A save from it needs no read.

        Args:
            reads_later: whether its data is read when it is first looked at.

        Raises:
            UnreadableDataError: its data cannot be read.
        """
        utc, login, client = UTC, self.last_login_time, self.client
        document = self.data if reads_later else self.data.opened()
        if isinstance(client, Document):
            client = str(client.opened().text)
        session = Session(
            session_id=self.session_id,
            customer_id=self.customer_id,
            session_state=self.session_state,
            data={} if reads_later else document.read(),
            created_at=datetime.fromtimestamp(self.created_at, utc),
            last_login_time=None if login is None else datetime.fromtimestamp(login, utc),
            last_seen_at=datetime.fromtimestamp(self.last_seen_at, utc),
            expires_at=datetime.fromtimestamp(self.expires_at, utc),
            absolute_expires_at=datetime.fromtimestamp(self.absolute_expires_at, utc),
            version=self.version,
            client=client,
            ends_with_browser=self.ends_with_browser,
            snapshot=self._replace(client=client, data=document, token=NO_TOKEN),
        )
        if reads_later:
            object.__delattr__(session, "data")
        return session

    def without_data(self) -> Session:
        """The same for callers who want neither data nor client. Both may be unreadable. A save from it reads them."""
        session = self._replace(data=NO_DATA, client=None).to_session()
        object.__setattr__(session, "snapshot", None)
        for name in ("data", "client"):
            object.__delattr__(session, name)
        return session


class ChildRecord(NamedTuple):
    """A child session's row. It says nothing of the root's life. A child is live only while its root is.

    Attributes:
        write_id: in a tombstone the id of the end, else empty.
        child_mark: its root's at creation.
        end_reason: why it ended by itself, None before that.
    """

    session_id: str
    child_session_id: str
    customer_id: str | None
    session_state: SessionState
    data: Document
    version: int
    created_at: int
    last_login_time: int | None
    absolute_expires_at: int
    ttl: int
    token: TokenRecord
    audience: str | None = None
    write_id: bytes = b""
    child_mark: bytes | None = None
    end_reason: EndReason | None = None

    @property
    def key(self) -> ChildKey:
        """The key of the row."""
        return ChildKey(self.session_id, self.child_session_id)

    def is_shown(self, root: SessionRecord, now: int) -> bool:
        """Whether reads serve it, if they serve its root."""
        return self.session_state is not SessionState.ENDED and now < self.absolute_expires_at and self.is_under(root)

    def is_under(self, root: SessionRecord) -> bool:
        """Whether its root's children have not been ended since it began."""
        return self.child_mark == root.child_mark

    def to_child_session(self, root: SessionRecord) -> ChildSession:
        """The child session that callers get. Activity and expiry are the root's.

        Raises:
            UnreadableDataError: its data cannot be read.
        """
        utc, login = UTC, self.last_login_time
        return ChildSession(
            child_session_id=self.child_session_id,
            session_id=self.session_id,
            customer_id=self.customer_id,
            session_state=self.session_state,
            data=self.data.read(),
            created_at=datetime.fromtimestamp(self.created_at, utc),
            last_login_time=None if login is None else datetime.fromtimestamp(login, utc),
            last_seen_at=datetime.fromtimestamp(root.last_seen_at, utc),
            expires_at=datetime.fromtimestamp(min(root.expires_at, self.absolute_expires_at), utc),
            absolute_expires_at=datetime.fromtimestamp(self.absolute_expires_at, utc),
            version=self.version,
            audience=self.audience,
        )


class CustomerRecord(NamedTuple):
    """A customer's own row: made by the first sign-in, deleted by an erasure. Without it no session is valid.

    Attributes:
        row_id: random. Sessions copy it. A row that is made after an erasure has another, however wrong clocks are.
        generation: moment of creation, then of the last end-all, in epoch milliseconds, or one more than before where
            that is higher. Sessions copy it. One with a lower generation is from before an end-all.
        ttl: not before the end of any of the customer's sessions.
        covered: generation of the last end-all that got to the end of the index. 0 before the first.
        kept: id of the session that it kept.
        provider_logout_at: the latest moment at which an identity provider has logged the customer out of all sessions,
            by the provider's clock. 0 before the first.
    """

    customer_id: str
    row_id: bytes
    generation: int
    ttl: int
    covered: int = 0
    kept: str | None = None
    provider_logout_at: int = 0

    @property
    def key(self) -> CustomerKey:
        """The key of the row."""
        return CustomerKey(self.customer_id)


class IdempotencyRecord(NamedTuple):
    """The row of an idempotency key.

    Attributes:
        session_id: what the last call with this key has made.
        fingerprint: hash of what that call asked for.
    """

    session_id: str
    fingerprint: bytes


class NotedRecord(NamedTuple):
    """A row about an identity provider's own session, or about a logout that the provider has sent.

    Attributes:
        customer_id: whose session it is, None of a logout.
        ttl: when the row is of no more use.
        session_ids: of the sessions that were made in the provider's session.
    """

    customer_id: str | None
    ttl: int
    session_ids: tuple[str, ...] = ()


class DataKeyRecord(NamedTuple):
    """The row of a key that encrypts sessions' data.

    Attributes:
        wrapped: the key, encrypted by the keyring.
    """

    wrapped: bytes
    created_at: int


class Hit(NamedTuple):
    """A session or child session as the index shows it: eventually consistent, a hint and no more."""

    session_id: str
    customer_id: str | None
    last_login_time: int | None
    absolute_expires_at: int

    @property
    def key(self) -> SessionKey:
        """The key of the session's row. Of a child session that of its root."""
        return SessionKey(self.session_id, self.customer_id)


class Page(NamedTuple):
    """One page of a customer's sessions in the index, newest first.

    Attributes:
        cursor: id of the session after which the next page begins, None at the end.
        foreign: rows among them whose keys are not a session's.
    """

    hits: tuple[Hit, ...]
    cursor: str | None
    foreign: tuple[RowKey, ...] = ()


class ChildPage(NamedTuple):
    """One page of a session's child sessions, oldest first.

    Attributes:
        root: the session, None when there is none.
        cursor: id of the child session after which the next page begins, None at the end.
    """

    root: SessionRecord | None
    children: tuple[ChildRecord, ...]
    cursor: str | None


Key: TypeAlias = SessionKey | ChildKey | CustomerKey | IdempotencyKey | RowKey
Record: TypeAlias = SessionRecord | ChildRecord | CustomerRecord | IdempotencyRecord | NotedRecord | DataKeyRecord


def new_write_id() -> bytes:
    """The id of a write. An attempt after a lost reply finds it in the row, and knows that the write was done."""
    return secrets.token_bytes(_WRITE_ID_BYTES)

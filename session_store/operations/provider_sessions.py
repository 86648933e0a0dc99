"""Sign-ins with an identity provider: each session is noted under the provider's own, so that its logout finds it.

The note, the session and the end of the one before are one transaction. It fails where the provider has ended its
session. So a logout that comes first is seen by the sign-in, and one that comes later sees the session.

`create` gets this code with the object that a caller gives it. A function that signs no user in with a provider has
none of it in its bundle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from session_store.errors import InvalidInputError, ProviderSessionEndedError
from session_store.storage import provider_rows
from session_store.storage.records import NotedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session_store.operations.context import Context
    from session_store.storage.changes import Change
    from session_store.storage.records import CustomerRecord, Record, RowKey, SessionRecord


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """The session of an identity provider in which a customer signs in, as its ID token says.

    Attributes:
        issuer: the provider, `iss` of the ID token.
        sid: the provider's own session. None if the provider does not name one. Then only its logout of the customer
            from everywhere is heeded, and nothing is noted.
        issued_at: `iat` of the ID token, an aware datetime: by the provider's clock, as its logout is.

    Raises:
        InvalidInputError: a value is malformed.
    """

    issuer: str
    sid: str | None = field(repr=False)
    issued_at: datetime

    def __post_init__(self) -> None:
        check_text("issuer", self.issuer)
        if self.sid is not None:
            check_text("sid", self.sid)
        check_moment("issued_at", self.issued_at)

    def enter(self, context: Context, customer: CustomerRecord, record: SessionRecord) -> Entry | None:
        """For the library: what the sign-in writes besides the session. None if there is no `sid`.

        Raises:
            ProviderSessionEndedError: the provider has logged the customer out since it signed them in.
        """
        if int(self.issued_at.timestamp()) <= customer.provider_logout_at:
            raise ProviderSessionEndedError
        if self.sid is None:
            return None
        return Entry(
            partition=provider_rows.sessions_partition(self.issuer, self.sid),
            logout=provider_rows.logout_of_session(self.issuer, self.sid),
            customer_id=customer.customer_id,
            session_id=record.session_id,
            ttl=context.kept_until(record.absolute_expires_at),
        )


@dataclass(kw_only=True)
class Entry:
    """A session's entry in the provider's session, as a part of the sign-in's transaction.

    Attributes:
        partition: of the provider's session.
        logout: the row that says that it is over.
        customer_id: who signs in.
        session_id: of the new session.
        ttl: when the new session is over and its row is of no more use.
        known: the row as the try before has found it.
    """

    partition: str
    logout: RowKey
    customer_id: str
    session_id: str
    ttl: int
    known: NotedRecord | None = None

    def parts(self, now: int) -> tuple[Change, Change]:
        """The entry itself, and the check that the provider's session is not over."""
        entry = provider_rows.with_session(self.partition, self.customer_id, self.session_id, self.ttl, self.known)
        return entry, provider_rows.is_not_noted(self.logout, now)

    def was_refused(self, records: Sequence[Record | None]) -> bool:
        """Whether the entry has to be written in another way, because the row is full or lasts longer.

        Args:
            records: those of a failed transaction, from the first one of these parts on.

        Raises:
            ProviderSessionEndedError: the provider's session is over.
        """
        known, logout = records[:2]
        if logout is not None:
            raise ProviderSessionEndedError from None
        if isinstance(known, NotedRecord):
            self.known = known
        return known is not None


def check_text(field: str, value: str) -> None:
    """A name that a provider gives. It is hashed, and may be of any length.

    Raises:
        InvalidInputError: it is no text, or empty.
    """
    if not isinstance(value, str) or not value:
        raise InvalidInputError(field, "must be a string that is not empty", confidential=True)


def check_moment(field: str, value: datetime) -> None:
    """A moment of a provider's clock.

    Raises:
        InvalidInputError: it has no time zone.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidInputError(field, "must be a datetime with a time zone", value=value)

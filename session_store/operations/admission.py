"""Admission: from a presented token to the records it stands for, or to a refusal. For validation and rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from session_store.errors import InvalidTokenError, Refusal, SessionStoreError, TokenReuseError
from session_store.incidents import Incident, IncidentName
from session_store.model import EndReason, SessionState
from session_store.operations import token_rules
from session_store.operations.token_rules import Standing
from session_store.storage.records import ChildKey, ChildRecord, SessionRecord

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import Record, SessionKey, TokenRecord
    from session_store.tokens import Token


class Presented(NamedTuple):
    """A presented token with the records it stands for: a session, or a child session with its root."""

    token: Token
    root: SessionRecord
    child: ChildRecord | None

    @property
    def key(self) -> SessionKey | ChildKey:
        """Key of the record that has the token's part."""
        return self.child.key if self.child else self.root.key

    @property
    def record(self) -> TokenRecord:
        """The token's part of the child's record, or else of the root's."""
        return self.child.token if self.child else self.root.token

    def successor(self, now: int) -> str:
        """A token with the same family and a secret of the next epoch."""
        return self.token.successor(self.record.rotation_key or b"", self.record.epoch + 1, now).encode()

    def updated(self, record: Record | None) -> Presented:
        """The same with a newer state of one of its records.

        Raises:
            InvalidTokenError: the record is gone.
        """
        if record is None:
            raise InvalidTokenError(Refusal.UNKNOWN, session_id=self.token.session_id)
        if isinstance(record, ChildRecord):
            return self._replace(child=record)
        return self._replace(root=cast("SessionRecord", record))


def load(rows: Rows, token: Token) -> Presented:
    """Read the records. A child and its root side by side.

    Raises:
        InvalidTokenError: one is not there.
    """
    child = None
    if token.child_session_id is None:
        root = rows.session_by_id(token.session_id, token.family_hash)
    else:
        with rows.child_beside(ChildKey(token.session_id, token.child_session_id)) as reading:
            root = rows.session_by_id(token.session_id, with_data=False)
        child = reading.result()
    if root is None or (token.child_session_id is not None and child is None):
        raise InvalidTokenError(Refusal.UNKNOWN, session_id=token.session_id)
    return Presented(token, root, child)


def admit(context: Context, rows: Rows, presented: Presented, now: int, *, ends: bool = True) -> Standing:
    """Judge state, expiry and secret. A replaced secret ends the session.

    The theft is reported before the session is ended, and the refusal stands whether or not that can be written. The
    next use of the secret tries it again.

    Args:
        context: the store.
        rows: the method's reads and writes.
        presented: the token with the records it stands for.
        now: a moment after they were read.
        ends: whether a theft ends the session, else it is only refused and reported.

    Returns:
        Any but `Standing.REUSED` and `Standing.FOREIGN`.

    Raises:
        InvalidTokenError: refused.
        TokenReuseError: refused, and ended.
    """
    root = presented.root
    standing = token_rules.standing_of(presented.token, presented.record, now, context.grace)
    refused = refusal(context, presented, standing, now)
    if refused:
        raise InvalidTokenError(refused, session_id=root.session_id)
    if standing is Standing.REUSED:
        rows.report(Incident(IncidentName.TOKEN_REUSED, root.session_id))
        if ends:
            _end_stolen(context, rows, presented)
        raise TokenReuseError(root.session_id)
    return standing


def _end_stolen(context: Context, rows: Rows, presented: Presented) -> None:
    from session_store.operations.end import end  # noqa: PLC0415 - thefts are rare

    try:
        end(context, rows, presented.key, EndReason.THEFT)
    except SessionStoreError as error:
        rows.report(Incident(IncidentName.END_FAILED, presented.root.session_id, type(error).__name__))


def refusal(context: Context, presented: Presented, standing: Standing, now: int) -> Refusal | None:
    """Why a token is refused by state, family and expiry. None if it is not."""
    root, child = presented.root, presented.child
    states = (root.session_state, child.session_state if child else root.session_state)
    if SessionState.ENDED in states:
        return Refusal.ENDED
    if standing is Standing.FOREIGN:
        return Refusal.UNKNOWN
    if SessionState.CLOSING in states:
        return Refusal.CLOSING
    if now >= root.expires_at or (child and now >= child.absolute_expires_at):
        return Refusal.EXPIRED
    outlived = child is not None and not child.is_under(root)
    return Refusal.REVOKED if outlived or root.created_at < context.accepts_from else None

"""Admission: from a presented token to the rows it stands for, or to a refusal. Shared by validation and rotation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from session_store import tokens
from session_store.errors import InvalidTokenError, Refusal, TokenReuseError
from session_store.incidents import Incident, IncidentName
from session_store.model import SessionState
from session_store.operations import token_rules
from session_store.operations.context import seconds
from session_store.operations.end import end
from session_store.operations.token_rules import Secret
from session_store.storage import items

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import Item
    from session_store.storage.dynamodb import Call
    from session_store.storage.items import ChildRecord, SessionRecord, TokenRecord
    from session_store.tokens import Token


class Holder(NamedTuple):
    """The rows a token stands for: a session, or a child session with its root."""

    token: Token
    root: SessionRecord
    child: ChildRecord | None

    @property
    def key(self) -> Item:
        """Key of the row that holds the token's hashes."""
        return self.child.key if self.child else self.root.key

    @property
    def record(self) -> TokenRecord:
        """The token's hashes."""
        return self.child.token if self.child else self.root.token

    def with_row(self, item: Item | None) -> Holder:
        """The same with a newer state of one of its rows.

        Raises:
            InvalidTokenError: the row is gone.
        """
        if item is None:
            raise InvalidTokenError(Refusal.UNKNOWN, session_id=self.token.session_id)
        if items.is_child(item):
            return self._replace(child=items.read_child(item))
        return self._replace(root=items.read_session(item))


def load(call: Call, token: Token) -> Holder:
    """Read the rows, strongly; a child and its root side by side.

    Raises:
        InvalidTokenError: there is no such row.
    """
    if token.child_session_id is None:
        root_item, child_item = call.get_session(token.session_id), None
    else:
        with ThreadPoolExecutor(max_workers=1) as other:
            pending = other.submit(call.get, items.child_key(token.session_id, token.child_session_id))
            root_item, child_item = call.get_session(token.session_id), pending.result()
    if root_item is None or (token.is_child and child_item is None):
        raise InvalidTokenError(Refusal.UNKNOWN, session_id=token.session_id)
    child = items.read_child(child_item) if child_item else None
    return Holder(token=token, root=items.read_session(root_item), child=child)


def admit(context: Context, call: Call, holder: Holder) -> Secret:
    """Judge state, expiry and secret; a replaced secret ends the session.

    Returns:
        `Secret.CURRENT` or `Secret.PREVIOUS`.

    Raises:
        InvalidTokenError: refused.
        TokenReuseError: refused, and ended.
    """
    now = context.now()
    secret = token_rules.recognise(holder.token, holder.record, now, seconds(context.settings.rotation_grace))
    refusal = _refusal(context, holder, secret, now)
    if refusal:
        raise InvalidTokenError(refusal, session_id=holder.root.session_id)
    if secret is Secret.REUSED:
        end(context, call, holder.key)
        context.on_incident(Incident(IncidentName.TOKEN_REUSED, holder.root.session_id))
        raise TokenReuseError(holder.root.session_id)
    return secret


def parse(text: str, *, child: bool) -> Token:
    """Read a token of the expected kind.

    Raises:
        InvalidTokenError: malformed, or of the other kind.
    """
    token = tokens.parse(text)
    if token.is_child is not child:
        raise InvalidTokenError(Refusal.WRONG_KIND, session_id=token.session_id)
    return token


def _refusal(context: Context, holder: Holder, secret: Secret, now: int) -> Refusal | None:
    root, child = holder.root, holder.child
    states = {root.session_state} | ({child.session_state} if child else set())
    if SessionState.ENDED in states:
        return Refusal.ENDED
    if secret is Secret.FOREIGN:
        return Refusal.UNKNOWN
    if SessionState.CLOSING in states:
        return Refusal.CLOSING
    if now >= root.expires_at or (child and now >= child.absolute_expires_at):
        return Refusal.EXPIRED
    not_before = context.settings.not_before
    if not_before and root.created_at < not_before.timestamp():
        return Refusal.REVOKED
    return None

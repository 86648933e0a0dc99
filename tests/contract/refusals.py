"""Asks a store why it refuses."""

from __future__ import annotations

from session_store import InvalidTokenError, Refusal, SessionStore


def refusal(
    store: SessionStore, token: str, *, child: bool = False, strict: bool = False, audience: str | None = None
) -> Refusal | None:
    """Why a token is refused; None when it is admitted."""
    try:
        store.validate(token, child=child, strict=strict, audience=audience)
    except InvalidTokenError as error:
        return error.refusal
    return None

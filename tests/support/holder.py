"""One who holds a token and keeps the newest, as a browser keeps a cookie; below HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from session_store import SessionStore


@dataclass(eq=False)
class Holder:
    """Uses a store with a session's token, or a child session's."""

    store: SessionStore
    token: str
    child: bool = False

    def rotate(self) -> str | None:
        """Ask for a new token; returns it when there is one."""
        new = self.store.rotate(self.token, child=self.child).token
        self.token = new or self.token
        return new

    def use(self, token: str | None = None) -> str:
        """Validate the newest token, or another one; returns the session's id."""
        presented = token or self.token
        return self.store.validate(presented, child=self.child).session_id

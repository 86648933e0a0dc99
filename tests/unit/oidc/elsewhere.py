"""The provider's side of a logout, and our route for it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from session_store import Session
from tests.support.lambda_events import Handler, Payload, event, read
from tests.support.provider import Provider
from tests.support.reply import Reply
from tests.support.scene import Scene

FORM: Final = "application/x-www-form-urlencoded"


@dataclass
class Elsewhere:
    """The provider and our route. There are two sessions of its user, and one of another provider's with that name."""

    provider: Provider
    scene: Scene
    handler: Handler
    sessions: list[Session]

    def logout(self, header: dict[str, Any] | None = None, **changed: Any) -> Reply:
        return self.send(form(self.provider.logout_token(header, **changed)))

    def send(self, body: str, *, method: str = "POST", kind: str = FORM, payload: Payload = Payload.HTTP_API) -> Reply:
        """Send a form to the route, whose answer no cache stores, and that shows no token."""
        asked = event(method, {"content-type": kind}, [], payload, path="/auth/backchannel-logout", body=body)
        if payload is Payload.HTTP_API:
            asked |= {"body": base64.b64encode(body.encode()).decode(), "isBase64Encoded": True}
        reply = read(self.handler(asked, None), payload)
        assert reply.headers["cache-control"] == "no-store"
        assert "eyJ" not in reply.text
        return reply

    @property
    def alive(self) -> list[bool]:
        return [self.scene.other.get_session(each.session_id) is not None for each in self.sessions]


def form(token: str) -> str:
    return urlencode({"logout_token": token})

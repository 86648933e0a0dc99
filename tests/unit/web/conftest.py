from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from session_store.web import SessionHandle, current_session, session
from tests.support.lambda_events import Handler, Payload, behind
from tests.support.reply import Reply
from tests.support.scene import Scene
from tests.support.visitor import Visitor, visitor_with

Action = Callable[[SessionHandle], Any]


class Site:
    """A site whose handlers do what a test asks for. The rules are arguments of `@session` for all its pages."""

    def __init__(self, scene: Scene, **rules: Any) -> None:
        self.scene, self.other = scene, scene.other
        self._rules = {"store": scene.store} | rules

    def page(
        self, action: Action, token: str | None = None, payload: Payload = Payload.HTTP_API, **rules: Any
    ) -> Visitor:
        """A visitor of a page whose handler returns what the action does."""
        return visitor_with(behind(self.handler(action, **rules), payload), token)

    def handler(self, action: Action, **rules: Any) -> Handler:
        """A handler that returns what the action does."""

        @session(**self._rules | rules)
        def handler(event: dict[str, Any], context: object) -> Any:
            return action(current_session())

        return handler

    def visitor(self, token: str | None = None) -> Visitor:
        return self.page(lambda _: None, token)

    def signed_in(self, customer_id: str | None = "ana", **data: Any) -> Visitor:
        """A visitor with a new session."""
        return self.visitor(self.scene.store.create_session(customer_id, data=data).token)

    def visit(self, visitor: Visitor, *actions: Action, **headers: str) -> tuple[Reply, Any]:
        """A request whose handler does this, one after the other: the answer, and what the last action has returned."""
        returned: list[Any] = [None]
        visitor.send = self.page(lambda handle: returned.extend(action(handle) for action in actions)).send
        return visitor.post(**headers), returned[-1]

    def data_of(self, visitor: Visitor) -> dict[str, Any]:
        return self.other.validate(visitor.token or "").data


@pytest.fixture
def site(scene: Scene) -> Site:
    return Site(scene)


def count(handle: SessionHandle) -> dict[str, Any]:
    """A page that counts its visits."""
    visits = handle["visits"] = handle.get("visits", 0) + 1
    return {"statusCode": 200, "body": str(visits)}

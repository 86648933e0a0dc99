"""The functions in this process, and what each of them asks of AWS."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from demo.app import handler as demo_handler
from session_store.http.routes import Function
from session_store.web.authorizer import Authorizer
from session_store.web.cookies import COOKIE_NAME
from session_store.web_settings import UserRouteSettings
from tests.least_privilege import table_access
from tests.least_privilege.functions import DEMO
from tests.least_privilege.tour import Reply
from tests.support.metering import permissions_of_request
from tests.support.visitor import SAME_ORIGIN
from tests.unit.http import gateway
from tests.unit.user_routes import gateway as user_gateway

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from session_store.access_patterns import Resource
    from tests.support.scene import Scene

FORM_HEADERS = {"content-type": "application/x-www-form-urlencoded", **SAME_ORIGIN}
JSON_HEADERS = {"content-type": "application/json", "if-match": "2", **SAME_ORIGIN}


def token_in(set_cookies: Iterable[str]) -> str | None:
    """The token in a Set-Cookie header."""
    for cookie in set_cookies:
        return cookie.partition(";")[0].removeprefix(f"{COOKIE_NAME}=") or None
    return None


@dataclass
class Recorded:
    """The functions on a scene's table.

    Attributes:
        calls: by function, what IAM had to allow for its calls.
    """

    scene: Scene
    calls: dict[str, set[tuple[str, Resource]]] = field(default_factory=lambda: defaultdict(set))

    def back_end(self, method: str, url: str, body: Any) -> Reply:
        """Call a back-end route."""
        with self._recording(gateway.match(method, url)[0].function):
            reply = gateway.Gateway(self.scene.store).call(method, url, body)
        return Reply(reply.status, reply.json)

    def user(self, method: str, url: str, token: str, body: Any) -> Reply:
        """Call a user route with the session's token."""
        users = user_gateway.UserGateway(self.scene.store, UserRouteSettings())
        headers = {"authorization": f"Bearer {token}", **JSON_HEADERS}
        with self._recording(user_gateway.match(method, url)[0].function):
            reply = users.send(method, url, headers, "" if body is None else json.dumps(body))
        return Reply(reply.status, reply.json)

    def protected(self, token: str) -> int:
        """Ask the authorizer, as API Gateway does."""
        with self._recording(Function.AUTHORIZER):
            decision = Authorizer(self.scene.store).decide({"headers": {"authorization": f"Bearer {token}"}})
        return 200 if decision.is_authorized else 403

    def page(self, method: str, path: str, token: str | None, fields: Mapping[str, str]) -> tuple[int, str | None]:
        """Open a page of the demo, or post a form; the status, and the token in the cookie."""
        event = {
            "routeKey": f"{method} {path}",
            "headers": FORM_HEADERS,
            "cookies": [] if token is None else [f"{COOKIE_NAME}={token}"],
            "requestContext": {"http": {"method": method}},
            "body": urlencode(fields),
        }
        with self._recording(DEMO):
            answer = demo_handler(event, None)
        return answer["statusCode"], token_in(answer.get("cookies", ()))

    def put_generation(self, customer_id: str) -> None:
        """Note an end of all the customer's sessions that reached no session yet."""
        table_access.put_generation(self.scene.client, self.scene.table_name, customer_id)

    def make_refresh_due(self, session_id: str, customer_id: str) -> None:
        """Let some time pass for a session."""
        table_access.make_refresh_due(self.scene.client, self.scene.table_name, session_id, customer_id)

    @contextmanager
    def _recording(self, function: str) -> Iterator[None]:
        def record(params: dict[str, Any], model: Any, **_: Any) -> None:
            self.calls[function] |= permissions_of_request(model.name, params)

        events = self.scene.disturbed_client.meta.events
        events.register("before-parameter-build.dynamodb", record)
        try:
            yield
        finally:
            events.unregister("before-parameter-build.dynamodb", record)

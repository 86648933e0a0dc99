"""Requests with the answers that the functions give to them, from a store in memory, for the documents.

Only what is random, or secret, is replaced: ids and tokens.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from docgen.markdown import fenced
from local.sample_data import LOGIN_ABC
from session_store.adapters.aws_lambda.request_lines import RequestLines
from session_store.api.backend_dispatcher import BackendDispatcher
from session_store.api.user_dispatcher import UserDispatcher
from session_store.catalog.route import Authorization
from session_store.catalog.routes import ROUTES
from session_store.kernel.web_settings import UserRouteSettings
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.testing import MovableClock, in_memory_store
from session_store.tokens import ID_PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store import SessionStore
    from session_store.api.dispatcher import Dispatcher
    from session_store.catalog.route import Route

_ROUTES: Final = {route.operation_id: route for route in ROUTES}
_TOKEN: Final = re.compile(rf"(v1\.{ID_PATTERN})\.[\w-]{{22}}\.[\w-]{{43}}")
_ID: Final = re.compile(ID_PATTERN)
_BEFORE_RANDOM: Final = len("01880fb9-92c0-7")  # the time and the version
_SHOWN_HEADERS: Final = ("Content-Type", "ETag")
_USERS_KEYS: Final = ("cart", "theme")
_FROM_A_PAGE: Final = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request.

    Attributes:
        operation: which, by its id.
        headers: besides those that follow from the rest.
        token: in the cookie, None for a back end's.
    """

    operation: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None

    @property
    def route(self) -> Route:
        """The route that it is for."""
        return _ROUTES[self.operation]

    @property
    def all_headers(self) -> dict[str, str]:
        """As a client sends them, the signature aside."""
        cookie = {} if self.token is None else {"Cookie": f"{DEFAULT_COOKIE_NAME}={self.token}"}
        content = {} if self.body is None else {"Content-Type": "application/json"}
        return {**cookie, **self.headers, **content}

    def event(self) -> dict[str, Any]:
        """The request as API Gateway's event (payload format 2.0)."""
        headers = {name: value for name, value in self.all_headers.items() if name != "Cookie"}
        return {
            "version": "2.0",
            "routeKey": self.route.key,
            "headers": headers,
            "requestContext": {"requestId": "request", "http": {"method": self.route.method}},
            "isBase64Encoded": False,
            **({} if self.token is None else {"cookies": [f"{DEFAULT_COOKIE_NAME}={self.token}"]}),
            **({} if self.body is None else {"body": json.dumps(self.body)}),
        }


class Conversation:
    """Requests to one store, written down with their answers.

    Args:
        store: answers them.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._lines: list[str] = []
        self._ids: dict[str, str] = {}

    def send(self, request: Request) -> None:
        """Write down a request and its answer."""
        answer = self._dispatcher(request.route).handle(request.event())
        self._lines.append(fenced("http", self._told(_request_text(request))))
        self._lines.append(fenced("http", self._told(_answer_text(answer))))

    def render(self) -> str:
        """The requests and responses so far, as Markdown."""
        return "\n\n".join(self._lines)

    def _dispatcher(self, route: Route) -> Dispatcher:
        lines = RequestLines("sessions", write=lambda _: None)
        if route.authorization is Authorization.AWS_IAM:
            return BackendDispatcher(route.function, self._store, lines)
        return UserDispatcher(route.function, self._store, lines, UserRouteSettings(data_keys=_USERS_KEYS))

    def _told(self, text: str) -> str:
        """The text, the same at every run: random parts of ids are counted up, secrets are left out."""
        return _ID.sub(self._counted, _TOKEN.sub(r"\1.FAMILY.SECRET", text))

    def _counted(self, found: re.Match[str]) -> str:
        number = len(self._ids) + 1
        return self._ids.setdefault(found[0], f"{found[0][:_BEFORE_RANDOM]}000-8000-{number:012d}")


def backend_exchanges() -> str:
    """A sign-in, and a mistake."""
    with in_memory_store(clock=MovableClock(LOGIN_ABC)) as store:
        talk = Conversation(store)
        talk.send(Request(operation="createSession", body={"customer_id": "ABC", "data": {"cart": []}}))
        talk.send(Request(operation="createSession", body={"customer_id": "ABC", "idle_timeout": 0}))
        return talk.render()


def user_exchanges() -> str:
    """A page reads its user's data, replaces them, and comes too late."""
    with in_memory_store(clock=MovableClock(LOGIN_ABC)) as store:
        talk = Conversation(store)
        token = store.create_session("ABC", data={"role": "admin", "theme": "light"}, client="Firefox on Linux").token
        talk.send(Request(operation="getMySession", token=token))
        for theme in ("dark", "blue"):
            headers = {**_FROM_A_PAGE, "If-Match": '"1"'}
            talk.send(Request(operation="replaceMyData", token=token, headers=headers, body={"theme": theme}))
        return talk.render()


def _request_text(request: Request) -> str:
    headers = (f"{name}: {value}" for name, value in request.all_headers.items())
    body = () if request.body is None else ("", json.dumps(request.body))
    return "\n".join((request.route.key, *headers, *body))


def _answer_text(answer: Mapping[str, Any]) -> str:
    status = HTTPStatus(answer["statusCode"])
    headers = [f"{name}: {answer['headers'][name]}" for name in _SHOWN_HEADERS if name in answer["headers"]]
    body = ("", json.dumps(json.loads(answer["body"]), indent=2)) if "body" in answer else ()
    return "\n".join((f"{status} {status.phrase}", *headers, *body))

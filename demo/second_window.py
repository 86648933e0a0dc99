"""A second window with a cookie of its own: another device of the customer, or a thief with a copy of the cookie.

A browser has one cookie for all its windows. This window has one under another name, so that one browser can show both
sides. It is a page with the customer's name and a button that asks the server again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo import provider, requests
from demo.answers import page, redirect
from demo.devices import describe
from demo.home import COUNT
from demo.html import Html, Template
from demo.problems import NO_COPY, NOT_FOUND, explain
from demo.problems import show as show_problem
from demo.theft import GRACE_SECONDS, impatient_store
from session_store.errors import InvalidTokenError, TokenReuseError
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

DEVICE: Final = "device"
THIEF: Final = "thief"
_KINDS: Final = (DEVICE, THIEF)
_UNAUTHORIZED: Final = 401

_ACCEPTED: Final = {kind: Template(f"second_{kind}") for kind in _KINDS}
_HEADER: Final = Template("second_header")
_REFUSED: Final = Template("second_refused")
_CAUGHT: Final = Template("second_caught")


@session(required=True, strict=True, on_problem=explain)
def start(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /second/{kind}: give the window its cookie."""
    kind = _kind(event)
    if kind not in _KINDS:
        return show_problem(NOT_FOUND)
    token = _new_device(event) if kind == DEVICE else requests.cookie(event, requests.COOKIE_NAME)
    return redirect(f"/second/{kind}") | {"cookies": [_cookie(kind, token)]}


def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /second/{kind}: what the server says to the window's cookie."""
    kind = _kind(event)
    token = requests.cookie(event, cookie_name(kind))
    if kind not in _KINDS or not token:
        return show_problem(NO_COPY if kind in _KINDS else NOT_FOUND)
    try:
        found = impatient_store().validate(token, strict=True)
    except TokenReuseError:
        return _closed(kind, "Caught", _CAUGHT)
    except InvalidTokenError:
        return _closed(kind, "Refused", _REFUSED)
    name = provider.name_of(found.customer_id or "", found.data)
    content = _ACCEPTED[kind].fill(name=name, count=found.data.get(COUNT, 0), seconds=GRACE_SECONDS)
    return _window("Second window", content)


def _closed(kind: str, title: str, template: Template) -> dict[str, Any]:
    """The answer of the refusal. The window forgets its cookie."""
    return _window(title, template.fill(), status=_UNAUTHORIZED) | {"cookies": [_cookie(kind, "") + "; Max-Age=0"]}


def _window(title: str, content: Html, *, status: int = 200) -> dict[str, Any]:
    """A page without navigation: the other pages belong to the first window's cookie."""
    return page(title, content, path=None, status=status, header=_HEADER.fill())


def _new_device(event: Mapping[str, Any]) -> str:
    visitor = current_session()
    client = f"{describe(requests.header(event, 'user-agent'))}, second window"
    return visitor.store.create_session(visitor.customer_id, client=client).token


def _kind(event: Mapping[str, Any]) -> str:
    return requests.path(event).rpartition("/")[2]


def cookie_name(kind: str) -> str:
    """The name of a window's cookie."""
    return f"__Host-second-{kind}"


def _cookie(kind: str, token: str) -> str:
    return f"{cookie_name(kind)}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"

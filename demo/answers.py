"""Answers of the application: pages around one layout, redirects, and the headers that every answer has."""

from __future__ import annotations

import hashlib
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from demo.html import NOTHING, Html, Template, join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from session_store.web import SessionHandle

_SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",  # browsers heed it on HTTPS only
    "X-Content-Type-Options": "nosniff",
}
_STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
STATIC_FILES: Final = {file.name: file.read_text(encoding="utf-8") for file in sorted(_STATIC.iterdir())}
# In the files' addresses, so that browsers may keep them for good.
_VERSION: Final = hashlib.sha256("".join(STATIC_FILES.values()).encode()).hexdigest()[:8]

_LAYOUT: Final = Template("layout")
_SIGNED_IN: Final = Template("signed_in")
_ANONYMOUS: Final = Template("anonymous")
_NAVIGATION: Final = Template("navigation")
_NOTICE: Final = Template("notice")
_TIME: Final = Template("time")
_PAGES: Final = {"/": "Home", "/sessions": "Sessions", "/account": "Account"}
# The notices of a page after a redirect. The address names one of these, so that no link can put words into a page.
_NOTICES: Final = {
    "account-deleted": "The account is deleted, and its sessions have ended on every device.",
    "ended": "That session has ended. Its browser is signed out.",
    "others-ended": "All your other sessions have ended.",
    "password-changed": "Password changed. You stay signed in everywhere.",
    "password-changed-others-ended": "Password changed. All your other sessions have ended.",
    "recent": "This needs a recent sign-in. Sign in again, then repeat what you were about to do.",
    "session-over": "Your earlier session is over: it expired, or it was ended on another device. This is a new one.",
    "signed-in": "You are signed in, in a new session with a new id. The data of the old one came along.",
    "signed-out": "You are signed out. The session has ended, not just this page.",
}


def page(
    title: str,
    content: Html,
    *,
    path: str = "",
    status: int = 200,
    visitor: SessionHandle | None = None,
    notice: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A page as a handler's result.

    Args:
        title: what browsers call it.
        content: between header and footer.
        path: which entry of the navigation it is, empty for none.
        status: of the answer.
        visitor: whose page it is, None where nothing should be said about that.
        notice: the name of something to say first.
        headers: further ones.
    """
    body = _LAYOUT.fill(
        title=title,
        version=_VERSION,
        navigation=_navigation(path),
        visitor=NOTHING if visitor is None else _visitor(visitor),
        notice=_notice(notice),
        content=content,
    )
    kinds = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": {**kinds, **(headers or {})}, "body": body}


def redirect(path: str, **parameters: str) -> dict[str, Any]:
    """Sends the browser on with GET, after a request of any method."""
    location = f"{path}?{urlencode(parameters)}" if parameters else path
    return {"statusCode": 303, "headers": {"Location": location, "Cache-Control": "no-store"}, "body": ""}


def static_file(name: str) -> dict[str, Any]:
    """One of the files in `static/`.

    Raises:
        KeyError: there is no such file.
    """
    headers = {"Content-Type": _TYPES[Path(name).suffix], "Cache-Control": "public, max-age=31536000, immutable"}
    return {"statusCode": 200, "headers": headers, "body": STATIC_FILES[name]}


def secured(result: dict[str, Any]) -> dict[str, Any]:
    """A result with the headers that every answer has."""
    return {**result, "headers": {**result["headers"], **_SECURITY_HEADERS}}


def page_path(candidate: str) -> str:
    """The candidate if it is one of the pages, else the home page. Never an address of another site."""
    return candidate if candidate in _PAGES else "/"


def moment(at: datetime) -> Html:
    """A time in UTC, which the script on the page turns into the visitor's own."""
    utc = at.astimezone(UTC)
    return _TIME.fill(iso=f"{utc:%Y-%m-%dT%H:%M:%SZ}", text=f"{utc:%d %b %Y, %H:%M} UTC".lstrip("0"))


def _navigation(path: str) -> Html:
    return join(
        _NAVIGATION.fill(path=entry, name=name, state=Html('aria-current="page"') if entry == path else NOTHING)
        for entry, name in _PAGES.items()
    )


def _visitor(visitor: SessionHandle) -> Html:
    return _SIGNED_IN.fill(name=visitor.customer_id) if visitor.is_signed_in else _ANONYMOUS.fill()


def _notice(name: str | None) -> Html:
    return _NOTICE.fill(text=_NOTICES[name]) if name in _NOTICES else NOTHING

"""Answers of the application: pages around one layout, redirects, and the headers that every answer has."""

from __future__ import annotations

import hashlib
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo import notices, provider
from demo.html import NOTHING, Html, Template, join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_SECURITY_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",  # browsers heed it on HTTPS only
    "X-Content-Type-Options": "nosniff",
}
# Browsers hold the redirects of a sent form to `form-action`: that of a sign-out leads to the provider's logout.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)
_STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
STATIC_FILES: Final = {file.name: file.read_text(encoding="utf-8") for file in sorted(_STATIC.iterdir())}
# In the files' addresses, so that browsers may keep them for good.
_VERSION: Final = hashlib.sha256("".join(STATIC_FILES.values()).encode()).hexdigest()[:8]

_LAYOUT: Final = Template("layout")
_SIGNED_IN: Final = Template("signed_in")
_ANONYMOUS: Final = Template("anonymous")
_SIGN_IN_LINK: Final = Template("sign_in_link")
_NAVIGATION: Final = Template("navigation")
_ENTRY: Final = Template("navigation_entry")
_NOTICE: Final = Template("notice")
_TIME: Final = Template("time")
_NAVIGATED: Final = {"/": "Home", "/sessions": "Devices", "/account": "Account", "/theft": "Stolen cookie"}
_FOLLOWING: Final = frozenset({*_NAVIGATED, "/account/delete", "/sessions/end-others"})


def page(
    title: str,
    content: Html,
    *,
    path: str | None = "",
    status: int = 200,
    header: Html = NOTHING,
    notice: str = "",
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A page as a handler's result.

    Args:
        title: as browsers show it.
        content: between header and footer.
        path: which entry of the navigation it is, empty for none. None for a page without navigation.
        status: of the answer.
        header: who is signed in, see `anonymous` and `visitors_page`. Nothing where that is not known.
        notice: what to say first.
        headers: further ones.
    """
    body = _LAYOUT.fill(
        title=title,
        version=_VERSION,
        navigation=NOTHING if path is None else _navigation(path),
        visitor=header,
        notice=_NOTICE.fill(text=notice) if notice else NOTHING,
        content=content,
        how="Cognito signs you in." if provider.origin() else "Any name signs in, without a password.",
    )
    kinds = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return {"statusCode": status, "headers": {**kinds, **(headers or {})}, "body": body}


def visitors_page(
    event: Mapping[str, Any], title: str, content: Html, *, path: str = "", status: int = 200
) -> dict[str, Any]:
    """A page of the current session: it names the visitor, and says what the session has to say once.

    Args:
        event: the request.
        title: as browsers show it.
        content: between header and footer.
        path: which entry of the navigation it is, empty for none.
        status: of the answer.
    """
    notice = notices.taken(event)
    return page(title, content, path=path, status=status, header=visitors_header(path), notice=notice)


def visitors_header(path: str = "") -> Html:
    """The customer who is signed in, with a way to sign in or out. The sign-in page needs no link to itself."""
    name = provider.visitors_name()
    if name is None:
        return anonymous(links=path != "/sign-in")
    return _SIGNED_IN.fill(name=name, sign_out=provider.logout_path())


def anonymous(*, links: bool = True) -> Html:
    """The header where no customer is signed in."""
    return _ANONYMOUS.fill(link=_SIGN_IN_LINK.fill() if links else NOTHING)


def redirect(path: str) -> dict[str, Any]:
    """Sends the browser on with GET, after a request of any method."""
    return {"statusCode": 303, "headers": {"Location": path, "Cache-Control": "no-store"}, "body": ""}


def static_file(name: str) -> dict[str, Any]:
    """One of the files in `static/`.

    Raises:
        KeyError: there is no such file.
    """
    return file_result(name, STATIC_FILES[name])


def file_result(name: str, content: str) -> dict[str, Any]:
    """A file that browsers may keep for good, because its address changes with it."""
    headers = {"Content-Type": _TYPES[Path(name).suffix], "Cache-Control": "public, max-age=31536000, immutable"}
    return {"statusCode": 200, "headers": headers, "body": content}


def secured(result: dict[str, Any]) -> dict[str, Any]:
    """A result with the headers that every answer has."""
    forms = " ".join(filter(None, ("'self'", provider.origin())))
    policy = {"Content-Security-Policy": _POLICY.format(forms=forms)}
    return {**result, "headers": {**result["headers"], **policy, **_SECURITY_HEADERS}}


def page_path(candidate: str) -> str:
    """The page to go on to: the candidate if it is a page, else the page above it. Never an address of another site."""
    above = "/" + candidate.removeprefix("/").partition("/")[0]
    return next((path for path in (candidate, above) if path in _FOLLOWING), "/")


def moment(at: datetime) -> Html:
    """A time in UTC, which the script on the page turns into the visitor's own."""
    utc = at.astimezone(UTC)
    return _TIME.fill(iso=f"{utc:%Y-%m-%dT%H:%M:%SZ}", text=f"{utc:%d %b %Y, %H:%M} UTC".lstrip("0"))


def _navigation(path: str) -> Html:
    here = Html('aria-current="page"')
    entries = (
        _ENTRY.fill(path=entry, name=name, state=here if entry == path else NOTHING)
        for entry, name in _NAVIGATED.items()
    )
    return _NAVIGATION.fill(entries=join(entries))

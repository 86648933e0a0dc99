"""Proof that a request which changes state comes from the site's own pages (CSRF)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.errors import CrossSiteRequestError
from session_store.kernel.credentials import Source

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.kernel.request import Request
    from session_store.kernel.request_token import RequestToken

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def check_same_origin(request: Request, token: RequestToken, allowed_origins: Collection[str] = ()) -> None:
    """Refuse a request that changes state unless the browser vouches for where it comes from.

    `Sec-Fetch-Site: same-origin`, or an `Origin` among the allowed ones. No other value will do. `same-site` includes
    every subdomain, `none` is never sent with a form. With a session cookie both headers missing is refused too.
    A request with neither header and no cookie is not from a browser, so there is nothing to forge. A browser's request
    is checked even without a cookie, so that no visitor can be signed in to another person's account.

    A Bearer token is proof enough. No page of another site can make a browser send it.

    Raises:
        CrossSiteRequestError: refused.
    """
    if request.method in _SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site == "same-origin" or (origin is not None and origin in allowed_origins):
        return
    if token.source is Source.BEARER or (token.source is None and site is None and origin is None):
        return
    raise CrossSiteRequestError("the browser does not say that this request comes from a page of this site")

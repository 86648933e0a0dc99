"""A stolen cookie, as its owner sees it. The thief is in `second_window`."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from demo import notices, requests
from demo.answers import redirect, visitors_page
from demo.html import Template
from demo.problems import explain
from session_store import SessionStore
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE_SECONDS: Final = 5
_GRACE: Final = {"SESSION_ROTATION_GRACE": str(GRACE_SECONDS)}

_THEFT: Final = Template("theft")


@cache
def impatient_store() -> SessionStore:
    """The store with the shortest grace period: a replaced token is refused after 5 seconds, not after 2 minutes.

    Never do that in an application. One store with a shorter grace than the others takes a slow request for theft.
    """
    return SessionStore.from_environment({**os.environ, **_GRACE})


@session(store=impatient_store, required=True, strict=True, on_problem=explain)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /theft. After a renewal it is the first use of the new cookie, which retires the old one."""
    content = _THEFT.fill(seconds=GRACE_SECONDS, binding=current_session().binding)
    return visitors_page(event, "A stolen cookie", content, path="/theft")


@session(store=impatient_store, required=True, strict=True, on_problem=explain)
def renew(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /theft: the new cookie that any answer brings once the old one is 15 minutes old."""
    requests.form_of_this_session(event)
    current_session().rotate()
    notices.leave("cookie-renewed")
    return redirect("/theft")

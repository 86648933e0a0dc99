"""The home page, with a number that is kept in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo import provider
from demo.answers import moment, redirect, visitors_page
from demo.html import Html, Template
from demo.problems import explain
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.web import SessionHandle

COUNT: Final = "count"

_HOME: Final = Template("home")
_WELCOME: Final = Template("home_welcome")
_SAMPLES: Final = Template("home_samples")
_PROVIDER: Final = Template("home_provider")
_HELLO: Final = Template("home_hello")
_NOT_STORED: Final = Template("home_not_stored")
_STORED: Final = Template("home_stored")


@session(on_problem=explain)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /. It stores nothing: as many tabs as may open start no session, and HEAD and crawlers start none."""
    visitor = current_session()
    content = _HOME.fill(
        greeting=_greeting(),
        count=visitor.get(COUNT, 0),
        lifetime=_lifetime(visitor),
        customers=(_PROVIDER if provider.origin() else _SAMPLES).fill(),
    )
    return visitors_page(event, "Home", content, path="/")


@session(on_problem=explain)
def count(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /count: the first one starts a visitor's session. Of two quick presses none is lost."""
    current_session().increment(COUNT)
    return redirect("/")


def _greeting() -> Html:
    name = provider.visitors_name()
    if name is None:
        return _WELCOME.fill(how="Cognito" if provider.origin() else "any name")
    return _HELLO.fill(name=name)


def _lifetime(visitor: SessionHandle) -> Html:
    if visitor.expires_at is None or visitor.absolute_expires_at is None:
        return _NOT_STORED.fill()
    return _STORED.fill(idle_end=moment(visitor.expires_at), end=moment(visitor.absolute_expires_at))

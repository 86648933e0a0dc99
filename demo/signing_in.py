"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo import identity_provider, requests
from demo.answers import page, page_path, redirect
from demo.devices import describe
from demo.home import PREVIOUS
from demo.html import NOTHING, Html, Template
from demo.identity_provider import MAX_NAME_LENGTH, NotAuthenticatedError
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGN_IN: Final = Template("sign_in")
_ERROR: Final = Template("sign_in_error")
_INVALID: Final = Html('aria-invalid="true" aria-describedby="user-name-error"')


@session
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /sign-in: the form. A signed-in customer can sign in again, because some actions need a recent sign-in."""
    parameters = requests.query(event)
    return _form(
        name=current_session().customer_id or "",
        following=page_path(parameters.get("next", "")),
        notice=parameters.get("notice"),
    )


@session
def sign_in(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sign-in: always a new session. The one before ends, and what was in it comes along."""
    fields = requests.form(event)
    name, following = fields.get("user_name", ""), page_path(fields.get("next", ""))
    try:
        customer_id = identity_provider.authenticate(name)
    except NotAuthenticatedError as error:
        return _form(name=name[:MAX_NAME_LENGTH], following=following, error=str(error), status=400)
    visitor = current_session()
    before = visitor.session_id
    visitor.sign_in(
        customer_id,
        data={PREVIOUS: before} if before else None,
        carry_data=True,
        client=describe(requests.header(event, "user-agent")),
    )
    return redirect(following, notice="signed-in")


@session
def sign_out(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sign-out: ends the session, wherever its token may be."""
    current_session().sign_out()
    return redirect("/sign-in", notice="signed-out")


def _form(
    *, name: str, following: str, notice: str | None = None, error: str | None = None, status: int = 200
) -> dict[str, Any]:
    content = _SIGN_IN.fill(
        name=name,
        max_length=MAX_NAME_LENGTH,
        following=following,
        error=_ERROR.fill(text=error) if error else NOTHING,
        state=_INVALID if error else NOTHING,
    )
    title = "Error: sign in" if error else "Sign in"
    return page(title, content, status=status, visitor=current_session(), notice=notice)
